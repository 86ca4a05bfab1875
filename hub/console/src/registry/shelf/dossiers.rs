//! `/console/dossiers`: dossiers, what is in them, and the record sheet of each document.

use axum::extract::Path;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Asked, Cell, Column, Filter, Kind, Row, Tone, column, count};
use crate::moment::{day, moment};
use crate::page::Answer;
use crate::visit::Visit;

use super::super::purpose;
use super::super::reading::{joined, listed, next, text};
use super::super::words::{choices, tone, word};
use super::plain::{Plain, no_tabs};
use super::{Input, Offer, Record, saved, sent};

/// Where a dossier stands.
const STATES: [(&str, &str, &str, Tone); 7] = [
    ("open", "deschis", "open", Tone::Good),
    ("closed", "închis", "closed", Tone::Plain),
    ("inventoried", "inventariat", "inventoried", Tone::Plain),
    ("handed_over", "predat la arhivă", "handed over to the archive", Tone::Good),
    ("selected", "selecționat pentru distrugere", "selected for destruction", Tone::Warn),
    ("destroyed", "distrus", "destroyed", Tone::Bad),
    ("kept", "păstrat permanent", "kept permanently", Tone::Good),
];

const COLUMNS: [Column; 7] = [
    column("Indicativ", "Code"),
    column("Conținut", "Content"),
    column("Anul", "Year"),
    count("File", "Pages"),
    count("Documente", "Documents"),
    column("Termen de păstrare", "Retention"),
    column("Stare", "State"),
];

static DOSSIERS: Plain = Plain {
    title: ("Dosare", "Dossiers"),
    lead: (
        "Dosarele pe care le vede compartimentul dumneavoastră, în ordinea deschiderii.",
        "The dossiers your unit sees, in the order they were opened.",
    ),
    columns: &COLUMNS,
    file: "dosare",
    empty: (
        ("Niciun dosar", "No dossier"),
        (
            "Un dosar se deschide singur când primul document este clasat sub indicativul lui.",
            "A dossier opens by itself when the first document is filed under its code.",
        ),
    ),
    path: "/v1/archive/dossiers",
    names: &["year", "state", "code"],
    filters,
    tabs: no_tabs,
    act: None,
    row,
};

fn filters(visit: &Visit) -> Vec<Filter> {
    let filter = |name, ro, en, kind| Filter { name, label: visit.say(ro, en).to_owned(), kind };
    vec![
        filter("code", "Indicativ", "Code", Kind::Text),
        filter("year", "Anul", "Year", Kind::Text),
        filter("state", "Starea", "State", Kind::Choice(choices(visit, &STATES))),
    ]
}

/// A dossier as lists show it.
pub fn row(visit: &Visit, one: &Value) -> Row {
    let state = text(one, "state");
    Row::to(
        format!("/console/dossiers/{}", piece(&text(one, "id"))),
        vec![
            Cell::Code(format!("{}, vol. {}", text(one, "code"), text(one, "volume"))),
            Cell::text(text(one, "title")),
            Cell::text(text(one, "year")),
            Cell::Count(one["pages"].as_i64().unwrap_or_default()),
            Cell::Count(one["documents"].as_i64().unwrap_or_default()),
            Cell::text(text(one, "term")),
            Cell::Badge(word(visit, &STATES, &state), tone(&STATES, &state)),
        ],
    )
}

/// The list.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &DOSSIERS).await
}

