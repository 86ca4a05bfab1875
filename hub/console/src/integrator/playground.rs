//! `/console/playground`: documents and mappings tried out. Nothing is stored or sent.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::form::Filled;
use crate::page::{Answer, page, page_with};
use crate::visit::Visit;

use super::diff::{self, Kind, Line};
use super::simulate;

#[derive(askama::Template)]
#[template(path = "integrator/playground.html")]
struct Page<'a> {
    v: &'a Visit,
    filled: &'a Filled,
    types: Vec<(String, String)>,
    mappings: Vec<Mapping>,
    judged: Option<&'a Value>,
    mapped: Option<&'a Value>,
    fault: Option<&'a Fault>,
}

/// A mapping with an example: what is chosen at once.
struct Mapping {
    value: String,
    label: String,
}

impl Page<'_> {
    fn text<'b>(&self, value: &'b Value) -> &'b str {
        value.as_str().unwrap_or_default()
    }

    fn words<'b>(&self, value: &'b Value) -> &'b str {
        self.v.language.of(self.text(&value["ro"]), self.text(&value["en"]))
    }

    fn verdicts<'b>(&self, told: &'b Value) -> &'b [Value] {
        told["verdicts"].as_array().map_or(&[], Vec::as_slice)
    }

    fn is_error(&self, verdict: &Value) -> bool {
        verdict["severity"] == "error"
    }

    fn is(&self, value: &Value) -> bool {
        value == true
    }

    fn pretty(&self, value: &Value) -> String {
        format!("{value:#}")
    }

    fn compared(&self, mapped: &Value) -> Option<Vec<Line>> {
        diff::lines(&self.pretty(&mapped["expected"]), &self.pretty(&mapped["output"]))
    }
}

async fn shown<'a>(visit: &'a Visit, filled: &'a Filled) -> Result<Page<'a>, Fault> {
    let told = visit.get("/v1/playground/mappings").value().await?;
    let mut mappings = Vec::new();
    for one in told["items"].as_array().into_iter().flatten() {
        let id = one["mapping"].as_str().unwrap_or_default();
        for example in one["examples"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            mappings.push(Mapping { value: format!("{id} {example}"), label: format!("{id} — {example}") });
        }
    }
    let types = simulate::types(visit).await?;
    Ok(Page { v: visit, filled, types, mappings, judged: None, mapped: None, fault: None })
}

/// The forms.
///
/// # Errors
/// The visitor may not try anything, or the hub cannot answer.
pub async fn ask(visit: Visit) -> Answer {
    let filled = Filled::default();
    page(&shown(&visit, &filled).await?)
}

/// The verdicts of a schema on a pasted document.
///
/// # Errors
/// The hub cannot answer.
pub async fn validate(visit: Visit, filled: Filled) -> Answer {
    let answer = match pasted(&filled) {
        Ok(body) => {
            let wanted = json!({"document_type": filled.get("document_type"), "body": body});
            visit.post("/v1/playground/validate").form(filled.token()).json(&wanted).value().await
        }
        Err(fault) => Err(fault),
    };
    let page_of = shown(&visit, &filled).await?;
    match answer {
        Ok(judged) => page(&Page { judged: Some(&judged), ..page_of }),
        Err(fault) => Ok(page_with(fault.status, &Page { fault: Some(&fault), ..page_of })),
    }
}

/// What a mapping makes of a pasted document, or of its own example.
///
/// # Errors
/// The hub cannot answer.
pub async fn map(visit: Visit, filled: Filled) -> Answer {
    let (mapping, example) = filled.get("mapping").split_once(' ').unwrap_or((filled.get("mapping"), ""));
    let mut wanted = json!({"mapping": mapping});
    if !example.is_empty() {
        wanted["example"] = example.into();
    }
    let body = if filled.some("body").is_some() { pasted(&filled).map(Some) } else { Ok(None) };
    let answer = match body {
        Ok(body) => {
            if let Some(body) = body {
                wanted["body"] = body;
            }
            visit.post("/v1/playground/map").form(filled.token()).json(&wanted).value().await
        }
        Err(fault) => Err(fault),
    };
    let page_of = shown(&visit, &filled).await?;
    match answer {
        Ok(mapped) => page(&Page { mapped: Some(&mapped), ..page_of }),
        Err(fault) => Ok(page_with(fault.status, &Page { fault: Some(&fault), ..page_of })),
    }
}

fn pasted(filled: &Filled) -> Result<Value, Fault> {
    serde_json::from_str(filled.get("body")).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Fault::own(
            StatusCode::UNPROCESSABLE_ENTITY,
            (
                "Textul nu este JSON",
                &format!("La rândul {line}, coloana {column}, JSON-ul se întrerupe; verificați virgulele, ghilimelele și parantezele."),
            ),
            (
                "The text is not JSON",
                &format!("At line {line}, column {column}, the JSON breaks; look at commas, quotes and brackets."),
            ),
        )
    })
}
