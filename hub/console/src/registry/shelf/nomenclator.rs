//! `/console/nomenclator`: versions of the archival nomenclature, their groups and who sees them, a new version, and what became
//! known of a version later.

use axum::extract::Path;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Asked, Cell, Column, Row, Tone, column, count};
use crate::moment::{day, moment};
use crate::page::Answer;
use crate::visit::Visit;

use super::super::entry::stated;
use super::super::reading::{joined, listed, text};
use super::plain::{Plain, no_filters, no_tabs};
use super::{Input, Offer, Record, saved, sent};

const COLUMNS: [Column; 5] = [
    column("Versiunea", "Version"),
    column("În vigoare", "In force"),
    column("Aprobat prin", "Approved by"),
    column("Confirmat de Arhivele Naționale", "Confirmed by the National Archives"),
    count("Grupe", "Groups"),
];

static VERSIONS: Plain = Plain {
    title: ("Nomenclator arhivistic", "Archival nomenclature"),
    lead: (
        "Versiunile nomenclatorului, cea mai nouă întâi. Un dosar păstrează indicativul și termenul versiunii sub care s-a deschis.",
        "The versions of the nomenclature, newest first. A dossier keeps code and term of the version it was opened under.",
    ),
    columns: &COLUMNS,
    file: "nomenclator",
    empty: (
        ("Niciun nomenclator", "No nomenclature"),
        (
            "Fără nomenclator documentele nu se clasează singure. Arhivarul îl pune în vigoare dintr-un tabel CSV sau un fișier TOML.",
            "Without a nomenclature documents are not filed by themselves. The archivist puts it into force from a CSV table or a TOML file.",
        ),
    ),
    path: "/v1/archive/nomenclator",
    names: &[],
    filters: no_filters,
    tabs: no_tabs,
    act: Some(("archive.nomenclator.import", "/console/nomenclator/new", ("Versiune nouă", "New version"))),
    row,
};

/// From when to when a version is in force.
fn span(visit: &Visit, one: &Value) -> String {
    let to = text(one, "valid_to");
    let to = if to.is_empty() { visit.say("fără sfârșit", "without an end").to_owned() } else { day(&to) };
    format!("{} – {to}", day(&text(one, "valid_from")))
}

/// Number and date of an act, and who gave it.
fn act(one: &Value) -> String {
    if one.is_null() {
        return String::new();
    }
    let told = format!("{} / {}", text(one, "number"), day(&text(one, "date")));
    let service = text(one, "service");
    if service.is_empty() { told } else { format!("{told} · {service}") }
}

fn row(visit: &Visit, one: &Value) -> Row {
    let confirmed = if one["confirmation"].is_null() {
        Cell::Badge(visit.say("neconfirmat", "not confirmed").to_owned(), Tone::Warn)
    } else {
        Cell::text(act(&one["confirmation"]))
    };
    let cells = vec![
        Cell::Code(text(one, "version")),
        Cell::text(span(visit, one)),
        Cell::text(act(&one["approval"])),
        confirmed,
        Cell::Count(one["groups"].as_i64().unwrap_or_default()),
    ];
    Row::to(format!("/console/nomenclator/{}", piece(&text(one, "version"))), cells)
}

/// The list.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &VERSIONS).await
}

const LIST: (&str, &str, &str) = ("/console/nomenclator", "Nomenclator arhivistic", "Archival nomenclature");

