//! The keys of identifiers, in a file outside the database:
//!
//! ```toml
//! finding = "<32 bytes, base64>"   # digests; never changes, or nobody is found
//! current = "2026"                 # encrypts from now on
//! [[key]]
//! id = "2026"
//! key = "<32 bytes, base64>"
//! ```
//!
//! A key is rotated by adding another and naming it `current`; identifiers under the old one are read as before, and
//! encrypted anew at leisure ([`Rekey`](super::Rekey)).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use secrecy::{ExposeSecret as _, SecretSlice};
use serde::Deserialize;

use super::{Identifier, Scheme};

const NONCE: usize = 12;
const TAG: usize = 16;
const WHY: &str = "AES-256-GCM with a key of 32 and a nonce of 12 bytes takes any bytes";

/// Why a key file cannot be used. It never holds a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key file of persons is wrong: {0}")]
pub struct KeyFault(String);

/// The keys. They do not print themselves.
pub struct PersonKeys {
    finding: SecretSlice<u8>,
    current: String,
    keys: BTreeMap<String, SecretSlice<u8>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    finding: String,
    current: String,
    key: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    key: String,
}

/// An identifier as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedIdentifier {
    /// Its scheme.
    pub scheme: Scheme,
    /// By which it is found.
    pub digest: [u8; 32],
    /// What may be seen of it.
    pub hint: String,
    /// Id of the key.
    pub key_id: String,
    /// Nonce, encrypted value, tag.
    pub sealed: Vec<u8>,
}

impl PersonKeys {
    /// Reads the text of a key file.
    ///
    /// # Errors
    /// What is wrong with it, without any of its values.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        // The parser's display quotes the line, and the line may hold a key.
        let file: File = toml::from_str(text).map_err(|error| KeyFault(error.message().to_owned()))?;
        let mut keys = BTreeMap::new();
        for Entry { id, key } in file.key {
            let key = bytes(&key).ok_or_else(|| KeyFault(format!("the key {id} is not 32 bytes in base64")))?;
            if keys.insert(id.clone(), key).is_some() {
                return Err(KeyFault(format!("the key {id} stands twice")));
            }
        }
        if !keys.contains_key(&file.current) {
            return Err(KeyFault(format!("current = {:?} names no [[key]]", file.current)));
        }
        let finding = bytes(&file.finding).ok_or_else(|| KeyFault("finding is not 32 bytes in base64".to_owned()))?;
        Ok(Self { finding, current: file.current, keys })
    }

    /// The text of a key file that begins with one key.
    #[must_use]
    pub fn begin(id: &str, finding: &[u8; 32], key: &[u8; 32]) -> String {
        let (finding, key) = (STANDARD.encode(finding), STANDARD.encode(key));
        format!("finding = \"{finding}\"\ncurrent = \"{id}\"\n\n[[key]]\nid = \"{id}\"\nkey = \"{key}\"\n")
    }

    /// Id of the key that encrypts now.
    #[must_use]
    pub fn current(&self) -> &str {
        &self.current
    }

    /// By what an identifier is found among an institution's.
    #[must_use]
    pub fn digest(&self, party: &str, identifier: &Identifier) -> [u8; 32] {
        const WHY: &str = "HMAC-SHA-256 takes any key and any bytes";
        let key = PKey::hmac(self.finding.expose_secret()).expect(WHY);
        let mut signer = Signer::new(MessageDigest::sha256(), &key).expect(WHY);
        for part in [party, identifier.scheme().as_str(), identifier.clear()] {
            // With its length, so that no two lists of parts read alike.
            signer.update(&(part.len() as u64).to_be_bytes()).expect(WHY);
            signer.update(part.as_bytes()).expect(WHY);
        }
        signer.sign_to_vec().expect(WHY).try_into().expect("SHA-256 has 32 bytes")
    }

    /// Encrypts an identifier under the current key. `random` is used once: its first twelve bytes are the nonce.
    #[must_use]
    pub fn seal(&self, party: &str, identifier: &Identifier, random: [u8; 16]) -> SealedIdentifier {
        let digest = self.digest(party, identifier);
        SealedIdentifier {
            scheme: identifier.scheme(),
            digest,
            hint: identifier.hint(),
            key_id: self.current.clone(),
            sealed: self.encrypted(party, (identifier.scheme(), &digest), identifier.clear().as_bytes(), random),
        }
    }

    /// The value of a sealed identifier; nothing where its key is not here, or anything of it was changed.
    #[must_use]
    pub fn open(&self, party: &str, sealed: &SealedIdentifier) -> Option<String> {
        let key = self.keys.get(&sealed.key_id)?;
        let (nonce, rest) = sealed.sealed.split_at_checked(NONCE)?;
        let (body, tag) = rest.split_at_checked(rest.len().checked_sub(TAG)?)?;
        let beside = beside(party, sealed.scheme, &sealed.digest);
        let key = key.expose_secret();
        let plain = decrypt_aead(Cipher::aes_256_gcm(), key, Some(nonce), &beside, body, tag).ok()?;
        String::from_utf8(plain).ok()
    }

    /// The same identifier under the current keys, found by the digest of these too: it may come from another hub, whose key
    /// was added to the file.
    #[must_use]
    pub fn again(&self, party: &str, sealed: &SealedIdentifier, random: [u8; 16]) -> Option<SealedIdentifier> {
        let identifier = Identifier::parse(sealed.scheme, &self.open(party, sealed)?).ok()?;
        Some(self.seal(party, &identifier, random))
    }

    fn encrypted(&self, party: &str, (scheme, digest): (Scheme, &[u8; 32]), plain: &[u8], random: [u8; 16]) -> Vec<u8> {
        let key = self.keys[&self.current].expose_secret();
        let (nonce, mut tag) = (&random[..NONCE], [0; TAG]);
        let beside = beside(party, scheme, digest);
        let body = encrypt_aead(Cipher::aes_256_gcm(), key, Some(nonce), &beside, plain, &mut tag).expect(WHY);
        [nonce, &body, &tag].concat()
    }
}

