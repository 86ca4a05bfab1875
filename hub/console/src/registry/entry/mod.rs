//! `/console/registers/{register}/{year}/{number}`: one entry, its time, its way through the institution, and what can be done
//! with it.

mod facts;
mod history;
mod offers;
mod act;
mod content;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{Asked, Tone};
use crate::page::{Answer, page, page_with};
use crate::visit::Visit;

use super::purpose;
use super::reading::{listed, text};
use super::words::{STATUSES, tone, word};

pub use act::{count, record, stated};
pub use content::{add, bytes};

use super::offer::{Input, Offer};
use facts::{Linked, Tied, Time};
use history::{Leg, Step};

/// Where an entry stands, as addresses say it.
#[derive(Debug, Clone)]
struct Place {
    register: String,
    year: i64,
    number: i64,
}

impl Place {
    fn api(&self) -> String {
        format!("/v1/registers/{}/{}/{}", piece(&self.register), self.year, self.number)
    }

    fn page(&self) -> String {
        format!("/console/registers/{}/{}/{}", piece(&self.register), self.year, self.number)
    }
}

/// What the API knows of an entry.
struct Known {
    place: Place,
    entry: Value,
    register: Value,
    /// The term and the path; none where nothing runs or the visitor may not see it.
    deadline: Option<Value>,
    /// Contents of what came without a message.
    contents: Vec<Value>,
    /// Name of the other side, where it takes part in the hub.
    other: String,
    /// Name of the institution it went on to; empty where it stayed.
    competent: String,
    /// Units a document can be given to; empty where the institution wrote none down.
    units: Vec<(String, String)>,
    /// Institutions that fit what was looked for.
    institutions: Vec<(String, String)>,
}

impl Known {
    async fn of(visit: &Visit, place: Place, looked_for: Option<&str>) -> Result<Self, Fault> {
        let entry = purpose::open(visit, place.api()).value().await?;
        let register = visit.get(format!("/v1/registers/{}", piece(&place.register))).value().await?;
        let deadline = match visit.may("deadlines.read") {
            true => visit.get(format!("{}/deadline", place.api())).maybe().await?,
            false => None,
        };
        let contents = match entry["message_id"].is_null() {
            true => visit.get(format!("{}/content", place.api())).maybe().await?,
            false => None,
        };
        let contents = contents.map(|found| listed(&found, "items").cloned().collect()).unwrap_or_default();
        let other = name_of(visit, &text(&entry, "counterpart")).await?;
        let redirected = listed(&entry, "acts").find(|act| act["act"] == "redirected");
        let competent = redirected.map(|act| text(&act["content"], "competent")).unwrap_or_default();
        let competent = name_of(visit, &competent).await?;
        let units = units(visit, &register).await?;
        let institutions = match looked_for {
            Some(words) => institutions(visit, words).await?,
            None => Vec::new(),
        };
        Ok(Self { place, entry, register, deadline, contents, other, competent, units, institutions })
    }

    fn status(&self) -> String {
        text(&self.entry, "status")
    }
}

/// The name of a party; its id where it is none.
async fn name_of(visit: &Visit, id: &str) -> Result<String, Fault> {
    if id.is_empty() || !visit.may("directory.read") {
        return Ok(id.to_owned());
    }
    let found = visit.get(format!("/v1/directory/parties/{}", piece(id))).maybe().await?;
    let name = found.map(|found| text(&found["entry"], "name")).filter(|name| !name.is_empty());
    Ok(name.unwrap_or_else(|| id.to_owned()))
}

/// Units a document can be given to: those with rights in the register, else those of the structure.
async fn units(visit: &Visit, register: &Value) -> Result<Vec<(String, String)>, Fault> {
    let rights: Vec<String> = listed(register, "units").map(|one| text(one, "unit")).collect();
    let tree = if visit.may("structure.read") { visit.get("/v1/structure").maybe().await? } else { None };
    let mut named = Vec::new();
    if let Some(tree) = &tree {
        below(tree, &mut named);
    }
    if rights.is_empty() {
        return Ok(named);
    }
    let name = |id: String| {
        let known = named.iter().find(|(held, _)| *held == id).map(|(_, name)| name.clone());
        (id.clone(), known.unwrap_or(id))
    };
    Ok(rights.into_iter().map(name).collect())
}

