//! Who calls: the system behind the API key, and the party it speaks for.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use hub_flow::flow::Actor;
use hub_flow::message::Authentication;
use openssl::sha::sha256;

use crate::problems;

use super::App;
use super::problem::Problem;

/// Longest idempotency key, in characters.
const LONGEST_KEY: usize = 128;

/// An authenticated caller.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The party it speaks for.
    pub party: String,
    /// How it was known, as evidence states it.
    pub authentication: Authentication,
    /// Whether it belongs to those who run the hub.
    pub operator: bool,
}

impl Caller {
    /// The party a submission is sent by, and how it is known: the caller's own, or one whose delegate it is.
    ///
    /// # Errors
    /// The directory does not name the caller as that party's delegate. Nothing of it becomes evidence, which would name
    /// a sender that has nothing to do with it.
    pub fn sending_for(self, app: &App, party: Option<&str>) -> Result<(String, Authentication), Problem> {
        let Some(party) = party.filter(|party| *party != self.party) else {
            return Ok((self.party, self.authentication));
        };
        if !app.hub.directory().acts_for(&self.party, party) {
            return Err(Problem::of(&problems::FORBIDDEN).detail(
                "Nu sunteți împuternicitul instituției din on_behalf_of; trimiteți în nume propriu",
                "You are not the delegate of the institution in on_behalf_of; send in your own name",
            ));
        }
        Ok((party.to_owned(), Authentication { delegate: Some(self.party), ..self.authentication }))
    }

    /// The caller as it acts on an inbox.
    #[must_use]
    pub fn actor(&self) -> Actor<'_> {
        Actor { party: &self.party, authentication: &self.authentication }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let unknown = || {
            Problem::of(&problems::UNAUTHENTICATED).detail(
                "Trimiteți antetul „Authorization: Bearer <cheie>” cu cheia sistemului dumneavoastră",
                "Send the header \"Authorization: Bearer <key>\" with your system's key",
            )
        };
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(unknown)?;
        // Keys are long and random: their hash is enough to find them, and tells nothing about them.
        let digest = hex::encode(sha256(key.trim().as_bytes()));
        let directory = app.hub.directory();
        let system = directory.system_by_key(&digest).ok_or_else(unknown)?;
        let authentication = Authentication {
            method: "urn:punte:authentication:api-key".to_owned(),
            assurance: system.assurance.clone(),
            delegate: None,
        };
        Ok(Self { party: system.party.clone(), authentication, operator: system.operator })
    }
}

/// Reads the `Idempotency-Key` header.
///
/// # Errors
/// A problem that says what the header must be.
pub fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::trim).unwrap_or_default();
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::of(&problems::IDEMPOTENCY_KEY).detail(
            format!("Trimiteți antetul Idempotency-Key, propriu fiecărui document, cu 1 până la {LONGEST_KEY} de caractere ASCII fără spații (de exemplu un UUID)"),
            format!("Send the header Idempotency-Key, one of its own for each document, 1 to {LONGEST_KEY} ASCII characters without blanks (a UUID, for example)"),
        ));
    }
    Ok(key.to_owned())
}
