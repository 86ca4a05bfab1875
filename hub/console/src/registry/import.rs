//! `/console/registers/{register}/import`: a register kept before the hub, from its file: the template, verdicts by row and
//! column, and taking over all rows or the good ones.

use axum::extract::Path;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::page::{Answer, page_with};
use crate::visit::Visit;

use super::reading::{listed, text};

/// Most bytes of a file that the page keeps between the check and the take-over; a larger one is chosen again.
const KEPT: usize = 4 * 1024 * 1024;
/// Rows shown with their verdict; wrong ones first.
const SHOWN: usize = 500;

/// What is done with the file: value of `mode` at the API, Romanian, English.
const MODES: [(&str, &str, &str); 3] = [
    ("dry", "Doar verifică, fără să preia nimic", "Only check, and take nothing over"),
    (
        "all-or-nothing",
        "Preia tot, sau nimic dacă un rând este greșit",
        "Take all over, or nothing where a row is wrong",
    ),
    (
        "good-rows",
        "Preia rândurile bune și arată-le pe cele greșite",
        "Take the good rows over and show the wrong ones",
    ),
];

/// A row with its verdict.
struct Judged {
    row: String,
    number: String,
    verdict: (&'static str, &'static str),
    tone: &'static str,
    /// Column, what is wrong with it, way out.
    errors: Vec<(String, String, String)>,
}

