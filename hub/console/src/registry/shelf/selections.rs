//! `/console/selections`: dossiers whose term is over, what the commission decided, the confirmation of the National Archives,
//! and destruction by two clerks with its proof.

use axum::extract::Path;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Asked, Cell, Column, Row, Tab, Tone, column, count};
use crate::moment::{day, moment};
use crate::page::Answer;
use crate::visit::Visit;

use super::super::reading::{listed, text};
use super::super::words::{tone, word};
use super::plain::{Plain, no_filters};
use super::{Input, Offer, Record, dossiers, saved, sent};

/// Dossiers that the form of a commission takes at once.
const AT_ONCE: usize = 50;

/// How a selection stands.
const STATES: [(&str, &str, &str, Tone); 4] = [
    ("proposed", "așteaptă Arhivele Naționale", "waits for the National Archives", Tone::Warn),
    ("confirmed", "confirmată", "confirmed", Tone::Plain),
    ("destroying", "se distruge", "being destroyed", Tone::Bad),
    ("ended", "încheiată", "ended", Tone::Good),
];

/// What members of a commission are.
const ROLES: [(&str, &str, &str); 3] = [
    ("president", "Președintele comisiei", "President of the commission"),
    ("secretary", "Secretarul", "Secretary"),
    ("member", "Membri, despărțiți prin virgulă", "Members, separated by commas"),
];

const COLUMNS: [Column; 4] =
    [column("Proces-verbal", "Minutes"), column("Data", "Date"), count("Dosare", "Dossiers"), column("Stare", "State")];
const DUE_COLUMNS: [Column; 7] = [
    column("Indicativ", "Code"),
    column("Conținut", "Content"),
    column("Anul", "Year"),
    count("File", "Pages"),
    count("Documente", "Documents"),
    column("Termen de păstrare", "Retention"),
    column("Stare", "State"),
];

static SELECTIONS: Plain = Plain {
    title: ("Selecționare", "Selection"),
    lead: (
        "Ce a hotărât comisia de selecționare, ce au confirmat Arhivele Naționale și ce s-a distrus.",
        "What the commission decided, what the National Archives confirmed, and what was destroyed.",
    ),
    columns: &COLUMNS,
    file: "selectionari",
    empty: (
        ("Nicio selecționare", "No selection"),
        (
            "Când termenul unor dosare se împlinește, comisia hotărăște ce se distruge și ce se păstrează.",
            "When the term of dossiers is over, the commission decides what is destroyed and what is kept.",
        ),
    ),
    path: "/v1/archive/selections",
    names: &[],
    filters: no_filters,
    tabs,
    act: NEW,
    row,
};

static DUE: Plain = Plain {
    title: ("Dosare cu termen împlinit", "Dossiers whose term is over"),
    lead: (
        "Dosarele arhivei cărora li s-a împlinit termenul de păstrare, cele mai vechi întâi.",
        "Dossiers of the archive whose retention is over, oldest first.",
    ),
    columns: &DUE_COLUMNS,
    file: "termen-implinit",
    empty: (
        ("Niciun termen împlinit", "No term is over"),
        (
            "Un dosar predat la arhivă apare aici la 1 ianuarie după împlinirea termenului său.",
            "A dossier of the archive stands here from 1 January after its term.",
        ),
    ),
    path: "/v1/archive/due",
    names: &[],
    filters: no_filters,
    tabs,
    act: NEW,
    row: dossiers::row,
};

/// What is done here most.
const NEW: Option<(&str, &str, (&str, &str))> =
    Some(("archive.selections.propose", "/console/selections/new", ("Proces-verbal nou", "New minutes")));

fn tabs(visit: &Visit, asked: &Asked) -> Vec<Tab> {
    let due = asked.get("view") == "due";
    let tab = |label: &str, href: &str, here| Tab { label: label.to_owned(), href: href.to_owned(), here, count: None };
    vec![
        tab(visit.say("Selecționări", "Selections"), "/console/selections", !due),
        tab(visit.say("Termen împlinit", "Term over"), "/console/selections?view=due", due),
    ]
}

fn row(visit: &Visit, one: &Value) -> Row {
    let state = text(one, "state");
    let decided = i64::try_from(listed(one, "decisions").count()).unwrap_or(i64::MAX);
    let cells = vec![
        Cell::Code(text(one, "number")),
        Cell::Day(text(one, "date")),
        Cell::Count(decided),
        Cell::Badge(word(visit, &STATES, &state), tone(&STATES, &state)),
    ];
    Row::to(format!("/console/selections/{}", piece(&text(one, "id"))), cells)
}

/// The list.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    let list = if asked.get("view") == "due" { &DUE } else { &SELECTIONS };
    list::show(&visit, &asked, list).await
}

