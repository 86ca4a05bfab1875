//! `GET /v1/registers/{register}/entries`: a register of the caller's institution, in order of number.

use axum::Json;
use axum::extract::{Path, State};
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::registration::{self, Filter, Status};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Wanted;
use crate::problems;

/// Which entries.
#[derive(Deserialize)]
pub struct Choice {
    year: Option<i64>,
    from: Option<i64>,
    to: Option<i64>,
    status: Option<String>,
    unit: Option<String>,
    words: Option<String>,
    counterpart: Option<String>,
    limit: Option<i64>,
}

/// The entries of a year, this one where none is named, from a number on, at most 1,000.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::RegistersRead>,
    State(app): State<App>,
    clerk: Clerk,
    Path(register): Path<String>,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    clerk.may(&app, &caller, &register, Right::See)?;
    let year = wanted.year.unwrap_or_else(|| i64::from(app.hub.clock.now().romanian_date().year()));
    let limit = wanted.limit.unwrap_or(100).clamp(1, 1000);
    let status = wanted.status.as_deref().map(|word| Status::of(word).ok_or_else(|| unknown(word))).transpose()?;
    let filter = Filter {
        party: caller.party.clone(),
        register: register.clone(),
        year,
        from: wanted.from.unwrap_or(1),
        to: wanted.to,
        status,
        unit: wanted.unit,
        words: wanted.words.unwrap_or_default(),
        counterpart: wanted.counterpart.unwrap_or_default(),
        limit,
        ..Filter::default()
    };
    let entries = registration::list(&app.hub.db, &filter).await?;
    Ok(Json(json!({"party": caller.party, "register": register, "year": year, "entries": entries})))
}

fn unknown(word: &str) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST).detail(
        format!("Parametrul status nu poate fi {word:?}; scrieți de exemplu registered, reserved sau annulled"),
        format!("The parameter status cannot be {word:?}; write registered, reserved or annulled, for example"),
    )
}
