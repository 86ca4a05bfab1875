//! `/console/search`: entries of the registers and documents of the archive, by words and numbers.
//!
//! What is looked for may name a person: the answer comes by POST with the reason of the search, and the journal has it. Pages
//! go on behind the last hit, and all hits leave as a file, for the same reason.

use axum::http::StatusCode;
use serde_json::Value;

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{Asked, Tone};
use crate::page::{Answer, page, page_with};
use crate::visit::Visit;

use super::words::{ENTRY, either, entry_page, options, text, types, word};

/// What the search of a register is usually for, and by which rule.
const USUAL: (&str, &str) =
    ("registratură", "Instrucțiunile Arhivelor Naționale aprobate prin Ordinul 217/1996, art. 9");
/// What is handed to the API as it was filled in.
const FILTERS: [&str; 9] = ["q", "kind", "status", "type", "direction", "party", "year", "from", "to"];

/// Files of hits.
const FILES: [&str; 2] = ["csv", "xlsx"];

/// A hit.
struct Hit {
    href: String,
    number: String,
    what: String,
    about: String,
    at: String,
    state: (String, Tone),
}

/// A page of hits, by what they are.
#[derive(Default)]
struct Hits {
    entries: Vec<Hit>,
    documents: Vec<Hit>,
}

impl Hits {
    fn of(visit: &Visit, told: &Value) -> Self {
        let mut hits = Self::default();
        for one in told["items"].as_array().into_iter().flatten() {
            let kind = if text(one, "kind") == "document" { &mut hits.documents } else { &mut hits.entries };
            kind.push(hit(visit, one));
        }
        hits
    }

    /// The tables there are: id of the heading, Romanian, English, rows.
    fn tables(&self) -> Vec<(&'static str, &'static str, &'static str, &[Hit])> {
        let all = [
            ("entries", "Înregistrări", "Register entries", self.entries.as_slice()),
            ("documents", "Documente arhivate", "Archived documents", self.documents.as_slice()),
        ];
        all.into_iter().filter(|(.., rows)| !rows.is_empty()).collect()
    }
}

#[derive(askama::Template)]
#[template(path = "clerk/search.html")]
struct Page<'a> {
    v: &'a Visit,
    filled: Vec<(String, String)>,
    statuses: Vec<(String, String)>,
    types: Vec<(String, String)>,
    hits: Option<Hits>,
    next: Option<String>,
    fault: Option<Fault>,
}

impl Page<'_> {
    fn get(&self, name: &str) -> &str {
        self.filled.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// What goes with the next page or a file: what was looked for and why, not where the page began.
    fn asked(&self) -> impl Iterator<Item = &(String, String)> {
        self.filled.iter().filter(|(name, value)| {
            !value.is_empty() && (FILTERS.contains(&name.as_str()) || ["purpose", "basis"].contains(&name.as_str()))
        })
    }

    /// Whether a filter is set, so that its form stands open.
    fn narrowed(&self) -> bool {
        FILTERS.iter().any(|name| *name != "q" && !self.get(name).is_empty())
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == value
    }
}

/// The form, with what the search field of every page was filled in with.
///
/// # Errors
/// The hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    let mut filled: Vec<(String, String)> =
        FILTERS.iter().map(|name| ((*name).to_owned(), asked.get(name).to_owned())).collect();
    filled.push(("purpose".to_owned(), USUAL.0.to_owned()));
    filled.push(("basis".to_owned(), USUAL.1.to_owned()));
    page(&made(&visit, filled).await?)
}

/// The hits, or all of them as a file.
///
/// # Errors
/// The hub cannot answer.
pub async fn find(visit: Visit, filled: Filled) -> Answer {
    let kind = FILES.iter().find(|kind| **kind == filled.get("as"));
    let wanted = FILTERS.iter().chain(if kind.is_none() { &["before"][..] } else { &[] });
    let query: Vec<String> = wanted.filter_map(|name| Some(format!("{name}={}", piece(filled.some(name)?)))).collect();
    let path = kind.map_or_else(|| "?limit=50&".to_owned(), |kind| format!("/hits.{kind}?"));
    let asked = visit.get(format!("/v1/search{path}{}", query.join("&")));
    let asked = asked.why(filled.get("purpose"), filled.get("basis"));
    let refused = if kind.is_some() {
        match asked.passed().await {
            Ok(file) => return Ok(file),
            Err(fault) => fault,
        }
    } else {
        match asked.value().await {
            Ok(told) => {
                let mut made = made(&visit, filled.fields().to_vec()).await?;
                made.hits = Some(Hits::of(&visit, &told));
                made.next = told["next"].as_i64().map(|next| next.to_string());
                return page(&made);
            }
            Err(fault) => fault,
        }
    };
    if !matches!(refused.status.as_u16(), 400 | 422 | 428) && refused.code != "purpose-needed" {
        return Err(refused);
    }
    let mut made = made(&visit, filled.fields().to_vec()).await?;
    made.fault = Some(refused);
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &made))
}

async fn made(visit: &Visit, filled: Vec<(String, String)>) -> Result<Page<'_>, Fault> {
    let statuses = options(visit, &ENTRY);
    Ok(Page { v: visit, filled, statuses, types: types(visit).await?, hits: None, next: None, fault: None })
}

fn hit(visit: &Visit, one: &Value) -> Hit {
    if text(one, "kind") == "document" {
        return Hit {
            href: format!("/console/archived/{}", piece(text(one, "id"))),
            number: either(text(one, "identifier"), text(one, "name")).to_owned(),
            what: either(text(one, "title"), text(one, "name")).to_owned(),
            about: format!("{} {}", visit.say("dosarul", "dossier"), text(one, "dossier")),
            at: text(one, "archived_at").to_owned(),
            state: (visit.say("arhivat", "archived").to_owned(), Tone::Good),
        };
    }
    let number = |name: &str| one[name].as_i64().unwrap_or_default();
    if text(one, "kind") == "old_entry" {
        return Hit {
            // It has no page of its own: the book of its year, by its subject.
            href: format!(
                "/console/registers/{}?year={}&words={}",
                piece(text(one, "register")),
                number("year"),
                piece(text(one, "subject"))
            ),
            number: format!("{}/{}", text(one, "shown"), number("year")),
            what: text(one, "subject").to_owned(),
            about: text(one, "counterpart").to_owned(),
            at: text(one, "recorded_at").to_owned(),
            state: (visit.say("registru vechi", "old register").to_owned(), Tone::Plain),
        };
    }
    Hit {
        href: entry_page(text(one, "register"), number("year"), number("number")),
        number: format!("{}/{}", text(one, "shown"), number("year")),
        what: text(one, "subject").to_owned(),
        about: text(one, "counterpart").to_owned(),
        at: text(one, "recorded_at").to_owned(),
        state: word(visit, &ENTRY, text(one, "status")),
    }
}