async fn form(visit: &Visit) -> Result<Record<'_>, Fault> {
    let due = visit.get(format!("/v1/archive/due?limit={AT_ONCE}")).value().await?;
    let title = visit.say("Proces-verbal de selecționare", "Minutes of a selection").to_owned();
    let mut page = Record::of(
        visit,
        ("/console/selections", "Selecționare", "Selection"),
        title,
        "/console/selections".to_owned(),
    );
    let hint = (
        "Comisia hotărăște pentru fiecare dosar. Ce se distruge așteaptă întâi confirmarea Arhivelor Naționale.",
        "The commission decides on each dossier. What is to be destroyed first waits for the National Archives.",
    );
    let mut offer = Offer::of(visit, "new", ("Înscrie procesul-verbal", "Write the minutes"), hint)
        .field("number", visit.say("Numărul procesului-verbal", "Number of the minutes"), Input::Line)
        .needed()
        .field("date", visit.say("Data", "Date"), Input::Day)
        .needed();
    for (role, ro, en) in ROLES {
        offer = offer.field(role, visit.say(ro, en), Input::Line).needed();
    }
    let decisions = [
        ("", "nu acum", "not now"),
        ("destroy", "se distruge", "destroy"),
        ("keep", "se păstrează permanent", "keep permanently"),
    ];
    let decisions = decisions.map(|(code, ro, en)| (code.to_owned(), visit.say(ro, en).to_owned()));
    for one in listed(&due, "items") {
        let label = format!(
            "{} / {}, vol. {} · {} · {}",
            text(one, "code"),
            text(one, "year"),
            text(one, "volume"),
            text(one, "title"),
            text(one, "term")
        );
        offer = offer.field(format!("decision-{}", text(one, "id")), &label, Input::Choice(decisions.to_vec()));
    }
    page.offers.push(offer);
    Ok(page)
}

/// The form of new minutes, with the dossiers whose term is over.
///
/// # Errors
/// The visitor may not see them.
pub async fn fill(visit: Visit) -> Answer {
    Ok(form(&visit).await?.shown(None))
}

/// Writes the minutes of the commission.
///
/// # Errors
/// The hub cannot answer.
pub async fn propose(visit: Visit, filled: Filled) -> Answer {
    let named = ROLES.iter().flat_map(|(role, ..)| filled.get(role).split(',').map(move |name| (*role, name.trim())));
    let members: Vec<Value> =
        named.filter(|(_, name)| !name.is_empty()).map(|(role, name)| json!({"name": name, "role": role})).collect();
    let decided = filled.fields().iter().filter_map(|(name, value)| Some((name.strip_prefix("decision-")?, value)));
    let decisions: Vec<Value> = decided
        .filter(|(_, decision)| !decision.is_empty())
        .map(|(dossier, decision)| json!({"dossier": dossier, "decision": decision}))
        .collect();
    let body =
        json!({"number": filled.get("number"), "date": filled.get("date"), "members": members, "decisions": decisions});
    match sent(&visit, "/v1/archive/selections".to_owned(), &filled, &body).await? {
        Ok(_) => Ok(saved("/console/selections")),
        Err(fault) => Ok(form(&visit).await?.shown(Some((fault, "new", &filled)))),
    }
}

async fn record<'a>(visit: &'a Visit, id: &str) -> Result<Record<'a>, Fault> {
    let one = visit.get(format!("/v1/archive/selections/{}", piece(id))).value().await?;
    let path = format!("/console/selections/{}", piece(id));
    let title = format!("{} {}", visit.say("Procesul-verbal nr.", "Minutes no."), text(&one, "number"));
    let mut page = Record::of(visit, ("/console/selections", "Selecționare", "Selection"), title, path.clone());
    let state = text(&one, "state");
    page.badge = Some((word(visit, &STATES, &state), tone(&STATES, &state)));
    page.fact("Data", "Date", day(&text(&one, "date")));
    for (role, ro, en) in ROLES {
        let names =
            listed(&one, "members").filter(|member| text(member, "role") == role).map(|member| text(member, "name"));
        page.fact(ro, en, names.collect::<Vec<_>>().join(", "));
    }
    let confirmation = &one["confirmation"];
    if !confirmation.is_null() {
        let told = [text(confirmation, "number"), day(&text(confirmation, "date")), text(confirmation, "service")];
        page.fact("Confirmarea", "Confirmation", told.join(" · "));
    }
    page.fact("Distrugerea cerută de", "Destruction asked by", text(&one, "asked_by"));
    page.fact("Aprobată de", "Approved by", text(&one, "approved_by"));
    page.fact("Încheiată la", "Ended", moment(&text(&one, "ended_at")));
    page.head(&[
        ("Dosar", "Dossier"),
        ("Conținut", "Content"),
        ("Termen", "Term"),
        ("Hotărârea", "Decision"),
        ("Motivul", "Reason"),
    ]);
    page.rows = listed(&one, "decisions").map(|decided| decision(visit, decided)).collect();
    page.files.push((visit.say("Procesul-verbal, PDF", "Minutes, PDF").to_owned(), format!("{path}/minutes")));
    if state == "ended" {
        page.files.push((
            visit.say("Dovada distrugerii, PDF", "Proof of destruction, PDF").to_owned(),
            format!("{path}/proof.pdf"),
        ));
        page.files.push((visit.say("Dovada sigilată, XML", "Sealed proof, XML").to_owned(), format!("{path}/proof")));
    }
    page.offers.extend(step(visit, &one));
    page.history(&one);
    Ok(page)
}

