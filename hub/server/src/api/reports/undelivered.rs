//! `GET /v1/reports/undelivered`: what was sent and did not arrive, with the reason.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use hub_flow::authorization::{Among, Dimension, to};
use hub_flow::exchanges::{self, Choice, Exchange, Key};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::finding::told;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::Wanted;

use super::period::Period;
use super::{Told, name, numbered, printed};

/// Rows of a paper at most; more are in the file.
const PRINTED: i64 = 5_000;

/// The period of sending, and a page of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    from: Option<Date>,
    to: Option<Date>,
    after: Option<String>,
    limit: Option<i64>,
}

/// What was sent in the period (the month that runs where none is named) and did not arrive, newest first; beside it how
/// much stands how. `next` is what `after` asks for.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: MayWithin<to::ReportsRead>,
    State(app): State<App>,
    Wanted(asked): Wanted<Asked>,
) -> Result<Json<Value>, Problem> {
    let (caller, places) = caller.listing(&[Dimension::DocumentType])?;
    let seen = places.among(Dimension::DocumentType);
    let period = Period::of(&app, asked.from, asked.to)?;
    let limit = asked.limit.unwrap_or(50).clamp(1, 500);
    let after = asked.after.as_deref().and_then(Key::read).unwrap_or(Key::FIRST);
    let found = listed(&app, &caller.party, period, (after, limit, &seen)).await?;
    let states = exchanges::states(&app.hub.db, &caller.party, period.moments(), &seen).await?;
    let full = i64::try_from(found.len()) == Ok(limit);
    let key = |one: &Exchange| Key { message: one.message_id, position: one.position }.write();
    let next = found.last().filter(|_| full).map(key);
    Ok(Json(json!({
        "party": caller.party, "from": period.from, "to": period.to,
        "states": states, "items": told(&app, &found), "next": next,
    })))
}

/// The same as a paper.
///
/// # Errors
/// A problem document.
pub async fn paper(
    caller: MayWithin<to::ReportsRead>,
    State(app): State<App>,
    Wanted(asked): Wanted<Asked>,
) -> Result<Response, Problem> {
    let (caller, places) = caller.listing(&[Dimension::DocumentType])?;
    let seen = places.among(Dimension::DocumentType);
    let period = Period::of(&app, asked.from, asked.to)?;
    let found = listed(&app, &caller.party, period, (Key::FIRST, PRINTED, &seen)).await?;
    let said = match found.len() {
        0 => "Toate documentele trimise în perioadă au ajuns sau sunt pe drum.".to_owned(),
        1 => "Un document trimis nu a ajuns la destinatar.".to_owned(),
        many => format!("{many} documente trimise nu au ajuns la destinatar."),
    };
    let row = |one: &Exchange| {
        vec![
            numbered(one.sender_registration.as_ref()),
            name(&app, &one.recipient),
            one.document_type.clone(),
            one.reason.clone().unwrap_or_else(|| one.state.clone()),
        ]
    };
    let told = Told {
        name: "nelivrate",
        title: "Documente nelivrate",
        bounds: vec![period.in_romanian()],
        said: vec![said],
        columns: vec![("Nr. de ieșire", 0.2), ("Destinatarul", 0.26), ("Tipul", 0.18), ("Motivul", 0.36)],
        rows: found.iter().map(row).collect(),
    };
    printed(&app, &caller.party, told)
}

async fn listed(
    app: &App,
    party: &str,
    period: Period,
    (after, limit, seen): (Key, i64, &Among),
) -> Result<Vec<Exchange>, Problem> {
    let (from, to) = period.moments();
    let choice = Choice {
        party: party.to_owned(),
        sent: Some(true),
        other: String::new(),
        document_type: String::new(),
        seen: seen.clone(),
        state: String::new(),
        undelivered: true,
        from: Some(from),
        to: Some(to),
        after,
        limit,
    };
    Ok(exchanges::find(&app.hub.db, &choice).await?)
}
