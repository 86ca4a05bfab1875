//! Access tokens of the hub: `Authorization: Bearer <JWT>`, alone or bound to the certificate of the connection.

use async_trait::async_trait;
use axum::http::request::Parts;
use hub_flow::credentials::{Known, TokenRefused};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::problem::Problem;

use super::Resolver;
use super::client_certificate::shown;
use super::system::{of_credential, refused};

/// Access tokens of the hub.
pub struct AccessToken;

#[async_trait]
impl Resolver for AccessToken {
    fn way(&self) -> (&'static str, &'static str) {
        ("un jeton de la /oauth/token", "an access token from /oauth/token")
    }

    async fn resolve(&self, parts: &Parts, app: &App) -> Result<Option<Caller>, Problem> {
        // Whoever writes points into a bearer token means a JSON Web Token.
        let Some(text) = super::bearer(parts).filter(|text| text.bytes().filter(|byte| *byte == b'.').count() == 2)
        else {
            return Ok(None);
        };
        let now = app.hub.clock.now();
        let token = {
            let known = app.hub.credentials.known(&app.hub.db, now).await?;
            app.tokens.read(text, &known).map_err(told)?
        };
        let has = |known: &Known| known.by_id(token.credential).is_some();
        let known = app.hub.credentials.known_with(&app.hub.db, now, has).await?;
        let certificate = if token.certificate.is_some() { shown(parts, app, now)? } else { None };
        token.stands(&known, now, certificate.as_ref().map(|one| &one.sha256)).map_err(told)?;
        let held = known.by_id(token.credential).ok_or_else(|| told(TokenRefused::Revoked))?;
        if held.credential.made.system != token.system {
            return Err(told(TokenRefused::Revoked));
        }
        of_credential(app, held, ("access-token", token.narrowed_to), now).map(Some)
    }
}

fn told(error: TokenRefused) -> Problem {
    let ro = match &error {
        TokenRefused::Foreign(_) => "Jetonul de acces nu este al acestui hub",
        TokenRefused::Expired => "Jetonul de acces a expirat; cereți altul la /oauth/token",
        TokenRefused::Revoked => "Jetonul de acces a fost retras; cereți altul la /oauth/token",
        TokenRefused::Unbound => "Jetonul de acces este legat de un certificat pe care conexiunea nu îl arată",
    };
    let mut words = error.to_string();
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    refused(ro, words)
}