impl std::fmt::Debug for PersonKeys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PersonKeys").field("current", &self.current).field("ids", &self.keys.keys()).finish()
    }
}

/// What binds the encrypted value to its place: moved to another institution or scheme, it does not open.
fn beside(party: &str, scheme: Scheme, digest: &[u8; 32]) -> Vec<u8> {
    [b"punte-person-v1\0", party.as_bytes(), b"\0", scheme.as_str().as_bytes(), b"\0", digest].concat()
}

fn bytes(text: &str) -> Option<SecretSlice<u8>> {
    let bytes = STANDARD.decode(text.trim()).ok().filter(|bytes| bytes.len() == 32)?;
    Some(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(current: &str) -> PersonKeys {
        let one = PersonKeys::begin("a", &[1; 32], &[2; 32]);
        let other = format!("\n[[key]]\nid = \"b\"\nkey = \"{}\"\n", STANDARD.encode([3; 32]));
        PersonKeys::parse(&(one.replace("current = \"a\"", &format!("current = \"{current}\"")) + &other))
            .expect("keys")
    }

    fn invented() -> Identifier {
        Identifier::parse(Scheme::Cnp, "1800101221144").expect("an invented CNP")
    }

    #[test]
    fn a_rotated_key_still_opens_what_it_sealed() {
        let sealed = keys("a").seal("p", &invented(), [7; 16]);
        let rotated = keys("b");
        assert_eq!(rotated.open("p", &sealed).as_deref(), Some("1800101221144"));
        let again = rotated.again("p", &sealed, [8; 16]).expect("it opens");
        assert_eq!((again.key_id.as_str(), rotated.open("p", &again).as_deref()), ("b", Some("1800101221144")));
        assert_eq!(again.digest, sealed.digest);
    }

    #[test]
    fn what_is_moved_or_changed_does_not_open() {
        let keys = keys("a");
        let sealed = keys.seal("p", &invented(), [7; 16]);
        assert_eq!(keys.open("q", &sealed), None);
        let mut changed = sealed.clone();
        changed.sealed[NONCE] ^= 1;
        assert_eq!(keys.open("p", &changed), None);
        assert_eq!(keys.open("p", &SealedIdentifier { key_id: "c".to_owned(), ..sealed.clone() }), None);
        assert_eq!(keys.open("p", &SealedIdentifier { sealed: vec![1; 5], ..sealed }), None);
    }

    #[test]
    fn two_institutions_cannot_tell_that_they_know_the_same_person() {
        let keys = keys("a");
        assert_ne!(keys.digest("p", &invented()), keys.digest("q", &invented()));
        assert_eq!(keys.digest("p", &invented()), keys.digest("p", &invented()));
    }

    #[test]
    fn a_wrong_key_file_is_told_without_its_keys() {
        for (text, why) in [
            ("finding = 'geheim'\ncurrent = 'a'\nkey = []\n", "names no [[key]]"),
            ("finding = 'geheim'\ncurrent = 'a'\n[[key]]\nid = 'a'\nkey = 'kurz'\n", "is not 32 bytes"),
        ] {
            let fault = PersonKeys::parse(text).expect_err("it is wrong").to_string();
            assert!(fault.contains(why) && !fault.contains("geheim") && !fault.contains("kurz"), "{fault}");
        }
    }
}
