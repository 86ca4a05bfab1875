//! `/console/registers/{register}/new`: a document that is brought to the counter gets a number.

use axum::extract::Path;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::page::{Answer, done, page, page_with};
use crate::visit::Visit;

use super::entry::{count, stated};
use super::reading::{listed, text};
use super::words::{WAYS, choices};

/// Kinds of issuers and addressees.
const KINDS: [(&str, &str, &str); 3] = [
    ("person", "persoană fizică", "person"),
    ("company", "persoană juridică", "company"),
    ("institution", "instituție", "institution"),
];

/// Which way it goes.
const DIRECTIONS: [(&str, &str, &str); 3] =
    [("in", "intrare", "incoming"), ("out", "ieșire", "outgoing"), ("internal", "intern, din oficiu", "internal")];

/// A field that only this register has.
struct Own {
    name: String,
    title: String,
    kind: String,
    choices: Vec<String>,
    value: String,
}

#[derive(askama::Template)]
#[template(path = "registry/new.html")]
struct Page<'a> {
    v: &'a Visit,
    id: String,
    title: String,
    filled: &'a Filled,
    own: Vec<Own>,
    ways: Vec<(String, String)>,
    kinds: [(&'static str, &'static str, &'static str); 3],
    directions: [(&'static str, &'static str, &'static str); 3],
    /// Number and address of what seems to be the same document, and how it is named in the form.
    earlier: Vec<(String, String, String)>,
    fault: Option<Fault>,
}

impl<'a> Page<'a> {
    fn of(visit: &'a Visit, register: &Value, filled: &'a Filled, fault: Option<Fault>) -> Self {
        let own = listed(register, "fields").map(|field| {
            let name = text(field, "name");
            let choices = listed(field, "choices").filter_map(Value::as_str).map(str::to_owned).collect();
            let value = filled.get(&format!("own-{name}")).to_owned();
            Own { value, title: text(field, "title"), kind: text(field, "kind"), choices, name }
        });
        let earlier = fault.iter().flat_map(|fault| listed(&fault.document, "earlier")).map(|one| {
            let place = [text(one, "register"), text(one, "year"), text(one, "number")];
            (
                text(one, "shown"),
                format!("/console/registers/{}/{}/{}", piece(&place[0]), place[1], place[2]),
                place.join("/"),
            )
        });
        Self {
            v: visit,
            id: text(register, "id"),
            title: text(register, "title"),
            filled,
            own: own.collect(),
            ways: choices(visit, &WAYS),
            kinds: KINDS,
            directions: DIRECTIONS,
            earlier: earlier.collect(),
            fault,
        }
    }

    /// Whether a refusal names this field.
    fn wrong(&self, name: &str) -> bool {
        let Some(fault) = &self.fault else { return false };
        let named = fault.document["field"].as_str().into_iter();
        named
            .chain(fault.violations.iter().map(|broken| broken.field.as_str()))
            .any(|field| field.trim_matches('/') == name)
    }
}

/// The form.
///
/// # Errors
/// The institution has no such register.
pub async fn fill(visit: Visit, Path(register): Path<String>) -> Answer {
    let register = visit.get(format!("/v1/registers/{}", piece(&register))).value().await?;
    page(&Page::of(&visit, &register, &Filled::default(), None))
}

/// Registers it, and shows the entry; a refusal is shown above the form, with what seems to be the same document.
///
/// # Errors
/// The institution has no such register, or the hub cannot answer.
pub async fn enter(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    let register = visit.get(format!("/v1/registers/{}", piece(&id))).value().await?;
    // A form sent again on purpose is another request than the one that was refused.
    let key = format!("{}{}", filled.key(), if filled.some("duplicate_of").is_some() { "-again" } else { "" });
    let asked = visit.post(format!("/v1/registers/{}/entries", piece(&id))).form(filled.token()).key(&key);
    match asked.json(&draft(&register, &filled)).value().await {
        Ok(entry) => {
            let place =
                format!("/console/registers/{}/{}/{}", piece(&id), text(&entry, "year"), text(&entry, "number"));
            Ok(done(&place, "registered"))
        }
        Err(fault) => {
            let page = Page::of(&visit, &register, &filled, Some(fault));
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

fn draft(register: &Value, filled: &Filled) -> Value {
    let said = |name: &str| filled.some(name).map_or(Value::Null, |text| json!(text));
    let counted = |name: &str| filled.some(name).map_or(Value::Null, count);
    let named = filled.some("name").map(|name| {
        let identifier = filled.some("identifier");
        let kind = identifier.map(|_| if filled.get("kind") == "person" { "cnp" } else { "cui" });
        stated(json!({
            "kind": said("kind"),
            "name": name,
            "identifier_kind": kind,
            "identifier": identifier,
            "address": filled.some("address").map(|address| json!({"text": address})),
        }))
    });
    let own = listed(register, "fields").filter_map(|field| {
        let name = text(field, "name");
        let value = filled.some(&format!("own-{name}"))?;
        let value = match text(field, "kind").as_str() {
            "number" => count(value),
            "flag" => json!(value == "yes"),
            _ => json!(value),
        };
        Some((name, value))
    });
    let own: serde_json::Map<String, Value> = own.collect();
    let again = filled.some("duplicate_of").and_then(|place| {
        let mut parts = place.split('/');
        Some(json!({"register": parts.next()?, "year": count(parts.next()?), "number": count(parts.next()?)}))
    });
    stated(json!({
        "direction": said("direction"),
        "subject": said("subject"),
        "correspondent": named,
        "external_number": said("external_number"),
        "external_date": said("external_date"),
        "pages": counted("pages"),
        "annexes": counted("annexes"),
        "way": said("way"),
        "unit": said("unit"),
        "dossier_code": said("dossier_code"),
        "fields": if own.is_empty() { Value::Null } else { Value::Object(own) },
        "duplicate_of": again,
    }))
}
