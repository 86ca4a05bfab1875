//! `POST`, `PUT` and `…/withdraw`: those who run the hub change the directory.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hub_flow::authorization::to;
use hub_flow::directory::{Change, Expected, Kind};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};
use crate::problems;

use super::entry::{Said, Written, act, answer, body, checked, kind, make, of_id, put, refused, told, version};

/// Makes an entry; 201 with its version.
///
/// # Errors
/// A problem document; then nothing is changed.
pub async fn create(
    may: May<to::DirectoryChange>,
    clerk: Clerk,
    State(app): State<App>,
    Path(word): Path<String>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let of = changeable(&word)?;
    let Written { entry, reason } = body(&bytes)?;
    let act = act(&app, (&may, &clerk), &reason)?;
    let entry = checked(&app, of, entry)?;
    let id = entry.id.clone();
    make(&app, &[put(entry, Expected::New)], &act).await?;
    now(&app, &may, (of, &id), StatusCode::CREATED)
}

/// Changes an entry of the version in `If-Match`.
///
/// # Errors
/// A problem document; then nothing is changed.
pub async fn change(
    may: May<to::DirectoryChange>,
    (clerk, headers): (Clerk, HeaderMap),
    State(app): State<App>,
    Path((word, id)): Path<(String, String)>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let of = changeable(&word)?;
    let expected = version(&headers)?;
    let Written { entry, reason } = body(&bytes)?;
    let act = act(&app, (&may, &clerk), &reason)?;
    let mut entry = of_id(entry, &id);
    if let Some(fields) = entry.as_object_mut() {
        // The key is never shown, so that what was read and is sent back does not have it.
        let directory = app.hub.directory();
        let held = directory.ledger().get(of, &id).and_then(|held| held.document.as_ref());
        if let (Kind::System, Some(held)) = (of, held) {
            fields.entry("key_sha256").or_insert_with(|| held["key_sha256"].clone());
        }
    }
    let entry = checked(&app, of, entry)?;
    make(&app, &[put(entry, Expected::Version(expected))], &act).await?;
    now(&app, &may, (of, &id), StatusCode::OK)
}

/// Takes an entry of the version in `If-Match` out of force.
///
/// # Errors
/// A problem document; also where others name the entry.
pub async fn withdraw(
    may: May<to::DirectoryChange>,
    (clerk, headers): (Clerk, HeaderMap),
    State(app): State<App>,
    Path((word, id)): Path<(String, String)>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let kind = changeable(&word)?;
    let expected = Expected::Version(version(&headers)?);
    let Said { reason } = body(&bytes)?;
    let act = act(&app, (&may, &clerk), &reason)?;
    make(&app, &[Change { kind, id: id.clone(), expected, document: None }], &act).await?;
    now(&app, &may, (kind, &id), StatusCode::OK)
}

/// The kinds that are changed here: agreements have a course of their own.
fn changeable(word: &str) -> Result<Kind, Problem> {
    match kind(word)? {
        Kind::Agreement => Err(Problem::of(&problems::METHOD_NOT_ALLOWED).detail(
            "Acordurile se propun și se aprobă la /v1/agreements",
            "Agreements are proposed and approved at /v1/agreements",
        )),
        kind => Ok(kind),
    }
}

/// The entry as it stands now.
fn now(app: &App, caller: &Caller, (kind, id): (Kind, &str), status: StatusCode) -> Result<Response, Problem> {
    let directory = app.hub.directory();
    let missing = || refused(hub_flow::directory::NotChanged::Missing { kind, id: id.to_owned() });
    let held = directory.ledger().get(kind, id).ok_or_else(missing)?;
    Ok(answer(status, &told(caller, kind, id, held)))
}
