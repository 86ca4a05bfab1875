//! A party's keys, and the proof that it holds one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use openssl::memcmp;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::lookup::JournalKey;

/// A key that documents for a party are sealed for. Two may be in force at once: so keys change without a gap.
#[derive(Debug, Clone)]
pub struct PartyKey {
    /// The party.
    pub party: String,
    /// Thumbprint of the key.
    pub kid: String,
    /// The public JWK.
    pub jwk: Value,
    /// In force from.
    pub valid_from: Timestamp,
    /// In force until.
    pub valid_to: Timestamp,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// When the party took it back, where it did.
    pub retired_at: Option<Timestamp>,
}

impl PartyKey {
    /// Whether documents may be sealed for it now.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.valid_from <= now && now < self.valid_to && self.retired_at.is_none_or(|at| now < at)
    }
}

/// What only the holder of a key can say back: it was sealed for that key. Nothing is kept meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof(String);

impl Proof {
    /// The proof for this party, key and last moment.
    #[must_use]
    pub fn of(secret: &JournalKey, party: &str, kid: &str, until: Timestamp) -> Self {
        let hash = secret.question(["encryption-key", party, kid, &until.0.to_string()]);
        Self(B64.encode(hash))
    }

    /// What is sealed for the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this was said back, compared in the same time whatever was said.
    #[must_use]
    pub fn is(&self, said: &str) -> bool {
        self.0.len() == said.len() && memcmp::eq(self.0.as_bytes(), said.as_bytes())
    }
}
