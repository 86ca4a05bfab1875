//! `POST /v1/lookups/{system}/{operation}/batch`: several questions of one operation, a verdict for each.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::flow;
use schemas::Violation;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};

use super::body::{Several, read};
use super::{refusals, told};

/// Asks all that have their form, in as few requests as the register allows; answers each in its place.
///
/// # Errors
/// A problem document, where nothing at all was asked.
pub async fn ask_all(
    caller: May<to::LookupsAsk>,
    State(app): State<App>,
    Path((system, operation)): Path<(String, String)>,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    let party = caller.party.clone();
    let (asking, rows) = read::<Several>(&body)?.of(caller.into_caller(), system.clone(), operation.clone())?;
    let asked: Vec<BTreeMap<String, String>> = rows.iter().filter_map(|row| row.as_ref().ok().cloned()).collect();
    let answers = flow::ask_all(&app.hub, asking, &asked).await;
    let answers = answers.map_err(|why| refusals::not_asked(&app, &party, (&system, &operation), why))?;
    let mut answers = answers.into_iter();
    let mut told = Vec::with_capacity(rows.len());
    for (index, row) in rows.into_iter().enumerate() {
        let answer = row.and_then(|_| answers.next().expect("one answer for one question"));
        let mut one = match answer {
            Ok(lookup) => {
                app.metrics.lookup(&system, &operation, told::result(&lookup));
                told::row(&app, &lookup)
            }
            Err(violations) => invalid(&violations),
        };
        one["index"] = index.into();
        told.push(one);
    }
    Ok(Json(json!({"rows": told})))
}

fn invalid(violations: &[Violation]) -> Value {
    json!({"answer": "invalid", "problem": refusals::invalid(violations).document()})
}
