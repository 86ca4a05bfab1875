//! What every act is asked with: the entry, the clerk, the body.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use hub_flow::authorization::{Permission, Permits};
use hub_flow::directory::Right;
use hub_flow::flow::By;
use hub_flow::message::is_printable;
use hub_flow::registration::{EntryKey, LONGEST_PSEUDONYM, is_pseudonym};
use serde::de::DeserializeOwned;

use crate::api::App;
use crate::api::arguments::{Argument, Names};
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::openapi::Operation;
use crate::api::problem::Problem;
use crate::api::registers::place::Place;
use crate::problems;

/// Longest reason or note, in characters.
const LONGEST: usize = 1000;

/// Who asks for the act `P` is of, and of which entry: system, clerk, place, and the headers of the request.
pub struct Asking<P> {
    /// What handlers may use.
    pub app: App,
    /// The system.
    pub caller: May<P>,
    clerk: Clerk,
    place: Place,
    headers: HeaderMap,
}

impl<P: Permits> Argument for Asking<P> {
    fn describe(into: &mut Operation) {
        Place::describe(into);
        into.headers.extend([("Punte-Clerk", true), ("Punte-Unit", false), ("If-Match", false)]);
    }
}

impl<P: Permits> Names for Asking<P> {
    const PERMISSION: Permission = P::PERMISSION;
}

impl<P: Permits> FromRequestParts<App> for Asking<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self {
            app: app.clone(),
            caller: May::from_request_parts(parts, app).await?,
            clerk: Clerk::from_request_parts(parts, app).await?,
            place: Place::from_request_parts(parts, app).await?,
            headers: parts.headers.clone(),
        })
    }
}

impl<P: Permits> Asking<P> {
    /// The entry, and who acts on it, if the clerk's unit has the right in its register.
    ///
    /// # Errors
    /// The request names no clerk, the institution has no such register, or the unit has not this right.
    pub fn with(&self, right: Right) -> Result<(EntryKey, By), Problem> {
        self.clerk.person()?;
        let Place { register, year, number } = self.place.clone();
        self.clerk.may(&self.app, &self.caller, &register, right)?;
        let key = EntryKey { party: self.caller.party.clone(), register, year, number };
        Ok((key, By { author: self.clerk.author(), expected: expected(&self.headers)? }))
    }
}

fn expected(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.trim().trim_matches('"').parse::<i64>().ok());
    number.filter(|number| *number >= 0).map(Some).ok_or_else(|| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(
                "Antetul If-Match este numărul de acte pe care l-ați văzut la înregistrare, de exemplu „3”",
                "The header If-Match is the number of acts you saw of the entry, \"3\" for example",
            )
            .with("field", "If-Match")
    })
}

/// The body as what an act needs.
pub fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Problem> {
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(text).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST).detail(
            format!("Corpul cererii nu este JSON-ul acestui pas: {error}"),
            format!("The body is not the JSON of this step: {error}"),
        )
    })
}

/// Words that a person writes for others to read: neither empty nor endless.
pub fn words(field: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST || !text.chars().all(is_printable) {
        return Err(wrong(
            field,
            &format!("Câmpul {field} are 1 până la {LONGEST} de caractere tipăribile, pe un rând"),
            &format!("The field {field} has 1 to {LONGEST} printable characters on one line"),
        ));
    }
    Ok(text.to_owned())
}

/// The id of a unit, or a pseudonym: never a name with blanks, never a CNP.
pub fn id(field: &str, text: &str) -> Result<String, Problem> {
    if !is_pseudonym(text) {
        return Err(wrong(
            field,
            &format!(
                "Câmpul {field} are 1 până la {LONGEST_PSEUDONYM} de caractere ASCII fără spații și nu este un CNP"
            ),
            &format!("The field {field} has 1 to {LONGEST_PSEUDONYM} ASCII characters without blanks and is no CNP"),
        ));
    }
    Ok(text.to_owned())
}

/// A field that is not what it must be.
pub fn wrong(field: &str, ro: &str, en: &str) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST).detail(ro, en).with("field", field)
}
