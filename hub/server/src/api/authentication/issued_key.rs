//! API keys the hub issued: `Authorization: Bearer pk_…`.

use async_trait::async_trait;
use axum::http::request::Parts;
use hub_flow::credentials::{Kind, NotStanding, Secret};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::problem::Problem;

use super::Resolver;
use super::system::{of_credential, refused};

/// Keys the hub issued.
pub struct IssuedKey;

#[async_trait]
impl Resolver for IssuedKey {
    fn way(&self) -> (&'static str, &'static str) {
        ("același antet cu o cheie pk_… emisă de hub", "the same header with a key pk_… issued by the hub")
    }

    async fn resolve(&self, parts: &Parts, app: &App) -> Result<Option<Caller>, Problem> {
        let Some(text) = super::bearer(parts).filter(|text| text.starts_with("pk_")) else { return Ok(None) };
        let unknown = || refused("Cheia API nu este cunoscută", "The API key is not known");
        let secret = Secret::read(Kind::ApiKey, text).ok_or_else(|| {
            refused(
                "Cheia API este scrisă greșit: suma de control nu se potrivește",
                "The API key is mistyped: its checksum is wrong",
            )
        })?;
        let now = app.hub.clock.now();
        let known = app.hub.credentials.known_with(&app.hub.db, now, |known| known.by_id(secret.id).is_some()).await?;
        let held = known.by_id(secret.id).filter(|held| held.credential.made.kind == Kind::ApiKey);
        let held = held.filter(|held| secret.is(held.credential.made.proof.digest())).ok_or_else(unknown)?;
        // Only who has the key learns why it does not count.
        held.credential.stands(now).map_err(|not| match not {
            NotStanding::Expired => refused(
                "Cheia API a expirat; cereți una nouă administratorului instituției",
                "The API key has expired; ask your administrator for a new one",
            ),
            NotStanding::Revoked => refused(
                "Cheia API a fost retrasă; cereți una nouă administratorului instituției",
                "The API key was revoked; ask your administrator for a new one",
            ),
        })?;
        of_credential(app, held, ("api-key", held.credential.made.operations), now).map(Some)
    }
}
