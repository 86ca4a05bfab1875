//! The doors: messages in, queues out, the profile of the employer, and the sandbox's own control.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Reges;
use super::message::{Message, Notation, of_batch, read};
use super::people::{guid, is_cui};
use super::store::{Pace, Queue, Verb};
use super::words::{answered, refused};

/// The receipt of a message that was not taken, in a batch.
const NO_RECEIPT: &str = "00000000-0000-0000-0000-000000000000";
/// The most messages of a batch, and the most results at once.
const MOST_AT_ONCE: usize = 200;

/// A message about a contract.
pub(super) async fn contract(twin: State<Arc<Reges>>, headers: HeaderMap, body: Bytes) -> Response {
    one(&twin, &headers, &body, |operation| operation.ends_with("Contract") && !operation.contains("Propunere"))
}

/// A message about an employee.
pub(super) async fn employee(twin: State<Arc<Reges>>, headers: HeaderMap, body: Bytes) -> Response {
    one(&twin, &headers, &body, |operation| operation.ends_with("Salariat"))
}

/// A proposal, or the answer to one.
pub(super) async fn proposal(twin: State<Arc<Reges>>, headers: HeaderMap, body: Bytes) -> Response {
    one(&twin, &headers, &body, |operation| operation.contains("Propunere"))
}

/// Many messages: each has its own receipt, or zeros.
pub(super) async fn batch(State(twin): State<Arc<Reges>>, headers: HeaderMap, body: Bytes) -> Response {
    let (notation, cui) = match known(&headers) {
        Ok(known) => known,
        Err(answer) => return *answer,
    };
    let messages = match read(&body, notation) {
        Ok(batch) => of_batch(batch),
        Err(why) => return refused(notation, StatusCode::BAD_REQUEST, &[why]),
    };
    if messages.is_empty() || messages.len() > MOST_AT_ONCE {
        return refused(notation, StatusCode::BAD_REQUEST, &[format!("un lot are între 1 și {MOST_AT_ONCE} mesaje")]);
    }
    let receipts: Vec<Value> = messages
        .into_iter()
        .map(|content| {
            let header = content.get("header").cloned().unwrap_or_default();
            let taken = Message::check(content).ok().and_then(|message| twin.store.take(&cui, message, (twin.clock)()));
            json!({ "header": header, "responseId": taken.as_deref().unwrap_or(NO_RECEIPT) })
        })
        .collect();
    answered(notation, StatusCode::OK, "ArrayOfMessageResponse", &json!(receipts))
}

fn one(twin: &Reges, headers: &HeaderMap, body: &[u8], belongs: fn(&str) -> bool) -> Response {
    let (notation, cui) = match known(headers) {
        Ok(known) => known,
        Err(answer) => return *answer,
    };
    let content = match read(body, notation) {
        Ok(content) => content,
        Err(why) => return refused(notation, StatusCode::BAD_REQUEST, &[why]),
    };
    let message = match Message::check(content) {
        Ok(message) if belongs(&message.operation) => message,
        Ok(message) => {
            let wrong = format!("operația {} nu se trimite la această adresă", message.operation);
            return refused(notation, StatusCode::BAD_REQUEST, &[wrong]);
        }
        Err(wrong) => return refused(notation, StatusCode::BAD_REQUEST, &wrong),
    };
    let header = message.content["header"].clone();
    match twin.store.take(&cui, message, (twin.clock)()) {
        Some(receipt) => {
            answered(notation, StatusCode::OK, "MessageResponse", &json!({ "header": header, "responseId": receipt }))
        }
        None => refused(notation, StatusCode::SERVICE_UNAVAILABLE, &["simulatorul este plin, reporniți-l".to_owned()]),
    }
}

/// The results of the sender's own messages.
pub(super) async fn results(twin: State<Arc<Reges>>, verb: Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    queue(&twin, &verb, &headers, &body, Queue::Results)
}

