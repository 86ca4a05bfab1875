//! `POST /v1/registers/{register}/reservations` and `/allocations`: numbers kept for a unit, to be filled later.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::flow::{self, Entering};
use hub_flow::registration::{Direction, Kind, NewEntry, Particulars};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::{Caller, idempotency_key};
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};

use super::draft::{invalid, read};
use super::enter::{by_clerk, request_hash};
use super::refusals::not_entered;

/// Most numbers in one block.
const BLOCK: u32 = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keeping {
    unit: String,
    #[serde(default = "one")]
    count: u32,
    subject: Option<String>,
}

const fn one() -> u32 {
    1
}

/// Reserves a number (or a few) for a unit: shown now, its date is today, filled later.
///
/// # Errors
/// A problem document; then no number was given.
pub async fn reserve(
    (caller, clerk): (May<to::RegistersReserve>, Clerk),
    State(app): State<App>,
    Path(register): Path<String>,
    headers: HeaderMap,
    SmallBody(body): SmallBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    keep(&app, (&caller, &clerk), (&register, Kind::Reserved), (&headers, &body)).await
}

/// Gives a block of numbers to a sub-registry that works without the hub.
///
/// # Errors
/// A problem document; then no number was given.
pub async fn allocate(
    (caller, clerk): (May<to::RegistersReserve>, Clerk),
    State(app): State<App>,
    Path(register): Path<String>,
    headers: HeaderMap,
    SmallBody(body): SmallBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    keep(&app, (&caller, &clerk), (&register, Kind::Allocated), (&headers, &body)).await
}

async fn keep(
    app: &App,
    (caller, clerk): (&Caller, &Clerk),
    (register, kind): (&str, Kind),
    (headers, body): (&HeaderMap, &[u8]),
) -> Result<(StatusCode, Json<Value>), Problem> {
    let idempotency_key = idempotency_key(headers)?;
    let held = clerk.may(app, caller, register, Right::Register)?;
    let Keeping { unit, count, subject } = read(body)?;
    if !(1..=BLOCK).contains(&count) {
        return Err(invalid("/count", "count este între 1 și 1000", "count is between 1 and 1000"));
    }
    let fits = |text: &str, most: usize| text.chars().count() <= most && !text.chars().any(char::is_control);
    if unit.trim().is_empty() || !fits(&unit, 64) || !subject.as_deref().is_none_or(|subject| fits(subject, 500)) {
        return Err(invalid(
            "/unit",
            "Scrieți compartimentul (1 până la 64 de caractere) și, dacă vreți, subject (cel mult 500)",
            "Name the unit (1 to 64 characters) and, if you like, a subject (at most 500)",
        ));
    }
    let particulars = Particulars { unit: Some(unit), ..Particulars::brief(&subject.unwrap_or_default()) };
    let direction = Direction::Out;
    let entry = NewEntry { direction, particulars, ..by_clerk(caller, clerk, held.series(), kind) };
    let content_sha256 = request_hash(&format!("{register}/{}", kind.as_str()), body);
    let entering = Entering { idempotency_key, content_sha256, correspondent: None, entry, count, rule: None };
    let entered = flow::enter(&app.hub, entering).await.map_err(not_entered)?;
    let run = entered.run;
    let shown = |number: i64| held.entry.number_format.write(number, run.year);
    let numbers: Vec<Value> =
        (run.first..=run.last).map(|number| json!({"number": number, "shown": shown(number)})).collect();
    let status = if entered.again { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(json!({"register": register, "year": run.year, "kind": kind, "numbers": numbers}))))
}
