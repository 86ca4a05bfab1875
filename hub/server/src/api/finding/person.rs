//! `POST /v1/evidence/search`: the exchanges about a person. Who is in the body, never in an address, which ends up in logs;
//! the search is in the journal of access before anything is answered, also where it is refused.

use axum::Json;
use axum::extract::State;
use hub_flow::access_journal::{About, AccessEntry, AccessKind, AccessResult, Reasons};
use hub_flow::audit::Principal;
use hub_flow::authorization::{Dimension, Who, to};
use hub_flow::exchanges;
use hub_flow::lookup::identifier;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::audit::Trail;
use crate::api::caller::Caller;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::SmallBody;
use crate::problems;

/// About whom, and why. The reasons may stand in the headers too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    subject: String,
    purpose: Option<String>,
    legal_basis: Option<String>,
    case_number: Option<String>,
}

/// The exchanges whose documents name a person, newest first, at most 500.
///
/// # Errors
/// A problem document.
pub async fn search(
    caller: MayWithin<to::EvidenceRead>,
    (State(app), trail): (State<App>, Trail),
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    let (caller, places) = caller.listing(&[Dimension::DocumentType])?;
    let seen = places.among(Dimension::DocumentType);
    let asked: Asked = serde_json::from_slice(&body).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
    })?;
    let said = |given: Option<String>, headed: &Option<String>| {
        given.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).or_else(|| headed.clone())
    };
    let reasons = Reasons {
        purpose: said(asked.purpose, &trail.purpose).unwrap_or_default(),
        legal_basis: said(asked.legal_basis, &trail.legal_basis).unwrap_or_default(),
        case_number: said(asked.case_number, &trail.case_number),
    };
    let digest = app.hub.journal_key.subject(&identifier(&asked.subject));
    let about = About { persons: vec![digest], register: None };
    let unsaid = reasons.purpose.is_empty() || reasons.legal_basis.is_empty();
    let mut entry = entry(&app, &caller, &trail, reasons);
    if unsaid {
        entry.result = AccessResult::Refused;
        app.hub.journal(entry, about).await?;
        return Err(Problem::of(&problems::PURPOSE_NEEDED).detail(
            "Spuneți de ce se caută persoana: purpose și legal_basis (act și articol); case_number unde este o cauză",
            "Say why the person is looked for: purpose and legal_basis (act and article); case_number where there is a case",
        ));
    }
    let found = exchanges::about(&app.hub.db, &caller.party, digest, &seen).await?;
    entry.result = if found.is_empty() { AccessResult::Nothing } else { AccessResult::Given };
    app.hub.journal(entry, about).await?;
    Ok(Json(json!({"items": super::told(&app, &found), "next": null})))
}

fn entry(app: &App, caller: &Caller, trail: &Trail, reasons: Reasons) -> AccessEntry {
    let now = app.hub.clock.now();
    let (principal, user) = match &caller.principal.who {
        Who::Person { pseudonym, .. } => (Principal::person(pseudonym), None),
        Who::System { id } => (Principal::system(id), trail.clerk.clone()),
    };
    AccessEntry {
        id: app.hub.ids.uuid(now),
        kind: AccessKind::Search,
        at: now,
        party: caller.party.clone(),
        on_behalf: caller.authentication.delegate.clone(),
        principal,
        user,
        operation: "evidence.search".to_owned(),
        object: None,
        message: None,
        reasons,
        result: AccessResult::Given,
        correlation: trail.correlation.clone(),
    }
}
