//! Persons as they are told: by id, by a piece of the name, by identifier, with their versions.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use hub_flow::authorization::to;
use hub_flow::lookup::question::violation;
use hub_flow::persons::{self, Identifier};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::directory::entry::answer;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody, Wanted};
use crate::problems;

use super::draft::{Told, body, found, id, wrong};

/// Which persons.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    q: Option<String>,
    after: Option<String>,
    limit: Option<i64>,
}

/// Persons by a piece of the name, in order of name, a page at a time: `next` is the `after` of the next page.
///
/// # Errors
/// A problem document.
pub async fn list(
    may: May<to::PersonsRead>,
    State(app): State<App>,
    Wanted(choice): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let limit = choice.limit.unwrap_or(50).clamp(1, 500);
    let after = match &choice.after {
        Some(after) => Some(found(&app, &may, after).await?),
        None => None,
    };
    let piece = choice.q.as_deref().unwrap_or_default();
    let mut items = persons::list(&app.hub.db, (&may.party, piece), after.as_ref(), limit + 1).await?;
    let most = usize::try_from(limit).expect("clamped above");
    let more = items.len() > most;
    items.truncate(most);
    let next = items.last().filter(|_| more).map(|last| last.id);
    Ok(Json(json!({"items": items, "next": next})))
}

/// The person who has an identifier, which is in the body so that no address and no log holds it.
///
/// # Errors
/// Nobody of the institution has it.
pub async fn find(
    may: May<to::PersonsRead>,
    State(app): State<App>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let Told { scheme, value } = body(&bytes)?;
    let identifier = Identifier::parse(scheme, &value).map_err(|_| {
        let rule = format!("format.{}", scheme.as_str());
        wrong(&[violation(
            "/value".to_owned(),
            &rule,
            "Identificatorul nu are forma schemei lui; verificați cifra de control",
            "The identifier does not have the form of its scheme; check the control digit",
        )])
    })?;
    let digest = app.hub.person_keys.digest(&may.party, &identifier);
    let person = persons::find(&app.hub.db, &may.party, (scheme, digest)).await?;
    let person = person.ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    Ok(answer(StatusCode::OK, &json!(person)))
}

/// One person, with its version as `ETag`.
///
/// # Errors
/// The institution has none of this id.
pub async fn show(
    may: May<to::PersonsRead>,
    State(app): State<App>,
    Path(text): Path<String>,
) -> Result<Response, Problem> {
    Ok(answer(StatusCode::OK, &json!(found(&app, &may, &text).await?)))
}

/// All versions of a person: what was written, by whom and why.
///
/// # Errors
/// The institution has none of this id.
pub async fn history(
    may: May<to::PersonsRead>,
    State(app): State<App>,
    Path(text): Path<String>,
) -> Result<Json<Value>, Problem> {
    let versions = persons::history(&app.hub.db, &may.party, id(&text)?).await?;
    if versions.is_empty() {
        return Err(Problem::of(&problems::NOT_FOUND));
    }
    Ok(Json(json!({"id": text, "versions": versions})))
}
