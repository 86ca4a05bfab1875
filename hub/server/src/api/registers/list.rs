//! `GET /v1/registers/{register}/entries`: a register of the caller's institution, in order of number.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::old_registers::{self, Part};
use hub_flow::registration::{self, Filter, Status};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;
use crate::registers;

use super::outgoing::day;

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
    /// From this day of registration on.
    since: Option<String>,
    /// Up to this day, it included.
    until: Option<String>,
    limit: Option<i64>,
}

/// The entries of a year, this one where none is named, from a number on, at most 1,000; beside them what was imported of
/// the register kept before. `next` is what `from` asks for on the next page: words and correspondents are looked for in 5,000
/// entries at a time, so that a page may have few entries, or none, and go on.
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
    let since = wanted.since.as_deref().map(|text| day("since", text)).transpose()?.map(|(begins, _)| begins);
    let until = wanted.until.as_deref().map(|text| day("until", text)).transpose()?.map(|(_, ends)| ends);
    // Of what was kept before the hub nobody knows who has it now.
    let whoever = status.is_none() && wanted.unit.is_none();
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
        since,
        until,
        limit,
    };
    let found = registration::list(&app.hub.db, &filter).await?;
    let imported: Vec<Value> = if whoever { imported(&app, &filter).await? } else { Vec::new() };
    Ok(Json(json!({
        "party": caller.party, "register": register, "year": year, "entries": found.entries, "next": found.next, "imported": imported,
    })))
}

/// What was imported of a register kept before, by the same choice: never numbered by the hub, and marked so.
async fn imported(app: &App, filter: &Filter) -> Result<Vec<Value>, Problem> {
    let whole = Part::whole(&filter.party, &filter.register, filter.year);
    let from = if filter.from <= 1 { 0 } else { filter.from };
    let part = Part {
        numbers: (from, filter.to.unwrap_or(i64::MAX)),
        words: registration::pattern(&filter.words),
        counterpart: registration::pattern(&filter.counterpart),
        ..whole.between(filter.since, filter.until)
    };
    let rows = old_registers::rows(&app.hub.db, &part, (0, filter.limit)).await?;
    Ok(rows.into_iter().map(registers::old_told).collect())
}

fn unknown(word: &str) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST).detail(
        format!("Parametrul status nu poate fi {word:?}; scrieți de exemplu registered, reserved sau annulled"),
        format!("The parameter status cannot be {word:?}; write registered, reserved or annulled, for example"),
    )
}
