//! `GET /openapi.json`: every route of the door as OpenAPI 3.1, written from the door itself.
//!
//! Methods, paths and permissions are the door's; parameters and bodies are what the handlers' own types read
//! ([`shape`]). Answers and examples are what the stories of the tests saw ([`answers`]), which fail when they see another
//! shape. Nothing is written by hand, so nothing can differ.

pub mod answered;
pub mod answers;
mod probe;
pub mod shape;

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use super::App;
use super::door::{Access, Door, Route};

/// Why this is open to all.
const DESCRIPTION: &str = "whoever writes a client reads it before it has a key";

/// What a handler takes, as its arguments say it.
#[derive(Debug, Clone, Default)]
pub struct Operation {
    /// The schemas of the path's parameters, in order.
    pub path: Vec<Value>,
    /// The schema of the query: an object.
    pub query: Option<Value>,
    /// Headers it reads: name, and whether it cannot do without.
    pub headers: Vec<(&'static str, bool)>,
    /// Whether it reads a body.
    pub body: bool,
    /// The bodies it reads, as the door was told: media type and schema.
    pub sent: Vec<(&'static str, Value)>,
    /// The media type of its answer, where the handler's type says it; empty where there is no body.
    pub answered: Option<&'static str>,
}

/// The description of the program's own API.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.public_get("/openapi.json", DESCRIPTION, show)
}

/// The document.
pub async fn show(State(_): State<App>) -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| document(super::door().routes()).to_string());
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}

/// The document of these routes.
#[must_use]
pub fn document(routes: &[Route]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let item = paths.entry(address(route.path)).or_insert_with(|| json!({}));
        item[route.method.to_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Punte",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Hub de interoperabilitate și livrare electronică înregistrată / interoperability hub and registered delivery",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "API key or access token of a system"},
            },
            "responses": {"Problem": {
                "description": "A problem (RFC 9457), with a code that has a page",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }},
            "schemas": {"Problem": problem()},
        },
    })
}

/// The path as OpenAPI writes it: without the star of a parameter that takes the rest.
fn address(path: &str) -> String {
    path.replace("{*", "{")
}

/// The name of an operation: its handler, as it is in the code.
#[must_use]
pub fn operation_id(route: &Route) -> String {
    route.handler.replace("::", ".")
}

fn operation(route: &Route) -> Value {
    let asked = &route.operation;
    let mut told = json!({
        "operationId": operation_id(route),
        "tags": [route.handler.split("::").next().unwrap_or_default()],
        "parameters": parameters(route),
        "responses": responses(route),
    });
    match route.access {
        Access::With(permission) => {
            told["summary"] = permission.in_romanian().into();
            told["x-summary-en"] = permission.in_english().into();
            told["x-permission"] = permission.as_str().into();
            told["security"] = json!([{"key": []}]);
        }
        Access::Everybody(why) => {
            told["x-public"] = why.into();
            told["security"] = json!([]);
        }
    }
    if asked.body {
        let content: Map<String, Value> = asked.sent.iter().map(|(media, schema)| sent(route, media, schema)).collect();
        told["requestBody"] = json!({"content": content});
    }
    told
}

fn parameters(route: &Route) -> Vec<Value> {
    let names = route.path.split('/').filter_map(|piece| piece.strip_prefix('{')?.strip_suffix('}'));
    let text = json!({"type": "string"});
    let in_path = names.enumerate().map(|(at, name)| {
        let schema = route.operation.path.get(at).unwrap_or(&text);
        json!({"name": name.trim_start_matches('*'), "in": "path", "required": true, "schema": schema})
    });
    let query = route.operation.query.as_ref();
    let needed = |name: &str| {
        let list = query.and_then(|query| query["required"].as_array());
        list.is_some_and(|list| list.iter().any(|one| one == name))
    };
    let fields = query.and_then(|query| query["properties"].as_object()).into_iter().flatten();
    let in_query =
        fields.map(|(name, schema)| json!({"name": name, "in": "query", "required": needed(name), "schema": schema}));
    let headers = route.operation.headers.iter().map(
        |(name, required)| json!({"name": name, "in": "header", "required": required, "schema": {"type": "string"}}),
    );
    in_path.chain(in_query).chain(headers).collect()
}

/// A body by its media type, with one that was taken.
fn sent(route: &Route, media: &str, schema: &Value) -> (String, Value) {
    let mut told = json!({"schema": schema});
    let known = answers::of(&operation_id(route));
    if let Some(example) = known.and_then(|known| known["sent"].get(media)) {
        told["example"] = example.clone();
    }
    (media.to_owned(), told)
}

/// What comes back: what was asked for, or a problem, whichever it is.
fn responses(route: &Route) -> Value {
    // Pages for people answer with a page, also where nothing is.
    let of_people = !route.path.starts_with("/v1/");
    let page = json!({"description": "Not there, or not well asked"});
    let problem = if of_people { page } else { json!({"$ref": "#/components/responses/Problem"}) };
    let mut told = json!({"4XX": problem, "5XX": problem});
    let known = answers::of(&operation_id(route)).and_then(|known| known["answers"].as_object());
    for (status, content) in known.into_iter().flatten() {
        told[status] = json!({"description": "What was asked for, or done"});
        if content.as_object().is_some_and(|content| !content.is_empty()) {
            told[status]["content"] = content.clone();
        }
    }
    if known.is_some() && route.method != "GET" {
        // The same again, under the same Idempotency-Key, is answered with what is there already.
        told["2XX"] = json!({"description": "The same again, or done in another way"});
    }
    if known.is_none() {
        told["2XX"] = json!({"description": "What was asked for, or done"});
        // What people see are pages.
        let media = route.operation.answered.or(of_people.then_some("text/html"));
        if let Some(media) = media.filter(|media| !media.is_empty()) {
            told["2XX"]["content"] = json!({media: {}});
        }
    }
    if matches!(route.access, Access::With(_)) {
        told["401"] = problem.clone();
        told["403"] = problem;
    }
    told
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "title_en", "status", "code"],
        "properties": {
            "type": {"type": "string", "description": "Address of the page of its code"},
            "title": {"type": "string", "description": "What happened, in Romanian"},
            "title_en": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"enum": crate::problems::ALL.iter().map(|kind| kind.code).collect::<Vec<_>>()},
            "detail": {"type": "string", "description": "What is wrong and the way out, in Romanian"},
            "detail_en": {"type": "string"},
            "permission": {"type": "string"},
        },
    })
}
