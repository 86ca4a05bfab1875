//! Persons are kept, changed and merged; every time a version says who and why.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hub_flow::authorization::to;
use hub_flow::persons::{
    ChangePerson, CreatePerson, Draft, MergePersons, Merging, NewPerson, PersonId, Revised, Shown,
};
use serde::Deserialize;
use serde_json::json;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::directory::entry::{answer, version};
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};

use super::draft::{Told, act, body, check, found, id, refused, sealed, wrong};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    person: Draft,
    #[serde(default)]
    identities: Vec<Told>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changed {
    person: Draft,
    #[serde(default)]
    add_identities: Vec<Told>,
    /// As they are shown: scheme and hint.
    #[serde(default)]
    remove_identities: Vec<Shown>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Merge {
    into: String,
    into_version: i64,
    reason: String,
}

/// Keeps a person; 409 where an identifier is that of another one of the institution.
///
/// # Errors
/// A problem document; then nothing is kept.
pub async fn create(
    may: May<to::PersonsChange>,
    clerk: Clerk,
    State(app): State<App>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let New { person: draft, identities, reason } = body(&bytes)?;
    let act = act(&app, &clerk, &reason)?;
    let mut broken = check(&app, &draft);
    let identities = sealed(&app, &may, (draft.kind, "/identities"), &identities);
    let identities = identities.unwrap_or_else(|found| {
        broken.extend(found);
        Vec::new()
    });
    if !broken.is_empty() {
        return Err(wrong(&broken));
    }
    let id = PersonId(app.hub.ids.uuid(act.at));
    let new = NewPerson { id, party: may.party.clone(), draft, identities, act };
    app.hub.db.write(&Arc::new(CreatePerson), new).await?.map_err(|why| refused(&why))?;
    now(&app, &may, id, StatusCode::CREATED).await
}

/// Changes the person of the version in `If-Match`. Identifiers that are not named stay.
///
/// # Errors
/// A problem document; then nothing is changed.
pub async fn change(
    may: May<to::PersonsChange>,
    (clerk, headers): (Clerk, HeaderMap),
    State(app): State<App>,
    Path(text): Path<String>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let (id, expected) = (id(&text)?, version(&headers)?);
    let Changed { person: draft, add_identities, remove_identities: removed, reason } = body(&bytes)?;
    let act = act(&app, &clerk, &reason)?;
    let mut broken = check(&app, &draft);
    let added = sealed(&app, &may, (draft.kind, "/add_identities"), &add_identities);
    let added = added.unwrap_or_else(|found| {
        broken.extend(found);
        Vec::new()
    });
    if !broken.is_empty() {
        return Err(wrong(&broken));
    }
    let revised = Revised { id, party: may.party.clone(), version: expected, draft, added, removed, act };
    app.hub.db.write(&Arc::new(ChangePerson), revised).await?.map_err(|why| refused(&why))?;
    now(&app, &may, id, StatusCode::OK).await
}

/// Merges the record of the version in `If-Match` into another: that one gets its identifiers, and both keep their history.
///
/// # Errors
/// A problem document; then nothing is changed.
pub async fn merge(
    may: May<to::PersonsChange>,
    (clerk, headers): (Clerk, HeaderMap),
    State(app): State<App>,
    Path(text): Path<String>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let from = (id(&text)?, version(&headers)?);
    let Merge { into, into_version, reason } = body(&bytes)?;
    let into = (id(&into)?, into_version);
    let act = act(&app, &clerk, &reason)?;
    if from.0 == into.0 {
        return Err(wrong(&[hub_flow::lookup::question::violation(
            "/into".to_owned(),
            "other",
            "O persoană nu se unește cu ea însăși; numiți cealaltă înregistrare",
            "A person is not merged into itself; name the other record",
        )]));
    }
    let merging = Merging { party: may.party.clone(), from, into, act };
    app.hub.db.write(&Arc::new(MergePersons), merging).await?.map_err(|why| refused(&why))?;
    now(&app, &may, into.0, StatusCode::OK).await
}

async fn now(app: &App, caller: &Caller, id: PersonId, status: StatusCode) -> Result<Response, Problem> {
    Ok(answer(status, &json!(found(app, caller, &id.to_string()).await?)))
}