async fn record<'a>(visit: &'a Visit, id: &str, after: Option<&str>) -> Result<Record<'a>, Fault> {
    let api = format!("/v1/archive/dossiers/{}", piece(id));
    let one = visit.get(&api).value().await?;
    let after = after.map(|after| format!("&after={}", piece(after))).unwrap_or_default();
    let found = visit.get(format!("{api}/documents?limit=100{after}")).value().await?;
    let title = format!("{} / {}, vol. {}", text(&one, "code"), text(&one, "year"), text(&one, "volume"));
    let path = format!("/console/dossiers/{}", piece(id));
    let mut page = Record::of(visit, ("/console/dossiers", "Dosare", "Dossiers"), title, path.clone());
    let state = text(&one, "state");
    page.badge = Some((word(visit, &STATES, &state), tone(&STATES, &state)));
    page.fact("Conținutul pe scurt", "Content in brief", text(&one, "title"));
    page.fact("Termen de păstrare", "Retention", text(&one, "term"));
    page.fact("Termenul se împlinește la 1 ianuarie", "Its term is over on 1 January", text(&one, "due_year"));
    page.fact("File", "Pages", text(&one, "pages"));
    page.fact(
        "Date extreme",
        "Extreme dates",
        format!("{} – {}", day(&text(&one, "first_date")), day(&text(&one, "last_date"))),
    );
    page.fact("Îl văd compartimentele", "Seen by units", joined(&one, "units"));
    page.fact("Deschis la", "Opened", moment(&text(&one, "opened_at")));
    page.head(&[("Nr.", "No."), ("Document", "Document"), ("Fel", "Kind"), ("File", "Pages"), ("Arhivat", "Archived")]);
    page.rows = listed(&found, "items").map(|one| document(visit, one)).collect();
    page.further = next(&found).map(|next| format!("{path}?after={}", piece(&next)));
    page.history(&one);
    if state == "open" && visit.may("archive.dossiers.keep") {
        let hint = (
            "După închidere nu se mai clasează nimic în el; ce urmează sub același indicativ intră în volumul următor.",
            "Once closed nothing is filed in it any more; what follows under its code goes into the next volume.",
        );
        page.offers.push(Offer::of(visit, "close", ("Închide dosarul", "Close the dossier"), hint).dangerous());
    }
    if visit.may("archive.dossiers.rights") {
        let hint = (
            "Cine vede dosarul și ce este în el. Gol: toate compartimentele. Drepturile grupei, din nomenclator, rămân pentru dosarele noi.",
            "Who sees the dossier and what is in it. Empty: all units. The rights of the group, from the nomenclature, stay for new dossiers.",
        );
        page.offers.push(
            Offer::of(visit, "rights", ("Schimbă cine îl vede", "Change who sees it"), hint)
                .field(
                    "units",
                    visit.say("Compartimentele, despărțite prin virgulă", "Units, separated by commas"),
                    Input::Line,
                )
                .with(joined(&one, "units")),
        );
    }
    Ok(page)
}

/// Says which units see it.
///
/// # Errors
/// There is none, or the hub cannot answer.
pub async fn rights(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    let units: Vec<&str> = filled.get("units").split(',').map(str::trim).filter(|unit| !unit.is_empty()).collect();
    let body = json!({"units": units});
    match sent(&visit, format!("/v1/archive/dossiers/{}/rights", piece(&id)), &filled, &body).await? {
        Ok(_) => Ok(saved(&format!("/console/dossiers/{}", piece(&id)))),
        Err(fault) => Ok(record(&visit, &id, None).await?.shown(Some((fault, "rights", &filled)))),
    }
}

fn document(visit: &Visit, one: &Value) -> Vec<Cell> {
    let (ro, en) = match text(one, "role").as_str() {
        "document" => ("document", "document"),
        "paper" => ("pe hârtie", "on paper"),
        "copy" => ("copie de păstrare", "copy for keeping"),
        "evidence" => ("dovadă", "evidence"),
        _ => ("date de validare", "validation data"),
    };
    vec![
        Cell::Code(text(one, "position")),
        Cell::Link(text(one, "name"), format!("/console/archived/{}", piece(&text(one, "id")))),
        Cell::text(visit.say(ro, en)),
        Cell::Count(one["pages"].as_i64().unwrap_or_default()),
        Cell::Moment(text(one, "archived_at")),
    ]
}

/// One dossier.
///
/// # Errors
/// There is none that the visitor's unit sees.
pub async fn one(visit: Visit, asked: Asked, Path(id): Path<String>) -> Answer {
    Ok(record(&visit, &id, asked.some("after")).await?.shown(None))
}

