//! `GET /v1/directory/{kind}/{id}` and `…/history`: an entry as it stands, and all its versions.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use hub_flow::authorization::to;
use hub_flow::directory::{self, Former, Kind};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::problems;

use super::entry::{answer, kind, shown, told, visible};

/// The entry, with its version as `ETag`.
///
/// # Errors
/// There is none, or not for this caller.
pub async fn show(
    may: May<to::DirectoryRead>,
    State(app): State<App>,
    Path((word, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let of = kind(&word)?;
    let directory = app.hub.directory();
    let held = directory.ledger().get(of, &id).ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    let seen = held.document.as_ref().map_or(may.operator, |document| visible(&app, &directory, &may, (of, document)));
    if !seen {
        return Err(Problem::of(&problems::NOT_FOUND));
    }
    Ok(answer(StatusCode::OK, &told(&may, of, &id, held)))
}

/// All versions, the newest first: what each said, when, by whom and why.
///
/// # Errors
/// There is none, or not for this caller.
pub async fn history(
    may: May<to::DirectoryRead>,
    State(app): State<App>,
    Path((word, id)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    versions(&app, &may, kind(&word)?, &id).await
}

/// The versions of an entry that the caller may see by its newest contents.
pub(crate) async fn versions(app: &App, caller: &Caller, kind: Kind, id: &str) -> Result<Json<Value>, Problem> {
    let versions = directory::history(&app.hub.db, kind, id).await?;
    let snapshot = app.hub.directory();
    let newest = versions.iter().find_map(|version| version.document.as_ref());
    let seen = newest.is_some_and(|document| visible(app, &snapshot, caller, (kind, document)));
    if !seen {
        return Err(Problem::of(&problems::NOT_FOUND));
    }
    let told = |one: &Former| {
        json!({
            "version": one.version,
            "state": if one.document.is_some() { "in_force" } else { "withdrawn" },
            "entry": one.document.as_ref().map(|document| shown(caller, kind, document)),
            "recorded_at": one.recorded_at,
            "by": one.by,
            "clerk": one.clerk,
            "reason": one.reason,
        })
    };
    Ok(Json(json!({"kind": kind.as_str(), "id": id, "versions": versions.iter().map(told).collect::<Vec<_>>()})))
}
