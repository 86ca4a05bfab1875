//! Who calls: what acts, the party it speaks for, and how it is known.

use axum::http::HeaderMap;
use hub_flow::authorization::{Asked, Permission, Principal, Scope, Who, allows};
use hub_flow::clock::Timestamp;
use hub_flow::flow::Actor;
use hub_flow::message::Authentication;

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
    /// What acts, with what was granted to it.
    pub principal: Principal,
}

impl Caller {
    /// A principal that was recognised at this moment, and how.
    #[must_use]
    pub fn of(principal: Principal, authentication: Authentication, now: Timestamp) -> Self {
        let asked = Asked { permission: Permission::HubOversee, scope: Scope::default(), today: now.romanian_date() };
        let operator = allows(&principal, &asked).is_allowed();
        Self { party: principal.party.clone(), authentication, operator, principal }
    }

    /// The person with an account, where it is one: pseudonym, and the unit acted for.
    #[must_use]
    pub fn person(&self) -> Option<(&str, Option<&str>)> {
        match &self.principal.who {
            Who::Person { pseudonym, unit, .. } => Some((pseudonym, unit.as_deref())),
            Who::System { .. } => None,
        }
    }

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
