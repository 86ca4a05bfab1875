//! `/v1/archive/holds`: place and list them; `POST …/{id}/release` ends one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use hub_flow::archive::{Wish, hold};
use hub_flow::authorization::to;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody, Wanted};

use super::Asking;

/// Which holds.
#[derive(Deserialize)]
pub struct Which {
    all: Option<bool>,
    limit: Option<i64>,
    after: Option<Uuid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Releasing {
    reason: String,
}

/// The holds that stand, newest first; with `all=true` those that were released too. `next` continues
/// the list.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::ArchiveHoldsRead>,
    State(app): State<App>,
    Wanted(wanted): Wanted<Which>,
) -> Result<Json<Value>, Problem> {
    let limit = wanted.limit.unwrap_or(100).clamp(1, 1000);
    let standing = !wanted.all.unwrap_or(false);
    let items = hold::list(&app.hub.db, &caller.party, standing, (wanted.after, limit)).await?;
    let next = super::further(&items, items.last().map(|last| last.id), limit);
    Ok(Json(json!({"items": items, "next": next})))
}

/// Places a hold.
///
/// # Errors
/// A problem document.
pub async fn place(asking: Asking<to::ArchiveHoldsPlace>, SmallBody(body): SmallBody) -> Result<Response, Problem> {
    asking.act(&[b"hold", &body], Wish::Hold(super::read(&body)?), StatusCode::CREATED).await
}

/// Ends a hold.
///
/// # Errors
/// A problem document.
pub async fn release(
    asking: Asking<to::ArchiveHoldsRelease>,
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    let Releasing { reason } = super::read(&body)?;
    let wish = Wish::Release { hold: super::id(&id)?, reason };
    asking.act(&[b"release", id.as_bytes(), &body], wish, StatusCode::OK).await
}
