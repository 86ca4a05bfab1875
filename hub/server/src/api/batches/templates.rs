//! `GET /v1/batches/templates/{document_type}.csv|xlsx|json`: the table of a document type, with its headings and hints.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::to;
use hub_flow::batches::{Column, columns};
use hub_register_files::TableWriter;
use schemas::DocumentType;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::problems;

/// The template; as JSON, what each column means.
///
/// # Errors
/// A problem document.
pub async fn template(
    _: MayWithin<to::MessagesSend>,
    State(app): State<App>,
    Path(file): Path<String>,
) -> Result<Response, Problem> {
    let missing = || {
        Problem::of(&problems::NOT_FOUND).detail(
            "Cereți <tip de document>.csv, .xlsx sau .json, cu un tip din /v1/document-types",
            "Ask for <document type>.csv, .xlsx or .json, with a type of /v1/document-types",
        )
    };
    let (name, form) = file.rsplit_once('.').ok_or_else(missing)?;
    let kind = app.hub.catalogue.document_types().filter(|one| one.name() == name).last().ok_or_else(missing)?;
    let columns = columns::of(kind);
    if form == "json" {
        return Ok(Json(told(kind, &columns)).into_response());
    }
    let headings: Vec<&str> = columns.iter().map(|one| one.heading.as_str()).collect();
    // The hints are marked, so that they are never sent.
    let hints: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(place, one)| if place == 0 { format!("# {}", one.hint) } else { one.hint.clone() })
        .collect();
    let table = written(form, &kind.title().ro, &headings, [hints]).ok_or_else(missing)??;
    Ok(as_file(table, &format!("sablon-{name}"), form))
}

/// A table as a file of one of the two kinds; nothing for another kind.
pub(super) fn written(
    form: &str,
    sheet: &str,
    headings: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Option<std::io::Result<Vec<u8>>> {
    let table = match form {
        "csv" => Ok(TableWriter::csv(headings)),
        "xlsx" => TableWriter::xlsx(sheet, headings),
        _ => return None,
    };
    Some(table.and_then(|mut table| {
        rows.into_iter().try_for_each(|row| table.row(&row))?;
        table.finish()
    }))
}

pub(super) fn as_file(bytes: Vec<u8>, name: &str, form: &str) -> Response {
    let media_type = match form {
        "csv" => "text/csv; charset=utf-8",
        _ => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{form}\"")),
    ];
    (headers, bytes).into_response()
}

fn told(kind: &DocumentType, columns: &[Column]) -> Value {
    let column = |one: &Column| {
        json!({
            "path": one.path, "heading": one.heading, "hint": one.hint, "hint_en": one.hint_en,
            "required": one.required, "example": one.example,
        })
    };
    json!({
        "document_type": kind.name(),
        "document_version": kind.version(),
        "title": kind.title().ro,
        "title_en": kind.title().en,
        "purposes": kind.purposes(),
        "columns": columns.iter().map(column).collect::<Vec<_>>(),
    })
}
