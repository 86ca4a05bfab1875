//! The archive: dossiers, what waits to be filed, holds, selections and inventories. Their pages have one form: facts, a table,
//! and the acts that the state allows.

mod plain;
pub mod dossiers;
pub mod filings;
pub mod holds;
pub mod selections;
pub mod inventories;
pub mod nomenclator;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{Cell, Tone};
use crate::page::{done, page_with};
use crate::visit::Visit;

use super::offer::{Input, Offer};
use super::words::{SHELF_ACTS, word};

/// The page of one thing of the archive.
#[derive(askama::Template)]
#[template(path = "registry/record.html")]
pub struct Record<'a> {
    v: &'a Visit,
    /// Where it stands, and where its acts are sent.
    pub(super) path: String,
    pub(super) title: String,
    /// The list it is of.
    list: (&'static str, String),
    /// How it stands.
    pub(super) badge: Option<(String, Tone)>,
    facts: Vec<(String, String)>,
    headings: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// Where the table goes on.
    pub(super) further: Option<String>,
    /// Label and address.
    pub(super) files: Vec<(String, String)>,
    steps: Vec<(String, String, String)>,
    pub(super) offers: Vec<Offer>,
    fault: Option<Fault>,
}

impl<'a> Record<'a> {
    pub(super) fn of(visit: &'a Visit, list: (&'static str, &str, &str), title: String, path: String) -> Self {
        Self {
            v: visit,
            path,
            title,
            list: (list.0, visit.say(list.1, list.2).to_owned()),
            badge: None,
            facts: Vec::new(),
            headings: Vec::new(),
            rows: Vec::new(),
            further: None,
            files: Vec::new(),
            steps: Vec::new(),
            offers: Vec::new(),
            fault: None,
        }
    }

    pub(super) fn fact(&mut self, ro: &str, en: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.facts.push((self.v.say(ro, en).to_owned(), value));
        }
    }

    pub(super) fn head(&mut self, headings: &[(&str, &str)]) {
        self.headings = headings.iter().map(|(ro, en)| self.v.say(ro, en).to_owned()).collect();
    }

    fn history(&mut self, record: &Value) {
        let acts = super::reading::listed(record, "acts");
        let text = super::reading::text;
        let what = |one: &Value| word(self.v, &SHELF_ACTS, &text(one, "act"));
        self.steps = acts.map(|one| (text(one, "at"), what(one), text(one, "author"))).collect();
    }

    /// The page; after a refusal with its reason, and the form as it was filled in.
    pub(super) fn shown(mut self, refused: Option<(Fault, &str, &Filled)>) -> Response {
        self.files.retain(|(_, address)| self.v.reaches(address));
        let Some((fault, act, filled)) = refused else { return page_with(StatusCode::OK, &self) };
        for offer in &mut self.offers {
            if offer.act == act {
                *offer = offer.clone().again(filled);
            }
        }
        self.fault = Some(fault);
        page_with(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}

/// Sends what a form says; the refusal, where it is one that the page can show.
pub(super) async fn sent(
    visit: &Visit,
    path: String,
    filled: &Filled,
    body: &Value,
) -> Result<Result<Value, Fault>, Fault> {
    match visit.post(path).form(filled.token()).key(filled.key()).json(body).value().await {
        Ok(answer) => Ok(Ok(answer)),
        Err(fault) if fault.status == StatusCode::NOT_FOUND => Err(fault),
        Err(fault) => Ok(Err(fault)),
    }
}

fn saved(place: &str) -> Response {
    done(place, "saved")
}
