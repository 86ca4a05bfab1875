//! Subscriptions and the feed of events (modelled on the subscriptions of the European register interconnection).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Onrc;
use super::number::converted;
use super::purpose::problem;

/// Most events of one page.
const PAGE: usize = 100;
/// The events there are (contract sheet section 10.2).
const KINDS: [&str; 9] = [
    "INMATRICULARE",
    "SCHIMBARE_DENUMIRE",
    "SCHIMBARE_SEDIU",
    "SCHIMBARE_STARE",
    "SCHIMBARE_ADMINISTRATOR",
    "SCHIMBARE_ASOCIAT",
    "SCHIMBARE_CAEN",
    "CONVERSIE_NUMAR",
    "RADIERE",
];

/// The subscriptions; one that ended leaves its place empty.
#[derive(Default)]
pub(super) struct Subscriptions(Vec<Option<Value>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subscription {
    nr_reg: Vec<String>,
    evenimente: Vec<String>,
    adresa_notificare: String,
}

pub(super) async fn subscribe(
    State(twin): State<Arc<Onrc>>,
    subscription: Result<Json<Subscription>, axum::extract::rejection::JsonRejection>,
) -> Response {
    let Ok(Json(subscription)) = subscription else {
        return problem("RECOM-400", "Abonamentul are nr_reg, evenimente și adresa_notificare.", Value::Null);
    };
    let numbers: Option<Vec<String>> = subscription.nr_reg.iter().map(|number| converted(number)).collect();
    let Some(numbers) = numbers.filter(|numbers| (1..=1_000).contains(&numbers.len())) else {
        return problem("RECOM-400", "Dați între 1 și 1000 de numere de registru valide.", Value::Null);
    };
    if let Some(unknown) = subscription.evenimente.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        return problem("RECOM-400", "Evenimentul nu există.", json!({ "eveniment": unknown, "evenimente": KINDS }));
    }
    let mut inner = twin.locked();
    let id = format!("AB-{}", inner.subscriptions.0.len() + 1);
    let answer = json!({
        "id": id, "nr_reg": numbers, "evenimente": subscription.evenimente,
        "adresa_notificare": subscription.adresa_notificare, "cursor": inner.register.events.len().to_string(),
    });
    inner.subscriptions.0.push(Some(answer.clone()));
    (StatusCode::CREATED, Json(answer)).into_response()
}

pub(super) async fn unsubscribe(State(twin): State<Arc<Onrc>>, Path(id): Path<String>) -> Response {
    let mut inner = twin.locked();
    let position = id.strip_prefix("AB-").and_then(|number| number.parse::<usize>().ok()).unwrap_or(0);
    let place = position.checked_sub(1).and_then(|at| inner.subscriptions.0.get_mut(at));
    match place.and_then(Option::take) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => problem("RECOM-404", "Nu există abonamentul.", Value::Null),
    }
}

#[derive(Deserialize)]
pub(super) struct After {
    dupa: Option<String>,
}

pub(super) async fn events(State(twin): State<Arc<Onrc>>, Query(after): Query<After>) -> Response {
    let Ok(after) = after.dupa.as_deref().unwrap_or("0").parse::<usize>() else {
        return problem("RECOM-400", "Cursorul nu este unul dat de noi.", Value::Null);
    };
    let inner = twin.locked();
    let events: Vec<&Value> = inner.register.events.iter().skip(after).take(PAGE).collect();
    let next = after.min(inner.register.events.len()) + events.len();
    Json(json!({ "evenimente": events, "cursor": next.to_string() })).into_response()
}
