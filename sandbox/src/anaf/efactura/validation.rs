//! `validare` and `transformare`: only under `prod`, without a token on the public host.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use openssl::sha::sha256;
use serde_json::json;

use super::super::{Anaf, answers, oauth};
use super::{document, pdf, rules};

/// The longest file, in bytes: 5 MB.
const LONGEST: usize = 5 * 1024 * 1024;

pub(super) async fn validate(
    State(twin): State<Arc<Anaf>>,
    Path((environment, standard)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = enter(&twin, &environment, uri.path(), &headers) {
        return refusal;
    }
    if let Some(page) = fire_wall(&body) {
        return page;
    }
    let wrong = problems(&standard, &body);
    if wrong.is_empty() {
        Json(json!({ "stare": "ok", "trace_id": trace_id(&body) })).into_response()
    } else {
        answers::invalid(&wrong, &trace_id(&body))
    }
}

pub(super) async fn transform(
    State(twin): State<Arc<Anaf>>,
    Path((environment, standard)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = enter(&twin, &environment, uri.path(), &headers) {
        return refusal;
    }
    if let Some(page) = fire_wall(&body) {
        return page;
    }
    let wrong = problems(&standard, &body);
    if wrong.is_empty() { drawn(&standard, &body) } else { answers::invalid(&wrong, &trace_id(&body)) }
}

/// Without validation: the firewall is stricter on this path.
pub(super) async fn transform_unvalidated(
    State(twin): State<Arc<Anaf>>,
    Path((environment, standard)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = enter(&twin, &environment, uri.path(), &headers) {
        return refusal;
    }
    if fire_wall(&body).is_some() || contains(&body, b"schemaLocation") {
        return answers::block_page();
    }
    drawn(&standard, &body)
}

/// A path without the standard is answered with 404 and JSON.
pub(super) async fn malformed(State(twin): State<Arc<Anaf>>, uri: Uri) -> Response {
    answers::not_found(&service_path(uri.path()), twin.now())
}

fn enter(twin: &Anaf, environment: &str, path: &str, headers: &HeaderMap) -> Option<Response> {
    if environment != "prod" {
        return Some(answers::not_found(&service_path(path), twin.now()));
    }
    answers::host(headers).starts_with("api.").then(|| oauth::check(twin, headers)).flatten()
}

/// The path as the service behind the gate sees it.
fn service_path(path: &str) -> String {
    path.find("/FCTEL").map_or(path, |at| &path[at..]).to_owned()
}

/// The two traps that were seen: a relative `schemaLocation`, and `;CP ` in an address.
fn fire_wall(body: &[u8]) -> Option<Response> {
    let relative = contains(body, b"schemaLocation=\"") && contains(body, b"../");
    (relative || contains(body, b";CP ")).then(answers::block_page)
}

fn contains(body: &[u8], what: &[u8]) -> bool {
    body.windows(what.len()).any(|window| window == what)
}

fn problems(standard: &str, body: &[u8]) -> Vec<String> {
    let standard = match standard {
        "FACT1" => "UBL",
        "FCN" => "CN",
        _ => return vec!["Valorile acceptate pentru parametrul standard sunt FACT1 si FCN".to_owned()],
    };
    if body.len() > LONGEST {
        return vec!["Marime fisier transmis mai mare de 5 MB.".to_owned()];
    }
    match document::parse(body, standard) {
        Ok(document) => rules::problems(document.root_element()),
        Err(text) => vec![text],
    }
}

fn drawn(standard: &str, body: &[u8]) -> Response {
    let standard = if standard == "FCN" { "CN" } else { "UBL" };
    match document::parse(body, standard) {
        Ok(parsed) => {
            let page = pdf::page(&document::heading(&parsed, standard));
            ([(header::CONTENT_TYPE, "application/pdf")], page).into_response()
        }
        Err(text) => answers::invalid(&[text], &trace_id(body)),
    }
}

/// A trace id in the form of a UUID, from the document.
fn trace_id(body: &[u8]) -> String {
    let hash = hex::encode(sha256(body));
    format!("{}-{}-4{}-8{}-{}", &hash[..8], &hash[8..12], &hash[13..16], &hash[17..20], &hash[20..32])
}
