//! `/console/inventories`: inventories of closed dossiers, and their hand-over to the archive.

use axum::extract::Path;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Asked, Cell, Column, Row, Tone, column, count as counted};
use crate::moment::{day, moment};
use crate::page::Answer;
use crate::visit::Visit;

use super::super::entry::{count, stated};
use super::super::reading::{joined, listed, text};
use super::plain::{Plain, no_filters, no_tabs};
use super::{Input, Offer, Record, saved, sent};

const COLUMNS: [Column; 5] = [
    column("Inventar", "Inventory"),
    column("Compartiment", "Unit"),
    column("Păstrare", "Retention"),
    counted("Dosare", "Dossiers"),
    column("Stare", "State"),
];

static INVENTORIES: Plain = Plain {
    title: ("Inventare", "Inventories"),
    lead: (
        "Dosarele încheiate ale unui an, pe inventare, și predarea lor la arhivă.",
        "The closed dossiers of a year, by inventory, and their hand-over to the archive.",
    ),
    columns: &COLUMNS,
    file: "inventare",
    empty: (
        ("Niciun inventar", "No inventory"),
        (
            "După încheierea anului se inventariază dosarele închise, cele permanente separat.",
            "After the end of a year its closed dossiers are inventoried, permanent ones apart.",
        ),
    ),
    path: "/v1/archive/inventories",
    names: &[],
    filters: no_filters,
    tabs: no_tabs,
    act: Some((
        "archive.inventories.make",
        "/console/inventories/new",
        ("Întocmește un inventar", "Make an inventory"),
    )),
    row,
};

fn retention(visit: &Visit, one: &Value) -> String {
    let permanent = text(one, "retention") == "permanent";
    (if permanent { visit.say("permanentă", "permanent") } else { visit.say("temporară", "for years") }).to_owned()
}

fn badge(visit: &Visit, one: &Value) -> (String, Tone) {
    let at = text(one, "handed_over_at");
    if at.is_empty() {
        (visit.say("de predat", "to be handed over").to_owned(), Tone::Warn)
    } else {
        (format!("{} {}", visit.say("predat la", "handed over on"), day(&at)), Tone::Good)
    }
}

fn name(one: &Value) -> String {
    format!("{}/{}", text(one, "number"), text(one, "year"))
}

fn row(visit: &Visit, one: &Value) -> Row {
    let (words, tone) = badge(visit, one);
    let lines = i64::try_from(listed(one, "lines").count()).unwrap_or(i64::MAX);
    let cells = vec![
        Cell::Code(name(one)),
        Cell::text(text(one, "unit")),
        Cell::text(retention(visit, one)),
        Cell::Count(lines),
        Cell::Badge(words, tone),
    ];
    Row::to(format!("/console/inventories/{}", piece(&text(one, "id"))), cells)
}

/// The list.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &INVENTORIES).await
}

fn form(visit: &Visit) -> Record<'_> {
    let title = visit.say("Inventar nou", "New inventory").to_owned();
    let mut page = Record::of(
        visit,
        ("/console/inventories", "Inventare", "Inventories"),
        title,
        "/console/inventories".to_owned(),
    );
    let kinds = [("no", "pe termen", "for years"), ("yes", "permanentă", "permanent")];
    let kinds = kinds.map(|(code, ro, en)| (code.to_owned(), visit.say(ro, en).to_owned()));
    let hint = (
        "Intră dosarele închise ale anului care nu sunt în alt inventar; cele deschise se numesc, ca să fie închise.",
        "It takes the year's closed dossiers that are in no other; open ones are named, to be closed.",
    );
    page.offers.push(
        Offer::of(visit, "new", ("Întocmește", "Make"), hint)
            .field("year", visit.say("Anul dosarelor", "Year of the dossiers"), Input::Number)
            .needed()
            .field("permanent", visit.say("Păstrarea", "Retention"), Input::Choice(kinds.to_vec()))
            .field(
                "unit",
                visit.say(
                    "Compartimentul, dacă nu este al întregii instituții",
                    "Unit, where it is not the whole institution's",
                ),
                Input::Line,
            ),
    );
    page
}

/// The form of a new inventory.
///
/// # Errors
/// The page cannot be made.
pub async fn fill(visit: Visit) -> Answer {
    Ok(form(&visit).shown(None))
}

/// Makes an inventory.
///
/// # Errors
/// The hub cannot answer.
pub async fn make(visit: Visit, filled: Filled) -> Answer {
    let body = json!({"year": count(filled.get("year")), "permanent": filled.get("permanent") == "yes", "unit": filled.some("unit")});
    match sent(&visit, "/v1/archive/inventories".to_owned(), &filled, &stated(body)).await? {
        Ok(_) => Ok(saved("/console/inventories")),
        Err(fault) => Ok(form(&visit).shown(Some((fault, "new", &filled)))),
    }
}

