//! `GET /v1/orphans`: whatever has not ended and has nobody, no clock or no next act. It should be empty.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::flow;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Wanted;

/// How many.
#[derive(Deserialize)]
pub struct Asked {
    limit: Option<i64>,
}

/// What is orphaned at the caller's institution; at all of them for those who run the hub.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::DeadlinesRead>,
    State(app): State<App>,
    Wanted(asked): Wanted<Asked>,
) -> Result<Json<Value>, Problem> {
    let party = (!caller.operator).then_some(caller.party.as_str());
    let orphans = flow::orphans(&app.hub.db, party, asked.limit.unwrap_or(100).clamp(1, 1000)).await?;
    Ok(Json(json!({"orphans": orphans})))
}