#[derive(askama::Template)]
#[template(path = "registry/import.html")]
struct Page<'a> {
    v: &'a Visit,
    register: &'a str,
    year: String,
    mode: &'a str,
    modes: [(&'static str, &'static str, &'static str); 3],
    /// Name of the file, and the file where it is kept for the next step.
    file: String,
    kept: String,
    /// How many rows have which verdict, once a file was read.
    counts: Vec<(String, String)>,
    others: String,
    rows: Vec<Judged>,
    all: usize,
    taken: bool,
    fault: Option<Fault>,
}

impl<'a> Page<'a> {
    /// Whether the file has more rows than are shown.
    fn cut(&self) -> bool {
        self.rows.len() < self.all
    }

    fn of(visit: &'a Visit, register: &'a str) -> Self {
        let last = i64::from(crate::moment::today(visit.desk.hub.now()).year()) - 1;
        Page {
            v: visit,
            register,
            year: last.to_string(),
            mode: MODES[0].0,
            modes: MODES,
            file: String::new(),
            kept: String::new(),
            counts: Vec::new(),
            others: String::new(),
            rows: Vec::new(),
            all: 0,
            taken: false,
            fault: None,
        }
    }

    fn chosen(&self, mode: &str) -> bool {
        self.mode == mode
    }

    /// What was read of the file: `counts`, `rows` and columns the hub does not know, of an answer or of a refusal.
    fn read(&mut self, told: &Value) {
        let names = [("taken", "preluate", "taken over"), ("again", "preluate mai demult", "taken before")];
        let names = names.into_iter().chain([("waiting", "bune", "good"), ("refused", "greșite", "wrong")]);
        self.counts = names
            .filter(|(name, ..)| told["counts"][*name].as_i64().is_some_and(|count| count > 0))
            .map(|(name, ro, en)| (text(&told["counts"], name), self.v.say(ro, en).to_owned()))
            .collect();
        self.others = super::reading::joined(told, "other_columns");
        let mut rows: Vec<Judged> = listed(told, "rows").map(judged).collect();
        self.all = rows.len();
        rows.sort_by_key(|row| row.errors.is_empty());
        rows.truncate(SHOWN);
        self.rows = rows;
        self.taken = told["counts"]["taken"].as_i64().is_some_and(|count| count > 0);
    }
}

fn judged(row: &Value) -> Judged {
    let (verdict, tone) = match text(row, "verdict").as_str() {
        "taken" => (("preluat", "taken over"), "good"),
        "again" => (("preluat mai demult", "taken before"), "plain"),
        "waiting" => (("bun", "good"), "good"),
        _ => (("greșit", "wrong"), "bad"),
    };
    let errors = listed(row, "errors").map(|one| (text(one, "column"), text(one, "message"), text(one, "way_out")));
    Judged { row: text(row, "row"), number: text(row, "number"), verdict, tone, errors: errors.collect() }
}

/// The form and the templates.
///
/// # Errors
/// The visitor may not take registers over, or the institution has no such register.
pub async fn show(visit: Visit, Path(register): Path<String>) -> Answer {
    let page = Page::of(&visit, &register);
    // Who may not import is told so before a file is prepared.
    visit.get(format!("/v1/registers/{}/{}/import?after=0", piece(&register), page.year)).value().await?;
    crate::page::page(&page)
}

/// The template, as CSV or XLSX.
///
/// # Errors
/// There is no such file.
pub async fn template(visit: Visit, Path((register, file)): Path<(String, String)>) -> Answer {
    let format = [("template.csv", "csv"), ("template.xlsx", "xlsx")].into_iter().find(|(name, _)| *name == file);
    let (_, format) = format.ok_or_else(Fault::missing)?;
    let year = crate::moment::today(visit.desk.hub.now()).year();
    visit.get(format!("/v1/registers/{}/{year}/import?format={format}", piece(&register))).passed().await
}

/// Name and bytes of the file: the one that was chosen, else the one the page kept since it was checked.
fn sent_file(filled: &Filled) -> Option<(String, Bytes)> {
    if let Some(file) = filled.files.iter().find(|file| file.field == "file") {
        return Some((file.name.clone(), file.bytes.clone()));
    }
    let kept = STANDARD.decode(filled.some("kept")?).ok()?;
    Some((filled.get("name").to_owned(), kept.into()))
}

/// Checks the file, or takes it over.
///
/// # Errors
/// The visitor may not, there is no such register, or the hub cannot answer.
pub async fn take(visit: Visit, Path(register): Path<String>, filled: Filled) -> Answer {
    let mut page = Page::of(&visit, &register);
    page.mode = MODES.iter().find(|(mode, ..)| *mode == filled.get("mode")).map_or(MODES[0].0, |(mode, ..)| mode);
    filled.get("year").clone_into(&mut page.year);
    let Some((name, bytes)) = sent_file(&filled) else {
        page.fault = Some(no_file());
        return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    if bytes.len() <= KEPT {
        page.kept = STANDARD.encode(&bytes);
        page.file = name;
    }
    // Not a year: the API's path has none such, which the form can say better.
    let Ok(year) = page.year.parse::<i64>() else {
        page.fault = Some(no_year());
        return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let path = format!("/v1/registers/{}/{year}/import?mode={}", piece(&register), page.mode);
    let asked = visit.post(path).form(filled.token()).key(filled.key()).body("application/octet-stream", bytes);
    match asked.value().await {
        Ok(told) => {
            page.read(&told);
            if page.mode != "dry" {
                page.kept.clear();
                page.file.clear();
            }
            Ok(page_with(StatusCode::OK, &page))
        }
        Err(fault) if fault.status.is_server_error() || matches!(fault.status.as_u16(), 401 | 403 | 404) => Err(fault),
        Err(fault) => {
            page.read(&fault.document);
            page.fault = Some(fault);
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

fn no_file() -> Fault {
    Fault::own(
        StatusCode::UNPROCESSABLE_ENTITY,
        ("Lipsește fișierul", "Alegeți fișierul CSV sau XLSX al registrului și trimiteți din nou."),
        ("The file is missing", "Choose the CSV or XLSX file of the register and send again."),
    )
}

fn no_year() -> Fault {
    Fault::own(
        StatusCode::UNPROCESSABLE_ENTITY,
        ("Lipsește anul", "Scrieți anul registrului vechi cu cifre, de exemplu 2024."),
        ("The year is missing", "Write the year of the old register in digits, 2024 for example."),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wrong_row_names_its_column_and_the_way_out() {
        let row = json!({"row": 3, "number": "7", "verdict": "refused", "errors": [
            {"column": "Data înregistrării", "message": "nu este o dată", "way_out": "scrieți zz.ll.aaaa"}]});
        let judged = judged(&row);
        assert_eq!((judged.row.as_str(), judged.number.as_str(), judged.tone), ("3", "7", "bad"));
        assert_eq!(judged.errors[0].0, "Data înregistrării");
        assert_eq!(judged.errors[0].2, "scrieți zz.ll.aaaa");
    }
}
