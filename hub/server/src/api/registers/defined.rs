//! `GET /v1/registers` and `/v1/registers/{register}`: the register of registers, and one register's definition.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::{Scope, to};
use hub_flow::directory::{Register, Right, Versioned};
use hub_flow::registration::{self, Year};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::{May, MayWithin};
use crate::api::problem::Problem;
use crate::api::request::Path;

/// Every register of the institution that both the caller and the clerk's unit may see: definition, version, legal basis,
/// and the first and last number of each year.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: MayWithin<to::RegistersRead>,
    State(app): State<App>,
    clerk: Clerk,
) -> Result<Json<Value>, Problem> {
    let party = caller.party();
    let years = registration::years(&app.hub.db, party).await?;
    let (registers, _) = clerk.seen(&app, party);
    let seen = |held: &&Versioned<Register>| caller.holds(Scope { register: Some(&held.entry.id), ..Scope::default() });
    let items: Vec<Value> = registers.iter().filter(seen).map(|held| described(held, &years)).collect();
    Ok(Json(json!({"party": party, "registers": items})))
}

/// One register.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: May<to::RegistersRead>,
    State(app): State<App>,
    clerk: Clerk,
    Path(register): Path<String>,
) -> Result<Json<Value>, Problem> {
    let held = clerk.may(&app, &caller, &register, Right::See)?;
    let years = registration::years(&app.hub.db, &caller.party).await?;
    Ok(Json(described(&held, &years)))
}

pub(super) fn described(held: &Versioned<Register>, years: &[Year]) -> Value {
    let mut told = serde_json::to_value(&held.entry).expect("a definition is plain data");
    told["definition_version"] = json!(held.version);
    told["years"] = years.iter().filter(|year| year.register == held.entry.id).map(|year| json!(year)).collect();
    told
}
