//! What the answers of RO e-Transport mean. Pure.

use std::time::Duration;

use connectors_contract::{Answer, Outcome};
use serde_json::{Value, json};

use crate::api::readable;
use crate::efactura::classify::{answer, outcome, refused, said, unreadable};
use crate::shape::Shape;
use crate::wire::Reply;

/// The class of the answer to a declaration. Only an index with its UIT is a delivery.
#[must_use]
pub fn declared(reply: Reply, now: i64) -> Outcome {
    let shape = match readable(reply) {
        Ok((_, shape)) => shape,
        Err(trouble) => return outcome(trouble),
    };
    let unknown = |reason: &str| Outcome::Unknown { reason: reason.to_owned() };
    let Shape::Json(said) = shape else {
        return unknown("ANAF a răspuns la declarație cu altceva decât JSON");
    };
    let errors = errors(&said);
    match (number(&said, "ExecutionStatus").as_deref(), number(&said, "index_incarcare"), text(&said, "UIT")) {
        (Some("0"), Some(index), Some(uit)) => Outcome::Delivered { receipt: Some(format!("{uit} ({index})")) },
        (Some("1"), None, _) if !errors.is_empty() => refused("etransport", &errors, now),
        _ => unknown("ANAF a răspuns la declarație fără cod UIT și fără motiv"),
    }
}

/// What `stareMesaj` says of a declaration.
pub(crate) fn processed(shape: &Shape, now: i64) -> Answer {
    let Shape::Json(answer) = shape else {
        return unreadable("ANAF a răspuns la întrebarea despre stare cu altceva decât JSON");
    };
    let errors = errors(answer);
    match (text(answer, "stare").as_deref(), errors.first()) {
        (Some("in prelucrare"), _) => Answer::Pending { request: None, retry_after: Some(Duration::from_secs(60)) },
        (Some(state), _) => {
            Answer::Found { value: json!({ "stare": state, "erori": errors }), as_of: None, document: None }
        }
        (None, Some(first)) => said("etransport", first, now),
        (None, None) => unreadable("ANAF a răspuns la întrebarea despre stare fără stare și fără motiv"),
    }
}

/// What `info` or `lista` say: a list of records, or an object with errors.
pub(crate) fn records(shape: Result<Shape, crate::trouble::Trouble>, now: i64) -> Answer {
    let shape = match shape {
        Ok(shape) => shape,
        Err(trouble) => return answer(trouble),
    };
    let Shape::Json(value) = shape else {
        return unreadable("ANAF a răspuns cu altceva decât JSON");
    };
    let found = match &value {
        Value::Array(_) => Some(value.clone()),
        Value::Object(object) => object.get("mesaje").filter(|list| list.is_array()).cloned(),
        _ => None,
    };
    if let Some(list) = found {
        let empty = list.as_array().is_some_and(Vec::is_empty);
        return if empty { Answer::Absent } else { Answer::Found { value: list, as_of: None, document: None } };
    }
    let first = text(&value, "error").or_else(|| errors(&value).into_iter().next());
    match first {
        Some(first) => said("etransport", &first, now),
        None => unreadable("ANAF a răspuns fără înregistrări și fără motiv"),
    }
}

pub(crate) fn errors(answer: &Value) -> Vec<String> {
    let errors = answer.get("Errors").and_then(Value::as_array).into_iter().flatten();
    errors.filter_map(|one| one.get("errorMessage").and_then(Value::as_str)).map(str::to_owned).collect()
}

pub(crate) fn text(answer: &Value, name: &str) -> Option<String> {
    answer.get(name).and_then(Value::as_str).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A number, or a text that is one.
fn number(answer: &Value, name: &str) -> Option<String> {
    let value = answer.get(name)?;
    let number = value.as_u64().map(|number| number.to_string()).or_else(|| text(answer, name))?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(number)
}
