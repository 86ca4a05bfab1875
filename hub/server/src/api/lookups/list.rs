//! `GET /v1/lookups`: what the caller may ask of registers, and what it must give.

use axum::Json;
use axum::extract::State;
use connectors_contract::manifest::{Argument, Title};
use hub_flow::authorization::to;
use hub_flow::flow::{Askable, askable};
use hub_flow::lookup::question::REQUEST;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;

/// Every operation a channel leads to, with its arguments and the caller's agreements in force.
pub async fn list(caller: May<to::LookupsRead>, State(app): State<App>) -> Json<Value> {
    let all = askable(&app.hub, &caller.party);
    Json(json!({"lookups": all.iter().map(described).collect::<Vec<_>>()}))
}

fn described(one: &Askable<'_>) -> Value {
    let agreement = |agreement: &hub_flow::directory::LookupAgreement| {
        json!({
            "id": agreement.id,
            "purposes": agreement.purposes,
            "legal_basis": agreement.legal_basis,
            "valid_to": agreement.valid_to,
        })
    };
    let asked = one.operation.arguments.iter().filter(|(name, _)| *name != REQUEST);
    let arguments: serde_json::Map<String, Value> =
        asked.map(|(name, argument)| (name.clone(), wanted(argument))).collect();
    let href = format!("/v1/lookups/{}/{}", one.manifest.system, one.name);
    json!({
        "system": one.manifest.system,
        "title": title(&one.manifest.title),
        "operation": one.name,
        "operation_title": title(&one.operation.title),
        "allowed": !one.agreements.is_empty(),
        "agreements": one.agreements.iter().map(agreement).collect::<Vec<_>>(),
        "arguments": arguments,
        "subject": one.operation.subject,
        "discloses": one.operation.discloses,
        "personal": one.operation.personal,
        "fresh_for_seconds": one.fresh_for.map(|fresh_for| fresh_for.as_secs()),
        "links": {"ask": href, "batch": format!("{href}/batch")},
    })
}

fn wanted(argument: &Argument) -> Value {
    json!({
        "format": argument.format.as_str(),
        "required": argument.required && argument.default.is_none(),
        "title": argument.title.as_ref().map(title),
        "one_of": argument.one_of,
    })
}

fn title(title: &Title) -> Value {
    json!({"ro": title.ro, "en": title.en})
}
