//! The operations of RECOM-IH/1 (contract sheet section 10.2).

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::firms::Firm;
use super::number::{converted, is_cui};
use super::purpose::{Caller, problem};
use super::{Inner, Onrc, certificates, code_lists, record, subscriptions};
use crate::date;

/// Most firms on a page.
const LARGEST_PAGE: usize = 50;
/// Parts that exist; the first two are about persons.
const PARTS: [&str; 6] = ["administratori", "asociati", "caen", "puncte-lucru", "mentiuni", "istoric"];

pub(super) fn pages(twin: &Arc<Onrc>) -> Router<Arc<Onrc>> {
    Router::new()
        .route("/recom/v1/firme", get(find))
        .route("/recom/v1/firme/{number}", get(show))
        .route("/recom/v1/firme/{number}/{part}", get(part))
        .route("/recom/v1/certificate", post(certificates::order))
        .route("/recom/v1/certificate/{id}", get(certificates::show))
        .route("/recom/v1/certificate/{id}/document", get(certificates::document))
        .route("/recom/v1/abonamente", post(subscriptions::subscribe))
        .route("/recom/v1/abonamente/{id}", delete(subscriptions::unsubscribe))
        .route("/recom/v1/evenimente", get(subscriptions::events))
        .route("/recom/v1/nomenclatoare/{name}", get(code_list))
        .route("/recom/v1/capabilitati", get(capabilities))
        .route_layer(from_fn_with_state(Arc::clone(twin), guard))
}

/// What happens to every question: quota, maintenance, slowness, correlation, audit.
async fn guard(State(twin): State<Arc<Onrc>>, mut request: Request, next: Next) -> Response {
    let caller = Caller::of(request.headers());
    let operation = format!("{} {}", request.method(), request.uri());
    request.extensions_mut().insert(caller.clone());
    let slow = twin.locked().behaviour.slow_ms;
    if slow > 0 {
        sleep(Duration::from_millis(slow)).await;
    }
    let now = twin.now();
    let stopped = stopped(&mut twin.locked(), &caller, now);
    let answer = match stopped {
        Some(answer) => answer,
        None => next.run(request).await,
    };
    let answer = correlated(answer, &caller).await;
    let audited = caller.audited(operation, answer.status().as_u16());
    twin.locked().audit.push(audited);
    answer
}

fn stopped(inner: &mut Inner, caller: &Caller, now: i64) -> Option<Response> {
    inner.answered += 1;
    let behaviour = &inner.behaviour;
    if now < behaviour.maintenance_until {
        let until = date::moment(behaviour.maintenance_until);
        let mut answer = problem("RECOM-503", "Fereastră de mentenanță.", json!({ "pana_la": until }));
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(behaviour.maintenance_until - now));
        return Some(answer);
    }
    // Evenly spread: of a hundred questions exactly so many.
    let (nth, percent) = (inner.answered, behaviour.timeouts_percent.min(100));
    if nth * percent / 100 > (nth - 1) * percent / 100 {
        return Some(problem("RECOM-504", "Registrul nu a răspuns la timp.", Value::Null));
    }
    if caller.institution.is_none() {
        return Some(problem("RECOM-401", "Lipsește X-Institutie: nu există contract.", Value::Null));
    }
    if behaviour.quota.is_some_and(|quota| inner.used >= quota) {
        let mut answer = problem("RECOM-429", "Cota este epuizată.", json!({ "cota": behaviour.quota }));
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        return Some(answer);
    }
    inner.used += 1;
    None
}

/// The caller's number goes back with every answer, in an error also inside it.
async fn correlated(answer: Response, caller: &Caller) -> Response {
    let (mut head, mut body) = answer.into_parts();
    let id = caller.correlation.clone();
    if let Some(value) = id.as_ref().and_then(|id| HeaderValue::from_str(id).ok()) {
        head.headers.insert("x-correlation-id", value);
    }
    if !head.status.is_success() {
        let bytes = to_bytes(body, 1024 * 1024).await.unwrap_or_default();
        body = match serde_json::from_slice::<Value>(&bytes) {
            Ok(mut error) if error.get("correlation_id").is_some() => {
                error["correlation_id"] = id.into();
                head.headers.remove(header::CONTENT_LENGTH);
                Body::from(error.to_string())
            }
            _ => Body::from(bytes),
        };
    }
    Response::from_parts(head, body)
}

#[derive(Deserialize)]
struct Search {
    cui: Option<String>,
    nr_reg: Option<String>,
    euid: Option<String>,
    denumire: Option<String>,
    judet: Option<String>,
    pagina: Option<usize>,
    marime: Option<usize>,
}

