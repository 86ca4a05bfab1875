//! The doors of the registers: reading a question, and what stands between it and its answer.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::jobs::Fetched;
use super::question::{self, Asked};
use super::records::{self, Membership};
use super::settings::{Settings, Wrong};
use super::{Answer, MOST_MEMBERS, MOST_TAXPAYERS, Registers, filing, firms};
use crate::date::today;

type Here = State<Arc<Registers>>;

/// The yearly statement that is asked for.
#[derive(Deserialize)]
pub(super) struct Statement {
    an: i16,
    cui: u64,
}

/// The asynchronous answer that is asked for.
#[derive(Deserialize)]
pub(super) struct Correlation {
    id: String,
}

pub(super) async fn taxpayers(State(here): Here, headers: HeaderMap, body: Bytes) -> Response {
    asked(&here, &headers, &body, MOST_TAXPAYERS, |asked| here.taxpayers(asked).into_response())
}

pub(super) async fn efactura(State(here): Here, headers: HeaderMap, body: Bytes) -> Response {
    asked(&here, &headers, &body, MOST_TAXPAYERS, |asked| here.efactura(asked).into_response())
}

pub(super) async fn agric(State(here): Here, headers: HeaderMap, body: Bytes) -> Response {
    asked(&here, &headers, &body, MOST_MEMBERS, |asked| members(&here, Membership::Agric, asked))
}

pub(super) async fn cult(State(here): Here, headers: HeaderMap, body: Bytes) -> Response {
    asked(&here, &headers, &body, MOST_MEMBERS, |asked| members(&here, Membership::Cult, asked))
}

pub(super) async fn ask_later(State(here): Here, headers: HeaderMap, body: Bytes) -> Response {
    asked(&here, &headers, &body, MOST_TAXPAYERS, |asked| {
        let Answer(_, answer) = here.taxpayers(asked);
        let now = (here.clock)();
        match here.locked().jobs.ask(answer, now) {
            Some(receipt) => Json(receipt).into_response(),
            None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    })
}

/// What is not ready has no documented body: this one says so in the envelope of the receipt.
pub(super) async fn fetch(State(here): Here, Query(wanted): Query<Correlation>) -> Response {
    if let Some(spoilt) = here.admit(0) {
        return spoilt;
    }
    let now = (here.clock)();
    let mut state = here.locked();
    let not_ready_s = state.settings.not_ready_s;
    match state.jobs.fetch(&wanted.id, now, not_ready_s) {
        Fetched::Answer(answer) => Json(answer).into_response(),
        Fetched::NotReady => {
            Json(json!({ "cod": 202, "message": "Cererea este in curs de procesare" })).into_response()
        }
        Fetched::Gone => problem(404, "Nu exista raspuns pentru acest id sau a fost deja descarcat"),
    }
}

pub(super) async fn statement(State(here): Here, headers: HeaderMap, Query(wanted): Query<Statement>) -> Response {
    if let Some(spoilt) = here.admit(1) {
        return spoilt;
    }
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let body = records::statement(wanted.cui, wanted.an, firms::find(wanted.cui), !agent.starts_with("Mozilla/"));
    ([(header::CONTENT_DISPOSITION, "attachment; filename=bilant.json")], Json(body)).into_response()
}

pub(super) async fn filing(State(here): Here, Form(form): Form<filing::Form>) -> Response {
    match here.admit(1) {
        Some(spoilt) => spoilt,
        None => filing::status(&form, (here.clock)()),
    }
}

pub(super) async fn receipt(State(here): Here, file: Query<filing::File>) -> Response {
    match here.admit(0) {
        Some(spoilt) => spoilt,
        None => filing::receipt(&file, (here.clock)()),
    }
}

pub(super) async fn show(State(here): Here) -> Json<Value> {
    let state = here.locked();
    Json(json!({ "settings": state.settings, "asked": state.asked }))
}

pub(super) async fn set(State(here): Here, Json(settings): Json<Settings>) -> Json<Value> {
    here.locked().settings = settings;
    show(State(here)).await
}

fn asked(
    here: &Registers,
    headers: &HeaderMap,
    body: &[u8],
    most: usize,
    ok: impl FnOnce(&[Asked]) -> Response,
) -> Response {
    let json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !json {
        return problem(415, "Content-Type trebuie sa fie application/json");
    }
    let asked = question::read(body, most);
    if let Some(spoilt) = here.admit(asked.as_ref().map_or(0, Vec::len)) {
        return spoilt;
    }
    match asked {
        Ok(asked) => ok(&asked),
        Err(message) => problem(400, &message),
    }
}

fn members(here: &Registers, register: Membership, asked: &[Asked]) -> Response {
    let today = today((here.clock)());
    let line = |one: &Asked| {
        // The register of cult entities answers a day to come as today.
        let day = if matches!(register, Membership::Cult) { one.day.as_str().min(&today) } else { &one.day };
        records::membership(register, one.cui, firms::find(one.cui), day)
    };
    let found: Vec<Value> = asked.iter().map(line).collect();
    Json(json!({ "cod": 200, "message": "SUCCESS", "found": found })).into_response()
}

/// A refusal in the envelope of the instructions. Which status goes with more codes than allowed is documented for the
/// sister registers only; the taxpayers' register is played alike.
fn problem(status: u16, message: &str) -> Response {
    Answer(status, json!({ "cod": status, "message": message })).into_response()
}

pub(super) fn spoilt(wrong: Wrong) -> Response {
    match wrong {
        Wrong::CodeInside => Json(json!({ "cod": 500, "message": "A aparut o eroare tehnica" })).into_response(),
        Wrong::PlainText => "Serviciul nu este disponibil momentan.".into_response(),
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (StatusCode::from_u16(self.0).unwrap_or(StatusCode::OK), Json(self.1)).into_response()
    }
}
