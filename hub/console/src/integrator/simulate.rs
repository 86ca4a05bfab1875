//! `/console/simulate`: what would happen to a document, by the decisions of the road itself. Nothing is stored.

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::form::Filled;
use crate::moment;
use crate::page::{Answer, page, page_with};
use crate::visit::Visit;

/// Most institutions that are offered while one types; any id may be written.
const OFFERED: usize = 500;

#[derive(askama::Template)]
#[template(path = "integrator/simulate.html")]
struct Page<'a> {
    v: &'a Visit,
    filled: &'a Filled,
    parties: Vec<(String, String)>,
    types: Vec<(String, String)>,
    today: String,
    result: Option<&'a Value>,
    fault: Option<&'a Fault>,
}

impl Page<'_> {
    fn value<'b>(&'b self, name: &str, otherwise: &'b str) -> &'b str {
        self.filled.some(name).unwrap_or(otherwise)
    }

    fn text<'b>(&self, value: &'b Value) -> &'b str {
        value.as_str().unwrap_or_default()
    }

    fn words<'b>(&self, value: &'b Value) -> &'b str {
        self.v.language.of(self.text(&value["ro"]), self.text(&value["en"]))
    }

    /// In one sentence: what would happen.
    fn verdict(&self, result: &Value) -> (&str, &'static str) {
        if result["accepted"] != true {
            return (
                self.v.say("Documentul ar fi refuzat la primire.", "The document would be refused at the door."),
                "bad",
            );
        }
        if result["delivered"] != true {
            let (ro, en) = (
                "Documentul ar fi primit, dar nu ar putea fi pus la dispoziția destinatarului.",
                "The document would be accepted, but could not be consigned to the recipient.",
            );
            return (self.v.say(ro, en), "bad");
        }
        (self.v.say("Documentul ar fi primit și livrat.", "The document would be accepted and delivered."), "good")
    }

    fn mark(&self, good: bool) -> (&str, &'static str) {
        if good { (self.v.say("da", "yes"), "good") } else { (self.v.say("nu", "no"), "bad") }
    }

    fn day(&self, value: &Value) -> String {
        moment::day(self.text(value))
    }

    fn is(&self, value: &Value) -> bool {
        value == true
    }
}

/// Institutions and document types that are offered.
struct Offered {
    parties: Vec<(String, String)>,
    types: Vec<(String, String)>,
}

async fn offered(visit: &Visit) -> Result<Offered, Fault> {
    let directory = visit.get("/v1/directory").value().await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parties = directory["parties"].as_array().into_iter().flatten().take(OFFERED);
    let parties = parties.map(|party| (text(&party["id"]), text(&party["name"]))).collect();
    Ok(Offered { parties, types: types(visit).await? })
}

/// The document types with their titles in the visitor's language.
pub(super) async fn types(visit: &Visit) -> Result<Vec<(String, String)>, Fault> {
    let told = visit.get("/v1/document-types").value().await?;
    let title = visit.language.of("title", "title_en");
    let named = |one: &Value| {
        let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        (text("document_type"), text(title))
    };
    let mut types: Vec<_> = told["document_types"].as_array().into_iter().flatten().map(named).collect();
    types.dedup();
    Ok(types)
}

fn made<'a>(visit: &'a Visit, filled: &'a Filled, offered: Offered) -> Page<'a> {
    let today = moment::today(visit.desk.hub.now()).to_string();
    Page { v: visit, filled, parties: offered.parties, types: offered.types, today, result: None, fault: None }
}

/// The form.
///
/// # Errors
/// The hub cannot answer.
pub async fn ask(visit: Visit) -> Answer {
    let filled = Filled::default();
    page(&made(&visit, &filled, offered(&visit).await?))
}

/// What would happen; the answer is a page of its own and stands nowhere.
///
/// # Errors
/// The hub cannot answer.
pub async fn run(visit: Visit, filled: Filled) -> Answer {
    let mut wanted = json!({});
    for name in ["sender", "recipient", "document_type", "purpose", "territory", "day"] {
        if let Some(value) = filled.some(name) {
            wanted[name] = value.into();
        }
    }
    let answer = visit.post("/v1/routing/simulate").form(filled.token()).json(&wanted).value().await;
    let shown = made(&visit, &filled, offered(&visit).await?);
    match answer {
        Ok(result) => page(&Page { result: Some(&result), ..shown }),
        Err(fault) => Ok(page_with(fault.status, &Page { fault: Some(&fault), ..shown })),
    }
}
