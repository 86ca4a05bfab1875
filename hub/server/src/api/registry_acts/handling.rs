//! `…/assignment`, `…/work`, `…/part`: who has a document.

use axum::Json;
use hub_flow::assignment::NewLeg;
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::flow::{self, Assignment};
use serde::Deserialize;
use serde_json::Value;

use crate::api::problem::Problem;
use crate::api::request::SmallBody;

use super::asking::{Asking, body, id, words, wrong};
use super::refusals::problem;
use super::telling::told;

/// Units that may have a document at once.
const MOST: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assigned {
    units: Vec<Unit>,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unit {
    unit: String,
    person: Option<String>,
}

/// Gives a document to units and clerks; the first unit leads.
///
/// # Errors
/// A problem document.
pub async fn assign(asking: Asking<to::ActsAssign>, SmallBody(bytes): SmallBody) -> Result<Json<Value>, Problem> {
    let (key, by) = asking.with(Right::Register)?;
    let Assigned { units, note } = body(&bytes)?;
    if units.is_empty() || units.len() > MOST {
        return Err(wrong(
            "units",
            &format!("Câmpul units numește 1 până la {MOST} compartimente"),
            &format!("The field units names 1 to {MOST} units"),
        ));
    }
    let leg = |one: Unit| -> Result<NewLeg, Problem> {
        let person = one.person.map(|person| id("units.person", &person)).transpose()?;
        Ok(NewLeg { unit: id("units.unit", &one.unit)?, person })
    };
    let units = units.into_iter().map(leg).collect::<Result<Vec<_>, _>>()?;
    let twice = (1..units.len()).any(|at| units[..at].iter().any(|one| one.unit == units[at].unit));
    if twice {
        return Err(wrong("units", "Un compartiment este numit de două ori", "A unit is named twice"));
    }
    let (directory, today) = (asking.app.hub.directory(), asking.app.hub.clock.now().romanian_date());
    if let Some(none) = units.iter().find(|one| !directory.structure(&key.party).has_unit(&one.unit, today)) {
        return Err(wrong(
            "units.unit",
            &format!("Compartimentul {} nu este astăzi în structura instituției; vedeți /v1/structure", none.unit),
            &format!("The unit {} is not in the structure of the institution today; see /v1/structure", none.unit),
        ));
    }
    let note = note.map(|note| words("note", &note)).transpose()?;
    let changed = flow::assign(&asking.app.hub, &key, &by, Assignment { units, note }).await.map_err(problem)?;
    Ok(told(&key, &changed))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Takes a document of the clerk's unit into work.
///
/// # Errors
/// A problem document.
pub async fn take_up(asking: Asking<to::ActsWork>, SmallBody(bytes): SmallBody) -> Result<Json<Value>, Problem> {
    let (key, by) = asking.with(Right::See)?;
    let Nothing {} = body(&bytes)?;
    let changed = flow::take_up(&asking.app.hub, &key, &by).await.map_err(problem)?;
    Ok(told(&key, &changed))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    note: String,
}

/// Notes that a unit beside the leading one did its part.
///
/// # Errors
/// A problem document.
pub async fn complete_part(asking: Asking<to::ActsWork>, SmallBody(bytes): SmallBody) -> Result<Json<Value>, Problem> {
    let (key, by) = asking.with(Right::See)?;
    let Part { note } = body(&bytes)?;
    let note = words("note", &note)?;
    let changed = flow::complete_part(&asking.app.hub, &key, &by, &note).await.map_err(problem)?;
    Ok(told(&key, &changed))
}
