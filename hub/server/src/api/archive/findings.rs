//! `GET /v1/archive/findings`: archived documents whose bytes are damaged, until somebody acts.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::examination;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Wanted;

use super::Page;

/// Open findings, newest first, with the documents that have the bytes: of all institutions for those who run the hub, of
/// the caller's own for others.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::ArchiveFindingsRead>,
    State(app): State<App>,
    Wanted(page): Wanted<Page>,
) -> Result<Json<Value>, Problem> {
    let of = (!caller.operator).then_some(caller.party.as_str());
    Ok(Json(json!({"items": examination::findings(&app.hub.db, of, page.limit()).await?})))
}
