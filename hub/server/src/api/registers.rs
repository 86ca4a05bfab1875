//! `GET /v1/registers/general`: the caller's register, in order of number.

use axum::Json;
use axum::extract::State;
use hub_flow::registration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::caller::Caller;
use super::problem::Problem;
use super::request::Wanted;

/// Which entries.
#[derive(Deserialize)]
pub struct Choice {
    year: Option<i64>,
    from: Option<i64>,
    limit: Option<i64>,
}

/// The entries of a year, this one where none is named, from a number on, at most 1,000.
///
/// # Errors
/// A problem document.
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let year = wanted.year.unwrap_or_else(|| i64::from(app.hub.clock.now().romanian_date().year()));
    let limit = wanted.limit.unwrap_or(100).clamp(1, 1000);
    let from = wanted.from.unwrap_or(1);
    let entries = registration::entries(&app.hub.db, &caller.party, year, from, limit).await?;
    Ok(Json(json!({"party": caller.party, "register": registration::GENERAL, "year": year, "entries": entries})))
}
