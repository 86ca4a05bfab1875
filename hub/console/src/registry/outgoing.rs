//! `/console/registers/{register}/{year}/file`: a register on paper or as a file. Whoever takes it says why: it is journaled.

use axum::extract::Path;
use axum::http::StatusCode;

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::page::{Answer, page, page_with};
use crate::visit::Visit;

/// Endings the API makes, with their words.
const FILES: [(&str, &str, &str); 3] = [
    ("print.pdf", "Registrul tipărit (PDF/A)", "The register on paper (PDF/A)"),
    ("entries.csv", "Fișier CSV", "CSV file"),
    ("entries.xlsx", "Fișier XLSX", "XLSX file"),
];

#[derive(askama::Template)]
#[template(path = "registry/outgoing.html")]
struct Page<'a> {
    v: &'a Visit,
    register: String,
    year: i64,
    files: [(&'static str, &'static str, &'static str); 3],
    filled: &'a Filled,
    fault: Option<Fault>,
}

/// Asks why, and which part.
///
/// # Errors
/// The institution has no such register.
pub async fn ask(visit: Visit, Path((register, year)): Path<(String, i64)>) -> Answer {
    visit.get(format!("/v1/registers/{}", piece(&register))).value().await?;
    page(&Page { v: &visit, register, year, files: FILES, filled: &Filled::default(), fault: None })
}

/// Passes the file on.
///
/// # Errors
/// The hub cannot answer; a refusal is shown above the form.
pub async fn pass(visit: Visit, Path((register, year)): Path<(String, i64)>, filled: Filled) -> Answer {
    let known = FILES.iter().find(|(file, ..)| *file == filled.get("file"));
    let file = known.map_or(FILES[0].0, |(file, ..)| file);
    let wanted =
        ["from", "to", "since", "until", "volume"].into_iter().filter_map(|name| Some((name, filled.some(name)?)));
    let query: Vec<String> = wanted.map(|(name, value)| format!("{name}={}", piece(value))).collect();
    let path = format!("/v1/registers/{}/{year}/{file}?{}", piece(&register), query.join("&"));
    match visit.get(path).why(filled.get("purpose"), filled.get("legal_basis")).passed().await {
        Ok(answer) => Ok(answer),
        Err(fault) if fault.status == StatusCode::NOT_FOUND => Err(fault),
        Err(fault) => Ok(page_with(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Page { v: &visit, register, year, files: FILES, filled: &filled, fault: Some(fault) },
        )),
    }
}
