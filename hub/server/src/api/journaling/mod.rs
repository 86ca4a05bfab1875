//! What opens personal data is in the journal of access before they leave: no entry, no data.
//!
//! One table ([`table`]) says which routes open personal data, what that is, and whether a reason must be given; here it is
//! held. It may assume that the handler behind it lets nobody in who may not. It never reads what is given, and keeps no word
//! that somebody searched for.

pub mod table;
mod about;

use axum::extract::{FromRequestParts as _, MatchedPath, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hub_flow::access_journal::{AccessEntry, AccessResult, Reasons, Said, decide};
use hub_flow::audit::Principal;
use hub_flow::authorization::Who;

use crate::problems;

use super::App;
use super::audit::Trail;
use super::authentication::known;
use super::caller::Caller;
use super::problem::Problem;
use table::Opening;

/// The layer around all routes.
pub async fn journal(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let opening = path.and_then(|path| table::opening(request.method().as_str(), &path));
    match opening {
        None => next.run(request).await,
        Some(opening) => opened(&app, opening, request, next).await.unwrap_or_else(Problem::into_response),
    }
}

async fn opened(app: &App, opening: &Opening, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let Ok(caller) = known(&mut parts, app).await else {
        // Whoever is not known gets the door's own answer.
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let trail = Trail::of(&parts.headers);
    let named = RawPathParams::from_request_parts(&mut parts, app).await;
    let named: Vec<(String, String)> = named
        .map(|named| named.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
        .unwrap_or_default();
    let place = about::found(app, &caller, (opening, &named), parts.uri.query()).await?;
    let said = Said {
        purpose: trail.purpose.clone(),
        legal_basis: trail.legal_basis.clone(),
        case_number: trail.case_number.clone(),
    };
    let person = matches!(caller.principal.who, Who::Person { .. });
    let own = place.reasons.clone();
    let mut entry = entry(app, (opening, &caller), &trail, &place);
    match decide(opening.rule, said.clone(), person, own) {
        Ok(reasons) => entry.reasons = reasons,
        // A message that is not there, or was refused and left nothing but that, has no reasons of its own: the handler
        // says so.
        Err(_) if opening.rule == hub_flow::access_journal::Rule::Own && place.reasons.is_none() => {
            return Ok(next.run(Request::from_parts(parts, body)).await);
        }
        Err(missing) => {
            entry.reasons = Reasons { case_number: said.case_number, ..Reasons::default() };
            entry.result = AccessResult::Refused;
            app.hub.journal(entry, place.about).await?;
            return Err(needed(&missing));
        }
    }
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status().is_success() {
        app.hub.journal(entry, place.about).await?;
    }
    Ok(response)
}

fn entry(app: &App, (opening, caller): (&Opening, &Caller), trail: &Trail, place: &about::Place) -> AccessEntry {
    let now = app.hub.clock.now();
    let (principal, user) = match &caller.principal.who {
        Who::Person { pseudonym, .. } => (Principal::person(pseudonym), None),
        Who::System { id } => (Principal::system(id), trail.clerk.clone()),
    };
    AccessEntry {
        id: app.hub.ids.uuid(now),
        kind: opening.kind,
        at: now,
        party: caller.party.clone(),
        on_behalf: caller.authentication.delegate.clone(),
        principal,
        user,
        operation: opening.operation.to_owned(),
        object: place.object.clone(),
        message: place.message,
        reasons: Reasons::default(),
        result: AccessResult::Given,
        correlation: trail.correlation.clone(),
    }
}

fn needed(missing: &[&str]) -> Problem {
    let names = missing.join(", ");
    Problem::of(&problems::PURPOSE_NEEDED)
        .detail(
            format!("Spuneți de ce: lipsesc antetele {names} (scop, temei legal: act și articol; opțional Punte-Case)"),
            format!(
                "Say why: the headers {names} are missing (purpose, legal basis: act and article; Punte-Case optional)"
            ),
        )
        .with("missing", missing.to_vec())
}
