//! `/console/registers/{register}/{year}/closing`: what would be closed, drawn up by one clerk, approved by another, and the
//! sealed act.

use axum::extract::Path;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{Cell, Tone};
use crate::moment::moment;
use crate::page::{Answer, done};
use crate::visit::Visit;

use super::offer::{Input, Offer};
use super::reading::{listed, text};
use super::shelf::{Record, sent};

/// Where the API keeps the closing of a year.
fn api((register, year): (&str, i64)) -> String {
    format!("/v1/registers/{}/{year}/closing", piece(register))
}

/// Where its page is.
fn place((register, year): (&str, i64)) -> String {
    format!("/console/registers/{}/{year}/closing", piece(register))
}

async fn record<'a>(visit: &'a Visit, series: (&str, i64)) -> Result<Record<'a>, Fault> {
    let one = visit.get(api(series)).value().await?;
    let title = format!("{} {}, {}", visit.say("Închiderea anului", "Closing of the year"), series.1, series.0);
    let mut page = Record::of(visit, ("/console/registers", "Registre", "Registers"), title, place(series));
    let book = format!("/console/registers/{}?year={}", piece(series.0), series.1);
    page.files.push((visit.say("Registrul", "The register").to_owned(), book));
    if text(&one, "state") == "closed" {
        closed(&mut page, visit, &one)
    } else {
        open(&mut page, visit, &one)
    }
    Ok(page)
}

/// A year that is not closed: what would be, and the one step that it waits for.
fn open(page: &mut Record<'_>, visit: &Visit, one: &Value) {
    let proposal = &one["proposal"];
    page.badge = Some(if proposal.is_null() {
        (visit.say("deschis", "open").to_owned(), Tone::Good)
    } else {
        (visit.say("așteaptă aprobarea", "waits for approval").to_owned(), Tone::Warn)
    });
    page.fact("Primul număr", "First number", text(one, "first"));
    page.fact("Ultimul număr", "Last number", text(one, "last"));
    page.fact("Câte numere", "How many numbers", text(one, "count"));
    page.fact("Anulate", "Annulled", text(one, "annulled_count"));
    page.fact("Rezervate sau alocate, fără document", "Reserved or allocated, without a document", {
        listed(one, "unused").count().to_string()
    });
    let waiting: Vec<String> = listed(one, "annulments").map(Value::to_string).collect();
    page.fact("Anulări care așteaptă aprobare", "Annulments that wait for approval", waiting.join(", "));
    page.fact("Întocmită de", "Drawn up by", text(proposal, "author"));
    page.fact("Întocmită la", "Drawn up", moment(&text(proposal, "proposed_at")));
    if proposal["strike_unused"] == true {
        let told = visit.say("se barează în registru", "are struck out in the register");
        page.fact("Numerele fără document", "Numbers without a document", told);
    }
    page.head(&[("Număr fără document", "Number without a document"), ("Compartiment", "Unit"), ("Fel", "Kind")]);
    let unused = |one: &Value| {
        let (ro, en) =
            if text(one, "kind") == "allocated" { ("alocat", "allocated") } else { ("rezervat", "reserved") };
        vec![Cell::Code(text(one, "number")), Cell::text(text(one, "unit")), Cell::text(visit.say(ro, en))]
    };
    page.rows = listed(one, "unused").map(unused).collect();
    if one["count"].as_i64().unwrap_or_default() == 0 {
        return;
    }
    if proposal.is_null() {
        if visit.may("registers.close") {
            page.offers.push(drawing_up(visit));
        }
        return;
    }
    if visit.may("registers.approve-closing") {
        let hint = (
            "Anul se închide definitiv: nu mai dă numere și nimic din el nu se mai schimbă. Aprobă alt om decât cel care a întocmit închiderea.",
            "The year is closed for good: it gives no more numbers and nothing in it changes. Another person approves than the one who drew it up.",
        );
        let title = ("Aprobă închiderea definitivă", "Approve the closing for good");
        page.offers.push(Offer::of(visit, "approve", title, hint).dangerous());
    }
    if visit.may("registers.close") {
        let hint = ("Anul rămâne deschis, ca înainte de întocmire.", "The year stays open, as before it was drawn up.");
        page.offers.push(Offer::of(visit, "withdraw", ("Retrage închiderea", "Withdraw the closing"), hint));
    }
}

