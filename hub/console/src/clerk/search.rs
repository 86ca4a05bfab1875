//! `/console/search`: entries of the registers and documents of the archive, by words and numbers.
//!
//! What is looked for may name a person: the answer comes by POST with the reason of the search, and the journal has it.

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

/// A hit.
struct Hit {
    href: String,
    number: String,
    what: String,
    about: String,
    at: String,
    state: (String, Tone),
}

#[derive(askama::Template)]
#[template(path = "clerk/search.html")]
struct Page<'a> {
    v: &'a Visit,
    filled: Vec<(String, String)>,
    statuses: Vec<(String, String)>,
    types: Vec<(String, String)>,
    hits: Option<Vec<Hit>>,
    next: Option<String>,
    fault: Option<Fault>,
}

impl Page<'_> {
    fn get(&self, name: &str) -> &str {
        self.filled.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str()).unwrap_or_default()
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

/// The hits.
///
/// # Errors
/// The hub cannot answer.
pub async fn find(visit: Visit, filled: Filled) -> Answer {
    let query: Vec<String> = FILTERS
        .iter()
        .chain(&["before"])
        .filter_map(|name| Some(format!("{name}={}", piece(filled.some(name)?))))
        .collect();
    let asked = visit.get(format!("/v1/search?limit=50&{}", query.join("&")));
    let answer = asked.why(filled.get("purpose"), filled.get("basis")).value().await;
    let mut made = made(&visit, filled.fields().to_vec()).await?;
    match answer {
        Ok(told) => {
            made.hits = Some(told["items"].as_array().into_iter().flatten().map(|one| hit(&visit, one)).collect());
            made.next = told["next"].as_i64().map(|next| next.to_string());
            page(&made)
        }
        Err(fault) if matches!(fault.status.as_u16(), 400 | 422 | 428) || fault.code == "purpose-needed" => {
            made.fault = Some(fault);
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &made))
        }
        Err(fault) => Err(fault),
    }
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
    Hit {
        href: entry_page(text(one, "register"), number("year"), number("number")),
        number: format!("{}/{}", text(one, "shown"), number("year")),
        what: text(one, "subject").to_owned(),
        about: text(one, "counterpart").to_owned(),
        at: text(one, "recorded_at").to_owned(),
        state: word(visit, &ENTRY, text(one, "status")),
    }
}
