//! Who issues access tokens: the name, the keys, and a memory of tokens whose signature was looked at.

use std::sync::Arc;

use hub_flow::audit::{AuditEvent, Audited, Kind as Told};
use hub_flow::clock::Timestamp;
use hub_flow::credentials::{
    self, AddSigningKey, KeyRefused, KeySecret, Known, PREPUBLISHED_SECONDS, Remembered, SigningKey, Token,
    TokenRefused,
};
use hub_flow::hub::Hub;
use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use serde_json::json;

use crate::api::problem::Problem;
use crate::problems;

/// Tokens whose signature is remembered.
const REMEMBERED: usize = 8192;
/// A key signs for so long before the hub makes the next one by itself, in seconds.
const KEY_LIFE: i64 = 90 * 86_400;

/// Issues and reads access tokens.
pub struct Authority {
    issuer: String,
    secret: KeySecret,
    read: Remembered<[u8; 32], Arc<Token>>,
}

impl Authority {
    /// An authority of this name, whose keys are kept under this secret.
    #[must_use]
    pub fn new(issuer: String, secret: KeySecret) -> Self {
        Self { issuer, secret, read: Remembered::bounded(REMEMBERED) }
    }

    /// Its name: the address under which others reach the hub.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Reads a token, by memory where its signature was looked at before. Whether it counts now is not asked here.
    ///
    /// # Errors
    /// It is none of this hub.
    pub fn read(&self, text: &str, known: &Known) -> Result<Arc<Token>, TokenRefused> {
        let digest = sha256(text.as_bytes());
        if let Some(token) = self.read.get(&digest) {
            return Ok(token);
        }
        let token = Arc::new(credentials::read(text, known, &self.issuer)?);
        self.read.put(digest, Arc::clone(&token));
        Ok(token)
    }

    /// The key that signs now. Where there is none one is made; where it is old its successor is made known.
    ///
    /// # Errors
    /// A key cannot be made, kept or opened.
    pub async fn signing_key(&self, hub: &Hub, random: [u8; 16]) -> Result<(String, PKey<Private>), Problem> {
        let now = hub.clock.now();
        let known = hub.credentials.known(&hub.db, now).await?;
        let Some(key) = known.signing_key(now) else {
            let key = self.add(hub, random, (now, now), of_itself(now)).await?;
            return Ok((key.id.clone(), key.open(&self.secret).map_err(unusable)?));
        };
        let last = known.published_keys(now).last().map_or(key.signs_from, |last| last.signs_from);
        if now > last.plus_seconds(KEY_LIFE) {
            self.add(hub, random, (now, now.plus_seconds(PREPUBLISHED_SECONDS)), of_itself(now)).await?;
        }
        Ok((key.id.clone(), key.open(&self.secret).map_err(unusable)?))
    }

    /// Makes a key that signs from a moment on; `event` is what the audit is told of it, completed here.
    ///
    /// # Errors
    /// It cannot be made or kept.
    pub async fn add(
        &self,
        hub: &Hub,
        random: [u8; 16],
        times: (Timestamp, Timestamp),
        event: AuditEvent,
    ) -> Result<SigningKey, Problem> {
        let key = SigningKey::make(&self.secret, random, times).map_err(unusable)?;
        let event = event.on(&key.id).with(json!({"signs_from": key.signs_from.to_utc()}));
        hub.db.write(&Audited::always(Arc::new(AddSigningKey)), (key.clone(), event)).await?;
        hub.credentials.stale();
        tracing::info!(key = key.id, "a key that signs access tokens was made");
        Ok(key)
    }
}

/// The hub makes its first key, and the next one when a key grows old, by itself.
fn of_itself(now: Timestamp) -> AuditEvent {
    AuditEvent::of_hub(Told::TokenKeyMade, now, "token-keys")
}

fn unusable(error: KeyRefused) -> Problem {
    tracing::error!(%error, "no access token can be signed");
    Problem::of(&problems::UNAVAILABLE).detail(
        "Cheia care semnează jetoanele nu poate fi folosită; administratorul hubului vede cauza în jurnalul programului",
        "The key that signs tokens cannot be used; those who run the hub see why in its log",
    )
}
