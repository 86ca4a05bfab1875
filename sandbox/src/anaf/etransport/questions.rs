//! Status, list and information about declarations.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::super::meter::Counted;
use super::super::{Anaf, answers, bucharest};
use super::declaration::Kind;
use super::register::Taken;
use super::{enter, is_number};

const DAY: i64 = 86_400;

pub(super) async fn status(
    State(twin): State<Arc<Anaf>>,
    Path((environment, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = enter(&twin, &environment, &headers) {
        return refusal;
    }
    let now = twin.now();
    let refused = |text: String| answers::transport_refused(&[text], now);
    if !is_number(&id) {
        return refused(format!("Id_incarcare introdus= {id} nu este un numar intreg"));
    }
    let limit = twin.settings().quotas.status;
    if !twin.meter.allows(Counted::TransportStatus, &id, &bucharest::day(now), limit) {
        return refused(format!("S-au facut deja {limit} descarcari de mesaj in cursul zilei"));
    }
    let index: u64 = id.parse().unwrap_or(0);
    let mut all = twin.transports.locked();
    let Some(taken) = all.iter_mut().find(|one| one.index == index && one.environment == environment) else {
        return refused(format!("Nu exista notificare cu id_incarcare= {id}"));
    };
    let in_process = taken.polls_left > 0;
    taken.polls_left = taken.polls_left.saturating_sub(1);
    let word = match (in_process, taken.errors.is_empty()) {
        (true, _) => "in prelucrare",
        (false, true) => "ok",
        (false, false) => "nok",
    };
    let mut answer = json!({
        "stare": word, "dateResponse": bucharest::minute(now), "trace_id": "00000000-0000-4000-8000-000000000000",
    });
    if word == "nok" {
        let errors: Vec<Value> = taken.errors.iter().map(|text| json!({ "errorMessage": text })).collect();
        answer["Errors"] = Value::Array(errors);
    }
    Json(answer).into_response()
}

pub(super) async fn list(
    State(twin): State<Arc<Anaf>>,
    Path((environment, days, cif)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = enter(&twin, &environment, &headers) {
        return refusal;
    }
    let now = twin.now();
    let refused = |text: String| answers::transport_refused(&[text], now);
    if !is_number(&days) {
        return refused(format!("Numarul de zile introdus= {days} nu este un numar intreg"));
    }
    let span: i64 = days.parse().unwrap_or(0);
    if !(1..=60).contains(&span) {
        return refused("Numarul de zile trebuie sa fie intre 1 si 60".to_owned());
    }
    let settings = twin.settings().clone();
    if !settings.may_act_for(&cif) {
        return refused(format!("Nu aveti drept in SPV pentru CIF={cif}"));
    }
    let limit = settings.quotas.list;
    if !twin.meter.allows(Counted::List, &format!("transport {cif}"), &bucharest::day(now), limit) {
        return refused(format!(
            "S-au facut deja {limit} interogari de lista mesaje de catre utilizator in cursul zilei"
        ));
    }
    let all = twin.transports.locked();
    let fits = |one: &&Taken| {
        one.environment == environment
            && one.cif == cif
            && now - one.taken_at <= span * DAY
            && one.taken_at + settings.lag_s <= now
    };
    // The list is unsorted; newest first is one way of being so.
    let found: Vec<Value> = all.iter().rev().filter(fits).map(entry).collect();
    if found.is_empty() {
        return refused(format!("Nu exista mesaje in ultimele {days} zile"));
    }
    let (date, serial) = (bucharest::minute(now), settings.serial);
    let title = format!("Lista Mesaje disponibile din ultimele {days} zile");
    Json(json!({
        "mesaje": found, "serial": serial, "cui": cif, "titlu": title, "dateResponse": date, "ExecutionStatus": 0,
        "trace_id": "00000000-0000-4000-8000-000000000000",
    }))
    .into_response()
}

fn entry(one: &Taken) -> Value {
    let said = &one.declaration;
    let kind = match said.kind {
        Kind::Notification | Kind::Correction => "NOTIFICARE",
        Kind::Deletion => "STERGERE",
        Kind::Confirmation => "CONFIRMARE",
        Kind::VehicleChange => "MODIFICARE VEHICUL",
    };
    let messages: Vec<Value> = one.errors.iter().map(|text| json!({ "tip": "ERR", "mesaj": text })).collect();
    json!({
        "uit": one.uit, "cod_decl": said.declarant, "ref_decl": said.reference, "sursa": "A",
        "id_incarcare": one.index.to_string(), "data_creare": bucharest::second(one.taken_at), "tip": kind,
        "stare": if one.errors.is_empty() { "OK" } else { "ERR" }, "tip_op": said.operation,
        "data_transp": said.date, "pc_tara": said.partner[0], "pc_cod": said.partner[1], "pc_den": said.partner[2],
        "tr_tara": said.carrier[0], "tr_cod": said.carrier[1], "tr_den": said.carrier[2], "nr_veh": said.vehicle[0],
        "nr_rem1": said.vehicle[1], "nr_rem2": said.vehicle[2], "nr_linii": said.goods.to_string(), "mesaje": messages,
    })
}

/// What is active for an organiser of transports: a bare array, or an object with one `error`.
pub(super) async fn info(
    State(twin): State<Arc<Anaf>>,
    Path(environment): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = enter(&twin, &environment, &headers) {
        return refusal;
    }
    let Some(organiser) = asked.get("cui_op").filter(|code| is_number(code)) else {
        return Json(json!({ "error": "Parametrul cui_op este obligatoriu" })).into_response();
    };
    if !twin.settings().may_act_for(organiser) {
        return Json(json!({ "error": format!("Nu aveti drept in SPV pentru CIF={organiser}") })).into_response();
    }
    let is_asked = |name: &str, value: &str| asked.get(name).is_none_or(|asked| asked == value);
    let all = twin.transports.locked();
    let fits = |one: &&Taken| {
        one.environment == environment
            && one.declaration.kind == Kind::Notification
            && !one.deleted
            && one.errors.is_empty()
            && one.declaration.carrier[1] == *organiser
            && is_asked("cui_decl", &one.declaration.declarant)
            && is_asked("uit", &one.uit)
            && is_asked("ref_decl", &one.declaration.reference)
    };
    let found: Vec<Value> = all.iter().filter(fits).map(active).collect();
    if found.is_empty() {
        return Json(json!({ "error": "Nu exista informatii pentru aceasta solicitare" })).into_response();
    }
    Json(found).into_response()
}

fn active(one: &Taken) -> Value {
    let said = &one.declaration;
    json!({
        "uit": one.uit, "cod_decl": said.declarant, "ref_decl": said.reference, "data_transp": said.date,
        "tr_tara": said.carrier[0], "tr_cod": said.carrier[1], "tr_den": said.carrier[2], "nr_veh": said.vehicle[0],
        "nr_rem1": said.vehicle[1], "nr_rem2": said.vehicle[2],
    })
}

/// Everything that was declared, for whoever plays with the twin.
pub(super) async fn all(State(twin): State<Arc<Anaf>>) -> Json<Vec<Taken>> {
    Json(twin.transports.locked().clone())
}
