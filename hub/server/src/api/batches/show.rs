//! `GET /v1/batches`, `/v1/batches/{id}`, `/v1/batches/{id}/rows`: what became of pushes and of each of their rows.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::{Scope, to};
use hub_flow::batches::{self, Batch, BatchState, Row, RowState, Source};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::MayWithin;
use crate::api::messages::receive::malformed;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};

use super::find_within;

/// Which pushes.
#[derive(Deserialize)]
pub struct Choice {
    after: Option<String>,
    limit: Option<i64>,
}

/// The institution's pushes, the newest first, a page at a time.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: MayWithin<to::MessagesRead>,
    State(app): State<App>,
    Wanted(choice): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let limit = choice.limit.unwrap_or(50).clamp(1, 200);
    let after = choice
        .after
        .map(|text| text.parse())
        .transpose()
        .map_err(|_| malformed("after este next din pagina dinainte", "after is the next of the page before"))?;
    let found = batches::list(&app.hub.db, caller.party(), (after, None), limit).await?;
    let next = found.last().filter(|_| found.len() as i64 == limit).map(|last| last.id.to_string());
    let held =
        |batch: &&Batch| caller.holds(Scope { document_type: Some(&batch.form.document_type), ..Scope::default() });
    let items: Vec<Value> = found.iter().filter(held).map(described).collect();
    Ok(Json(json!({"items": items, "next": next})))
}

/// A push.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: MayWithin<to::MessagesRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (_, batch) = find_within(&app, caller, &id).await?;
    Ok(Json(described(&batch)))
}

/// Which rows.
#[derive(Deserialize)]
pub struct RowChoice {
    state: Option<String>,
    after: Option<i64>,
    limit: Option<i64>,
}

/// The rows of a push with their verdicts, in their order, a page at a time; nothing of what stands in their cells.
///
/// # Errors
/// A problem document.
pub async fn rows(
    caller: MayWithin<to::MessagesRead>,
    State(app): State<App>,
    Path(id): Path<String>,
    Wanted(choice): Wanted<RowChoice>,
) -> Result<Json<Value>, Problem> {
    let (_, batch) = find_within(&app, caller, &id).await?;
    let state = choice.state.as_deref().map(|word| RowState::parse(word).ok_or(())).transpose().map_err(|()| {
        malformed(
            "state poate fi waiting, sent, refused sau already_sent",
            "state may be waiting, sent, refused or already_sent",
        )
    })?;
    let limit = choice.limit.unwrap_or(100).clamp(1, 500);
    let found = batches::rows(&app.hub.db, batch.id, (state, choice.after.unwrap_or(0)), limit).await?;
    let next = found.last().filter(|_| found.len() as i64 == limit).map(|last| last.row);
    let key = &app.hub.journal_key;
    let items: Vec<Value> = found
        .iter()
        .map(|row| {
            let mut told = row_told(row);
            told["tracking"] =
                row.message.filter(|_| row.state == RowState::Sent).map(|id| hub_flow::tracking::of(key, id)).into();
            told
        })
        .collect();
    Ok(Json(json!({"batch_id": batch.id.to_string(), "rows": items, "next": next})))
}

pub(super) fn described(batch: &Batch) -> Value {
    let (ro, en) = in_words(batch.state);
    let at = format!("/v1/batches/{}", batch.id);
    json!({
        "batch_id": batch.id.to_string(),
        "state": batch.state.as_str(),
        "state_ro": ro,
        "state_en": en,
        "problem": batch.fault,
        "name": batch.form.name,
        "document_type": batch.form.document_type,
        "document_version": batch.form.document_version,
        "sender": batch.sender,
        "pushed_by": batch.author,
        "pushed_at": batch.at.to_utc(),
        "changed_at": batch.changed_at.to_utc(),
        "counts": batch.counts,
        "file_sha256": hex::encode(batch.file_sha256),
        "correctable": !batch.columns.is_empty(),
        "links": {"self": at, "rows": format!("{at}/rows"), "corrections": format!("{at}/corrections.xlsx")},
    })
}

const fn in_words(state: BatchState) -> (&'static str, &'static str) {
    match state {
        BatchState::Arriving => ("sosește", "arriving"),
        BatchState::Reading => ("se citește", "being read"),
        BatchState::Sending => ("se trimite", "being sent"),
        BatchState::Done => ("încheiat", "done"),
        BatchState::Refused => ("fișier respins", "file refused"),
    }
}

fn row_told(row: &Row) -> Value {
    let (ro, en) = match row.state {
        RowState::Waiting => ("așteaptă", "waiting"),
        RowState::Sent => ("trimis", "sent"),
        RowState::Refused => ("respins", "refused"),
        RowState::AlreadySent => ("trimis deja", "sent before"),
    };
    let file = match &row.source {
        Some(Source::Entry(name) | Source::Paper(name)) => Some(name),
        _ => None,
    };
    json!({
        "row": row.row,
        "state": row.state.as_str(),
        "state_ro": ro,
        "state_en": en,
        "message_id": row.message,
        "registration": row.registration,
        "verdicts": row.verdicts,
        "file": file,
        "again": row.again,
    })
}
