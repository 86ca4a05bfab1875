//! `POST /v1/nomenclatures/{list}`: a new version of a list by file, with a complaint about each row that is wrong.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use hub_flow::authorization::to;
use hub_flow::directory::Places;
use hub_flow::nomenclatures::{self, ImportNomenclature, NewVersion, NotImported, Read};
use hub_register_files::{LARGEST, csv_rows};
use jiff::civil::Date;
use openssl::sha::sha256;
use schemas::code_lists::CodeListError;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::directory::entry::act;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;

/// Most rows of a list: SIRUTA has 16,978, the streets of a county some thousands.
const MOST: usize = 100_000;

/// Which version, from where.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    version: String,
    source: String,
    reason: String,
    #[serde(default)]
    dry_run: bool,
}

/// Keeps a version; 201 when it is new, 200 when it was there already or was only tried.
///
/// # Errors
/// A problem document: rows are wrong, or another version begins on the day; then nothing is kept.
pub async fn import(
    may: May<to::NomenclaturesChange>,
    clerk: Clerk,
    State(app): State<App>,
    (Path(list), Wanted(choice)): (Path<String>, Wanted<Choice>),
    request: Request,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let by = act(&app, (&may, &clerk), &choice.reason)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(2..=40).contains(&list.len()) || !list.bytes().all(plain) {
        return Err(wrong(
            "numele listei are 2 până la 40 de litere mici, cifre și cratime",
            "a list's name has 2 to 40 small letters, digits and hyphens",
        ));
    }
    let version: Date = choice.version.parse().map_err(|_| {
        wrong("version este prima zi în vigoare, ca 2026-01-01", "version is the first day in force, as 2026-01-01")
    })?;
    if !(3..=300).contains(&choice.source.trim().chars().count()) {
        return Err(wrong("source spune de unde este fișierul", "source says where the file is from"));
    }
    let bytes = axum::body::to_bytes(request.into_body(), LARGEST).await;
    let bytes = bytes.map_err(|_| Problem::too_large(LARGEST as u64))?;
    let Read { entries, complaints } = parsed(&app, &list, &bytes).await?;
    let refused = complaints.iter().any(|one| one.refuses);
    let (read, warnings) = (entries.len(), complaints.len());
    if refused || entries.is_empty() || choice.dry_run {
        let told = json!({"kept": false, "rows": read, "complaints": &complaints[..warnings.min(1_000)]});
        if choice.dry_run {
            return Ok((StatusCode::OK, Json(told)));
        }
        return Err(wrong("corectați rândurile din complaints", "correct the rows in complaints").with("report", told));
    }
    let faulty = |error: CodeListError| wrong(&error.to_string(), &error.to_string());
    let merged = nomenclatures::with(&app.hub.code_lists(), (&list, &choice.version), &entries).map_err(faulty)?;
    let new = NewVersion {
        list: list.clone(),
        version: version.to_string(),
        source: choice.source.trim().to_owned(),
        sha256: sha256(&bytes),
        entries,
        by: by.by,
        clerk: by.clerk,
        reason: by.reason,
        at: by.at,
    };
    let kept = app.hub.db.write(&Arc::new(ImportNomenclature), new).await?;
    let fresh = kept.map_err(|NotImported::Exists| {
        Problem::of(&problems::ALREADY_EXISTS).detail(
            "Altă versiune a listei începe în aceeași zi; o versiune nu se schimbă: alegeți altă zi",
            "Another version of the list begins on the same day; a version is never changed: choose another day",
        )
    })?;
    // What comes in from now on is checked against it, here at once and on other nodes within a second or two.
    app.hub.replace_code_lists(merged);
    let status = if fresh { StatusCode::CREATED } else { StatusCode::OK };
    let told = json!({"kept": true, "new": fresh, "list": list, "version": version, "rows": read,
        "complaints": &complaints[..warnings.min(1_000)]});
    Ok((status, Json(told)))
}

/// The rows of the file. Parents that are in no list of the file are looked up in the newest SIRUTA.
async fn parsed(app: &App, list: &str, bytes: &[u8]) -> Result<Read, Problem> {
    let rows = csv_rows(bytes, MOST).map_err(|error| wrong(&error.to_string(), &error.to_string()))?;
    let newest = nomenclatures::versions(&app.hub.db, Some("siruta")).await?.pop();
    let imported = match newest.filter(|_| list != "siruta") {
        Some((_, version)) => nomenclatures::codes(&app.hub.db, "siruta", &version.version).await?,
        None => Vec::new(),
    };
    let imported: std::collections::HashSet<String> = imported.into_iter().collect();
    let lists = app.hub.code_lists();
    let places = Places::on(&lists, app.hub.clock.now().romanian_date());
    Ok(nomenclatures::read(list, rows, |code| imported.contains(code) || places.contains(code)))
}

fn wrong(ro: &str, en: &str) -> Problem {
    Problem::of(&problems::INVALID_NOMENCLATURE)
        .detail(format!("Nomenclatorul nu a fost preluat: {ro}"), format!("The nomenclature was not taken: {en}"))
}
