//! The key of the journal's digests: who has the database alone cannot tell whom a digest is about.

use openssl::pkey::PKey;
use openssl::sign::Signer;
use secrecy::{ExposeSecret as _, SecretSlice};

/// How many last characters of an identifier people see.
const HINT: usize = 3;

/// A secret of at least 32 bytes. Changed, it makes earlier entries unfindable by subject, and earlier answers unused.
pub struct JournalKey(SecretSlice<u8>);

impl JournalKey {
    /// Takes the secret.
    #[must_use]
    pub fn new(secret: Vec<u8>) -> Self {
        Self(secret.into())
    }

    /// The digest of a person's or firm's identifier.
    #[must_use]
    pub fn subject(&self, identifier: &str) -> [u8; 32] {
        self.digest(&["subject", identifier])
    }

    /// The digest of a question: what it asks of which system over which channel.
    #[must_use]
    pub fn question<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> [u8; 32] {
        let parts: Vec<&str> = std::iter::once("question").chain(parts).collect();
        self.digest(&parts)
    }

    /// The digest a tracking code is made of; `what` keeps its parts apart.
    #[must_use]
    pub fn tracking(&self, what: &str, of: &str) -> [u8; 32] {
        self.digest(&["tracking", what, of])
    }

    fn digest(&self, parts: &[&str]) -> [u8; 32] {
        let key = PKey::hmac(self.0.expose_secret()).expect("any bytes are a key of HMAC");
        let mut signer = Signer::new(openssl::hash::MessageDigest::sha256(), &key).expect("HMAC-SHA-256 is built in");
        for part in parts {
            // With its length, so that no two lists of parts read alike.
            signer.update(&(part.len() as u64).to_be_bytes()).expect("memory alone is written");
            signer.update(part.as_bytes()).expect("memory alone is written");
        }
        let digest = signer.sign_to_vec().expect("memory alone is written");
        digest.try_into().expect("SHA-256 has 32 bytes")
    }
}

/// The last characters of an identifier, for people who compare: `…018`.
#[must_use]
pub(super) fn hint(identifier: &str) -> String {
    let count = identifier.chars().count();
    let last: String = identifier.chars().skip(count.saturating_sub(HINT)).collect();
    if count > HINT { format!("…{last}") } else { "…".to_owned() }
}

impl super::Subject {
    /// Of an identifier in its canonical form.
    #[must_use]
    pub fn of(key: &JournalKey, identifier: &str) -> Self {
        Self { clear: Some(identifier.to_owned()), digest: key.subject(identifier), hint: hint(identifier) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_depends_on_the_key_and_on_where_one_part_ends() {
        let (one, other) = (JournalKey::new(vec![1; 32]), JournalKey::new(vec![2; 32]));
        assert_eq!(one.subject("1800101221144"), one.subject("1800101221144"));
        assert_ne!(one.subject("1800101221144"), other.subject("1800101221144"));
        assert_ne!(one.question(["ab", "c"]), one.question(["a", "bc"]));
        assert_ne!(one.question(["x"]), one.subject("x"));
    }

    #[test]
    fn a_hint_never_shows_the_whole_identifier() {
        for (identifier, expected) in [("1800101221144", "…144"), ("18", "…"), ("123", "…"), ("1234", "…234")] {
            assert_eq!(hint(identifier), expected);
        }
    }
}
