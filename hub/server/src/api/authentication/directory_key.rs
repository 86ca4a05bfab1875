//! API keys whose hash is in the directory: `Authorization: Bearer <key>`.

use async_trait::async_trait;
use axum::http::request::Parts;
use openssl::memcmp;
use openssl::sha::sha256;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::problem::Problem;

use super::Resolver;

/// Keys of the directory's systems.
pub struct DirectoryKey;

#[async_trait]
impl Resolver for DirectoryKey {
    fn way(&self) -> (&'static str, &'static str) {
        (
            "Trimiteți antetul „Authorization: Bearer <cheie>” cu cheia sistemului dumneavoastră",
            "Send the header \"Authorization: Bearer <key>\" with your system's key",
        )
    }

    async fn resolve(&self, parts: &Parts, app: &App) -> Result<Option<Caller>, Problem> {
        let Some(key) = super::bearer(parts) else { return Ok(None) };
        // Keys are long and random: their hash is enough to find them, and tells nothing about them.
        let digest = hex::encode(sha256(key.as_bytes()));
        let directory = app.hub.directory();
        let Some(system) = directory.system_by_key(&digest) else { return Ok(None) };
        // The map may compare byte by byte and stop early; what decides does not.
        let kept = system.key_sha256.as_deref().unwrap_or_default().as_bytes();
        if kept.len() != digest.len() || !memcmp::eq(kept, digest.as_bytes()) {
            return Ok(None);
        }
        Ok(Some(super::system::caller(system, ("api-key", None), app.hub.clock.now())))
    }
}
