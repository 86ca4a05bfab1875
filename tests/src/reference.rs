//! The reference of the API, as the stories see it: every answer they get widens what is known of its operation, and what is
//! known stands in `hub/server/src/api/openapi/answers.json`, which the program shows in `/openapi.json`.
//!
//! `PUNTE_REFERENCE=write` writes what a story sees into the file; `PUNTE_REFERENCE=check` fails at the first answer the file
//! does not know. Without either, [`settled`] fails at the end of the stories that call it. Never closes a schema: an answer
//! may have more fields one day.

use std::sync::{LazyLock, Mutex, PoisonError};

use hub_server::api::door::Route;
use hub_server::api::openapi::{answers, operation_id};
use serde_json::{Map, Value, json};

mod schema;

use schema::{cut, joined, of};

/// The file, beside the program that shows it.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../hub/server/src/api/openapi/answers.json");
/// Operations that answer what somebody sent, byte for byte, whatever it is.
const AS_KEPT: [&str; 4] =
    ["archive.documents.content", "messages.part.part", "registers.content.bytes", "lookups.again.document"];
/// Largest body that is looked at, in bytes.
const LARGEST: usize = 200_000;

static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| hub_server::api::door().routes().to_vec());
static KNOWN: LazyLock<Mutex<(Value, Vec<String>)>> = LazyLock::new(|| {
    let text = std::fs::read_to_string(FILE).unwrap_or_else(|_| answers::FILE.to_owned());
    Mutex::new((serde_json::from_str(&text).expect("the reference is JSON"), Vec::new()))
});

/// A body with its media type.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    /// As the header says it.
    pub media_type: &'a str,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// An answer came to a request.
///
/// # Panics
/// The file does not know it, under `PUNTE_REFERENCE=check`.
pub fn saw((method, path): (&str, &str), sent: Option<Body<'_>>, (status, body): (u16, Body<'_>)) {
    let Some(route) = (200..300).contains(&status).then(|| route(method, path)).flatten() else { return };
    let mode = std::env::var("PUNTE_REFERENCE").unwrap_or_default();
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let id = operation_id(route);
    let before = known.0.get(&id).cloned().unwrap_or_else(|| json!({}));
    let mut after = before.clone();
    let body = if AS_KEPT.contains(&id.as_str()) { Body { media_type: "*/*", ..body } } else { body };
    widen(&mut after["answers"][status.to_string()], body);
    if let Some(sent) = sent.filter(|sent| sent.media_type.starts_with("application/json")) {
        example(&mut after["sent"], sent);
    }
    if after["sent"].is_null() {
        after.as_object_mut().expect("an operation is an object").remove("sent");
    }
    if after == before {
        return;
    }
    // An example more is no other shape.
    if after["answers"] != before["answers"] {
        let what = format!("{method} {} ({id}) answers {status} in a shape its reference does not know", route.path);
        assert!(mode != "check", "{what}; look at it, then write it down with PUNTE_REFERENCE=write");
        known.1.push(what);
    }
    known.0[&id] = after;
    if mode == "write" {
        let text = serde_json::to_string_pretty(&known.0).expect("values are written");
        std::fs::write(FILE, text + "\n").expect("the reference is written");
    }
}

/// At the end of a story: whether all it saw is in the reference.
///
/// # Panics
/// Some is not.
pub fn settled() {
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let writes = std::env::var("PUNTE_REFERENCE").is_ok_and(|mode| mode == "write");
    let told = known.1.join("\n");
    assert!(writes || told.is_empty(), "{told}\nlook at them, then run this test with PUNTE_REFERENCE=write");
}

/// The route of the door that a path leads to: letters before parameters.
fn route(method: &str, path: &str) -> Option<&'static Route> {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |route: &&Route| {
        let (mut pieces, mut wanted) = (path.split('/'), route.path.split('/'));
        loop {
            match (pieces.next(), wanted.next()) {
                (None, None) => return true,
                (Some(_), Some(name)) if name.starts_with("{*") => return true,
                (Some(piece), Some(name)) if name.starts_with('{') => {
                    if piece.is_empty() {
                        return false;
                    }
                }
                (Some(piece), Some(name)) if piece == name => {}
                _ => return false,
            }
        }
    };
    let of_method = ROUTES.iter().filter(|route| route.method == method);
    of_method.filter(fits).min_by_key(|route| route.path.matches('{').count())
}

fn widen(known: &mut Value, body: Body<'_>) {
    if known.is_null() {
        *known = json!({});
    }
    let media = body.media_type.split(';').next().unwrap_or_default().trim();
    if media.is_empty() || body.bytes.is_empty() {
        return;
    }
    let content = &mut known[media];
    if content.is_null() {
        *content = json!({});
    }
    let Some(seen) = json_of(body).filter(|_| media == "application/json") else { return };
    if seen["openapi"].is_string() {
        // The reference itself has a shape of its own standard.
        content["schema"] = json!({"type": "object", "description": "OpenAPI 3.1"});
        return;
    }
    content["schema"] = match content.get("schema") {
        Some(schema) => joined(schema.clone(), of(&seen)),
        None => of(&seen),
    };
    // The first example that is more than an empty list stays.
    let poor = content.get("example").is_none_or(is_poor);
    if poor && (content.get("example").is_none() || !is_poor(&seen)) {
        content["example"] = cut(&seen);
    }
}

fn is_poor(example: &Value) -> bool {
    let nothing = |value: &Value| match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    example.as_object().is_some_and(|fields: &Map<String, Value>| fields.values().all(nothing))
}

fn example(sent: &mut Value, body: Body<'_>) {
    if sent["application/json"].is_null()
        && let Some(seen) = json_of(body)
    {
        sent["application/json"] = cut(&seen);
    }
}

fn json_of(body: Body<'_>) -> Option<Value> {
    serde_json::from_slice(body.bytes).ok().filter(|_| body.bytes.len() <= LARGEST)
}
