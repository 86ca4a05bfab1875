//! `/v1/archive/dossiers`: list, open, show, close, and say who sees one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use hub_flow::archive::dossier::{self, Choice, DossierState};
use hub_flow::archive::{Wish, acts, filing};
use hub_flow::authorization::{Scope, to};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody, Wanted};
use crate::problems;

use super::Asking;

/// Which dossiers.
#[derive(Deserialize)]
pub struct Which {
    year: Option<i64>,
    state: Option<String>,
    code: Option<String>,
    after: Option<Uuid>,
    limit: Option<i64>,
}

/// Which documents of a dossier.
#[derive(Deserialize)]
pub struct Part {
    after: Option<i64>,
    limit: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rights {
    units: Vec<String>,
}

/// The dossiers the clerk's unit sees, of the groups it may, in the order they were opened. `next` continues the list.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: MayWithin<to::ArchiveDossiersRead>,
    State(app): State<App>,
    clerk: Clerk,
    Wanted(wanted): Wanted<Which>,
) -> Result<Json<Value>, Problem> {
    let state = match wanted.state.as_deref() {
        None => None,
        Some(word) => Some(DossierState::parse(word).ok_or_else(|| {
            let words = DossierState::ALL.map(DossierState::as_str).join(", ");
            Problem::of(&problems::MALFORMED_REQUEST)
                .detail(format!("state este unul din: {words}"), format!("state is one of: {words}"))
        })?),
    };
    let limit = wanted.limit.unwrap_or(100).clamp(1, 1000);
    let choice = Choice { year: wanted.year, state, code: wanted.code, after: wanted.after, limit };
    let found = dossier::list(&app.hub.db, caller.party(), &choice).await?;
    let full = i64::try_from(found.len()).is_ok_and(|count| count == limit);
    let next = found.last().filter(|_| full).map(|last| last.id);
    let mut items = Vec::with_capacity(found.len());
    for one in found {
        let held = caller.holds(Scope { dossier_group: Some(&one.code), ..Scope::default() });
        if held && super::sees(&app, caller.finder(), &clerk, &one.units).await? {
            items.push(one);
        }
    }
    Ok(Json(json!({"items": items, "next": next})))
}

/// Opens a dossier by hand; answers the one that is open already where there is one.
///
/// # Errors
/// A problem document.
pub async fn open(asking: Asking<to::ArchiveDossiersKeep>, SmallBody(body): SmallBody) -> Result<Response, Problem> {
    asking.act(&[b"open", &body], Wish::Open(super::read(&body)?), StatusCode::CREATED).await
}

/// A dossier with what was done about it.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: MayWithin<to::ArchiveDossiersRead>,
    State(app): State<App>,
    clerk: Clerk,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (_, found) = super::dossier_within(&app, caller, &clerk, super::id(&id)?).await?;
    let mut told = serde_json::to_value(&found).expect("a dossier is plain data");
    told["acts"] = json!(acts(&app.hub.db, found.id).await?);
    Ok(Json(told))
}

/// What is in a dossier, in order. `next` continues the list.
///
/// # Errors
/// A problem document.
pub async fn documents(
    caller: MayWithin<to::ArchiveDossiersRead>,
    State(app): State<App>,
    clerk: Clerk,
    Path(id): Path<String>,
    Wanted(part): Wanted<Part>,
) -> Result<Json<Value>, Problem> {
    let (_, found) = super::dossier_within(&app, caller, &clerk, super::id(&id)?).await?;
    let limit = part.limit.unwrap_or(200).clamp(1, 1000);
    let filed = filing::archived_in(&app.hub.db, found.id, part.after.unwrap_or(0), limit).await?;
    let full = i64::try_from(filed.len()).is_ok_and(|count| count == limit);
    let next = filed.last().filter(|_| full).map(|(last, _)| last.position);
    let items: Vec<_> = filed.into_iter().map(|(one, _)| one).collect();
    Ok(Json(json!({"items": items, "next": next})))
}

/// Closes a dossier.
///
/// # Errors
/// A problem document.
pub async fn close(asking: Asking<to::ArchiveDossiersKeep>, Path(id): Path<String>) -> Result<Response, Problem> {
    asking.act(&[b"close", id.as_bytes()], Wish::Close(super::id(&id)?), StatusCode::OK).await
}

/// Says which units see a dossier.
///
/// # Errors
/// A problem document.
pub async fn rights(
    asking: Asking<to::ArchiveDossiersRights>,
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    let Rights { units } = super::read(&body)?;
    let wish = Wish::Rights { dossier: super::id(&id)?, units };
    asking.act(&[b"rights", id.as_bytes(), &body], wish, StatusCode::OK).await
}
