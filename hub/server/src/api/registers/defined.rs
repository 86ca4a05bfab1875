//! `GET /v1/registers` and `/v1/registers/{register}`: the register of registers, and one register's definition.

use axum::Json;
use axum::extract::{Path, State};
use hub_flow::authorization::to;
use hub_flow::directory::{Register, Versioned};
use hub_flow::registration::{self, Year};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::problems;

/// Every register of the caller's institution: definition, version, legal basis, and the first and last number of each
/// year.
///
/// # Errors
/// A problem document.
pub async fn list(caller: May<to::RegistersRead>, State(app): State<App>) -> Result<Json<Value>, Problem> {
    let years = registration::years(&app.hub.db, &caller.party).await?;
    let registers = app.hub.directory().registers_of(&caller.party);
    let items: Vec<Value> = registers.iter().map(|held| described(held, &years)).collect();
    Ok(Json(json!({"party": caller.party, "registers": items})))
}

/// One register.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: May<to::RegistersRead>,
    State(app): State<App>,
    Path(register): Path<String>,
) -> Result<Json<Value>, Problem> {
    let held = app.hub.directory().register(&caller.party, &register);
    let held = held.ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    let years = registration::years(&app.hub.db, &caller.party).await?;
    Ok(Json(described(&held, &years)))
}

pub(super) fn described(held: &Versioned<Register>, years: &[Year]) -> Value {
    let mut told = serde_json::to_value(&held.entry).expect("a definition is plain data");
    told["definition_version"] = json!(held.version);
    told["years"] = years.iter().filter(|year| year.register == held.entry.id).map(|year| json!(year)).collect();
    told
}