/// Secondments somebody proposes.
pub(super) async fn secondments(
    twin: State<Arc<Reges>>,
    verb: Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    queue(&twin, &verb, &headers, &body, Queue::Secondments)
}

/// Moves somebody proposes.
pub(super) async fn moves(twin: State<Arc<Reges>>, verb: Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    queue(&twin, &verb, &headers, &body, Queue::Moves)
}

/// Notices of the institution; the twin has none of its own.
pub(super) async fn notices(twin: State<Arc<Reges>>, verb: Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    queue(&twin, &verb, &headers, &body, Queue::Notices)
}

fn queue(twin: &Reges, verb: &str, headers: &HeaderMap, body: &[u8], queue: Queue) -> Response {
    let (notation, cui) = match known(headers) {
        Ok(known) => known,
        Err(answer) => return *answer,
    };
    let (verb, many) = match verb {
        "PollMessage" => (Verb::Poll, false),
        "PollBatch" => (Verb::Poll, true),
        "ReadMessage" => (Verb::Read, false),
        "ReadBatch" => (Verb::Read, true),
        "CommitRead" => (Verb::Commit, false),
        "CommitReadBatch" => (Verb::Commit, true),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let asked = read(body, notation).ok().and_then(|asked| match asked.get("messages") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(number) => number.as_u64(),
        None => None,
    });
    let asked = asked.and_then(|most| usize::try_from(most).ok()).unwrap_or(1).clamp(1, MOST_AT_ONCE);
    twin.store.advance((twin.clock)());
    let items = twin.store.serve(&cui, queue, verb, if many { asked } else { 1 });
    if verb == Verb::Commit {
        return answered(notation, StatusCode::OK, "Committed", &json!({ "messages": items.len() }));
    }
    let name = if queue == Queue::Results { "MessageResult" } else { "Message" };
    match items.first() {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(_) if many => answered(notation, StatusCode::OK, &format!("ArrayOf{name}"), &json!(items)),
        Some(item) => answered(notation, StatusCode::OK, name, item),
    }
}

/// Who the employer is.
pub(super) async fn profile(headers: HeaderMap) -> Response {
    match known(&headers) {
        Ok((notation, cui)) => {
            let id = guid(&format!("angajator {cui}"));
            let profile = json!({ "cui": cui, "referintaAngajator": { "id": id } });
            answered(notation, StatusCode::OK, "Profile", &profile)
        }
        Err(answer) => *answer,
    }
}

/// The employer of the key, and the notation it speaks.
fn known(headers: &HeaderMap) -> Result<(Notation, String), Box<Response>> {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let notation = match said.split(';').next().unwrap_or_default().trim() {
        "application/json" => Notation::Json,
        "application/xml" | "text/xml" => Notation::Xml,
        "" => accepted(headers, Notation::Json),
        _ => return Err(Box::new(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response())),
    };
    let key = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let cui = key.and_then(|key| key.strip_prefix("Bearer cheie-")).filter(|cui| is_cui(cui));
    let unknown = ["cheia API nu este cunoscută".to_owned()];
    let cui = cui.ok_or_else(|| Box::new(refused(notation, StatusCode::UNAUTHORIZED, &unknown)))?;
    Ok((notation, cui.to_owned()))
}

/// The notation of `Accept`.
pub(super) fn accepted(headers: &HeaderMap, otherwise: Notation) -> Notation {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("xml") { Notation::Xml } else { otherwise }
}

/// What it received and how it works.
pub(super) async fn show(State(twin): State<Arc<Reges>>) -> Json<Value> {
    twin.store.advance((twin.clock)());
    Json(json!({ "ritm": twin.store.pace(), "mesaje": twin.store.all() }))
}

/// Another pace.
pub(super) async fn set(State(twin): State<Arc<Reges>>, Json(pace): Json<Pace>) -> Json<Pace> {
    twin.store.set_pace(pace);
    Json(twin.store.pace())
}
