//! `PUT /v1/registers/{register}`: an institution defines a register of its own, or changes its definition.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use hub_flow::authorization::to;
use hub_flow::directory::{self, DirectoryDocument, ImportDirectory, LoadError, Register};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::SmallBody;
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
    let mut written: Value = read(&body)?;
    let Some(members) = written.as_object_mut() else {
        return Err(wrong("o definiție este un obiect JSON"));
    };
    members.insert("party".to_owned(), json!(caller.party));
    members.insert("id".to_owned(), json!(register));
    let definition: Register = serde_json::from_value(written).map_err(|error| wrong(&error.to_string()))?;
    let hub = &app.hub;
    let known = hub.directory().register(&caller.party, &register).is_some_and(|held| held.version > 0);
    // Tried before it is written: a directory that does not hang together could not be loaded again.
    definition.usable().map_err(|cause| wrong(&cause))?;
    let document = DirectoryDocument { registers: vec![definition], ..DirectoryDocument::default() };
    hub.db.write(&Arc::new(ImportDirectory), (document, hub.clock.now())).await?;
    match directory::load(&hub.db).await {
        Ok(loaded) => hub.replace_directory(loaded),
        Err(LoadError::Database(error)) => return Err(error.into()),
        Err(LoadError::Directory(error)) => return Err(wrong(&error.to_string())),
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
