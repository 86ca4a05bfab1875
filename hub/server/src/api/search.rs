//! `GET /v1/search`: entries of the caller's registers, rows of those kept before the hub, and documents of its archive,
//! newest first; the same as a file.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::search::{self, Question};
use hub_register_files::TableWriter;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::problems;

use super::App;
use super::clerk::Clerk;
use super::may::MayWithin;
use super::problem::Problem;
use super::request::Wanted;
use crate::api::door::Door;

/// Search.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/search", search).get("/v1/search/hits.csv", csv).get("/v1/search/hits.xlsx", xlsx)
}

/// Longest text to be looked for, in bytes.
const LONGEST: usize = 500;

/// Most rows of a file: whoever needs more narrows the question.
const MOST_ROWS: usize = 10_000;

/// Headings of a file of hits.
const HEADINGS: [&str; 11] =
    ["Fel", "Registru", "Număr", "An", "Sens", "Obiect", "Corespondent", "Compartiment", "Dosar", "Stare", "Data"];

/// What is looked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    q: Option<String>,
    kind: Option<String>,
    register: Option<String>,
    year: Option<i64>,
    direction: Option<String>,
    status: Option<String>,
    unit: Option<String>,
    party: Option<String>,
    #[serde(rename = "type")]
    document_type: Option<String>,
    dossier: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    before: Option<i64>,
    limit: Option<usize>,
}

/// A page of what has all the words, or words that begin so, and all the values: at most 50, the newest first. `next`
/// is what `before` asks for on the next page.
///
/// # Errors
/// A problem document.
pub async fn search(
    caller: MayWithin<to::SearchRead>,
    State(app): State<App>,
    clerk: Clerk,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let question = question(&app, caller, clerk, wanted)?;
    let hits = search::search(&app.hub.db, &question).await?;
    let items: Vec<Value> = hits.found.into_iter().map(|found| found.shown).collect();
    Ok(Json(json!({"items": items, "next": hits.next})))
}

/// All hits as CSV, newest first, at most 10,000: it leaves the hub, and so the reason is always asked.
///
/// # Errors
/// A problem document; with more hits than a file takes, how to narrow the question.
pub async fn csv(
    caller: MayWithin<to::SearchRead>,
    State(app): State<App>,
    clerk: Clerk,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Response, Problem> {
    let table = TableWriter::csv(&HEADINGS);
    let bytes = written(&app, question(&app, caller, clerk, wanted)?, table).await?;
    Ok(file("text/csv; charset=utf-8", "csv", bytes))
}

/// The same as XLSX.
///
/// # Errors
/// A problem document, as [`csv`].
pub async fn xlsx(
    caller: MayWithin<to::SearchRead>,
    State(app): State<App>,
    clerk: Clerk,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Response, Problem> {
    let table = TableWriter::xlsx("Rezultate", &HEADINGS).map_err(unwritten)?;
    let bytes = written(&app, question(&app, caller, clerk, wanted)?, table).await?;
    Ok(file("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", bytes))
}

async fn written(app: &App, mut question: Question, mut table: TableWriter) -> Result<Vec<u8>, Problem> {
    question.limit = search::PAGE;
    let mut rows = 0;
    loop {
        let hits = search::search(&app.hub.db, &question).await?;
        rows += hits.found.len();
        if rows > MOST_ROWS {
            return Err(too_many());
        }
        for found in &hits.found {
            table.row(&row(&found.shown)).map_err(unwritten)?;
        }
        match hits.next {
            Some(next) => question.before = Some(next),
            None => return table.finish().map_err(unwritten),
        }
    }
}

/// A hit under [`HEADINGS`].
fn row(shown: &Value) -> Vec<String> {
    let text = |name: &str| match &shown[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let either =
        |first: &str, second: &str| Some(text(first)).filter(|one| !one.is_empty()).unwrap_or_else(|| text(second));
    let document = shown["kind"] == "document";
    let direction = match text("direction").as_str() {
        "in" => "intrare".to_owned(),
        "out" => "ieșire".to_owned(),
        other => other.to_owned(),
    };
    vec![
        match text("kind").as_str() {
            "document" => "document arhivat".to_owned(),
            "old_entry" => "înregistrare din registru vechi".to_owned(),
            _ => "înregistrare".to_owned(),
        },
        text("register"),
        either("shown", "identifier"),
        text("year"),
        direction,
        if document { either("title", "name") } else { text("subject") },
        text("counterpart"),
        text("unit"),
        text("dossier"),
        if document { "arhivat".to_owned() } else { text("status") },
        either("recorded_at", "archived_at"),
    ]
}

fn file(kind: &str, ending: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"cautare.{ending}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}

fn unwritten(error: std::io::Error) -> Problem {
    tracing::error!(%error, "hits could not be written to a file");
    Problem::of(&problems::UNAVAILABLE)
}

fn too_many() -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST)
        .detail(
            format!("Sunt mai mult de {MOST_ROWS} rezultate; restrângeți căutarea, de exemplu cu from și to"),
            format!("There are more than {MOST_ROWS} hits; narrow the question, with from and to for example"),
        )
        .with("field", "from")
}

/// What is asked, of the caller's institution alone, without what the clerk's unit may not see.
fn question(app: &App, caller: MayWithin<to::SearchRead>, clerk: Clerk, wanted: Choice) -> Result<Question, Problem> {
    let (caller, reach) = caller.listing(&search::NARROWED_BY)?;
    let words = wanted.q.unwrap_or_default();
    if words.len() > LONGEST {
        return Err(Problem::of(&problems::MALFORMED_REQUEST)
            .detail(
                format!("q are cel mult {LONGEST} de octeți; căutați după câteva cuvinte"),
                format!("q has at most {LONGEST} bytes; look for a few words"),
            )
            .with("field", "q"));
    }
    let filters = [
        ("kind", wanted.kind),
        ("register", wanted.register),
        ("year", wanted.year.map(|year| year.to_string())),
        ("direction", wanted.direction),
        ("status", wanted.status),
        ("unit", wanted.unit),
        ("party", wanted.party),
        ("type", wanted.document_type),
        ("dossier", wanted.dossier),
    ];
    Ok(Question {
        party: caller.party.clone(),
        words,
        filters: filters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        without: hidden(app, &caller.party, clerk.unit.as_deref()),
        reach,
        unit: clerk.unit,
        from: wanted.from,
        to: wanted.to,
        before: wanted.before,
        limit: wanted.limit.unwrap_or(20),
    })
}

/// Registers the clerk's unit may not see.
fn hidden(app: &App, party: &str, unit: Option<&str>) -> Vec<(&'static str, String)> {
    let registers = app.hub.directory().registers_of(party).into_iter();
    registers.filter(|held| !held.entry.lets(unit, Right::See)).map(|held| ("register", held.entry.id)).collect()
}