fn drawing_up(visit: &Visit) -> Offer {
    let hint = (
        "Se întocmește după 31 decembrie, când nicio anulare nu mai așteaptă; apoi altcineva o aprobă.",
        "It is drawn up after 31 December, when no annulment waits; then somebody else approves it.",
    );
    Offer::of(visit, "propose", ("Întocmește închiderea", "Draw up the closing"), hint).field(
        "strike_unused",
        visit.say(
            "Numerele rezervate sau alocate și nefolosite se barează",
            "Reserved or allocated numbers never used are struck out",
        ),
        Input::Tick,
    )
}

/// A closed year: what the sealed act says, and the act.
fn closed(page: &mut Record<'_>, visit: &Visit, one: &Value) {
    page.badge = Some((visit.say("închis", "closed").to_owned(), Tone::Plain));
    let numbers = &one["numbers"];
    for (name, ro, en) in [
        ("first", "Primul număr", "First number"),
        ("last", "Ultimul număr", "Last number"),
        ("count", "Câte numere", "How many numbers"),
        ("annulled_count", "Anulate", "Annulled"),
        ("annulled", "Numerele anulate", "Annulled numbers"),
        ("struck_count", "Barate", "Struck out"),
        ("struck", "Numerele barate", "Numbers struck out"),
        ("newest_link", "Ultima verigă a lanțului", "Newest link of the chain"),
    ] {
        page.fact(ro, en, text(numbers, name));
    }
    page.fact("Închis la", "Closed", moment(&text(one, "closed_at")));
    page.fact("Întocmit de", "Drawn up by", text(one, "author"));
    page.fact("Aprobat de", "Approved by", text(one, "approver"));
    page.fact("SHA-256", "SHA-256", text(one, "sha256"));
    let path = page.path.clone();
    page.files.push((visit.say("Actul de închidere, PDF", "Closing act, PDF").to_owned(), format!("{path}/act.pdf")));
    page.files.push((visit.say("Actul sigilat, XML", "Sealed act, XML").to_owned(), format!("{path}/act.xml")));
}

/// How the year stands.
///
/// # Errors
/// The institution has no such register, or the visitor's unit may not see it.
pub async fn show(visit: Visit, Path((register, year)): Path<(String, i64)>) -> Answer {
    Ok(record(&visit, (&register, year)).await?.shown(None))
}

/// The act of a closed year, for people or as it was sealed.
///
/// # Errors
/// The year is not closed, or there is no such file.
pub async fn file(visit: Visit, Path((register, year, file)): Path<(String, i64, String)>) -> Answer {
    let format = [("act.pdf", "pdf"), ("act.xml", "xml")].into_iter().find(|(name, _)| *name == file);
    let (_, format) = format.ok_or_else(Fault::missing)?;
    visit.get(format!("{}?format={format}", api((&register, year)))).passed().await
}

/// Draws the closing up, approves it, or takes it back.
///
/// # Errors
/// There is no such register or act, or the hub cannot answer.
pub async fn act(visit: Visit, Path((register, year, act)): Path<(String, i64, String)>, filled: Filled) -> Answer {
    let series = (register.as_str(), year);
    let strike = json!({"strike_unused": filled.some("strike_unused").is_some()});
    let (act, path, body, code) = match act.as_str() {
        "propose" => ("propose", api(series), strike, "closing-proposed"),
        "approve" => ("approve", format!("{}/approve", api(series)), json!({}), "year-closed"),
        "withdraw" => ("withdraw", format!("{}/withdraw", api(series)), json!({}), "saved"),
        _ => return Err(Fault::missing()),
    };
    match sent(&visit, path, &filled, &body).await? {
        Ok(_) => Ok(done(&place(series), code)),
        Err(fault) if fault.status == StatusCode::UNAUTHORIZED => Err(fault),
        Err(fault) => Ok(record(&visit, series).await?.shown(Some((fault, act, &filled)))),
    }
}
