//! What opens personal data is in the journal of access before they leave: no entry, no data.
//!
//! One table ([`table`]) says which routes open personal data, what that is, and whether a reason must be given; here it is
//! held. It may assume that the handler behind it lets nobody in who may not. It never reads what is given, and keeps no word
//! that somebody searched for.

pub mod table;
mod about;

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::{FromRequestParts as _, MatchedPath, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hub_flow::access_journal::{AccessEntry, AccessKind, AccessResult, Reasons, Said, decide};
use hub_flow::audit::Principal;
use hub_flow::authorization::{Asked, Permission, Scope, Who, allows};

use crate::problems;

use super::App;
use super::audit::Trail;
use super::authentication::known;
use super::caller::Caller;
use super::door::Access;
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
        // Who may not come in is told that, and not that it should have said why: 403 before 400.
        Err(missing) if !allowed(app, (opening, &caller), &named) => {
            let response = next.run(Request::from_parts(parts, body)).await;
            // Where the handler knows the place better and would let it in, the reasons are missing all the same.
            return if response.status().is_success() { Err(needed(&missing)) } else { Ok(response) };
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

/// The permissions that the routes ask for.
static PERMISSIONS: LazyLock<HashMap<(&'static str, &'static str), Permission>> = LazyLock::new(|| {
    let door = super::door();
    let guarded = door.routes().iter().filter_map(|route| match route.access {
        Access::With(permission) => Some(((route.method, route.path), permission)),
        Access::Everybody(_) => None,
    });
    guarded.collect()
});

/// Whether the caller may do what the route asks for at the register it names, as far as is known before the handler.
fn allowed(app: &App, (opening, caller): (&Opening, &Caller), named: &[(String, String)]) -> bool {
    let Some(permission) = PERMISSIONS.get(&(opening.method, opening.path)) else { return true };
    let register = named.iter().find(|(name, _)| name == "register").map(|(_, value)| value.as_str());
    let scope = Scope { register, ..Scope::default() };
    let asked = Asked { permission: *permission, scope, today: app.hub.clock.now().romanian_date() };
    allows(&caller.principal, &asked).is_allowed()
}

fn entry(app: &App, (opening, caller): (&Opening, &Caller), trail: &Trail, place: &about::Place) -> AccessEntry {
    let begun = begun(app, (caller, trail), (opening.kind, opening.operation));
    AccessEntry { object: place.object.clone(), message: place.message, ..begun }
}

/// An access of the caller at this moment, without object and reasons: for handlers that enter it with what they write.
pub(super) fn begun(
    app: &App,
    (caller, trail): (&Caller, &Trail),
    (kind, operation): (AccessKind, &str),
) -> AccessEntry {
    let now = app.hub.clock.now();
    let (principal, user) = match &caller.principal.who {
        Who::Person { pseudonym, .. } => (Principal::person(pseudonym), None),
        Who::System { id } => (Principal::system(id), trail.clerk.clone()),
    };
    AccessEntry {
        id: app.hub.ids.uuid(now),
        kind,
        at: now,
        party: caller.party.clone(),
        on_behalf: caller.authentication.delegate.clone(),
        principal,
        user,
        operation: operation.to_owned(),
        object: None,
        message: None,
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
