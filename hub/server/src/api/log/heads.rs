//! `/v1/log/checkpoint`, `/v1/log/heads`: the signed heads of the log and their time-stamps.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_flow::db::{Db, DbError};
use hub_flow::log::{self, Head, Stamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;

/// Heads in one answer.
const PAGE: u32 = 100;

/// Where a list begins.
#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    after: u64,
}

/// `GET /v1/log/checkpoint`: the newest head as a signed note, with what witnesses signed (C2SP tlog-checkpoint).
///
/// # Errors
/// There is no head yet, or the database does not answer.
pub async fn checkpoint(State(app): State<App>) -> Result<Response, Problem> {
    let head = log::newest_head(&app.hub.db).await?.ok_or_else(empty)?;
    let note = log::with_cosignatures(&app.hub.db, &head).await?;
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, note).into_response())
}

/// `GET /v1/log/heads?after=SIZE`: heads above a size, smallest first, a page at a time.
///
/// # Errors
/// The database does not answer.
pub async fn list(State(app): State<App>, Wanted(After { after }): Wanted<After>) -> Result<Json<Value>, Problem> {
    let mut heads = Vec::new();
    for head in log::heads_after(&app.hub.db, after, PAGE).await? {
        heads.push(described(&app.hub.db, &head).await?);
    }
    let next = heads.last().filter(|_| heads.len() == PAGE as usize).map(|head| head["size"].clone());
    Ok(Json(json!({"heads": heads, "next_after": next})))
}

/// `GET /v1/log/heads/{size}`: one head.
///
/// # Errors
/// There is no head of this size.
pub async fn show(State(app): State<App>, Path(size): Path<String>) -> Result<Json<Value>, Problem> {
    let head = log::head(&app.hub.db, parsed(&size)?).await?.ok_or_else(missing)?;
    Ok(Json(described(&app.hub.db, &head).await?))
}

/// `GET /v1/log/heads/{size}/stamp`: the RFC 3161 token over the signed text of the head, DER.
///
/// # Errors
/// There is no head of this size, or it has no stamp of its own.
pub async fn stamp(State(app): State<App>, Path(size): Path<String>) -> Result<Response, Problem> {
    let stamp = log::stamp(&app.hub.db, parsed(&size)?).await?.ok_or_else(missing)?;
    let name = format!("attachment; filename=\"{}.tst\"", stamp.size);
    let kind = "application/vnd.etsi.timestamp-token".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], stamp.token).into_response())
}

pub(super) async fn described(db: &Db, head: &Head) -> Result<Value, DbError> {
    let stamp = log::stamp(db, head.size).await?;
    Ok(json!({
        "size": head.size,
        "root": BASE64.encode(head.root),
        "made_at": head.made_at.to_utc(),
        "checkpoint": log::with_cosignatures(db, head).await?,
        "stamp": stamp.as_ref().map(described_stamp),
    }))
}

pub(super) fn described_stamp(stamp: &Stamp) -> Value {
    json!({
        "size": stamp.size,
        "stamped_at": stamp.at.to_utc(),
        "authority": stamp.authority,
        "href": format!("/v1/log/heads/{}/stamp", stamp.size),
    })
}

fn parsed(size: &str) -> Result<u64, Problem> {
    size.parse().map_err(|_| missing())
}

fn missing() -> Problem {
    Problem::of(&problems::NOT_FOUND)
}

fn empty() -> Problem {
    missing().detail("Jurnalul nu are încă niciun cap", "The log has no head yet")
}
