//! `/console/journal`: who saw personal data, and why; the search by person, and the person's own report.

use async_trait::async_trait;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Act, Asked, Cell, Column, Empty, Filter, Kind, List, Part, Row, Tone, column};
use crate::page::{Answer, page, page_with};
use crate::visit::Visit;

struct Journal;

fn columns() -> Vec<Column> {
    vec![
        column("Când", "When"),
        column("Ce", "What"),
        column("Cine", "Who"),
        column("Scop, temei, cauză", "Purpose, basis, case"),
        column("Rezultat", "Result"),
    ]
}

#[async_trait]
impl List for Journal {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Jurnalul accesărilor", "Access journal").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Cine a deschis date cu caracter personal, când, de ce și pe ce temei.",
                "Who opened personal data, when, why and on what basis.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        columns()
    }

    fn file(&self) -> &'static str {
        "jurnalul-accesarilor"
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: visit.say("Nicio accesare", "No access").to_owned(),
            how: visit
                .say(
                    "Orice consultare, căutare sau export de date personale apare aici.",
                    "Every reading, search or export of personal data appears here.",
                )
                .to_owned(),
            act: None,
        }
    }

    fn act(&self, visit: &Visit) -> Option<Act> {
        let label = visit.say("O persoană: căutare și „datele mele”", "A person: search and “my data”").to_owned();
        Some(Act { href: "/console/journal/person".to_owned(), label })
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        let text = |name, ro, en| Filter { name, label: visit.say(ro, en).to_owned(), kind: Kind::Text };
        vec![
            text("user", "Cine (pseudonim)", "Who (pseudonym)"),
            text("operation", "Operațiunea (cod)", "Operation (code)"),
            text("purpose", "Scopul", "Purpose"),
            text("case_number", "Cauza", "Case"),
        ]
    }

    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let limit_text = limit.to_string();
        let mut added = vec![("limit", limit_text.as_str())];
        added.extend(after.map(|after| ("before", after)));
        let query = asked.query(&["user", "operation", "purpose", "case_number"], &added);
        let came: Value = visit.get(format!("/v1/journal?{query}")).value().await?;
        let entries = came["entries"].as_array().cloned().unwrap_or_default();
        let full = entries.len() == limit;
        let next = came["next"].as_str().filter(|_| full).map(str::to_owned);
        Ok(Part { rows: entries.iter().map(row).collect(), next })
    }
}

fn row(one: &Value) -> Row {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let first = |values: &[&Value]| values.iter().map(|value| text(value)).find(|text| !text.is_empty());
    let what = first(&[&one["operation_ro"], &one["operation"], &one["act"]]).unwrap_or_default();
    let who = first(&[&one["user"], &one["principal"]["id"]]).unwrap_or_default();
    let why = [&one["legal_basis"], &one["case_number"]].map(text).into_iter().filter(|text| !text.is_empty());
    let result = text(&one["result"]);
    let tone = if result.contains("refus") { Tone::Bad } else { Tone::Plain };
    Row::of(vec![
        Cell::Moment(text(&one["at"])),
        Cell::Two(what, first(&[&one["object"], &one["message_id"], &one["subject_hint"]]).unwrap_or_default()),
        Cell::text(who),
        Cell::Two(text(&one["purpose"]), why.collect::<Vec<_>>().join("; ")),
        Cell::Badge(result, tone),
    ])
}

/// The list.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &Journal).await
}

#[derive(askama::Template)]
#[template(path = "officer/journal.html")]
struct Page<'a> {
    v: &'a Visit,
    columns: Vec<&'a str>,
    fault: Option<Fault>,
    purpose: &'a str,
    legal_basis: &'a str,
    case: &'a str,
    found: Option<Vec<Row>>,
}

impl<'a> Page<'a> {
    fn of(v: &'a Visit, filled: &'a Filled) -> Self {
        Self {
            v,
            columns: columns().iter().map(|one| v.say(one.ro, one.en)).collect(),
            fault: None,
            purpose: filled.get("purpose"),
            legal_basis: filled.get("legal_basis"),
            case: filled.get("case"),
            found: None,
        }
    }
}

/// The form of a search or a report.
///
/// # Errors
/// The page cannot be made.
pub async fn ask(visit: Visit) -> Answer {
    page(&Page::of(&visit, &Filled::default()))
}

/// What the journal holds about a person, or the person's own report as a file.
///
/// # Errors
/// The hub cannot answer.
pub async fn search(visit: Visit, filled: Filled) -> Answer {
    let format = match filled.get("what") {
        "report-json" => Some("json"),
        "report-pdf" => Some("pdf"),
        _ => None,
    };
    let answered = match format {
        Some(format) => report(&visit, &filled, format).await.map(Ok),
        None => found(&visit, &filled).await.map(Err),
    };
    let mut shown = Page::of(&visit, &filled);
    match answered {
        Ok(Ok(file)) => Ok(file),
        Ok(Err(rows)) => {
            shown.found = Some(rows);
            page(&shown)
        }
        Err(fault) if fault.status.is_client_error() => {
            shown.fault = Some(fault);
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(fault) => Err(fault),
    }
}

fn reasons(filled: &Filled) -> Value {
    json!({
        "purpose": filled.some("purpose"),
        "legal_basis": filled.some("legal_basis"),
        "case_number": filled.some("case"),
    })
}

async fn found(visit: &Visit, filled: &Filled) -> Result<Vec<Row>, Fault> {
    let mut wanted = reasons(filled);
    wanted["subject"] = filled.get("subject").into();
    wanted["filter"] = json!({"limit": 200});
    wanted["user"] = visit.person.pseudonym.as_str().into();
    let came = visit.post("/v1/journal/search").form(filled.token()).json(&wanted).value().await?;
    Ok(came["entries"].as_array().into_iter().flatten().map(row).collect())
}

async fn report(visit: &Visit, filled: &Filled, format: &str) -> Result<axum::response::Response, Fault> {
    let mut wanted = reasons(filled);
    wanted["cnp"] = filled.get("subject").into();
    wanted["format"] = format.into();
    let (media_type, bytes) = visit.post("/v1/my-data").form(filled.token()).json(&wanted).raw().await?;
    let name = format!("attachment; filename=\"datele-mele.{format}\"");
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}
