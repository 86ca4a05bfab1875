//! `POST …/{year}/{number}/correct`: a new version of an entry; the old values stay readable.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::flow::{self, Recording};
use hub_flow::registration::{Correspondent, Effect, NewAct, Particulars};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::App;
use crate::api::archive::classified;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::SmallBody;

use super::draft::{check, invalid, particulars, read};
use super::place::Place;
use super::refusals::not_recorded;
use super::show;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Correction {
    changes: Map<String, Value>,
    correspondent: Option<Correspondent>,
    reason: String,
    acts: Option<i64>,
}

/// Corrects particulars: those in `changes` get the new value, `null` takes one away. Number and moment never change.
///
/// # Errors
/// A problem document; then nothing changed.
pub async fn correct(
    caller: May<to::RegistersCorrect>,
    State(app): State<App>,
    clerk: Clerk,
    place: Place,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    clerk.person()?;
    let (held, key) = show::allowed(&app, (&caller, &clerk), place, Right::Register)?;
    let Correction { changes, correspondent, reason, acts } = read(&body)?;
    reasoned(&reason)?;
    let entry = show::found(&app, &key).await?;
    let mut new = changed(&entry.state.particulars, &changes)?;
    check(&app, &held.entry, &new)?;
    if let Some(code) = new.dossier_code.as_ref().filter(|_| changes.contains_key("dossier_code")) {
        new.dossier_code = Some(classified(&app, &caller, code).await?);
    }
    let (old_values, new_values) = differences(&entry.state.particulars, &new);
    if new_values.is_empty() && correspondent.is_none() {
        return Err(invalid("/changes", "Nimic nu se schimbă", "Nothing changes"));
    }
    let act = NewAct {
        key: key.clone(),
        act: "corrected".to_owned(),
        content: json!({"old": old_values, "new": new_values, "reason": reason}),
        author: clerk.author(),
        expected: Some(acts.unwrap_or(entry.state.acts)),
        effect: Effect { particulars: Some(new), ..Effect::default() },
        salt: [0; 16],
        at: app.hub.clock.now(),
    };
    flow::record(&app.hub, Recording { act, correspondent, ties: Vec::new() }).await.map_err(not_recorded)?;
    Ok(Json(show::described(&app, &show::found(&app, &key).await?).await?))
}

/// Refuses a reason that says nothing.
pub(super) fn reasoned(reason: &str) -> Result<(), Problem> {
    if (3..=500).contains(&reason.trim().chars().count()) && !reason.chars().any(char::is_control) {
        return Ok(());
    }
    Err(invalid(
        "/reason",
        "Scrieți motivul în reason, în 3 până la 500 de caractere pe un rând",
        "Say why in reason, in 3 to 500 characters on one line",
    ))
}

fn object(particulars: &Particulars) -> Map<String, Value> {
    match serde_json::to_value(particulars).expect("particulars are plain data") {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn changed(old: &Particulars, changes: &Map<String, Value>) -> Result<Particulars, Problem> {
    let mut members = object(old);
    for (name, value) in changes {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    particulars(members)
}

fn differences(old: &Particulars, new: &Particulars) -> (Map<String, Value>, Map<String, Value>) {
    let (old, new) = (object(old), object(new));
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let other = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    let (mut before, mut after) = (Map::new(), Map::new());
    for name in other {
        before.insert(name.clone(), old.get(name).cloned().unwrap_or_default());
        after.insert(name.clone(), new.get(name).cloned().unwrap_or_default());
    }
    (before, after)
}