fn form(visit: &Visit) -> Record<'_> {
    let title = visit.say("Versiune nouă a nomenclatorului", "New version of the nomenclature").to_owned();
    let mut page = Record::of(visit, LIST, title, LIST.0.to_owned());
    let hint = (
        "Un tabel CSV cu coloanele indicativ, denumire, termen (și direcție, serviciu, observații), ori un fișier TOML sau JSON care le spune pe toate. Dacă un rând este greșit, nimic nu intră în vigoare.",
        "A CSV table with the columns indicativ, denumire, termen (and direction, service, remarks), or a TOML or JSON file that says it all. Where a row is wrong nothing comes into force.",
    );
    page.offers.push(
        Offer::of(visit, "new", ("Pune în vigoare", "Put into force"), hint)
            .field("file", visit.say("Fișierul", "File"), Input::Files)
            .field("valid_from", visit.say("În vigoare din (tabel)", "In force from (table)"), Input::Day)
            .field("approval_number", visit.say("Numărul actului de aprobare", "Number of the approval"), Input::Line)
            .field("approval_date", visit.say("Data aprobării", "Date of the approval"), Input::Day)
            .field(
                "confirmation_number",
                visit.say("Numărul confirmării, dacă există", "Number of the confirmation, where there is one"),
                Input::Line,
            )
            .field("confirmation_date", visit.say("Data confirmării", "Date of the confirmation"), Input::Day)
            .field("confirmed_by", visit.say("Serviciul care a confirmat", "The service that confirmed"), Input::Line)
            .field(
                "archive_unit",
                visit.say("Compartimentul care ține arhiva", "The unit that keeps the archive"),
                Input::Line,
            ),
    );
    page
}

/// The form of a new version.
///
/// # Errors
/// The page cannot be made.
pub async fn fill(visit: Visit) -> Answer {
    Ok(form(&visit).shown(None))
}

/// Puts a version into force.
///
/// # Errors
/// The hub cannot answer.
pub async fn import(visit: Visit, filled: Filled) -> Answer {
    let (media_type, bytes) = match filled.files.iter().find(|file| file.field == "file") {
        Some(file) if file.name.ends_with(".toml") => ("application/toml", file.bytes.clone()),
        Some(file) if file.name.ends_with(".json") => ("application/json", file.bytes.clone()),
        Some(file) => ("text/csv", file.bytes.clone()),
        None => ("text/csv", bytes::Bytes::new()),
    };
    let names = [
        "valid_from",
        "approval_number",
        "approval_date",
        "confirmation_number",
        "confirmation_date",
        "confirmed_by",
        "archive_unit",
    ];
    let said = names.into_iter().filter_map(|name| Some(format!("{name}={}", piece(filled.some(name)?))));
    let path = format!("/v1/archive/nomenclator?{}", said.collect::<Vec<_>>().join("&"));
    let asked = visit.post(path).form(filled.token()).key(filled.key()).body(media_type, bytes);
    match asked.value().await {
        Ok(_) => Ok(saved(LIST.0)),
        Err(fault) if fault.status.is_server_error() => Err(fault),
        Err(fault) => Ok(form(&visit).shown(Some((fault, "new", &filled)))),
    }
}

async fn record<'a>(visit: &'a Visit, version: &str) -> Result<Record<'a>, Fault> {
    let api = format!("/v1/archive/nomenclator/{}", piece(version));
    let one = visit.get(&api).value().await?;
    let told = visit.get(format!("{api}/confirmation")).value().await?;
    let title = format!("{} {version}", visit.say("Nomenclatorul, versiunea", "Nomenclature, version"));
    let mut page = Record::of(visit, LIST, title, format!("{}/{}", LIST.0, piece(version)));
    page.badge = Some(if one["confirmation"].is_null() {
        (visit.say("neconfirmat", "not confirmed").to_owned(), Tone::Warn)
    } else {
        (visit.say("confirmat", "confirmed").to_owned(), Tone::Good)
    });
    page.fact("În vigoare", "In force", span(visit, &one));
    page.fact("Aprobat prin", "Approved by", act(&one["approval"]));
    page.fact("Confirmat de Arhivele Naționale", "Confirmed by the National Archives", act(&one["confirmation"]));
    page.fact("Compartimentul care ține arhiva", "Unit that keeps the archive", text(&one, "archive_unit"));
    page.fact("Înscris la", "Recorded", moment(&text(&one, "recorded_at")));
    page.head(&[
        ("Indicativ", "Code"),
        ("Direcția, serviciul", "Directorate, service"),
        ("Denumirea dosarelor", "Content of its dossiers"),
        ("Termen de păstrare", "Retention"),
        ("Le văd compartimentele", "Seen by units"),
    ]);
    page.rows = listed(&one, "groups").map(|group| group_row(visit, group)).collect();
    page.history(&told);
    let waits = listed(&told, "items").find(|one| one["decision"].is_null());
    match waits {
        Some(proposal) => {
            page.fact("Date propuse de", "Data proposed by", text(proposal, "proposed_by"));
            page.fact("Propus: aprobarea", "Proposed: approval", act(&proposal["content"]["approval"]));
            page.fact("Propus: confirmarea", "Proposed: confirmation", act(&proposal["content"]["confirmation"]));
            if visit.may("archive.nomenclator.confirm") {
                page.offers.push(decision(visit));
            }
        }
        None if visit.may("archive.nomenclator.import") => page.offers.push(proposal(visit)),
        None => {}
    }
    Ok(page)
}

