//! `/console/filings`: what waits to be filed because no rule knew its code, and the form that says it.

use axum::extract::Path;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Asked, Cell, Column, Row, Tab, Tone, column};
use crate::moment::moment;
use crate::page::Answer;
use crate::visit::Visit;

use super::super::entry::stated;
use super::super::reading::{listed, text};
use super::super::words::{tone, word};
use super::plain::{Plain, no_filters};
use super::{Input, Offer, Record, saved, sent};

/// How a filing stands.
const STATES: [(&str, &str, &str, Tone); 3] = [
    ("unclassified", "de clasificat", "to be classified", Tone::Warn),
    ("waiting", "așteaptă încheierea", "waits for its end", Tone::Plain),
    ("filed", "clasat", "filed", Tone::Good),
];

const COLUMNS: [Column; 4] =
    [column("Ce", "What"), column("Stare", "State"), column("De ce", "Why"), column("Indicativ", "Code")];

static FILINGS: Plain = Plain {
    title: ("De clasat la dosar", "To be filed"),
    lead: (
        "Documente încheiate pentru care nicio regulă nu a știut indicativul, cele mai vechi întâi.",
        "Documents at their end whose code no rule knew, oldest first.",
    ),
    columns: &COLUMNS,
    file: "de-clasat",
    empty: (
        ("Nimic de clasat", "Nothing to be filed"),
        (
            "Documentele cu indicativ cunoscut se clasează singure; aici vin numai celelalte.",
            "Documents whose code is known are filed by themselves; only the others come here.",
        ),
    ),
    path: "/v1/archive/filings",
    names: &["state"],
    filters: no_filters,
    tabs,
    act: None,
    row,
};

fn tabs(visit: &Visit, asked: &Asked) -> Vec<Tab> {
    let here = asked.some("state").unwrap_or("unclassified");
    let tab = |(code, ro, en, _): &(&str, &str, &str, Tone)| Tab {
        label: visit.say(ro, en).to_owned(),
        href: format!("/console/filings?state={code}"),
        here: *code == here,
        count: None,
    };
    STATES.iter().map(tab).collect()
}

fn what(visit: &Visit, one: &Value) -> String {
    let entry = &one["entry"];
    if entry.is_null() {
        return format!("{} {}", visit.say("mesajul", "message"), text(one, "message_id"));
    }
    format!("{}/{} · {}", text(entry, "number"), text(entry, "year"), text(entry, "register"))
}

fn row(visit: &Visit, one: &Value) -> Row {
    let state = text(one, "state");
    let cells = vec![
        Cell::text(what(visit, one)),
        Cell::Badge(word(visit, &STATES, &state), tone(&STATES, &state)),
        Cell::text(text(one, "reason")),
        Cell::Code(text(one, "code")),
    ];
    Row::to(format!("/console/filings/{}?state={state}", piece(&text(one, "id"))), cells)
}

/// The list.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &FILINGS).await
}

/// The id just before one, or just after it, in the order of ids: behind it a list of the API begins with that one.
pub fn neighbour(id: &str, after: bool) -> Option<String> {
    let digits: String = id.chars().filter(|sign| *sign != '-').collect();
    let number = u128::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 32)?;
    let hex = format!("{:032x}", if after { number.checked_add(1)? } else { number.checked_sub(1)? });
    Some(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}

/// The filing with this id, whatever its state: the API shows filings by state, and goes on after an id.
async fn found(visit: &Visit, id: &str) -> Result<Value, Fault> {
    let after = neighbour(id, false).ok_or_else(Fault::missing)?;
    for (state, ..) in STATES {
        let page = visit.get(format!("/v1/archive/filings?state={state}&after={after}&limit=1")).value().await?;
        if let Some(one) = listed(&page, "items").find(|one| text(one, "id") == id) {
            return Ok(one.clone());
        }
    }
    Err(Fault::missing())
}

async fn record<'a>(visit: &'a Visit, id: &str) -> Result<Record<'a>, Fault> {
    let one = found(visit, id).await?;
    let path = format!("/console/filings/{}", piece(id));
    let mut page =
        Record::of(visit, ("/console/filings", "De clasat la dosar", "To be filed"), what(visit, &one), path);
    let state = text(&one, "state");
    page.badge = Some((word(visit, &STATES, &state), tone(&STATES, &state)));
    page.fact("De ce așteaptă", "Why it waits", text(&one, "reason"));
    page.fact("Indicativ", "Code", text(&one, "code"));
    page.fact("Clasat la", "Filed", moment(&text(&one, "filed_at")));
    let entry = &one["entry"];
    if !entry.is_null() {
        let place = format!(
            "/console/registers/{}/{}/{}",
            piece(&text(entry, "register")),
            text(entry, "year"),
            text(entry, "number")
        );
        page.files.push((visit.say("Înregistrarea", "The entry").to_owned(), place));
    }
    let message = text(&one, "message_id");
    if !message.is_empty() {
        page.files.push((
            visit.say("Documentul", "The document").to_owned(),
            format!("/console/documents/{}", piece(&message)),
        ));
    }
    if state == "unclassified" && visit.may("archive.filings.classify") {
        let hint = (
            "Indicativul este cel din nomenclatorul în vigoare; dacă greșiți, vi se spun cele apropiate.",
            "The code is one of the nomenclator in force; when it is wrong, near ones are named.",
        );
        page.offers.push(
            Offer::of(visit, "classify", ("Clasează", "File"), hint)
                .field("code", visit.say("Indicativul", "Code"), Input::Line)
                .needed()
                .field(
                    "place",
                    visit.say("Unde se află originalul pe hârtie", "Where the original on paper lies"),
                    Input::Line,
                ),
        );
    }
    Ok(page)
}

/// One filing.
///
/// # Errors
/// The institution has none such.
pub async fn one(visit: Visit, Path(id): Path<String>) -> Answer {
    Ok(record(&visit, &id).await?.shown(None))
}

/// Says under which code it is filed.
///
/// # Errors
/// The institution has none such, or the hub cannot answer.
pub async fn classify(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    let body = stated(json!({"code": filled.get("code"), "place": filled.some("place")}));
    match sent(&visit, format!("/v1/archive/filings/{}/classify", piece(&id)), &filled, &body).await? {
        Ok(_) => Ok(saved("/console/filings")),
        Err(fault) => Ok(record(&visit, &id).await?.shown(Some((fault, "classify", &filled)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_beside_one_keep_its_form() {
        let id = "019af000-0000-7000-8000-000000000000";
        assert_eq!(neighbour(id, false).unwrap(), "019af000-0000-7000-7fff-ffffffffffff");
        assert_eq!(neighbour(id, true).unwrap(), "019af000-0000-7000-8000-000000000001");
        assert_eq!(neighbour("x", false), None);
        assert_eq!(neighbour("00000000-0000-0000-0000-000000000000", false), None);
        assert_eq!(neighbour("ffffffff-ffff-ffff-ffff-ffffffffffff", true), None);
    }
}
