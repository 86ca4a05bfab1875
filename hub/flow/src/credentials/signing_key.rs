//! Keys that sign access tokens: made by the hub, kept under a secret that is outside the database, made known before they
//! sign.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hub_signatures::jws;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};

use crate::clock::Timestamp;

/// A successor is made known for so long before it signs: all nodes and all who read `/oauth/jwks.json` know it then.
pub const PREPUBLISHED_SECONDS: i64 = 60;
const NONCE: usize = 12;
const TAG: usize = 16;

/// Why a key cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyRefused {
    /// The secret of this node is not the one it was kept under.
    #[error(
        "the signing key {0} was kept under another secret than this node has; give all nodes the same [oauth] key"
    )]
    OtherSecret(String),
    /// OpenSSL refused to work on it.
    #[error("the signing key cannot be worked on: {0}")]
    Unusable(#[from] ErrorStack),
    /// It is no key on P-256.
    #[error("the signing key is wrong: {0}")]
    Wrong(#[from] jws::WrongKey),
}

/// What signing keys are kept under.
#[derive(Clone)]
pub struct KeySecret([u8; 32]);

impl KeySecret {
    /// Takes a secret of any length; the caller sees to it that it is long and random.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(sha256(&[b"punte token keys\0".as_slice(), secret].concat()))
    }
}

impl Drop for KeySecret {
    fn drop(&mut self) {
        // Seen through, so that it is not left out as useless.
        std::hint::black_box(&mut self.0).fill(0);
    }
}

/// A key that signs access tokens.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// Its id (`kid`): of its public key, so that two keys never share one.
    pub id: String,
    /// Its public part.
    pub public: jws::Key,
    /// Its private part, encrypted.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it signs.
    pub signs_from: Timestamp,
    /// From when on nothing it signed counts.
    pub withdrawn_at: Option<Timestamp>,
}

impl SigningKey {
    /// Makes a new one.
    ///
    /// # Errors
    /// OpenSSL cannot.
    pub fn make(
        secret: &KeySecret,
        random: [u8; 16],
        (created_at, signs_from): (Timestamp, Timestamp),
    ) -> Result<Self, KeyRefused> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
        let id = URL_SAFE_NO_PAD.encode(&sha256(&key.public_key_to_der()?)[..16]);
        let nonce = &random[..NONCE];
        let mut tag = [0; TAG];
        let plain = key.private_key_to_pkcs8()?;
        let hidden = encrypt_aead(Cipher::aes_256_gcm(), &secret.0, Some(nonce), id.as_bytes(), &plain, &mut tag)?;
        let public = jws::Key::of_p256(id.clone(), &key)?;
        let sealed = [nonce, &hidden, &tag].concat();
        Ok(Self { id, public, sealed, created_at, signs_from, withdrawn_at: None })
    }

    /// Its private part.
    ///
    /// # Errors
    /// It was kept under another secret.
    pub fn open(&self, secret: &KeySecret) -> Result<PKey<Private>, KeyRefused> {
        let other = || KeyRefused::OtherSecret(self.id.clone());
        let (nonce, rest) = self.sealed.split_at_checked(NONCE).ok_or_else(other)?;
        let (hidden, tag) = rest.split_at_checked(rest.len().saturating_sub(TAG)).ok_or_else(other)?;
        let plain = decrypt_aead(Cipher::aes_256_gcm(), &secret.0, Some(nonce), self.id.as_bytes(), hidden, tag);
        Ok(PKey::private_key_from_pkcs8(&plain.map_err(|_| other())?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_under_its_own_secret_alone() {
        let secret = KeySecret::new(b"one");
        let key = SigningKey::make(&secret, [7; 16], (Timestamp(0), Timestamp(1))).unwrap();
        assert!(key.open(&secret).is_ok());
        assert!(matches!(key.open(&KeySecret::new(b"two")), Err(KeyRefused::OtherSecret(_))));
        let other = SigningKey { id: "another".to_owned(), ..key.clone() };
        assert!(other.open(&secret).is_err(), "the id is bound to it");
        assert!(SigningKey { sealed: vec![1; 5], ..key }.open(&secret).is_err());
    }
}
