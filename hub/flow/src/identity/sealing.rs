//! Seeds at rest: AES-256-GCM under a key that is not in the database.

use openssl::sha::Sha256;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use secrecy::{ExposeSecret as _, SecretSlice};

use super::model::AccountId;
use super::totp::Seed;

// Bytes of the nonce and of the tag (NIST SP 800-38D).
const NONCE: usize = 12;
const TAG: usize = 16;

/// The key seeds are sealed under.
pub struct SeedKey(SecretSlice<u8>);

impl SeedKey {
    /// The key of a secret, which may serve other purposes too: what is sealed here opens nowhere else.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"punte identity seeds 1\0");
        digest.update(secret);
        Self(SecretSlice::from(digest.finish().to_vec()))
    }

    /// Seals the seed of an account, so that it opens for no other account. `random` is used once.
    ///
    /// # Panics
    /// Never: the key has the length of the cipher.
    #[must_use]
    pub fn seal(&self, account: AccountId, seed: &Seed, random: [u8; 16]) -> String {
        let nonce = &random[..NONCE];
        let mut tag = [0; TAG];
        let key = self.0.expose_secret();
        let sealed = encrypt_aead(Cipher::aes_256_gcm(), key, Some(nonce), account.0.as_bytes(), &seed.0, &mut tag);
        let sealed = sealed.expect("the key has the length of the cipher");
        hex::encode([nonce, &sealed, &tag].concat())
    }

    /// Opens it; `None` where it was sealed under another key or for another account.
    #[must_use]
    pub fn open(&self, account: AccountId, sealed: &str) -> Option<Seed> {
        let sealed = hex::decode(sealed).ok()?;
        let (nonce, rest) = sealed.split_at_checked(NONCE)?;
        let (sealed, tag) = rest.split_at_checked(rest.len().checked_sub(TAG)?)?;
        let key = self.0.expose_secret();
        let seed = decrypt_aead(Cipher::aes_256_gcm(), key, Some(nonce), account.0.as_bytes(), sealed, tag).ok()?;
        Some(Seed(seed.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_seed_opens_for_its_account_under_its_key_and_nowhere_else() {
        let (one, other) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let key = SeedKey::of(b"a secret of at least thirty-two bytes");
        let sealed = key.seal(one, &Seed([9; 20]), [3; 16]);
        assert_eq!(key.open(one, &sealed).unwrap().0, [9; 20]);
        assert!(key.open(other, &sealed).is_none());
        assert!(SeedKey::of(b"another").open(one, &sealed).is_none());
        assert!(key.open(one, "00").is_none());
        assert!(!sealed.contains(&hex::encode([9; 20])));
    }
}