async fn find(State(twin): State<Arc<Onrc>>, Query(search): Query<Search>) -> Response {
    let now = date::moment(twin.now());
    let inner = twin.locked();
    let (page, size) = (search.pagina.unwrap_or(1).max(1), search.marime.unwrap_or(20).clamp(1, LARGEST_PAGE));
    let given =
        [&search.cui, &search.nr_reg, &search.euid, &search.denumire].iter().filter(|one| one.is_some()).count();
    if given != 1 {
        return problem("RECOM-400", "Dați exact unul: cui, nr_reg, euid sau denumire.", Value::Null);
    }
    let found = match (&search.cui, search.nr_reg.as_ref().or(search.euid.as_ref()), &search.denumire) {
        (Some(cui), ..) if !is_cui(cui) => {
            return problem("RECOM-400", "CUI-ul nu are forma sau cifra de control corectă.", Value::Null);
        }
        (Some(cui), ..) => inner.register.by_cui(cui),
        (_, Some(number), _) => match inner.register.by_number(number) {
            Some(found) => found,
            None => return problem("RECOM-400", "Numărul de registru nu este valid.", Value::Null),
        },
        (_, _, Some(name)) if name.chars().filter(|letter| letter.is_alphanumeric()).count() < 3 => {
            return problem("RECOM-400", "Denumirea are cel puțin 3 litere.", Value::Null);
        }
        (_, _, name) => inner.register.by_name(name.as_deref().unwrap_or_default(), search.judet.as_deref()),
    };
    let firms: Vec<Value> =
        found.iter().skip((page - 1).saturating_mul(size)).take(size).map(|firm| record::summary(firm)).collect();
    let source = json!({ "adaptor": "sandbox", "extras_la": now, "opozabil": false });
    Json(json!({ "firme": firms, "total": found.len(), "pagina": page, "marime": size, "sursa": source }))
        .into_response()
}

/// The one firm with a number; an answer where there is none or more than one.
pub(super) fn only_one<'i>(inner: &'i Inner, number: &str) -> Result<&'i Firm, Box<Response>> {
    let not_valid = || Box::new(problem("RECOM-400", "Numărul de registru nu este valid.", Value::Null));
    let number = converted(number).ok_or_else(not_valid)?;
    let found = inner.register.by_number(&number).ok_or_else(not_valid)?;
    match found.as_slice() {
        [] => Err(Box::new(problem("RECOM-404", "Nu există firma în registru.", Value::Null))),
        [one] => Ok(one),
        several => {
            let cuis: Vec<_> = several.iter().map(|firm| &firm.cui).collect();
            Err(Box::new(problem("RECOM-409", "Mai multe firme au acest număr.", json!({ "cui": cuis }))))
        }
    }
}

async fn show(State(twin): State<Arc<Onrc>>, Path(number): Path<String>) -> Response {
    let now = date::moment(twin.now());
    let inner = twin.locked();
    match only_one(&inner, &number) {
        Ok(firm) => Json(record::full(firm, &now)).into_response(),
        Err(answer) => *answer,
    }
}

async fn part(
    State(twin): State<Arc<Onrc>>,
    Extension(caller): Extension<Caller>,
    Path((number, part)): Path<(String, String)>,
) -> Response {
    let now = date::moment(twin.now());
    let inner = twin.locked();
    if !PARTS.contains(&part.as_str()) {
        return problem("RECOM-404", "Nu există această parte.", Value::Null);
    }
    if inner.behaviour.without.contains(&part) {
        return problem("RECOM-CAP", "Partea nu este oferită.", json!({ "parte": part }));
    }
    let about_persons = matches!(part.as_str(), "administratori" | "asociati");
    if about_persons && !caller.may_see_persons() {
        return problem("RECOM-403", "Datele despre persoane cer X-Scop și X-Temei-Legal.", Value::Null);
    }
    let firm = match only_one(&inner, &number) {
        Ok(firm) => firm,
        Err(answer) => return *answer,
    };
    let persons = |administrators: bool| -> Vec<Value> {
        let fits = |one: &&super::firms::Person| (one.role == "administrator") == administrators;
        firm.persons.iter().filter(fits).map(record::person).collect()
    };
    let events = inner.register.events.iter().filter(|event| event["nr_reg"] == firm.number.as_str());
    let items = match part.as_str() {
        "administratori" => persons(true),
        "asociati" => persons(false),
        "caen" => record::full(firm, &now)["activitati_autorizate"].as_array().cloned().unwrap_or_default(),
        "istoric" => events.cloned().collect(),
        "mentiuni" => {
            let mentions = firm.states.iter().filter(|code| ![1048, 1084].contains(*code));
            mentions.map(|code| json!({ "cod": code.to_string(), "denumire": code_lists::state_name(*code) })).collect()
        }
        _ => vec![json!({ "judet": firm.county, "localitate": firm.place, "strada": "Anexei", "numar": "1" })],
    };
    let source = json!({ "adaptor": "sandbox", "extras_la": now, "opozabil": false });
    Json(json!({ "nr_reg": firm.number, "parte": part, "elemente": items, "sursa": source })).into_response()
}

async fn code_list(Path(name): Path<String>) -> Response {
    match code_lists::list(&name) {
        Some(list) => Json(list).into_response(),
        None => problem("RECOM-404", "Nu există nomenclatorul.", Value::Null),
    }
}

async fn capabilities(State(twin): State<Arc<Onrc>>) -> Response {
    let now = date::moment(twin.now());
    let inner = twin.locked();
    let offered: Vec<&str> =
        PARTS.into_iter().filter(|part| !inner.behaviour.without.iter().any(|one| one == part)).collect();
    let body = json!({
        "profil": "RECOM-IH/1", "adaptor": "sandbox", "data": now, "parti": offered,
        "certificate": certificates::KINDS, "limite": { "pagina": LARGEST_PAGE, "cota": inner.behaviour.quota },
    });
    (StatusCode::OK, Json(body)).into_response()
}
