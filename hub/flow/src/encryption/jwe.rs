//! JWE (RFC 7516) in JSON form: sealed by a sender, looked at by the hub, opened by a recipient.
//!
//! Strict: the two algorithms of keys and the one of content, no `zip`, no `crit`, no member twice, no further recipients
//! than [`MOST_RECIPIENTS`]. An attacker's choice of algorithm is never followed: a key has one algorithm, and it is asked for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use openssl::aes::{AesKey, unwrap_key, wrap_key};
use openssl::derive::Deriver;
use openssl::encrypt::{Decrypter, Encrypter};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKeyRef, Private, Public};
use openssl::rsa::Padding;
use openssl::sha::Sha256;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use serde_json::{Map, Value, json};

use super::jwk::{PrivateKey, PublicKey};

/// Most recipients of one document.
pub const MOST_RECIPIENTS: usize = 100;
const ENC: &str = "A256GCM";
const KEY: usize = 32;
const IV: usize = 12;
const TAG: usize = 16;

/// Why a document is not sealed as it must be, or does not open.
#[derive(Debug, thiserror::Error)]
pub enum JweError {
    /// Its form.
    #[error("it is no JWE in JSON form with {ENC} and ECDH-ES+A256KW or RSA-OAEP-256: {0}")]
    Form(&'static str),
    /// It is sealed for others.
    #[error("it is not sealed for this key")]
    NotForUs,
    /// The key or the content does not fit: which one is not told.
    #[error("it does not open: the key is another, or it was changed on the way")]
    Closed,
    /// The library failed.
    #[error("the cryptographic library failed")]
    Library(#[from] ErrorStack),
}

/// A sealed document, looked at from outside.
#[derive(Debug, Clone)]
pub struct Sealed {
    aad: String,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
    recipients: Vec<Wrapped>,
}

#[derive(Debug, Clone)]
struct Wrapped {
    kid: Option<String>,
    header: Map<String, Value>,
    key: Vec<u8>,
}

impl Sealed {
    /// Looks at a document in JSON form, general or flattened.
    ///
    /// # Errors
    /// [`JweError::Form`] says what is wrong with it.
    pub fn read(document: &Value) -> Result<Self, JweError> {
        let members = document.as_object().ok_or(JweError::Form("it is no object"))?;
        let known = ["protected", "unprotected", "recipients", "header", "encrypted_key", "iv", "ciphertext", "tag"];
        if members.keys().any(|name| !known.contains(&name.as_str())) {
            return Err(JweError::Form("it has a further member (aad among them)"));
        }
        let protected = text(members, "protected")?;
        let shared = read_header(&decoded(protected)?)?;
        let none = Map::new();
        let unprotected = match members.get("unprotected") {
            None => &none,
            Some(value) => value.as_object().ok_or(JweError::Form("unprotected is no object"))?,
        };
        let mut recipients = Vec::new();
        match members.get("recipients").map(Value::as_array) {
            None => recipients.push(wrapped(members, [&shared, unprotected])?),
            Some(Some(all)) if (1..=MOST_RECIPIENTS).contains(&all.len()) => {
                for one in all {
                    let one = one.as_object().ok_or(JweError::Form("a recipient is no object"))?;
                    recipients.push(wrapped(one, [&shared, unprotected])?);
                }
            }
            Some(_) => return Err(JweError::Form("it has no recipients, or too many")),
        }
        let (iv, tag) = (bytes(members, "iv")?, bytes(members, "tag")?);
        if iv.len() != IV || tag.len() != TAG {
            return Err(JweError::Form("iv or tag is of another length"));
        }
        let ciphertext = bytes(members, "ciphertext")?;
        Ok(Self { aad: protected.to_owned(), iv, ciphertext, tag, recipients })
    }

    /// The ids of the keys it is sealed for.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.recipients.iter().filter_map(|one| one.kid.as_deref())
    }
}

/// Seals a document for keys, one content key for all of them.
///
/// # Errors
/// There is no key, or too many, or the library fails.
pub fn seal(content: &[u8], keys: &[PublicKey]) -> Result<Value, JweError> {
    if !(1..=MOST_RECIPIENTS).contains(&keys.len()) {
        return Err(JweError::Form("it has no recipients, or too many"));
    }
    let protected = B64.encode(json!({"enc": ENC, "cty": "application/octet-stream"}).to_string());
    let (mut key, mut iv) = ([0; KEY], [0; IV]);
    random(&mut key)?;
    random(&mut iv)?;
    let recipients: Result<Vec<Value>, JweError> = keys.iter().map(|one| wrap(&key, one)).collect();
    let mut tag = [0; TAG];
    let ciphertext = encrypt_aead(Cipher::aes_256_gcm(), &key, Some(&iv), protected.as_bytes(), content, &mut tag)?;
    Ok(json!({
        "protected": protected, "recipients": recipients?, "iv": B64.encode(iv),
        "ciphertext": B64.encode(ciphertext), "tag": B64.encode(tag),
    }))
}

/// Opens a document with a private key.
///
/// # Errors
/// It is sealed for others, or was changed.
pub fn open(sealed: &Sealed, key: &PrivateKey) -> Result<Vec<u8>, JweError> {
    let ours = sealed.recipients.iter().find(|one| one.kid.as_deref().is_none_or(|kid| kid == key.public.kid()));
    let ours = ours.ok_or(JweError::NotForUs)?;
    if ours.header.get("alg").and_then(Value::as_str) != Some(key.public.algorithm()) {
        return Err(JweError::NotForUs);
    }
    // One answer for every failure inside, so that nothing is learnt from which one it was.
    let content_key = unwrap(ours, key).ok_or(JweError::Closed)?;
    let cipher = Cipher::aes_256_gcm();
    decrypt_aead(cipher, &content_key, Some(&sealed.iv), sealed.aad.as_bytes(), &sealed.ciphertext, &sealed.tag)
        .map_err(|_| JweError::Closed)
}

fn wrapped(one: &Map<String, Value>, shared: [&Map<String, Value>; 2]) -> Result<Wrapped, JweError> {
    let mut header = Map::new();
    let none = Map::new();
    let own = match one.get("header") {
        None => &none,
        Some(value) => value.as_object().ok_or(JweError::Form("header is no object"))?,
    };
    for (name, value) in shared.into_iter().chain([own]).flatten() {
        if header.insert(name.clone(), value.clone()).is_some() {
            return Err(JweError::Form("a member of the header stands twice"));
        }
    }
    if header.contains_key("zip") || header.contains_key("crit") {
        return Err(JweError::Form("zip and crit are not taken"));
    }
    if header.get("enc").and_then(Value::as_str) != Some(ENC) {
        return Err(JweError::Form("enc is another"));
    }
    if !matches!(header.get("alg").and_then(Value::as_str), Some("ECDH-ES+A256KW" | "RSA-OAEP-256")) {
        return Err(JweError::Form("alg is another"));
    }
    let kid = header.get("kid").and_then(Value::as_str).map(str::to_owned);
    Ok(Wrapped { kid, key: bytes(one, "encrypted_key")?, header })
}

fn read_header(bytes: &[u8]) -> Result<Map<String, Value>, JweError> {
    serde_json::from_slice(bytes).map_err(|_| JweError::Form("protected is no object"))
}

fn wrap(content_key: &[u8; KEY], to: &PublicKey) -> Result<Value, JweError> {
    let mut header = json!({"alg": to.algorithm(), "kid": to.kid()});
    let key = if to.key.ec_key().is_ok() {
        let own = PrivateKey::generate().map_err(|_| JweError::Closed)?;
        let mut epk = own.public.jwk().clone();
        let members = epk.as_object_mut().expect("a JWK is an object");
        members.retain(|name, _| ["crv", "kty", "x", "y"].contains(&name.as_str()));
        header["epk"] = epk;
        let wrapping = agreed(&own.key, &to.key, &header)?;
        key_wrap(&wrapping, content_key).ok_or(JweError::Closed)?
    } else {
        let mut encrypter = Encrypter::new(&to.key)?;
        encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
        encrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
        encrypter.set_rsa_mgf1_md(MessageDigest::sha256())?;
        let mut out = vec![0; encrypter.encrypt_len(content_key)?];
        let length = encrypter.encrypt(content_key, &mut out)?;
        out.truncate(length);
        out
    };
    Ok(json!({"header": header, "encrypted_key": B64.encode(key)}))
}

fn unwrap(from: &Wrapped, key: &PrivateKey) -> Option<[u8; KEY]> {
    let header = Value::Object(from.header.clone());
    if key.public.key.ec_key().is_ok() {
        let epk = PublicKey::read(&header["epk"]).ok()?;
        let wrapping = agreed(&key.key, &epk.key, &header).ok()?;
        let wrapping = AesKey::new_decrypt(&wrapping).ok()?;
        let mut content_key = [0; KEY];
        let length =
            (from.key.len() == KEY + 8).then(|| unwrap_key(&wrapping, None, &mut content_key, &from.key).ok())?;
        return (length == Some(KEY)).then_some(content_key);
    }
    let mut decrypter = Decrypter::new(&key.key).ok()?;
    decrypter.set_rsa_padding(Padding::PKCS1_OAEP).ok()?;
    decrypter.set_rsa_oaep_md(MessageDigest::sha256()).ok()?;
    decrypter.set_rsa_mgf1_md(MessageDigest::sha256()).ok()?;
    let mut out = vec![0; decrypter.decrypt_len(&from.key).ok()?];
    let length = decrypter.decrypt(&from.key, &mut out).ok()?;
    out.get(..length)?.try_into().ok()
}

fn key_wrap(wrapping: &[u8; KEY], content_key: &[u8; KEY]) -> Option<Vec<u8>> {
    let wrapping = AesKey::new_encrypt(wrapping).ok()?;
    let mut out = vec![0; KEY + 8];
    let length = wrap_key(&wrapping, None, &mut out, content_key).ok()?;
    (length == out.len()).then_some(out)
}

/// ECDH and the Concat KDF of RFC 7518, section 4.6.2: one round of SHA-256 gives the 256 bits.
fn agreed(own: &PKeyRef<Private>, other: &PKeyRef<Public>, header: &Value) -> Result<[u8; KEY], ErrorStack> {
    let mut deriver = Deriver::new(own)?;
    deriver.set_peer(other)?;
    let shared = deriver.derive_to_vec()?;
    let party = |name: &str| header[name].as_str().and_then(|text| B64.decode(text).ok()).unwrap_or_default();
    let mut hash = Sha256::new();
    hash.update(&1_u32.to_be_bytes());
    hash.update(&shared);
    for field in [b"ECDH-ES+A256KW".to_vec(), party("apu"), party("apv")] {
        hash.update(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(&field);
    }
    hash.update(&256_u32.to_be_bytes());
    Ok(hash.finish())
}

#[allow(
    clippy::disallowed_methods,
    reason = "content keys must not be guessed, and are made where a document is sealed"
)]
fn random(bytes: &mut [u8]) -> Result<(), ErrorStack> {
    openssl::rand::rand_bytes(bytes)
}

fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, JweError> {
    members.get(name).and_then(Value::as_str).ok_or(JweError::Form("a member is missing"))
}

fn decoded(text: &str) -> Result<Vec<u8>, JweError> {
    B64.decode(text).map_err(|_| JweError::Form("a member is not base64url"))
}

fn bytes(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JweError> {
    decoded(text(members, name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> PrivateKey {
        PrivateKey::generate().unwrap()
    }

    #[test]
    fn every_recipient_opens_it_and_nobody_else() {
        let rsa = openssl::rsa::Rsa::generate(2048).unwrap().private_key_to_pem().unwrap();
        let (a, b, stranger) = (pair(), PrivateKey::from_pem(&rsa).unwrap(), pair());
        let document = seal("conținut".as_bytes(), &[a.public.clone(), b.public.clone()]).unwrap();
        let sealed = Sealed::read(&document).unwrap();
        assert_eq!(sealed.kids().collect::<Vec<_>>(), [a.public.kid(), b.public.kid()]);
        for key in [&a, &b] {
            assert_eq!(open(&sealed, key).unwrap(), "conținut".as_bytes());
        }
        assert!(matches!(open(&sealed, &stranger), Err(JweError::NotForUs)));
    }

    #[test]
    fn a_changed_document_does_not_open_and_does_not_say_why() {
        let key = pair();
        let document = seal(b"content", std::slice::from_ref(&key.public)).unwrap();
        for place in ["/ciphertext", "/tag", "/iv", "/recipients/0/encrypted_key"] {
            let mut changed = document.clone();
            let member = changed.pointer_mut(place).unwrap();
            let text = member.as_str().unwrap();
            let flipped = if text.starts_with('A') { "B" } else { "A" };
            *member = format!("{flipped}{}", &text[1..]).into();
            let sealed = Sealed::read(&changed).unwrap();
            assert_eq!(open(&sealed, &key).unwrap_err().to_string(), JweError::Closed.to_string(), "{place}");
        }
    }

    #[test]
    fn other_algorithms_compression_and_extensions_are_refused() {
        let key = pair();
        let document = seal(b"content", std::slice::from_ref(&key.public)).unwrap();
        let with = |change: fn(&mut Value)| {
            let mut changed = document.clone();
            change(&mut changed);
            Sealed::read(&changed).is_err()
        };
        assert!(with(|document| document["recipients"][0]["header"]["alg"] = "dir".into()));
        assert!(with(|document| document["recipients"][0]["header"]["alg"] = "RSA1_5".into()));
        assert!(with(|document| document["recipients"][0]["header"]["zip"] = "DEF".into()));
        assert!(with(|document| document["recipients"][0]["header"]["crit"] = json!(["x"])));
        assert!(with(|document| document["recipients"][0]["header"]["enc"] = "A128GCM".into()));
        assert!(with(|document| document["unprotected"] = json!({"alg": "dir"})));
        assert!(with(|document| document["recipients"] = json!([])));
        assert!(with(|document| document["aad"] = "AAAA".into()));
        assert!(with(|document| document["protected"] = B64.encode("{}").into()));
    }

    #[test]
    fn a_point_off_the_curve_and_a_private_key_are_refused() {
        let mut jwk = pair().public.jwk().clone();
        jwk["y"] = jwk["x"].clone();
        assert!(PublicKey::read(&jwk).is_err());
        let mut jwk = pair().public.jwk().clone();
        jwk["d"] = "AAAA".into();
        assert!(matches!(PublicKey::read(&jwk), Err(super::super::JwkError::Private)));
    }
}
