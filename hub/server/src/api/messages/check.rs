//! `POST /v1/messages/check`: what would be said of a document, without taking it; and `GET /v1/messages/possible`: what
//! may be sent, and to whom.

use axum::Json;
use axum::extract::{Request, State};
use hub_flow::authorization::{Scope, to};
use hub_flow::directory::{Cover, Sending};
use hub_flow::flow::checked;
use hub_flow::message::Submission;
use hub_flow::validation;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::Wanted;

use super::receive::{Arrived, receive};

/// Every rule the document breaks, and whether it would be taken. It is sent as to `POST /v1/messages`; nothing of it is
/// kept, registered or evidenced, and it needs no key.
///
/// # Errors
/// A problem document, where it cannot be read at all.
pub async fn check(
    caller: MayWithin<to::MessagesSend>,
    State(app): State<App>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    let Arrived { envelope, payloads, staged, body } = receive(&app, request).await?;
    let scope = Scope { document_type: Some(&envelope.document_type), ..Scope::default() };
    let caller = caller.within(scope)?.into_caller();
    let (sender, authentication) = caller.sending_for(&app, envelope.on_behalf_of.as_deref())?;
    let submission = Submission {
        sender,
        authentication,
        idempotency_key: String::new(),
        envelope,
        payloads,
        staged,
        body,
        relay: None,
        found: Vec::new(),
    };
    let violations = checked(&app.hub, &submission).await?;
    Ok(Json(json!({"acceptable": !validation::refuses(&violations), "violations": violations})))
}

/// Of which document type.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Recipients are told of one type alone: there are thousands of institutions.
    document_type: Option<String>,
}

/// The document types that agreements in force let the caller's institution send to somebody, with the purposes; of one
/// type, with the recipients.
///
/// # Errors
/// A problem document.
pub async fn possible(
    caller: MayWithin<to::MessagesSend>,
    State(app): State<App>,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let directory = app.hub.directory();
    let day = app.hub.clock.now().romanian_date();
    let Some(sender) = directory.party(caller.party()) else { return Ok(Json(json!({"items": []}))) };
    let lists = app.hub.catalogue.code_lists();
    let mut items = Vec::new();
    for one in app.hub.catalogue.document_types() {
        let scope = Scope { document_type: Some(one.name()), ..Scope::default() };
        if wanted.document_type.as_ref().is_some_and(|name| name != one.name()) || !caller.holds(scope) {
            continue;
        }
        for purpose in one.purposes() {
            let covered = |recipient: &&hub_flow::directory::Party| {
                let sending = Sending { sender, recipient, document_type: one.name(), purpose, day };
                recipient.id != sender.id && matches!(directory.cover(sending, lists), Cover::Covered { .. })
            };
            let mut recipients: Vec<_> = match wanted.document_type {
                Some(_) => directory.parties().filter(covered).collect(),
                None => directory.parties().find(covered).into_iter().collect(),
            };
            if recipients.is_empty() {
                continue;
            }
            recipients.sort_by(|one, other| one.name.cmp(&other.name));
            let told = recipients.iter().map(|party| json!({"party": party.id, "name": party.name}));
            let told: Vec<Value> = told.collect();
            items.push(json!({
                "document_type": one.name(),
                "document_version": one.version(),
                "title": one.title().ro,
                "title_en": one.title().en,
                "purpose": purpose,
                "legal_basis": one.legal_basis(),
                "end_to_end": one.end_to_end(),
                "recipients": wanted.document_type.as_ref().map(|_| told),
            }));
        }
    }
    Ok(Json(json!({"items": items})))
}
