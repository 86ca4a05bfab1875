//! A question and where it stands, as the caller is told.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hub_flow::lookup::{Answered, Lookup, Standing, freshness};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::problem::Problem;

use super::refusals::{Ended, ended};

/// The answer of a request about one question.
pub(super) fn answer(app: &App, lookup: &Lookup) -> Result<Response, Problem> {
    let now = app.hub.clock.now();
    match &lookup.standing {
        Standing::Answered(answered) => Ok(Json(given(app, lookup, answered)).into_response()),
        Standing::Ended { outcome, code, reason, retry_at } => {
            let (outcome, code, reason) = (*outcome, code.as_deref(), reason.as_deref());
            let facts = Ended { outcome, code, reason, retry_at: *retry_at, now };
            Err(ended(&title(app, lookup), lookup, &facts))
        }
        Standing::Waiting { next_at, .. } => {
            let seconds = freshness::age(now, *next_at).as_secs() + 1;
            Ok(accepted(app, lookup, seconds))
        }
        Standing::Underway => Ok(accepted(app, lookup, 1)),
    }
}

fn accepted(app: &App, lookup: &Lookup, seconds: u64) -> Response {
    let mut response = (StatusCode::ACCEPTED, Json(row(app, lookup))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, seconds.into());
    let location = HeaderValue::from_str(&format!("/v1/lookups/{}", lookup.id)).expect("an id is ASCII");
    headers.insert(header::LOCATION, location);
    response
}

/// The same as a row of a batch: what is no answer is a problem inside it.
pub(in crate::api) fn row(app: &App, lookup: &Lookup) -> Value {
    match &lookup.standing {
        Standing::Answered(answered) => given(app, lookup, answered),
        Standing::Ended { outcome, code, reason, retry_at } => {
            let now = app.hub.clock.now();
            let (code, reason) = (code.as_deref(), reason.as_deref());
            let facts = Ended { outcome: *outcome, code, reason, retry_at: *retry_at, now };
            let mut told = base(app, lookup, outcome.as_str());
            told["problem"] = ended(&title(app, lookup), lookup, &facts).document();
            told
        }
        Standing::Waiting { next_at, ends_at } => {
            let mut told = base(app, lookup, "pending");
            told["next_at"] = next_at.to_utc().into();
            told["ends_at"] = ends_at.to_utc().into();
            told
        }
        Standing::Underway => base(app, lookup, "underway"),
    }
}

fn given(app: &App, lookup: &Lookup, answered: &Answered) -> Value {
    let mut told = base(app, lookup, answered.outcome.as_str());
    let age = freshness::age(answered.answered_at, app.hub.clock.now());
    told["value"] = answered.value.clone().unwrap_or_default();
    told["as_of"] = answered.as_of.clone().into();
    told["answered_at"] = answered.answered_at.to_utc().into();
    told["age_seconds"] = age.as_secs().into();
    told["from_copy"] = answered.copied_from.is_some().into();
    if let Some(original) = answered.copied_from {
        told["copied_from"] = original.to_string().into();
    }
    told["stale"] = answered.stale.into();
    if answered.stale {
        told["warning"] =
            "Registrul nu răspunde; acesta este un răspuns mai vechi, dat la cererea dumneavoastră".into();
        told["warning_en"] = "The register does not answer; this is an older answer, given at your wish".into();
    }
    if answered.erased {
        told["erased"] = true.into();
    }
    told["document"] = answered.document.as_ref().map_or(Value::Null, |document| {
        json!({
            "href": format!("/v1/lookups/{}/document", lookup.id),
            "content_type": document.content_type,
            "size": document.size,
            "sha256": hex::encode(document.sha256),
        })
    });
    told
}

fn base(app: &App, lookup: &Lookup, answer: &str) -> Value {
    let known = app.hub.connectors.operation(&lookup.system, &lookup.operation);
    let directory = app.hub.directory();
    let channel = directory.lookup_channel_by_id(&lookup.channel);
    let title = |title: &connectors_contract::manifest::Title| json!({"ro": title.ro, "en": title.en});
    json!({
        "lookup_id": lookup.id,
        "journal_id": lookup.id,
        "answer": answer,
        "source": {
            "system": lookup.system,
            "title": known.map(|(manifest, _)| title(&manifest.title)),
            "operation": lookup.operation,
            "operation_title": known.map(|(_, operation)| title(&operation.title)),
            "address": channel.and_then(|channel| app.hub.connectors.host(&channel.entry)),
        },
        "discloses": lookup.discloses,
        "asked_at": lookup.asked_at.to_utc(),
        "links": {"self": format!("/v1/lookups/{}", lookup.id)},
    })
}

fn title(app: &App, lookup: &Lookup) -> String {
    let known = app.hub.connectors.operation(&lookup.system, &lookup.operation);
    known.map_or_else(|| lookup.system.clone(), |(manifest, _)| manifest.title.ro.clone())
}

/// What a question came to, for the metrics.
pub(super) fn result(lookup: &Lookup) -> &'static str {
    match &lookup.standing {
        Standing::Answered(answered) if answered.stale => "stale",
        Standing::Answered(answered) if answered.copied_from.is_some() => "copy",
        Standing::Answered(answered) => answered.outcome.as_str(),
        Standing::Ended { outcome, .. } => outcome.as_str(),
        Standing::Waiting { .. } => "pending",
        Standing::Underway => "underway",
    }
}
