//! The structure as tables: `GET /v1/structure/export` and `POST /v1/structure/import`, one kind in one CSV file, with a verdict
//! on each row. Persons are in them by the institution's pseudonym and the name shown, never by CNP.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::to;
use hub_flow::directory::{Importing, Kind};
use serde::Deserialize;
use serde_json::Value;

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::directory::entry::act;
use crate::api::directory::import::{of_csv, take};
use crate::api::directory::table;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{SmallBody, Wanted};

use super::entries::{kind, of_party, own_words};

/// Which table is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// units, posts, staff, delegations or competences.
    kind: String,
}

/// How a table is taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// units, posts, staff, delegations or competences.
    kind: String,
    #[serde(default)]
    dry_run: bool,
    reason: String,
}

/// The entries of a kind in force, as a table that can be imported again.
///
/// # Errors
/// A structure has no such kind.
pub async fn export(
    may: May<to::StructureRead>,
    State(app): State<App>,
    Wanted(table): Wanted<Table>,
) -> Result<Response, Problem> {
    let wanted = kind(&table.kind)?;
    let directory = app.hub.directory();
    let documents = directory.ledger().all().filter(|(kind, ..)| *kind == wanted);
    let documents = documents.filter_map(|(_, _, held)| held.document.as_ref());
    let own = documents.filter(|document| document["party"].as_str() == Some(may.party.as_str()));
    let rows: Vec<Value> = own.map(without_party).collect();
    let disposition = format!("attachment; filename=\"{}.csv\"", wanted.plural());
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, table::write(rows.iter())).into_response())
}

/// Takes all rows or none; `dry_run` only tells. 200 with a verdict on each, also where nothing was taken. What is in force
/// and not in the file stays.
///
/// # Errors
/// A problem document: the file cannot be read at all.
pub async fn import(
    may: May<to::StructureChange>,
    clerk: Clerk,
    State(app): State<App>,
    Wanted(choice): Wanted<Choice>,
    SmallBody(bytes): SmallBody,
) -> Result<Json<Value>, Problem> {
    let kind: Kind = kind(&choice.kind)?;
    let act = act(&app, (&may, &clerk), &choice.reason)?;
    let rows = of_csv(&bytes, kind, |written| of_party(&may, written))?;
    let how = Importing { withdraw_missing: false, dry_run: choice.dry_run };
    let mut told = take(&app, &act, rows, how).await?;
    for row in told["rows"].as_array_mut().into_iter().flatten() {
        *row = own_words(&may, row.take());
    }
    Ok(Json(told))
}

fn without_party(document: &Value) -> Value {
    let mut row = document.clone();
    if let Some(fields) = row.as_object_mut() {
        fields.remove("party");
    }
    row
}
