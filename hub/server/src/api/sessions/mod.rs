//! `/v1/session` and `/v1/sessions`: who am I, for which unit, where am I signed in, and the end of it.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use hub_flow::authorization::to;
use hub_flow::identity::{self, Change, Session, Verdict};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::problems;
use crate::sign_in::entering::write;
use crate::sign_in::pages::{choose, end as end_named};
use crate::sign_in::session::{Signed, signed};

use super::App;
use super::door::Door;
use super::may::May;
use super::problem::Problem;
use super::request::{Path, SmallBody};

/// Sessions of the person that asks.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/session", show)
        .post("/v1/session/unit", choose_unit)
        .taking::<Choice>()
        .post("/v1/session/end", end)
        .get("/v1/sessions", list)
        .post("/v1/sessions/{session}/end", end_other)
}

/// The session behind a caller, who is a person or has none.
async fn own(app: &App, headers: &HeaderMap) -> Result<Signed, Problem> {
    signed(app, headers).await?.ok_or_else(|| {
        Problem::of(&problems::FORBIDDEN).detail(
            "Sesiuni au doar persoanele conectate la /sign-in, nu sistemele",
            "Only people who signed in at /sign-in have sessions, systems have none",
        )
    })
}

/// Who am I, and the token that forms and scripts of this session carry.
///
/// # Errors
/// A problem document.
pub async fn show(
    may: May<to::SelfAccount>,
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let signed = own(&app, &headers).await?;
    let permissions: std::collections::BTreeSet<&str> = may
        .principal
        .grants
        .iter()
        .flat_map(|held| held.permissions.iter().map(hub_flow::authorization::Permission::as_str))
        .collect();
    let directory = app.hub.directory();
    let party_name = directory.party(&signed.account.party).map(|party| party.name.clone());
    Ok(Json(json!({
        "account": signed.account.id,
        "party": signed.account.party,
        "party_name": party_name,
        "login": signed.account.login,
        "display_name": signed.account.display_name,
        "pseudonym": signed.account.pseudonym,
        "units": signed.account.units,
        "unit": signed.unit(),
        "grants": signed.account.grants,
        "permissions": permissions,
        "assurance": may.authentication.assurance,
        "session": described(&signed.session, &signed),
        "form_token": signed.token.form_token(),
    })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    unit: String,
}

/// Goes on for another unit of the person's own.
///
/// # Errors
/// A problem document.
pub async fn choose_unit(
    _: May<to::SelfAccount>,
    State(app): State<App>,
    headers: HeaderMap,
    SmallBody(body): SmallBody,
) -> Result<StatusCode, Problem> {
    let Choice { unit } = serde_json::from_slice(&body).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
    })?;
    choose(&app, &own(&app, &headers).await?, &unit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs out.
///
/// # Errors
/// A problem document.
pub async fn end(_: May<to::SelfAccount>, State(app): State<App>, headers: HeaderMap) -> Result<StatusCode, Problem> {
    let signed = own(&app, &headers).await?;
    write(&app, vec![Change::EndSession(signed.account.id, signed.session.id, "signed_out")]).await?;
    app.sign_in.known.forget(signed.account.id);
    Ok(StatusCode::NO_CONTENT)
}

/// The open sessions of the person.
///
/// # Errors
/// A problem document.
pub async fn list(_: May<to::SelfAccount>, State(app): State<App>, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    let signed = own(&app, &headers).await?;
    let (now, idle) = (app.hub.clock.now(), app.sign_in.idle());
    let sessions = identity::sessions(&app.hub.db, signed.account.id).await?;
    let open = sessions.iter().filter(|session| session.verdict(now, idle) == Verdict::Open);
    let items: Vec<Value> = open.map(|session| described(session, &signed)).collect();
    Ok(Json(json!({"items": items})))
}

/// Ends one of the person's sessions.
///
/// # Errors
/// A problem document.
pub async fn end_other(
    _: May<to::SelfAccount>,
    State(app): State<App>,
    headers: HeaderMap,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let signed = own(&app, &headers).await?;
    let ended = end_named(&app, &signed, &name).await?;
    if ended { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::of(&problems::NOT_FOUND)) }
}

fn described(session: &Session, signed: &Signed) -> Value {
    json!({
        "session": session.name(),
        "own": session.id == signed.session.id,
        "method": session.method,
        "second_factor": session.second_factor,
        "address": session.address,
        "agent": session.agent,
        "opened_at": session.opened_at.to_utc(),
        "used_at": session.used_at.to_utc(),
        "ends_at": session.ends_at.to_utc(),
    })
}
