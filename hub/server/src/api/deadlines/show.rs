//! `GET /v1/registers/{register}/{year}/{number}/deadline`: the term of an entry with its history, and the entry's path.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::registration::EntryKey;
use hub_flow::{assignment, deadline};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::problems;

/// Rule, first and last day, suspensions, extensions and path.
///
/// # Errors
/// A problem document.
pub async fn show(
    (caller, clerk): (May<to::DeadlinesRead>, Clerk),
    State(app): State<App>,
    Path((register, year, number)): Path<(String, i64, i64)>,
) -> Result<Json<Value>, Problem> {
    clerk.may(&app, &caller, &register, Right::See)?;
    let key = EntryKey { party: caller.party.clone(), register, year, number };
    let held = deadline::find(&app.hub.db, &key).await?.ok_or_else(|| {
        Problem::of(&problems::NOT_FOUND).detail(
            "Înregistrarea nu există sau nu are termen: documentul a ieșit de la instituție",
            "There is no such entry, or it has no term: the document went out",
        )
    })?;
    let path = assignment::path(&app.hub.db, &key).await?;
    let calendar = &app.hub.deadlines.calendar;
    let due_on = held.running.as_ref().and_then(|running| running.due(calendar).ok().flatten());
    Ok(Json(json!({
        "register": key.register,
        "year": key.year,
        "number": key.number,
        "rule": held.running.as_ref().map(|running| &running.rule),
        "basis": held.basis,
        "term": held.running.as_ref().map(|running| &running.term),
        "due_on": due_on,
        "suspended": held.running.as_ref().is_some_and(|running| running.term.paused().is_some()),
        "escalate_to": held.escalate_to,
        "path": path,
    })))
}