fn decision(visit: &Visit, decided: &Value) -> Vec<Cell> {
    let destroyed = text(decided, "decision") == "destroy";
    let (ro, en, tone) =
        if destroyed { ("se distruge", "destroy", Tone::Bad) } else { ("se păstrează", "keep", Tone::Good) };
    vec![
        Cell::Link(text(decided, "name"), format!("/console/dossiers/{}", piece(&text(decided, "dossier")))),
        Cell::text(text(decided, "title")),
        Cell::text(text(decided, "term")),
        Cell::Badge(visit.say(ro, en).to_owned(), tone),
        Cell::text(text(decided, "reason")),
    ]
}

/// The one act that the selection waits for.
fn step(visit: &Visit, one: &Value) -> Option<Offer> {
    match text(one, "state").as_str() {
        "proposed" if visit.may("archive.selections.confirm") => Some(confirmation(visit, one)),
        "confirmed" if visit.may("archive.selections.destroy") => {
            let second = !one["asked_by"].is_null();
            let hint = (
                "Conținutul dosarelor hotărâte pentru distrugere dispare definitiv: nimeni nu îl mai poate aduce înapoi. Rămân dovezile, rezumatele și înregistrările. Cer doi oameni: unul cere, altul aprobă.",
                "The content of the dossiers decided for destruction is gone for good: nobody can bring it back. Evidence, digests and registrations stay. It takes two people: one asks, another approves.",
            );
            let title = if second {
                ("Aprobă distrugerea definitivă", "Approve the destruction for good")
            } else {
                ("Cere distrugerea definitivă", "Ask for destruction for good")
            };
            Some(Offer::of(visit, "destruction", title, hint).dangerous())
        }
        _ => None,
    }
}

fn confirmation(visit: &Visit, one: &Value) -> Offer {
    let hint = (
        "Se înscrie ce au răspuns Arhivele Naționale; dosarele bifate se păstrează.",
        "What the National Archives answered is written down; ticked dossiers are kept.",
    );
    let mut offer = Offer::of(visit, "confirmation", ("Înscrie confirmarea", "Write the confirmation"), hint)
        .field("number", visit.say("Numărul adresei", "Number of the letter"), Input::Line)
        .needed()
        .field("date", visit.say("Data ei", "Its date"), Input::Day)
        .needed()
        .field("service", visit.say("Serviciul care a confirmat", "The service that confirmed"), Input::Line)
        .needed();
    for decided in listed(one, "decisions").filter(|decided| text(decided, "decision") == "destroy") {
        let label = format!("{} {}", visit.say("se păstrează:", "keep:"), text(decided, "name"));
        offer = offer.field(format!("kept-{}", text(decided, "dossier")), &label, Input::Tick);
    }
    offer
}

/// One selection.
///
/// # Errors
/// The institution has none such.
pub async fn one(visit: Visit, Path(id): Path<String>) -> Answer {
    Ok(record(&visit, &id).await?.shown(None))
}

/// Writes down what the National Archives answered.
///
/// # Errors
/// The institution has none such, or the hub cannot answer.
pub async fn confirm(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    let kept: Vec<&str> = filled.fields().iter().filter_map(|(name, _)| name.strip_prefix("kept-")).collect();
    let body = json!({"number": filled.get("number"), "date": filled.get("date"), "service": filled.get("service"), "kept": kept});
    step_made(&visit, &id, ("confirmation", &filled), &body).await
}

/// Asks for destruction, or approves it as the second clerk.
///
/// # Errors
/// The institution has none such, or the hub cannot answer.
pub async fn destroy(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    step_made(&visit, &id, ("destruction", &filled), &json!({})).await
}

async fn step_made(visit: &Visit, id: &str, (act, filled): (&str, &Filled), body: &Value) -> Answer {
    match sent(visit, format!("/v1/archive/selections/{}/{act}", piece(id)), filled, body).await? {
        Ok(_) => Ok(saved(&format!("/console/selections/{}", piece(id)))),
        Err(fault) => Ok(record(visit, id).await?.shown(Some((fault, act, filled)))),
    }
}

/// Its papers: minutes, and the proof of destruction.
///
/// # Errors
/// There is no such paper, or not yet.
pub async fn paper(visit: Visit, Path((id, paper)): Path<(String, String)>) -> Answer {
    let paper = ["minutes", "proof.pdf", "proof"].into_iter().find(|one| *one == paper).ok_or_else(Fault::missing)?;
    visit.get(format!("/v1/archive/selections/{}/{paper}", piece(&id))).passed().await
}
