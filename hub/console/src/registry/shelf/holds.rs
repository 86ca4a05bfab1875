//! `/console/holds`: what is held back from destruction, why, and until when.

use axum::extract::Path;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Asked, Cell, Column, Row, Tab, Tone, column};
use crate::moment::moment;
use crate::page::Answer;
use crate::visit::Visit;

use super::super::entry::{count, stated};
use super::super::reading::{listed, text};
use super::filings::neighbour;
use super::plain::{Plain, no_filters};
use super::{Input, Offer, Record, saved, sent};

const COLUMNS: [Column; 5] = [
    column("Ce este reținut", "What is held"),
    column("Motivul", "Reason"),
    column("Temei", "Basis"),
    column("De la", "Since"),
    column("Stare", "State"),
];

static HOLDS: Plain = Plain {
    title: ("Rețineri", "Holds"),
    lead: (
        "Dosare care nu se distrug, oricât ar fi trecut de la termenul lor, până la ridicarea reținerii.",
        "Dossiers that are not destroyed, however long their term is over, until the hold is released.",
    ),
    columns: &COLUMNS,
    file: "retineri",
    empty: (
        ("Nicio reținere", "No hold"),
        (
            "O reținere se pune când un dosar este cerut într-un proces sau un control.",
            "A hold is placed when a dossier is needed in court or for an inspection.",
        ),
    ),
    path: "/v1/archive/holds",
    names: &["all"],
    filters: no_filters,
    tabs,
    act: Some(("archive.holds.place", "/console/holds/new", ("Pune o reținere", "Place a hold"))),
    row,
};

fn tabs(visit: &Visit, asked: &Asked) -> Vec<Tab> {
    let all = asked.get("all") == "true";
    let tab = |label: &str, href: &str, here| Tab { label: label.to_owned(), href: href.to_owned(), here, count: None };
    vec![
        tab(visit.say("În picioare", "Standing"), "/console/holds", !all),
        tab(visit.say("Toate", "All"), "/console/holds?all=true", all),
    ]
}

fn what(visit: &Visit, one: &Value) -> String {
    let (code, year, dossier) = (text(one, "code"), text(one, "year"), text(one, "dossier"));
    if !dossier.is_empty() {
        return format!("{} {dossier}", visit.say("dosarul", "dossier"));
    }
    match (code.is_empty(), year.is_empty()) {
        (false, false) => format!("{code}, {year}"),
        (false, true) => code,
        (true, false) => format!("{} {year}", visit.say("tot anul", "the whole year")),
        (true, true) => visit.say("toate dosarele", "all dossiers").to_owned(),
    }
}

fn badge(visit: &Visit, one: &Value) -> (String, Tone) {
    if one["released_at"].is_null() {
        (visit.say("reținut", "held").to_owned(), Tone::Warn)
    } else {
        (visit.say("ridicată", "released").to_owned(), Tone::Plain)
    }
}

fn row(visit: &Visit, one: &Value) -> Row {
    let (words, tone) = badge(visit, one);
    let cells = vec![
        Cell::text(what(visit, one)),
        Cell::text(text(one, "reason")),
        Cell::text(text(one, "basis")),
        Cell::Moment(text(one, "placed_at")),
        Cell::Badge(words, tone),
    ];
    Row::to(format!("/console/holds/{}", piece(&text(one, "id"))), cells)
}

/// The list.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &HOLDS).await
}

fn form(visit: &Visit) -> Record<'_> {
    let title = visit.say("Reținere nouă", "New hold").to_owned();
    let mut page = Record::of(visit, ("/console/holds", "Rețineri", "Holds"), title, "/console/holds".to_owned());
    let hint = (
        "Se reține un dosar, ori toate dosarele unui indicativ, ale unui an, sau ale unui indicativ dintr-un an.",
        "One dossier is held, or all of a code, of a year, or of a code in a year.",
    );
    page.offers.push(
        Offer::of(visit, "new", ("Reține", "Hold"), hint)
            .field("dossier", visit.say("Dosarul (id)", "Dossier (id)"), Input::Line)
            .field("code", visit.say("Indicativul", "Code"), Input::Line)
            .field("year", visit.say("Anul", "Year"), Input::Number)
            .field(
                "reason",
                visit.say("Motivul, de exemplu dosarul instanței", "Reason, the case at court for example"),
                Input::Line,
            )
            .needed()
            .field("basis", visit.say("Ce obligă la reținere", "What obliges to it"), Input::Line)
            .needed(),
    );
    page
}

