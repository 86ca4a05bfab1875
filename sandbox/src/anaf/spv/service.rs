//! The three calls behind the appliance: `listaMesaje`, `descarcare`, `cerere`. Errors come with 200.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Spv;
use super::login::guard;
use super::reports::{self, Parameters};
use super::settings::Settings;
use crate::anaf::answers::error;

type Here = State<Arc<Spv>>;

pub(super) async fn list(State(here): Here, headers: HeaderMap, uri: Uri, Query(asked): Query<Parameters>) -> Response {
    let serial = match guard(&here, &headers, &uri) {
        Ok(serial) => serial,
        Err(elsewhere) => return *elsewhere,
    };
    let now = (here.clock)();
    let mut state = here.locked();
    let days = asked.get("zile").map(String::as_str).unwrap_or_default();
    let Ok(days) = days.parse::<i64>() else {
        return error(&format!("Numarul de zile introdus= {days} nu este un numar intreg"), "Lista Mesaje");
    };
    if !(1..=60).contains(&days) {
        return error("Numarul de zile trebuie sa fie intre 1 si 60", "Lista Mesaje");
    }
    let settings = state.settings.clone();
    let wanted = asked.get("cif").filter(|code| !code.is_empty());
    if let Some(code) = wanted.filter(|code| !settings.rights.contains(code)) {
        return error(&format!("Nu aveti drept in SPV pentru CIF={code}"), "Lista Mesaje");
    }
    if settings.answers {
        state.messages.ripen(settings.answer_after_lists, now);
    }
    let visible = |code: &str| is_visible(&settings, code) && wanted.is_none_or(|wanted| wanted == code);
    let listed: Vec<Value> =
        state.messages.list(days, visible, now).into_iter().map(|message| message.line(settings.dates)).collect();
    if listed.is_empty() {
        return error(&format!("Nu exista mesaje in ultimele {days} zile"), "Lista Mesaje");
    }
    let title = format!("Lista Mesaje disponibile din ultimele {days} zile");
    Json(json!({ "titlu": title, "mesaje": listed, "cnp": settings.cnp, "cui": settings.rights.join(","),
        "serial": serial }))
    .into_response()
}

pub(super) async fn download(
    State(here): Here,
    headers: HeaderMap,
    uri: Uri,
    Query(asked): Query<Parameters>,
) -> Response {
    if let Err(elsewhere) = guard(&here, &headers, &uri) {
        return *elsewhere;
    }
    let id = asked.get("id").map(String::as_str).unwrap_or_default();
    let state = here.locked();
    match state.messages.pdf(id, |code| is_visible(&state.settings, code)) {
        Some(pdf) => ([(header::CONTENT_TYPE, "application/pdf")], pdf).into_response(),
        None => error("Nu aveti dreptul sa descarcati acest mesaj", &format!("Descarcare mesaj {id}")),
    }
}

pub(super) async fn request(
    State(here): Here,
    headers: HeaderMap,
    uri: Uri,
    Query(asked): Query<Parameters>,
) -> Response {
    let serial = match guard(&here, &headers, &uri) {
        Ok(serial) => serial,
        Err(elsewhere) => return *elsewhere,
    };
    let mut state = here.locked();
    if let Some(words) = reports::refusal(&asked, &state.settings.rights) {
        return error(&words, "Cerere");
    }
    let kind = asked.get("tip").cloned().unwrap_or_default();
    let named = asked.iter().filter(|(name, _)| *name != "tip").map(|(name, value)| format!("{name}={value}"));
    let parameters = named.collect::<Vec<_>>().join(", ");
    let Some(number) = state.messages.request(asked) else {
        return error("Eroare transmitere cerere. Cod 057", "Cerere");
    };
    let body = json!({ "id_solicitare": number, "parametri": parameters, "serial": serial, "cnp": state.settings.cnp,
        "titlu": format!("Transmitere cerere tip {kind}") });
    if state.settings.relaxed {
        return ([(header::CONTENT_TYPE, "application/json")], relaxed(&body)).into_response();
    }
    Json(body).into_response()
}

/// The JSON of the instructions: names without quotation marks, and words that look like numbers without them too.
fn relaxed(body: &Value) -> String {
    let field = |(name, value): (&String, &Value)| match value {
        Value::String(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => format!("{name}: {digits}"),
        value => format!("{name}: {value}"),
    };
    let fields: Vec<String> = body.as_object().into_iter().flatten().map(field).collect();
    format!("{{ {} }}", fields.join(", "))
}

fn is_visible(settings: &Settings, code: &str) -> bool {
    settings.rights.iter().any(|right| right == code)
}
