//! `/v1/batches/{id}/corrections.csv|xlsx`, `/v1/batches/{id}/again`: the refused rows go out with the reason, and come back
//! corrected. Only refused rows are ever sent again.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::Response;
use hub_flow::authorization::to;
use hub_flow::batches::{
    self, Batch, Change, Column, Correction, Kept, Opened, Row, RowState, Source, Taken, columns, headings,
};
use hub_register_files::LARGEST;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::batching;
use crate::problems;

use super::find_within;
use super::push::kept;
use super::show::described;
use super::templates::{as_file, written};

/// Rows read at once.
const PAGE: i64 = 500;
/// Corrections written in one transaction.
const WRITTEN: usize = 200;

/// The refused rows as CSV.
///
/// # Errors
/// A problem document.
pub async fn csv(
    caller: MayWithin<to::MessagesSend>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    file(&app, find_within(&app, caller, &id).await?.1, "csv").await
}

/// The refused rows as XLSX.
///
/// # Errors
/// A problem document.
pub async fn xlsx(
    caller: MayWithin<to::MessagesSend>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    file(&app, find_within(&app, caller, &id).await?.1, "xlsx").await
}

async fn file(app: &App, batch: Batch, form: &str) -> Result<Response, Problem> {
    let known = known(app, &batch)?;
    let mut rows = Vec::new();
    let mut after = 0;
    loop {
        let page = batches::rows(&app.hub.db, batch.id, (Some(RowState::Refused), after), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.row;
        rows.extend(page.iter().map(|row| line(&batch, row)));
    }
    let mut named = vec![format!("Rând [{}]", headings::ROW), format!("De ce a fost respins [{}]", headings::WHY)];
    named.extend(batch.columns.iter().map(|path| heading(&known, path)));
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let table = written(form, "Rânduri respinse", &named, rows).ok_or_else(|| Problem::of(&problems::NOT_FOUND))??;
    Ok(as_file(table, &format!("de-corectat-{}", batch.id), form))
}

fn known(app: &App, batch: &Batch) -> Result<Vec<Column>, Problem> {
    let version = batch.form.document_version.as_deref().unwrap_or_default();
    let kind = app.hub.catalogue.document_type(&batch.form.document_type, version);
    kind.map(columns::of).ok_or_else(|| Problem::of(&problems::UNKNOWN_DOCUMENT_TYPE))
}

/// The heading of a path, also of the third of several.
fn heading(known: &[Column], path: &str) -> String {
    let general = columns::general(path);
    let title = known.iter().find(|one| one.path == general).and_then(|one| one.heading.rsplit_once(" ["));
    title.map_or_else(|| path.to_owned(), |(title, _)| format!("{title} [{path}]"))
}

fn line(batch: &Batch, row: &Row) -> Vec<String> {
    let why = |one: &batches::Verdict| match one.heading.is_empty() {
        true => one.ro.clone(),
        false => format!("{}: {}", one.heading, one.ro),
    };
    let why: Vec<String> = row.verdicts.iter().filter(|one| one.refuses).map(why).collect();
    let mut line = vec![row.row.to_string(), why.join("; ")];
    let cells = match &row.source {
        Some(Source::Cells(cells)) => cells.clone(),
        Some(Source::Entry(name) | Source::Paper(name)) => BTreeMap::from([("@fisiere".to_owned(), name.clone())]),
        None => BTreeMap::new(),
    };
    line.extend(batch.columns.iter().map(|path| cells.get(path).cloned().unwrap_or_default()));
    line
}

/// Takes the corrected file: its refused rows are sent anew, all others are told how they stand. The body is the file.
///
/// # Errors
/// A problem document; nothing was taken.
pub async fn again(
    caller: MayWithin<to::MessagesSend>,
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    let (caller, batch) = find_within(&app, caller, &id).await?;
    let known = known(&app, &batch)?;
    if batch.columns.is_empty() {
        return Err(Problem::of(&problems::STATE_CONFLICT).detail(
            "Acest lot nu este un tabel: trimiteți fișierele corectate ca lot nou, numai pe cele respinse",
            "This push is no table: push the corrected files anew, those that were refused alone",
        ));
    }
    let body = axum::body::to_bytes(request.into_body(), LARGEST).await;
    let body = body.map_err(|_| Problem::too_large(LARGEST as u64))?;
    let read = tokio::task::spawn_blocking(move || match batching::opened(&body)? {
        Opened::Table(rows) => headings::read(&known, &rows),
        _ => Err(batches::FileFault::of(
            "Trimiteți fișierul de corectat ca CSV sau XLSX",
            "Send the file of corrections as CSV or XLSX",
        )),
    });
    let read = read.await.map_err(|error| hub_flow::db::DbError::Unavailable(error.to_string()))?;
    let table = read.map_err(|fault| Problem::of(&problems::REGISTER_FILE).detail(fault.ro, fault.en))?;
    if !table.numbered {
        return Err(Problem::of(&problems::REGISTER_FILE).detail(
            "Lipsește coloana Rând [@rand]; corectați fișierul descărcat și lăsați-i coloanele",
            "The column Rând [@rand] is missing; correct the downloaded file and leave its columns",
        ));
    }
    let mut columns = batch.columns.clone();
    columns.extend(table.paths.iter().filter(|path| !batch.columns.contains(path)).cloned());
    let rows: Vec<Correction> =
        table.rows.into_iter().map(|row| Correction { row: row.row, source: row.source }).collect();
    let mut told = Vec::with_capacity(rows.len());
    for part in rows.chunks(WRITTEN) {
        let change = Change::Correct(batch.id, part.to_vec(), columns.clone(), app.hub.clock.now());
        if let Kept::Corrected(taken) = kept(&app, change).await? {
            told.extend(part.iter().zip(taken).map(|(row, taken)| verdict(row.row, taken)));
        }
    }
    let batch = batches::find(&app.hub.db, &caller.party, batch.id).await?.unwrap_or(batch);
    Ok(Json(json!({"batch": described(&batch), "rows": told})))
}

fn verdict(row: i64, taken: Taken) -> Value {
    let (ro, en) = match taken {
        Taken::Waiting => ("se trimite din nou", "is sent again"),
        Taken::NotRefused(RowState::Sent | RowState::AlreadySent) => {
            ("a fost deja trimis și rămâne așa", "was sent before and stays so")
        }
        Taken::NotRefused(_) => ("este deja la trimis", "is under way"),
        Taken::Unknown => ("nu este în acest lot", "is not in this push"),
    };
    json!({"row": row, "taken": taken.as_str(), "ro": ro, "en": en})
}