/// The form of a new hold.
///
/// # Errors
/// The page cannot be made.
pub async fn fill(visit: Visit) -> Answer {
    Ok(form(&visit).shown(None))
}

/// Places a hold.
///
/// # Errors
/// The hub cannot answer.
pub async fn place(visit: Visit, filled: Filled) -> Answer {
    let body = stated(json!({
        "dossier": filled.some("dossier"),
        "code": filled.some("code"),
        "year": filled.some("year").map(count),
        "reason": filled.get("reason"),
        "basis": filled.get("basis"),
    }));
    match sent(&visit, "/v1/archive/holds".to_owned(), &filled, &body).await? {
        Ok(_) => Ok(saved("/console/holds")),
        Err(fault) => Ok(form(&visit).shown(Some((fault, "new", &filled)))),
    }
}

/// The hold with this id: the API goes on behind an id, newest first.
async fn found(visit: &Visit, id: &str) -> Result<Value, Fault> {
    let behind = neighbour(id, true).ok_or_else(Fault::missing)?;
    let part = visit.get(format!("/v1/archive/holds?all=true&limit=1&after={behind}")).value().await?;
    listed(&part, "items").find(|one| text(one, "id") == id).cloned().ok_or_else(Fault::missing)
}

async fn record<'a>(visit: &'a Visit, id: &str) -> Result<Record<'a>, Fault> {
    let one = &found(visit, id).await?;
    let mut page = Record::of(
        visit,
        ("/console/holds", "Rețineri", "Holds"),
        what(visit, one),
        format!("/console/holds/{}", piece(id)),
    );
    page.badge = Some(badge(visit, one));
    page.fact("Motivul", "Reason", text(one, "reason"));
    page.fact("Temei", "Basis", text(one, "basis"));
    page.fact("Pusă la", "Placed", moment(&text(one, "placed_at")));
    page.fact("De", "By", text(one, "author"));
    page.fact("Ridicată la", "Released", moment(&text(one, "released_at")));
    page.fact("Ridicată de", "Released by", text(one, "released_by"));
    page.fact("Motivul ridicării", "Why it was released", text(one, "release_reason"));
    let dossier = text(one, "dossier");
    if !dossier.is_empty() {
        page.files
            .push((visit.say("Dosarul", "The dossier").to_owned(), format!("/console/dossiers/{}", piece(&dossier))));
    }
    if one["released_at"].is_null() && visit.may("archive.holds.release") {
        let hint = (
            "După ridicare, dosarele al căror termen s-a împlinit pot fi selecționate și distruse.",
            "Once released, dossiers whose term is over can be selected and destroyed.",
        );
        let offer = Offer::of(visit, "release", ("Ridică reținerea", "Release the hold"), hint);
        page.offers.push(offer.field("reason", visit.say("Motivul", "Reason"), Input::Line).needed().dangerous());
    }
    Ok(page)
}

/// One hold.
///
/// # Errors
/// The institution has none such.
pub async fn one(visit: Visit, Path(id): Path<String>) -> Answer {
    Ok(record(&visit, &id).await?.shown(None))
}

/// Ends it.
///
/// # Errors
/// The institution has none such, or the hub cannot answer.
pub async fn release(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    let body = json!({"reason": filled.get("reason")});
    match sent(&visit, format!("/v1/archive/holds/{}/release", piece(&id)), &filled, &body).await? {
        Ok(_) => Ok(saved("/console/holds")),
        Err(fault) => Ok(record(&visit, &id).await?.shown(Some((fault, "release", &filled)))),
    }
}
