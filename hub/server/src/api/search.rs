//! `GET /v1/search`: entries of the caller's registers and documents of its archive, newest first.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::search::{self, Question};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::problems;

use super::App;
use super::clerk::Clerk;
use super::may::MayWithin;
use super::problem::Problem;
use super::request::Wanted;
use crate::api::door::Door;

/// Search.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/search", search)
}

/// Longest text to be looked for, in bytes.
const LONGEST: usize = 500;

/// What is looked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    q: Option<String>,
    kind: Option<String>,
    register: Option<String>,
    year: Option<i64>,
    direction: Option<String>,
    status: Option<String>,
    unit: Option<String>,
    party: Option<String>,
    #[serde(rename = "type")]
    document_type: Option<String>,
    dossier: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    before: Option<i64>,
    limit: Option<usize>,
}

/// A page of what has all the words, or words that begin so, and all the values: at most 50, the newest first. `next`
/// is what `before` asks for on the next page.
///
/// # Errors
/// A problem document.
pub async fn search(
    caller: MayWithin<to::SearchRead>,
    State(app): State<App>,
    clerk: Clerk,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let (caller, reach) = caller.listing(&search::NARROWED_BY)?;
    let words = wanted.q.unwrap_or_default();
    if words.len() > LONGEST {
        return Err(Problem::of(&problems::MALFORMED_REQUEST)
            .detail(
                format!("q are cel mult {LONGEST} de octeți; căutați după câteva cuvinte"),
                format!("q has at most {LONGEST} bytes; look for a few words"),
            )
            .with("field", "q"));
    }
    let filters = [
        ("kind", wanted.kind),
        ("register", wanted.register),
        ("year", wanted.year.map(|year| year.to_string())),
        ("direction", wanted.direction),
        ("status", wanted.status),
        ("unit", wanted.unit),
        ("party", wanted.party),
        ("type", wanted.document_type),
        ("dossier", wanted.dossier),
    ];
    let question = Question {
        party: caller.party.clone(),
        words,
        filters: filters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        without: hidden(&app, &caller.party, clerk.unit.as_deref()),
        reach,
        unit: clerk.unit,
        from: wanted.from,
        to: wanted.to,
        before: wanted.before,
        limit: wanted.limit.unwrap_or(20),
    };
    let hits = search::search(&app.hub.db, &question).await?;
    let items: Vec<Value> = hits.found.into_iter().map(|found| found.shown).collect();
    Ok(Json(json!({"items": items, "next": hits.next})))
}

/// Registers the clerk's unit may not see.
fn hidden(app: &App, party: &str, unit: Option<&str>) -> Vec<(&'static str, String)> {
    let registers = app.hub.directory().registers_of(party).into_iter();
    registers.filter(|held| !held.entry.lets(unit, Right::See)).map(|held| ("register", held.entry.id)).collect()
}