fn group_row(visit: &Visit, group: &Value) -> Vec<Cell> {
    let units = joined(group, "units");
    let units = if units.is_empty() { visit.say("toate", "all").to_owned() } else { units };
    vec![
        Cell::Code(text(group, "code")),
        Cell::Two(text(group, "direction"), text(group, "service")),
        Cell::Two(text(group, "title"), text(group, "remarks")),
        Cell::text(text(group, "term")),
        Cell::text(units),
    ]
}

fn proposal(visit: &Visit) -> Offer {
    let hint = (
        "Când Arhivele Naționale confirmă nomenclatorul, se înscrie aici adresa lor; altcineva o aprobă.",
        "When the National Archives confirm the nomenclature their letter is written here; somebody else approves it.",
    );
    Offer::of(visit, "confirmation", ("Propune confirmarea", "Propose the confirmation"), hint)
        .field("number", visit.say("Numărul adresei", "Number of the letter"), Input::Line)
        .needed()
        .field("date", visit.say("Data ei", "Its date"), Input::Day)
        .needed()
        .field("service", visit.say("Serviciul care a confirmat", "The service that confirmed"), Input::Line)
        .needed()
}

fn decision(visit: &Visit) -> Offer {
    let hint = (
        "Hotărăște alt om decât cel care a propus. O respingere are un motiv.",
        "Another person decides than the one who proposed. A refusal has a reason.",
    );
    Offer::of(visit, "decision", ("Hotărăște asupra datelor propuse", "Decide on what was proposed"), hint)
        .field("reason", visit.say("Motivul respingerii", "Reason of the refusal"), Input::Line)
        .decided(visit.say("Aprobă", "Approve"), visit.say("Respinge", "Refuse"))
}

/// One version with its groups.
///
/// # Errors
/// The institution has none such.
pub async fn one(visit: Visit, Path(version): Path<String>) -> Answer {
    Ok(record(&visit, &version).await?.shown(None))
}

/// Proposes the confirmation of a version.
///
/// # Errors
/// The institution has none such, or the hub cannot answer.
pub async fn propose(visit: Visit, Path(version): Path<String>, filled: Filled) -> Answer {
    let confirmation =
        json!({"number": filled.get("number"), "date": filled.get("date"), "service": filled.get("service")});
    told(&visit, (&version, "confirmation", "confirmation"), &filled, json!({"confirmation": confirmation})).await
}

/// Approves or refuses what somebody else proposed.
///
/// # Errors
/// The institution has none such, or the hub cannot answer.
pub async fn decide(visit: Visit, Path(version): Path<String>, filled: Filled) -> Answer {
    let body = stated(json!({"approved": filled.get("decision") == "yes", "reason": filled.some("reason")}));
    told(&visit, (&version, "decision", "confirmation/decision"), &filled, body).await
}

async fn told(visit: &Visit, (version, act, path): (&str, &str, &str), filled: &Filled, body: Value) -> Answer {
    match sent(visit, format!("/v1/archive/nomenclator/{}/{path}", piece(version)), filled, &body).await? {
        Ok(_) => Ok(saved(&format!("{}/{}", LIST.0, piece(version)))),
        Err(fault) => Ok(record(visit, version).await?.shown(Some((fault, act, filled)))),
    }
}
