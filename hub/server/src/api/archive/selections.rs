//! `GET /v1/archive/due` and `/v1/archive/selections`: what is due, minutes, confirmation, destruction and its proof.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hub_flow::archive::selection::{self, Confirming, LARGEST_LIST};
use hub_flow::archive::{Wish, acts};
use hub_flow::authorization::to;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody, Wanted};
use crate::problems;

use super::{Asking, Page};

/// Which part of the due list.
#[derive(Deserialize)]
pub struct From {
    after_year: Option<i64>,
    after: Option<Uuid>,
    limit: Option<i64>,
}

/// The dossiers whose term is over, oldest first. `next` continues the list.
///
/// # Errors
/// A problem document.
pub async fn due(
    caller: May<to::ArchiveSelectionsRead>,
    State(app): State<App>,
    Wanted(from): Wanted<From>,
) -> Result<Json<Value>, Problem> {
    let limit = from.limit.unwrap_or(100).clamp(1, 1000);
    let year = i64::from(app.hub.clock.now().romanian_date().year());
    let items = selection::due(&app.hub.db, (&caller.party, year), from.after_year.zip(from.after), limit).await?;
    let full = i64::try_from(items.len()).is_ok_and(|count| count == limit);
    let next = items.last().filter(|_| full).map(|last| json!({"after_year": last.due_year, "after": last.id}));
    Ok(Json(json!({"items": items, "next": next})))
}

/// The selections of the institution, newest first. `next` continues the list.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::ArchiveSelectionsRead>,
    State(app): State<App>,
    Wanted(page): Wanted<Page>,
) -> Result<Json<Value>, Problem> {
    let items = selection::list(&app.hub.db, &caller.party, page.part()).await?;
    let next = super::further(&items, items.last().map(|last| last.id), page.limit());
    Ok(Json(json!({"items": items, "next": next})))
}

/// One selection with what was done about it.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: May<to::ArchiveSelectionsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let found = found(&app, &caller, &id).await?;
    let mut told = serde_json::to_value(&found).expect("a selection is plain data");
    told["acts"] = json!(acts(&app.hub.db, found.id).await?);
    Ok(Json(told))
}

pub(super) async fn found(app: &App, caller: &Caller, id: &str) -> Result<selection::Selection, Problem> {
    let found = selection::find(&app.hub.db, &caller.party, super::id(id)?).await?;
    found.ok_or_else(|| Problem::of(&problems::NOT_FOUND))
}

/// Writes the minutes of the selection commission.
///
/// # Errors
/// A problem document; a dossier that is held is refused naming the hold.
pub async fn propose(
    asking: Asking<to::ArchiveSelectionsPropose>,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    asking.act(&[b"select", &body], Wish::Select(super::read(&body)?), StatusCode::CREATED).await
}

/// Writes down the confirmation of the National Archives.
///
/// # Errors
/// A problem document.
pub async fn confirm(
    asking: Asking<to::ArchiveSelectionsConfirm>,
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    let wanted = Confirming { selection: super::id(&id)?, ..super::read(&body)? };
    asking.act(&[b"confirm", id.as_bytes(), &body], Wish::Confirm(wanted), StatusCode::OK).await
}

/// Asks for destruction, or approves it as the second clerk.
///
/// # Errors
/// A problem document.
pub async fn destroy(
    asking: Asking<to::ArchiveSelectionsDestroy>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    // The same key of another clerk is another request.
    let person = asking.clerk.person()?.as_bytes();
    asking.act(&[b"destroy", id.as_bytes(), person], Wish::Destroy(super::id(&id)?), StatusCode::ACCEPTED).await
}

/// The proof of destruction as it was sealed.
///
/// # Errors
/// A problem document; also while something is left.
pub async fn proof(
    caller: May<to::ArchiveSelectionsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let found = found(&app, &caller, &id).await?;
    let proof = found.proof.ok_or_else(|| not_ended(&found.state))?;
    Ok(([(header::CONTENT_TYPE, "application/xml")], proof).into_response())
}

/// A list of the proof as it was written, by its number: what the proof names by its SHA-256.
///
/// # Errors
/// A problem document; also while something is left. A proof of the first form has its documents in itself and no lists.
pub async fn proof_list(
    caller: May<to::ArchiveSelectionsRead>,
    State(app): State<App>,
    Path((id, number)): Path<(String, i64)>,
) -> Result<Response, Problem> {
    let found = found(&app, &caller, &id).await?;
    if found.proof.is_none() {
        return Err(not_ended(&found.state));
    }
    let list = selection::list_of(&app.hub.db, found.id, number).await?;
    let list = list.ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    let bytes = app.hub.vault.read_all(&list.sha256, LARGEST_LIST).await.map_err(std::io::Error::other)?;
    Ok(([(header::CONTENT_TYPE, "application/xml")], bytes).into_response())
}

pub(super) fn not_ended(state: &str) -> Problem {
    Problem::of(&problems::STATE_CONFLICT)
        .detail(
            format!("Distrugerea nu s-a încheiat (starea: {state}); dovada apare când nu a mai rămas nimic"),
            format!("The destruction has not ended (state: {state}); the proof is there when nothing is left"),
        )
        .with("state", state)
}
