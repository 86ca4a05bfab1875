//! `GET /v1/directory/{kind}`: entries with filters, a page at a time.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::directory::{Held, Kind, Places, Wanted as Filter};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;

use super::entry::{kind, told, visible};

/// Which entries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    q: Option<String>,
    kind: Option<String>,
    county: Option<String>,
    cui: Option<String>,
    siruta: Option<String>,
    party: Option<String>,
    system: Option<String>,
    state: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

/// The entries of a kind that fit all that is asked, in order of id; `next` is the `after` of the next page.
///
/// # Errors
/// A problem document.
pub async fn list(
    may: May<to::DirectoryRead>,
    State(app): State<App>,
    Path(word): Path<String>,
    Wanted(choice): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let of = kind(&word)?;
    let withdrawn = match choice.state.as_deref() {
        None | Some("in_force") => false,
        Some("withdrawn") if may.operator => true,
        Some("withdrawn") => {
            return Err(Problem::of(&problems::FORBIDDEN).detail(
                "Intrările retrase le văd cei care administrează hubul",
                "Withdrawn entries are seen by those who run the hub",
            ));
        }
        Some(_) => {
            return Err(Problem::of(&problems::MALFORMED_REQUEST)
                .detail("Parametrul state este in_force sau withdrawn", "The parameter state is in_force or withdrawn")
                .with("field", "state"));
        }
    };
    let named = [
        ("kind", &choice.kind),
        ("cui", &choice.cui),
        ("siruta", &choice.siruta),
        ("party", &choice.party),
        ("system", &choice.system),
    ];
    let fields = named.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect();
    let filter = Filter { text: choice.q.as_deref(), fields, withdrawn, after: choice.after.as_deref() };
    let limit = choice.limit.unwrap_or(100).clamp(1, 1000);
    let directory = app.hub.directory();
    let code_lists = app.hub.code_lists();
    let places = Places::on(&code_lists, app.hub.clock.now().romanian_date());
    let within = |held: &Held| {
        let place = held.document.as_ref().and_then(|document| document["siruta"].as_str());
        choice.county.as_ref().is_none_or(|county| place.is_some_and(|code| places.within(code, county)))
    };
    let seen = |held: &Held| match &held.document {
        Some(document) => visible(&app, &directory, &may, (of, document)),
        None => may.operator,
    };
    let mut fitting = directory.ledger().search(of, &filter).filter(|(_, held)| within(held) && seen(held));
    let items: Vec<Value> = fitting.by_ref().take(limit).map(|(id, held)| told(&may, of, id, held)).collect();
    let more = fitting.next().is_some();
    let next = items.last().filter(|_| more).map(|last| last["id"].clone());
    Ok(Json(json!({"items": items, "next": next, "directory": directory.ledger().number, "kind": Kind::plural(of)})))
}
