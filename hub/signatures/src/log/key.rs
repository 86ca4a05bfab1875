//! Ed25519 keys with names, as they sign notes (C2SP signed-note, C2SP tlog-cosignature).

use std::fmt;

use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKey, Private};
use openssl::sign::{Signer, Verifier};

use crate::digest;
use crate::log::text;

/// What a key signs, which is part of its id (C2SP signed-note, "Signature types").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyUse {
    /// The note text itself, as a log does; type 0x01.
    Log,
    /// A time and a checkpoint, as a witness does; type 0x04 (C2SP tlog-cosignature).
    Witness,
}

impl KeyUse {
    fn byte(self) -> u8 {
        match self {
            KeyUse::Log => 0x01,
            KeyUse::Witness => 0x04,
        }
    }
}

/// Why a key is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text or the bytes are not a key.
    #[error("the key is malformed: {0}")]
    Malformed(&'static str),
    /// The name cannot stand in a signature line.
    #[error("“{0}” cannot name a key: names have no spaces, plus signs or control characters, and are not empty")]
    Name(String),
    /// The cryptographic library refused.
    #[error("the key could not be used: {0}")]
    Refused(String),
}

impl From<ErrorStack> for KeyError {
    fn from(error: ErrorStack) -> KeyError {
        KeyError::Refused(error.to_string())
    }
}

/// A public key with its name: `name+hexadecimal id+base64` (C2SP signed-note, verifier keys).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key_use: KeyUse,
    key: [u8; 32],
}

impl VerifierKey {
    /// A key from its 32 bytes (RFC 8032, section 5.1.5).
    ///
    /// # Errors
    /// When the name cannot stand in a signature line.
    pub fn new(name: &str, key_use: KeyUse, key: [u8; 32]) -> Result<VerifierKey, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name(name.to_owned()));
        }
        Ok(VerifierKey { name: name.to_owned(), key_use, key })
    }

    /// Reads `name+id+key`; the id must be the one of the name and key.
    ///
    /// # Errors
    /// When the text has another form, another kind of key, or an id that does not fit.
    pub fn parse(text: &str) -> Result<VerifierKey, KeyError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Malformed("it is not name+id+key"));
        };
        let bytes = text::from_base64(key).ok_or(KeyError::Malformed("its key is not base64"))?;
        let (key_use, key) = match bytes.split_first() {
            Some((0x01, key)) => (KeyUse::Log, key),
            Some((0x04, key)) => (KeyUse::Witness, key),
            _ => return Err(KeyError::Malformed("it is not an Ed25519 key of a log or a witness")),
        };
        let key = key.try_into().map_err(|_| KeyError::Malformed("an Ed25519 key has 32 bytes"))?;
        let key = VerifierKey::new(name, key_use, key)?;
        if key.hexadecimal_id() != id {
            return Err(KeyError::Malformed("its id does not belong to its name and key"));
        }
        Ok(key)
    }

    /// The name in signature lines.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    pub fn key_use(&self) -> KeyUse {
        self.key_use
    }

    /// The 32 bytes of the key.
    pub fn key(&self) -> &[u8; 32] {
        &self.key
    }

    /// First four bytes of SHA-256 of name, newline, type and key.
    pub fn id(&self) -> [u8; 4] {
        let bytes = [self.name.as_bytes(), b"\n", &[self.key_use.byte()], &self.key].concat();
        let hash = digest::sha256(&bytes);
        [hash[0], hash[1], hash[2], hash[3]]
    }

    fn hexadecimal_id(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id()))
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let check = || -> Result<bool, ErrorStack> {
            let key = PKey::public_key_from_raw_bytes(&self.key, Id::ED25519)?;
            Verifier::new_without_digest(&key)?.verify_oneshot(signature, message)
        };
        // The library reports malformed values as errors; to a verifier they are just wrong values.
        check().unwrap_or(false)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.key_use.byte()], self.key.as_slice()].concat();
        write!(formatter, "{}+{}+{}", self.name, self.hexadecimal_id(), text::base64(&key))
    }
}

/// A private key with its name.
pub struct SigningKey {
    key: PKey<Private>,
    verifier: VerifierKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningKey").field("verifier", &self.verifier.to_string()).finish()
    }
}

impl SigningKey {
    /// A key from its 32-byte seed (RFC 8032, section 5.1.5).
    ///
    /// # Errors
    /// When the name cannot stand in a signature line, or the library refuses.
    pub fn from_seed(name: &str, key_use: KeyUse, seed: &[u8; 32]) -> Result<SigningKey, KeyError> {
        SigningKey::from_key(name, key_use, PKey::private_key_from_raw_bytes(seed, Id::ED25519)?)
    }

    /// A key from an unencrypted PEM text (RFC 8410).
    ///
    /// # Errors
    /// As [`SigningKey::from_seed`], and when the text is not an Ed25519 private key.
    pub fn from_pem(name: &str, key_use: KeyUse, pem: &[u8]) -> Result<SigningKey, KeyError> {
        // An empty passphrase is given so that an encrypted key is an error and not a question on the terminal.
        let key = PKey::private_key_from_pem_passphrase(pem, b"")
            .map_err(|_| KeyError::Malformed("it is not a readable, unencrypted PEM key"))?;
        SigningKey::from_key(name, key_use, key)
    }

    fn from_key(name: &str, key_use: KeyUse, key: PKey<Private>) -> Result<SigningKey, KeyError> {
        if key.id() != Id::ED25519 {
            return Err(KeyError::Malformed("it is not an Ed25519 key"));
        }
        let public =
            key.raw_public_key()?.try_into().map_err(|_| KeyError::Malformed("an Ed25519 key has 32 bytes"))?;
        Ok(SigningKey { key, verifier: VerifierKey::new(name, key_use, public)? })
    }

    /// The public half, to be given to verifiers.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The signature of `message` alone.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        Signer::new_without_digest(&self.key)?.sign_oneshot_to_vec(message)
    }
}

/// Whether signature lines can carry this name (C2SP signed-note, "Format").
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}