fn below(tree: &Value, into: &mut Vec<(String, String)>) {
    for unit in listed(tree, "units") {
        into.push((text(unit, "id"), text(unit, "name")));
        below(unit, into);
    }
}

async fn institutions(visit: &Visit, words: &str) -> Result<Vec<(String, String)>, Fault> {
    let found =
        visit.get(format!("/v1/directory/parties?limit=20&q={}", piece(words))).maybe().await?.unwrap_or_default();
    let own = |id: &str| id == visit.person.party;
    let all = listed(&found, "items").map(|one| (text(one, "id"), text(&one["entry"], "name")));
    Ok(all.filter(|(id, _)| !own(id)).collect())
}

#[derive(askama::Template)]
#[template(path = "registry/entry.html")]
struct Page<'a> {
    v: &'a Visit,
    path: String,
    book: String,
    register: String,
    shown: String,
    subject: String,
    status: String,
    tone: Tone,
    waits: Option<String>,
    facts: Vec<(&'static str, String)>,
    linked: Vec<Linked>,
    ties: Vec<Tied>,
    time: Option<Time>,
    legs: Vec<Leg>,
    steps: Vec<Step>,
    message: String,
    contents: Vec<Value>,
    may_add: bool,
    first: Option<Offer>,
    others: Vec<Offer>,
    looked_for: String,
    fault: Option<Fault>,
}

impl<'a> Page<'a> {
    fn of(visit: &'a Visit, known: &Known, looked_for: &str, refused: Option<(Fault, &str, &Filled)>) -> Self {
        let entry = &known.entry;
        let code = known.status();
        let filled = refused.as_ref().map(|(_, act, filled)| (*act, *filled));
        let (first, others) = offers::offered(visit, known, filled);
        Self {
            v: visit,
            path: known.place.page(),
            book: format!("/console/registers/{}?year={}", piece(&known.place.register), known.place.year),
            register: text(&known.register, "title"),
            shown: text(entry, "shown"),
            subject: text(&entry["particulars"], "subject"),
            status: word(visit, &STATUSES, &code),
            tone: tone(&STATUSES, &code),
            waits: history::waits(visit, entry),
            facts: facts::elements(visit, known),
            linked: facts::linked(visit, known),
            ties: facts::ties(visit, entry),
            time: facts::time(visit, known.deadline.as_ref()),
            legs: history::legs(visit, known.deadline.as_ref()),
            steps: history::steps(visit, entry),
            message: text(entry, "message_id"),
            contents: known.contents.clone(),
            may_add: entry["message_id"].is_null() && visit.may("registers.enter") && code != "annulled",
            first,
            others,
            looked_for: looked_for.to_owned(),
            fault: refused.map(|(fault, ..)| fault),
        }
    }
}

/// The entry. `institution=` looks for one to redirect to.
///
/// # Errors
/// The institution has no such entry, or the visitor may not see it.
pub async fn show(visit: Visit, asked: Asked, Path((register, year, number)): Path<(String, i64, i64)>) -> Answer {
    let place = Place { register, year, number };
    match Known::of(&visit, place, asked.some("institution")).await {
        Ok(known) => page(&Page::of(&visit, &known, asked.get("institution"), None)),
        Err(fault) => purpose::or_asked(&visit, Err(fault)),
    }
}

/// The entry again, with why an act was refused and what had been filled in.
async fn again(visit: &Visit, place: Place, fault: Fault, (act, filled): (&str, &Filled)) -> Result<Response, Fault> {
    // What is not there, or not this institution's, has no page to show the refusal on.
    let known = Known::of(visit, place, None).await?;
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page::of(visit, &known, "", Some((fault, act, filled)))))
}
