//! `GET /v1/deadlines/notices` and `POST /v1/deadlines/notices/{id}/read`: what people are told of terms.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use hub_flow::authorization::to;
use hub_flow::deadline::{self, Addressee, ReadNotice};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;

use super::list::whose;

/// Whose.
#[derive(Deserialize)]
pub struct Asked {
    of: Option<String>,
    limit: Option<i64>,
}

/// The notices nobody has read yet, oldest first.
///
/// # Errors
/// A problem document.
pub async fn list(
    (caller, clerk): (May<to::DeadlinesNotices>, Clerk),
    State(app): State<App>,
    Wanted(asked): Wanted<Asked>,
) -> Result<Json<Value>, Problem> {
    let (unit, person) = whose(asked.of.as_deref(), &clerk)?;
    let named = |text: String| Some(text).filter(|text| !text.is_empty());
    let to = Addressee { unit: named(unit), person: named(person) };
    let limit = asked.limit.unwrap_or(100).clamp(1, 1000);
    let notices = deadline::notices(&app.hub.db, &caller.party, &to, limit).await?;
    Ok(Json(json!({"party": caller.party, "notices": notices})))
}

/// Says that a notice was read. Said twice, the first reader stays.
///
/// # Errors
/// A problem document.
pub async fn read(
    (caller, clerk): (May<to::DeadlinesNotices>, Clerk),
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    let person = clerk.person()?.to_owned();
    let item = (caller.party.clone(), id, person, app.hub.clock.now());
    if app.hub.db.write(&Arc::new(ReadNotice), item).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::of(&problems::NOT_FOUND)
        .detail("Instituția nu are această înștiințare", "The institution has no such notice"))
}