/// Closes it.
///
/// # Errors
/// There is none, or the hub cannot answer.
pub async fn close(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    match sent(&visit, format!("/v1/archive/dossiers/{}/close", piece(&id)), &filled, &json!({})).await? {
        Ok(_) => Ok(saved(&format!("/console/dossiers/{}", piece(&id)))),
        Err(fault) => Ok(record(&visit, &id, None).await?.shown(Some((fault, "close", &filled)))),
    }
}

/// An archived document with its record sheet of 13 elements (Law 135/2007).
///
/// # Errors
/// There is none that the visitor's unit sees.
pub async fn archived(visit: Visit, Path(id): Path<String>) -> Answer {
    let one = match purpose::open(&visit, format!("/v1/archive/documents/{}", piece(&id))).value().await {
        Ok(one) => one,
        Err(fault) => return purpose::or_asked(&visit, Err(fault)),
    };
    let path = format!("/console/archived/{}", piece(&id));
    let mut page = Record::of(&visit, ("/console/dossiers", "Dosare", "Dossiers"), text(&one, "name"), path.clone());
    let sheet = &one["sheet"];
    for (name, ro, en) in [
        ("owner", "Proprietarul", "Owner"),
        ("issuer", "Emitentul", "Issuer"),
        ("holder", "Titularul dreptului de dispoziție", "Holder of the right of disposal"),
        ("history", "Istoricul", "History"),
        ("document_type", "Tipul", "Type"),
        ("classification", "Nivelul de clasificare", "Level of classification"),
        ("format", "Formatul digital", "Digital format"),
        ("keywords", "Cuvintele-cheie", "Keywords"),
        ("physical_location", "Localizarea suportului fizic", "Location of the physical form"),
        ("identifier", "Identificatorul unic", "Unique identifier"),
        ("issued_on", "Data emiterii", "Date of issue"),
        ("archived_on", "Data arhivării", "Date of archiving"),
        ("term", "Termenul de păstrare", "Retention term"),
    ] {
        let value = if sheet[name].is_array() { joined(sheet, name) } else { text(sheet, name) };
        page.fact(ro, en, if name.ends_with("_on") { day(&value) } else { value });
    }
    page.fact("SHA-256", "SHA-256", text(&one, "sha256"));
    page.fact("Conținut distrus la", "Content destroyed on", moment(&text(&one, "erased_at")));
    let dossier = text(&one, "dossier");
    page.files.push((visit.say("Dosarul", "The dossier").to_owned(), format!("/console/dossiers/{}", piece(&dossier))));
    let message = text(&one, "message_id");
    if !message.is_empty() {
        page.files.push((
            visit.say("Documentul", "The document").to_owned(),
            format!("/console/documents/{}", piece(&message)),
        ));
    }
    if one["erased_at"].is_null() {
        page.files.push((
            visit.say("Descarcă (citirea se notează)", "Download (reading is noted)").to_owned(),
            format!("{path}/content"),
        ));
    }
    page.files.push((visit.say("Fișa, XML", "Record sheet, XML").to_owned(), format!("{path}/sheet.xml")));
    Ok(page.shown(None))
}

/// The bytes of an archived document.
///
/// # Errors
/// There is none, or it was destroyed.
pub async fn content(visit: Visit, Path(id): Path<String>) -> Answer {
    let asked = purpose::open(&visit, format!("/v1/archive/documents/{}/content", piece(&id)));
    purpose::or_asked(&visit, asked.passed().await)
}

/// The record sheet as it travels.
///
/// # Errors
/// There is none that the visitor's unit sees.
pub async fn sheet(visit: Visit, Path(id): Path<String>) -> Answer {
    let asked = purpose::open(&visit, format!("/v1/archive/documents/{}/sheet?format=xml", piece(&id)));
    purpose::or_asked(&visit, asked.passed().await)
}
