//! The papers of the archive as PDF/A, made on demand from what was written down: inventory, minutes, proof.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::archive::dossier::Inventory;
use hub_flow::archive::selection::{self, Decision, Place, Selection};
use hub_flow::authorization::to;
use hub_flow::clock::Timestamp;
use hub_receipts::archive as papers;
use hub_receipts::{Moment, ReceiptError};
use serde_json::Value;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Path;

use super::{inventories, selections};

/// Documents on the paper of a destruction; the sealed proof, or its lists, have them all.
const SHOWN: i64 = 5_000;

/// The inventory with the columns of annex 2 (Law 16/1996).
///
/// # Errors
/// A problem document.
pub async fn inventory(
    caller: May<to::ArchiveInventoriesRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let held = inventories::found(&app, &caller, &id).await?;
    let dates = |line: &hub_flow::archive::dossier::Line| match (&line.first_date, &line.last_date) {
        (Some(first), Some(last)) => format!("{first} – {last}"),
        _ => String::new(),
    };
    let line = |line: &hub_flow::archive::dossier::Line| papers::Line {
        number: line.number,
        code: format!("{}, vol. {}", line.code, line.volume),
        title: line.title.clone(),
        dates: dates(line),
        pages: line.pages,
        remarks: line.term.clone(),
    };
    let facts = papers::Inventory {
        id: held.id.to_string(),
        institution: institution(&app, &caller),
        unit: held.unit.clone().unwrap_or_default(),
        number: held.number,
        year: held.year,
        permanent: held.retention == "permanent",
        lines: held.lines.iter().map(line).collect(),
        left_open: held.left_open.clone(),
        author: held.author.clone(),
    };
    pdf(papers::inventory(&facts, &moment(&held.made_at)))
}

/// The minutes of a hand-over.
///
/// # Errors
/// A problem document.
pub async fn minutes(
    caller: May<to::ArchiveInventoriesRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let held = inventories::found(&app, &caller, &id).await?;
    let Inventory { minutes: Some(minutes), handed_over_at: Some(at), .. } = &held else {
        return Err(Problem::of(&crate::problems::STATE_CONFLICT).detail(
            "Dosarele inventarului nu au fost predate încă; procesul-verbal apare la predare",
            "The dossiers of the inventory are not handed over yet; there are minutes once they are",
        ));
    };
    let facts = papers::HandOver {
        id: held.id.to_string(),
        institution: institution(&app, &caller),
        unit: held.unit.clone().unwrap_or_default(),
        number: text(&minutes["number"]),
        date: text(&minutes["date"]),
        inventory: (held.number, held.year),
        listed: held.lines.len(),
        taken: minutes["taken"].as_i64().unwrap_or_default(),
        missing: minutes["missing"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect(),
        left_open: held.left_open.clone(),
        handed_over_by: text(&minutes["handed_over_by"]),
        received_by: text(&minutes["received_by"]),
        early_reason: text(&minutes["early_reason"]),
    };
    pdf(papers::hand_over(&facts, &moment(at)))
}

/// The minutes of the selection commission.
///
/// # Errors
/// A problem document.
pub async fn selection(
    caller: May<to::ArchiveSelectionsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let held = selections::found(&app, &caller, &id).await?;
    let member = |member: &selection::Member| papers::Member { name: member.name.clone(), role: member.role.clone() };
    let decided = |one: &selection::Decided| papers::Selected {
        name: one.name.clone(),
        title: one.title.clone(),
        term: one.term.clone(),
        destroyed: one.decision == Decision::Destroy,
        reason: one.reason.clone().unwrap_or_default(),
    };
    let facts = papers::Selection {
        id: held.id.to_string(),
        institution: institution(&app, &caller),
        number: held.number.clone(),
        date: held.date.clone(),
        members: held.members.iter().map(member).collect(),
        decisions: held.decisions.iter().map(decided).collect(),
        confirmation: confirmation(&held),
    };
    pdf(papers::selection(&facts, &moment(&format!("{}T00:00:00Z", held.date))))
}

/// The proof of destruction on paper; the sealed XML is at `…/proof`.
///
/// # Errors
/// A problem document; also while something is left.
pub async fn proof(
    caller: May<to::ArchiveSelectionsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let held = selections::found(&app, &caller, &id).await?;
    let (Some(at), Some(digest)) = (&held.ended_at, &held.proof_sha256) else {
        return Err(selections::not_ended(&held.state));
    };
    let (gone, _) = selection::destroyed_in(&app.hub.db, held.id, Place::default(), SHOWN).await?;
    let facts = papers::Destruction {
        id: held.id.to_string(),
        institution: institution(&app, &caller),
        minutes: format!("nr. {} din {}", held.number, held.date),
        confirmation: confirmation(&held),
        asked_by: held.asked_by.clone().unwrap_or_default(),
        approved_by: held.approved_by.clone().unwrap_or_default(),
        ended_at: Timestamp::parse_utc(at).map_or_else(|| at.clone(), Timestamp::to_romanian),
        proof_sha256: digest.clone(),
        dossiers: held.to_destroy().map(|one| one.name.clone()).collect(),
        documents: gone.into_iter().map(|one| (one.identifier, one.sha256)).collect(),
    };
    pdf(papers::destruction(&facts, &moment(at)))
}

fn institution(app: &App, caller: &Caller) -> String {
    let directory = app.hub.directory();
    directory.party(&caller.party).map_or_else(|| caller.party.clone(), |party| party.name.clone())
}

fn confirmation(held: &Selection) -> String {
    let Some(held) = &held.confirmation else { return String::new() };
    format!("nr. {} din {}, {}", text(&held["number"]), text(&held["date"]), text(&held["service"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn moment(utc: &str) -> Moment {
    let local = Timestamp::parse_utc(utc).map_or_else(|| utc.to_owned(), Timestamp::to_romanian);
    Moment { utc: utc.to_owned(), local }
}

fn pdf(made: Result<Vec<u8>, ReceiptError>) -> Result<Response, Problem> {
    let made = made.map_err(|error| Problem::from(std::io::Error::other(error)))?;
    let headers = [(header::CONTENT_TYPE, "application/pdf"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Ok((headers, made).into_response())
}
