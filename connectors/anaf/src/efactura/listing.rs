//! The paged list: a window inside ANAF's own clock, corrected once by what it says about that clock.

use serde_json::Value;

use super::Service;
use crate::bucharest;
use crate::shape::Shape;
use crate::trouble::{Trouble, cut};
use crate::words::{Meaning, meaning};
use connectors_contract::reading::retry::until_tomorrow;

/// How long messages are kept, in seconds.
const KEPT: i64 = 60 * 86_400;
/// So far inside the window's limits a request stays: ANAF refuses an end one second ahead of its clock.
const AHEAD: i64 = 60;
const BEHIND: i64 = 300;
/// The most pages of one list.
const MOST_PAGES: u64 = 200;

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// What it is downloaded by; some entries lack it.
    pub(super) id: Option<String>,
    /// The index of the filing.
    pub(super) index: String,
    /// The kind in ANAF's words.
    pub(super) kind: String,
    pub(super) details: String,
    pub(super) created: i64,
    /// The two codes, where the details name them.
    pub(super) seller: Option<String>,
    pub(super) buyer: Option<String>,
}

/// What a list showed, oldest first, and the end of the window that was really asked.
pub(super) struct Listing {
    pub(super) entries: Vec<Entry>,
    pub(super) until: i64,
}

/// The messages created from a moment on, up to a minute before ANAF's own now.
pub(super) async fn list(service: &Service, from: i64) -> Result<Listing, Trouble> {
    let mut anafs_now = service.api.now();
    let (mut corrected, mut behind) = (false, BEHIND);
    loop {
        let until = anafs_now - AHEAD;
        let start = from.max(anafs_now - KEPT + behind).min(until - 1);
        match pages(service, (start, until)).await? {
            Page::Entries(entries, _) => return Ok(Listing { entries, until }),
            // The clocks differ by more than the margin: once, by what ANAF says, else by ten minutes.
            Page::Ahead(now) if !corrected => {
                corrected = true;
                anafs_now = now.unwrap_or(anafs_now - 600);
            }
            // Our clock is behind theirs, they do not say by how much: what is about to leave their memory is given up.
            Page::TooOld if behind == BEHIND => behind = 86_400,
            Page::Ahead(_) | Page::TooOld => {
                let reason = "ceasul ANAF diferă de al nostru mai mult decât se poate corecta".to_owned();
                return Err(Trouble::NotNow { reason, retry_after: None });
            }
        }
    }
}

enum Page {
    Entries(Vec<Entry>, u64),
    Ahead(Option<i64>),
    TooOld,
}

async fn pages(service: &Service, window: (i64, i64)) -> Result<Page, Trouble> {
    let mut entries = Vec::new();
    for number in 1..=MOST_PAGES {
        match page(service, window, number).await? {
            wrong @ (Page::Ahead(_) | Page::TooOld) => return Ok(wrong),
            Page::Entries(more, pages) => {
                let was_empty = more.is_empty();
                entries.extend(more);
                if was_empty || number >= pages {
                    break;
                }
            }
        }
    }
    entries.sort_by(|one: &Entry, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
    Ok(Page::Entries(entries, 1))
}

async fn page(service: &Service, (start, until): (i64, i64), number: u64) -> Result<Page, Trouble> {
    let (start, until, number) = (format!("{start}000"), format!("{until}000"), number.to_string());
    let cif = service.api.cif.clone();
    let query = [("startTime", start.as_str()), ("endTime", &until), ("cif", &cif), ("pagina", &number)];
    let (_, shape) = service.api.ask(&service.path("listaMesajePaginatieFactura"), &query).await?;
    read(shape, service.api.now())
}

/// What an answer of the list holds.
fn read(shape: Shape, now: i64) -> Result<Page, Trouble> {
    let Shape::Json(answer) = shape else {
        let reason = "ANAF a răspuns la listă cu altceva decât JSON".to_owned();
        return Err(Trouble::Doubt { reason });
    };
    if let Some(text) = answer.get("eroare").and_then(Value::as_str) {
        return match meaning(text) {
            Meaning::Nothing | Meaning::NoSuchPage => Ok(Page::Entries(Vec::new(), 0)),
            Meaning::Future(theirs) => Ok(Page::Ahead(theirs)),
            Meaning::TooOld => Ok(Page::TooOld),
            Meaning::Quota => {
                let retry_after = Some(until_tomorrow(now));
                Err(Trouble::NotNow { reason: cut(&format!("Limita zilnică ANAF este atinsă: {text}")), retry_after })
            }
            _ => Err(Trouble::NotNow { reason: cut(&format!("ANAF: {text}")), retry_after: None }),
        };
    }
    let Some(list) = answer.get("mesaje").and_then(Value::as_array) else {
        return Err(Trouble::Doubt { reason: "ANAF a răspuns la listă fără mesaje și fără motiv".to_owned() });
    };
    let entries = list.iter().filter_map(|value| entry(value, now)).collect();
    let pages = answer.get("numar_total_pagini");
    let pages = pages.and_then(|one| one.as_u64().or_else(|| one.as_str()?.parse().ok())).unwrap_or(u64::MAX);
    Ok(Page::Entries(entries, pages))
}

/// An entry by which something can be had: what lacks a date or a kind is not lost for that.
fn entry(value: &Value, now: i64) -> Option<Entry> {
    let text = |name: &str| -> Option<String> {
        let value = value.get(name)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(text.trim().to_owned()).filter(|text| !text.is_empty() && text != "null")
    };
    let digits = |text: String| text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text);
    let details = text("detalii").unwrap_or_default();
    let self_billed = after(&details, "in numele cif=");
    let seller = self_billed.clone().or_else(|| after(&details, "cif_emitent="));
    let buyer =
        if self_billed.is_some() { after(&details, "transmisa de cif=") } else { after(&details, "cif_beneficiar=") };
    let (id, index) = (text("id").and_then(digits), text("id_solicitare").and_then(digits));
    id.as_ref().or(index.as_ref())?;
    Some(Entry {
        index: index.or_else(|| id.clone()).unwrap_or_default(),
        id,
        kind: text("tip").unwrap_or_default(),
        created: text("data_creare").and_then(|text| bucharest::minute(&text)).unwrap_or(now),
        details,
        seller,
        buyer,
    })
}

fn after(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(name)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

#[cfg(test)]
pub(super) fn described(shape: Shape, now: i64) -> String {
    match read(shape, now) {
        Ok(Page::Entries(entries, pages)) => {
            let ids = entries.iter().filter(|entry| entry.id.is_some()).count();
            format!("{} entries, {ids} with id, {pages} pages", entries.len())
        }
        Ok(Page::Ahead(theirs)) => format!("ahead of {theirs:?}"),
        Ok(Page::TooOld) => "too old".to_owned(),
        Err(trouble) => format!("wait {:?}", trouble.wait().1.map(|wait| wait.as_secs())),
    }
}