async fn record<'a>(visit: &'a Visit, id: &str) -> Result<Record<'a>, Fault> {
    let one = visit.get(format!("/v1/archive/inventories/{}", piece(id))).value().await?;
    let path = format!("/console/inventories/{}", piece(id));
    let title = format!("{} {}", visit.say("Inventarul", "Inventory"), name(&one));
    let mut page = Record::of(visit, ("/console/inventories", "Inventare", "Inventories"), title, path.clone());
    page.badge = Some(badge(visit, &one));
    page.fact("Compartiment", "Unit", text(&one, "unit"));
    page.fact("Păstrare", "Retention", retention(visit, &one));
    page.fact("Întocmit la", "Made", moment(&text(&one, "made_at")));
    page.fact("De", "By", text(&one, "author"));
    page.fact("Dosare rămase deschise", "Dossiers left open", joined(&one, "left_open"));
    page.head(&[
        ("Nr. crt.", "No."),
        ("Indicativ", "Code"),
        ("Conținut", "Content"),
        ("Date extreme", "Extreme dates"),
        ("File", "Pages"),
        ("Termen", "Term"),
    ]);
    let line = |line: &Value| {
        let dates = format!("{} – {}", day(&text(line, "first_date")), day(&text(line, "last_date")));
        vec![
            Cell::Code(text(line, "number")),
            Cell::Link(
                format!("{}, vol. {}", text(line, "code"), text(line, "volume")),
                format!("/console/dossiers/{}", piece(&text(line, "dossier"))),
            ),
            Cell::text(text(line, "title")),
            Cell::text(dates),
            Cell::Count(line["pages"].as_i64().unwrap_or_default()),
            Cell::text(text(line, "term")),
        ]
    };
    page.rows = listed(&one, "lines").map(line).collect();
    page.files.push((visit.say("Inventarul, PDF", "The inventory, PDF").to_owned(), format!("{path}/paper")));
    if one["handed_over_at"].is_null() {
        if visit.may("archive.inventories.hand-over") {
            page.offers.push(hand_over_form(visit));
        }
    } else {
        page.files.push((
            visit.say("Procesul-verbal de predare, PDF", "Minutes of the hand-over, PDF").to_owned(),
            format!("{path}/minutes"),
        ));
    }
    Ok(page)
}

fn hand_over_form(visit: &Visit) -> Offer {
    let hint = (
        "Dosarele trec la arhivă; cele care lipsesc rămân la compartiment și se trec în procesul-verbal.",
        "The dossiers go to the archive; missing ones stay with the unit and stand in the minutes.",
    );
    Offer::of(visit, "handover", ("Predă la arhivă", "Hand over to the archive"), hint)
        .field("number", visit.say("Numărul procesului-verbal", "Number of the minutes"), Input::Line)
        .needed()
        .field("date", visit.say("Data lui", "Its date"), Input::Day)
        .needed()
        .field(
            "missing",
            visit.say(
                "Numere lipsă din inventar, despărțite prin virgulă",
                "Missing numbers of the inventory, separated by commas",
            ),
            Input::Line,
        )
        .field(
            "early_reason",
            visit.say("Motivul, dacă predarea este înainte de vreme", "Why, where it is before its time"),
            Input::Line,
        )
}

/// One inventory.
///
/// # Errors
/// The institution has none such.
pub async fn one(visit: Visit, Path(id): Path<String>) -> Answer {
    Ok(record(&visit, &id).await?.shown(None))
}

/// Hands its dossiers over.
///
/// # Errors
/// The institution has none such, or the hub cannot answer.
pub async fn hand_over(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    let missing = filled.get("missing").split(',').map(str::trim).filter(|number| !number.is_empty());
    let missing: Vec<Value> = missing.map(count).collect();
    let body = stated(json!({
        "number": filled.get("number"),
        "date": filled.get("date"),
        "missing": missing,
        "early_reason": filled.some("early_reason"),
    }));
    match sent(&visit, format!("/v1/archive/inventories/{}/handover", piece(&id)), &filled, &body).await? {
        Ok(_) => Ok(saved(&format!("/console/inventories/{}", piece(&id)))),
        Err(fault) => Ok(record(&visit, &id).await?.shown(Some((fault, "handover", &filled)))),
    }
}

/// Its papers: the inventory itself, or the minutes of the hand-over.
///
/// # Errors
/// There is no such paper.
pub async fn paper(visit: Visit, Path((id, paper)): Path<(String, String)>) -> Answer {
    let paper = if paper == "minutes" { "minutes" } else { "paper" };
    visit.get(format!("/v1/archive/inventories/{}/{paper}", piece(&id))).passed().await
}
