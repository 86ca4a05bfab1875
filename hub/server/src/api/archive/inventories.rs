//! `/v1/archive/inventories`: make and show them; `POST …/{id}/handover` hands their dossiers over to the archive.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use hub_flow::archive::Wish;
use hub_flow::archive::dossier::{self, HandingOver};
use hub_flow::authorization::to;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody, Wanted};
use crate::problems;

use super::{Asking, Page};

/// The inventories of the institution, newest first. `next` continues the list.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::ArchiveInventoriesRead>,
    State(app): State<App>,
    Wanted(page): Wanted<Page>,
) -> Result<Json<Value>, Problem> {
    let items = dossier::inventories(&app.hub.db, &caller.party, page.part()).await?;
    let next = super::further(&items, items.last().map(|last| last.id), page.limit());
    Ok(Json(json!({"items": items, "next": next})))
}

/// One inventory with its lines.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: May<to::ArchiveInventoriesRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(found(&app, &caller, &id).await?)))
}

pub(super) async fn found(app: &App, caller: &Caller, id: &str) -> Result<dossier::Inventory, Problem> {
    let found = dossier::inventory_of(&app.hub.db, &caller.party, super::id(id)?).await?;
    found.ok_or_else(|| Problem::of(&problems::NOT_FOUND))
}

/// Inventories the closed dossiers of a year.
///
/// # Errors
/// A problem document.
pub async fn make(asking: Asking<to::ArchiveInventoriesMake>, SmallBody(body): SmallBody) -> Result<Response, Problem> {
    asking.act(&[b"inventory", &body], Wish::Inventory(super::read(&body)?), StatusCode::CREATED).await
}

/// Hands the dossiers of an inventory over to the archive.
///
/// # Errors
/// A problem document.
pub async fn hand_over(
    asking: Asking<to::ArchiveInventoriesHandOver>,
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    let wanted = HandingOver { inventory: super::id(&id)?, ..super::read(&body)? };
    asking.act(&[b"handover", id.as_bytes(), &body], Wish::HandOver(wanted), StatusCode::OK).await
}
