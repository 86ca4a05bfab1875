//! `PUT /v1/registers/{register}`: an institution defines a register of its own, or changes its definition.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use hub_flow::authorization::to;
use hub_flow::directory::{self, Act, Change, Expected, Kind, NotChanged, Register};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::directory::entry::refused;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};
use crate::assembly::unruled;
use crate::problems;

use super::defined::described;
use super::draft::read;

/// Defines a register: a new version where anything changed. Numbers that were given keep the form they were shown in.
///
/// # Errors
/// A problem document; then the definition stays as it was.
pub async fn define(
    caller: May<to::RegistersDefine>,
    State(app): State<App>,
    clerk: Clerk,
    Path(register): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    clerk.person()?;
    clerk.may_define(&app, &caller, &register)?;
    let mut written: Value = read(&body)?;
    let Some(members) = written.as_object_mut() else {
        return Err(wrong("o definiție este un obiect JSON"));
    };
    members.insert("party".to_owned(), json!(caller.party));
    members.insert("id".to_owned(), json!(register));
    let definition: Register = serde_json::from_value(written).map_err(|error| wrong(&error.to_string()))?;
    let hub = &app.hub;
    if let Some(cause) = unruled([&definition], &hub.deadlines.rules) {
        return Err(wrong(&cause).with("field", "deadline_rule"));
    }
    let known = hub.directory().register(&caller.party, &register).is_some_and(|held| held.version > 0);
    // Tried before it is written: a directory that does not hang together could not be loaded again.
    definition.usable().map_err(|cause| wrong(&cause))?;
    let document = serde_json::to_value(&definition).expect("definitions are plain data");
    let id = format!("{}/{register}", caller.party);
    let change = Change { kind: Kind::Register, id, expected: Expected::Any, document: Some(document) };
    let (by, reason) = (caller.party.clone(), "definiția registrului".to_owned());
    let act = Act { by, clerk: clerk.clerk.clone(), reason, at: hub.clock.now() };
    match directory::change(&hub.db, &[change], &act).await {
        Ok(changed) => hub.replace_directory(changed.directory),
        Err(NotChanged::Faulty(error)) => return Err(wrong(&error.to_string())),
        Err(other) => return Err(refused(other)),
    }
    let held = hub.directory().register(&caller.party, &register);
    let held = held.ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    let status = if known { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(described(&held, &[]))))
}

fn wrong(cause: &str) -> Problem {
    Problem::of(&problems::INVALID_REGISTER).detail(
        format!("Definiția registrului nu poate fi folosită: {cause}"),
        format!("The definition of the register cannot be used: {cause}"),
    )
}
