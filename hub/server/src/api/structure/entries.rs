//! The entries of an institution's structure, written by itself; versions, history and refusals as in the directory.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hub_flow::authorization::to;
use hub_flow::directory::{Change, Expected, Held, Kind, Wanted as Filter};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::directory::entry::{Said, Written, act, answer, body, checked, make, of_id, put, told, version};
use crate::api::directory::show::versions;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody, Wanted};
use crate::problems;

/// Which entries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    q: Option<String>,
    unit: Option<String>,
    person: Option<String>,
    post: Option<String>,
}

/// The entries of a kind in force, in order of id.
///
/// # Errors
/// A problem document.
pub async fn list(
    may: May<to::StructureRead>,
    State(app): State<App>,
    Path(word): Path<String>,
    Wanted(choice): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let kind = kind(&word)?;
    let named = [("unit", &choice.unit), ("person", &choice.person), ("post", &choice.post)];
    let mut fields: Vec<_> = named.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect();
    fields.push(("party", &may.party));
    let filter = Filter { text: choice.q.as_deref(), fields, withdrawn: false, after: None };
    let directory = app.hub.directory();
    let item = |(id, held): (&String, &Held)| own_words(&may, told(&may, kind, id, held));
    let items: Vec<Value> = directory.ledger().search(kind, &filter).map(item).collect();
    Ok(Json(json!({"items": items})))
}

/// One entry, with its version as `ETag`.
///
/// # Errors
/// The institution has none of this id.
pub async fn show(
    may: May<to::StructureRead>,
    State(app): State<App>,
    Path((word, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (kind, stored) = own(&app, &may, &word, &id)?;
    let directory = app.hub.directory();
    let held = directory.ledger().get(kind, &stored).ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    Ok(answer(StatusCode::OK, &own_words(&may, told(&may, kind, &stored, held))))
}

/// All versions, the newest first.
///
/// # Errors
/// The institution has none of this id.
pub async fn history(
    may: May<to::StructureRead>,
    State(app): State<App>,
    Path((word, id)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let kind = kind(&word)?;
    versions(&app, &may, kind, &stored(kind, &may, &id)).await
}

/// Makes an entry.
///
/// # Errors
/// A problem document; then nothing is changed.
pub async fn create(
    may: May<to::StructureChange>,
    clerk: Clerk,
    State(app): State<App>,
    Path(word): Path<String>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let kind = kind(&word)?;
    let Written { entry, reason } = body(&bytes)?;
    let act = act(&app, (&may, &clerk), &reason)?;
    let entry = checked(&app, kind, of_party(&may, entry))?;
    let stored = entry.id.clone();
    make(&app, &[put(entry, Expected::New)], &act).await?;
    now(&app, &may, (kind, &stored), StatusCode::CREATED)
}

/// Changes an entry of the version in `If-Match`.
///
/// # Errors
/// A problem document; then nothing is changed.
pub async fn change(
    may: May<to::StructureChange>,
    (clerk, headers): (Clerk, HeaderMap),
    State(app): State<App>,
    Path((word, id)): Path<(String, String)>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let (kind, stored) = own(&app, &may, &word, &id)?;
    let expected = version(&headers)?;
    let Written { entry, reason } = body(&bytes)?;
    let act = act(&app, (&may, &clerk), &reason)?;
    let entry = checked(&app, kind, of_party(&may, of_id(entry, &id)))?;
    make(&app, &[put(entry, Expected::Version(expected))], &act).await?;
    now(&app, &may, (kind, &stored), StatusCode::OK)
}

/// Takes an entry of the version in `If-Match` out of force.
///
/// # Errors
/// A problem document; also where others name the entry.
pub async fn withdraw(
    may: May<to::StructureChange>,
    (clerk, headers): (Clerk, HeaderMap),
    State(app): State<App>,
    Path((word, id)): Path<(String, String)>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let (kind, stored) = own(&app, &may, &word, &id)?;
    let expected = Expected::Version(version(&headers)?);
    let Said { reason } = body(&bytes)?;
    let act = act(&app, (&may, &clerk), &reason)?;
    make(&app, &[Change { kind, id: stored.clone(), expected, document: None }], &act).await?;
    now(&app, &may, (kind, &stored), StatusCode::OK)
}

pub(super) fn kind(word: &str) -> Result<Kind, Problem> {
    let inner = [Kind::Unit, Kind::Post, Kind::Staff, Kind::Delegation, Kind::Competence];
    Kind::of_plural(word).filter(|kind| inner.contains(kind)).ok_or_else(|| {
        let kinds = "units, posts, staff, delegations, competences";
        Problem::of(&problems::NOT_FOUND).detail(format!("Structura are: {kinds}"), format!("A structure has: {kinds}"))
    })
}

/// The entry as it stands now.
fn now(app: &App, caller: &Caller, (kind, stored): (Kind, &str), status: StatusCode) -> Result<Response, Problem> {
    let directory = app.hub.directory();
    let held = directory.ledger().get(kind, stored).ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    Ok(answer(status, &own_words(caller, told(caller, kind, stored, held))))
}

fn stored(kind: Kind, caller: &Caller, id: &str) -> String {
    if kind.is_within_party() { format!("{}/{id}", caller.party) } else { id.to_owned() }
}

/// The kind and stored id of an entry in force of the caller's institution.
fn own(app: &App, caller: &Caller, word: &str, id: &str) -> Result<(Kind, String), Problem> {
    let kind = kind(word)?;
    let stored = stored(kind, caller, id);
    let directory = app.hub.directory();
    let held = directory.ledger().get(kind, &stored).and_then(|held| held.document.as_ref());
    let own = held.is_some_and(|document| document["party"].as_str() == Some(caller.party.as_str()));
    if own { Ok((kind, stored)) } else { Err(Problem::of(&problems::NOT_FOUND)) }
}

/// Whose entry it is, is not the caller's to say.
pub(super) fn of_party(caller: &Caller, mut written: Value) -> Value {
    if let Some(fields) = written.as_object_mut() {
        fields.insert("party".to_owned(), json!(caller.party));
    }
    written
}

/// The id as the institution knows it, without its own before it.
pub(super) fn own_words(caller: &Caller, mut told: Value) -> Value {
    let id = told["id"].as_str().and_then(|id| id.strip_prefix(&format!("{}/", caller.party))).map(str::to_owned);
    if let Some(id) = id {
        told["id"] = id.into();
    }
    told
}
