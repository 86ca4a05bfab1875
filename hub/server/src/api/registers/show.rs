//! `GET /v1/registers/{register}/{year}/{number}`: one entry with everything that happened to it.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::directory::{Register, Right, Versioned};
use hub_flow::registration::{self, Entry, EntryKey};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::problems;

use super::place::Place;

/// The entry: its particulars as they stand and as first recorded, its acts with old and new values, its ties both ways,
/// and what its digest and link are made of.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: May<to::RegistersRead>,
    State(app): State<App>,
    clerk: Clerk,
    place: Place,
) -> Result<Json<Value>, Problem> {
    let (_, key) = allowed(&app, (&caller, &clerk), place, Right::See)?;
    Ok(Json(described(&app, &found(&app, &key).await?).await?))
}

/// The register and the key of an entry in it, if the clerk's unit may do this there.
pub(super) fn allowed(
    app: &App,
    (caller, clerk): (&Caller, &Clerk),
    Place { register, year, number }: Place,
    right: Right,
) -> Result<(Versioned<Register>, EntryKey), Problem> {
    let held = clerk.may(app, caller, &register, right)?;
    Ok((held, EntryKey { party: caller.party.clone(), register, year, number }))
}

pub(super) async fn found(app: &App, key: &EntryKey) -> Result<Entry, Problem> {
    registration::find(&app.hub.db, key).await?.ok_or_else(|| {
        Problem::of(&problems::NOT_FOUND).detail(
            format!("Registrul {} nu are numărul {} în anul {}", key.register, key.number, key.year),
            format!("The register {} has no number {} in the year {}", key.register, key.number, key.year),
        )
    })
}

/// The entry as JSON.
pub(super) async fn described(app: &App, entry: &Entry) -> Result<Value, Problem> {
    let correspondent = match entry.state.particulars.correspondent {
        Some(id) => registration::correspondent(&app.hub.db, &entry.key.party, id).await?,
        None => None,
    };
    let mut told = json!({
        "register": entry.key.register,
        "year": entry.key.year,
        "number": entry.key.number,
        "shown": entry.shown,
        "date": entry.recorded_at.romanian_date(),
        "recorded_at": entry.recorded_at.to_utc(),
        "kind": entry.kind,
        "direction": entry.direction,
        "status": entry.state.status,
        "particulars": entry.state.particulars,
        "correspondent": correspondent,
        "person": entry.state.person,
        "pending": entry.state.pending,
        "pending_by": entry.state.pending_by,
        "author": entry.author,
        "message_id": entry.message,
        "delivery_id": entry.delivery,
        "counterpart": entry.counterpart,
        "counterpart_registration": entry.counterpart_registration,
        "ties": entry.ties,
        "tied": entry.tied,
        "acts": entry.acts,
        "link": entry.link.map(hex::encode),
    });
    if entry.state.acts > 0 {
        told["first_recorded"] = json!(entry.first);
    }
    if let Some((salt, document)) = &entry.recorded {
        told["digest_of"] = json!({"salt": hex::encode(salt), "document": document});
    }
    Ok(told)
}
