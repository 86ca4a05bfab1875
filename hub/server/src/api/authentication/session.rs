//! Sessions of people: the cookie of a browser.

use async_trait::async_trait;
use axum::http::header;
use axum::http::request::Parts;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::problems;
use crate::sign_in::browser;
use crate::sign_in::session::{Signed, signed};

use super::Resolver;

/// The header in which scripts of our pages carry the token of the session.
const FORM: &str = "Punte-Form";
/// The header that chooses among the person's own units.
const UNIT: &str = "Punte-Unit";

/// People who are signed in.
pub struct SessionCookie;

#[async_trait]
impl Resolver for SessionCookie {
    fn way(&self) -> (&'static str, &'static str) {
        ("conectați-vă la /sign-in", "sign in at /sign-in")
    }

    async fn resolve(&self, parts: &Parts, app: &App) -> Result<Option<Caller>, Problem> {
        // Who bears a key is what the key says, whatever a browser adds.
        if parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(None);
        }
        let Some(signed) = signed(app, &parts.headers).await? else { return Ok(None) };
        if !parts.method.is_safe() {
            browser::from_our_page(&app.sign_in.place, &parts.headers)?;
            signed.made(parts.headers.get(FORM).and_then(|token| token.to_str().ok()))?;
        }
        let unit = unit(parts, &signed)?;
        let principal = signed.principal(unit.as_deref());
        Ok(Some(Caller::of(principal, signed.authentication(), app.hub.clock.now())))
    }
}

/// The unit a person acts for: the session's, or another of its own that the header names.
fn unit(parts: &Parts, signed: &Signed) -> Result<Option<String>, Problem> {
    let Some(wanted) = parts.headers.get(UNIT) else { return Ok(signed.unit().map(str::to_owned)) };
    let own = signed.account.units.iter().find(|unit| wanted.as_bytes() == unit.as_bytes());
    own.map(|unit| Some(unit.clone())).ok_or_else(|| not_yours(&signed.account.units))
}

/// The refusal of a unit that is not the person's.
#[must_use]
pub fn not_yours(units: &[String]) -> Problem {
    let units = units.join(", ");
    Problem::of(&problems::NOT_YOUR_UNIT)
        .detail(
            format!("Alegeți unul dintre compartimentele dumneavoastră: {units}"),
            format!("Choose one of your units: {units}"),
        )
        .with("field", UNIT)
}
