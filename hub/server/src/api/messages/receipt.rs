//! The JSON receipt: what was taken, under which numbers, with which hash, what happens next and by when.

use hub_flow::clock::Timestamp;
use hub_flow::evidence::{Event, Evidence};
use hub_flow::flow::Acceptance;
use hub_flow::message::{Message, Payload};
use serde_json::{Value, json};

use crate::api::App;

const DAY: i64 = 86_400;

pub(super) fn receipt(app: &App, acceptance: &Acceptance) -> Value {
    let message = &*acceptance.message;
    json!({
        "message_id": message.id,
        "state": "accepted",
        "submitted_at": message.submitted_at.to_utc(),
        "submitted_at_local": message.submitted_at.to_romanian(),
        "sender": message.sender,
        "sender_registration": message.sender_registration,
        "recipients": message.envelope.recipients,
        "document_type": message.envelope.document_type,
        "document_version": message.envelope.document_version,
        "parts": message.payloads.iter().map(part).collect::<Vec<_>>(),
        "next": next(app, message),
        "warnings": acceptance.warnings,
        "evidence": described(&acceptance.evidence, true),
        "links": {
            "self": format!("/v1/messages/{}", message.id),
            "evidence": format!("/v1/messages/{}/evidence", message.id),
        },
    })
}

pub(super) fn part(payload: &Payload) -> Value {
    json!({
        "name": payload.name,
        "role": payload.role,
        "content_type": payload.content_type,
        "size": payload.size,
        "sha256": hex::encode(payload.sha256),
    })
}

fn next(app: &App, message: &Message) -> Value {
    let days = app
        .hub
        .catalogue
        .document_type(&message.envelope.document_type, &message.envelope.document_version)
        .map_or(0, |document_type| i64::from(document_type.deadline().days));
    let give_up = app.hub.policy.retry.give_up_after.as_micros();
    let delivered_by = message.submitted_at.plus_micros(i64::try_from(give_up).unwrap_or(i64::MAX));
    let resolved_by = message.submitted_at.plus_seconds(days * DAY);
    json!({
        "what": "Hubul livrează documentul fiecărui destinatar și emite câte o dovadă pentru fiecare pas",
        "what_en": "The hub delivers the document to every recipient and issues an evidence for each step",
        "delivered_or_reported_by": delivered_by.to_utc(),
        "deadline": (days > 0).then(|| json!({"days": days, "by": local_day(resolved_by)})),
    })
}

fn local_day(moment: Timestamp) -> String {
    moment.romanian_date().to_string()
}

/// An evidence in JSON; with its document where asked for.
pub(crate) fn described(evidence: &Evidence, with_document: bool) -> Value {
    let meaning = [
        Event::SubmissionAcceptance,
        Event::SubmissionRejection,
        Event::ContentConsignment,
        Event::ContentConsignmentFailure,
        Event::ContentHandover,
        Event::ContentHandoverFailure,
    ]
    .into_iter()
    .find(|event| event.as_str() == evidence.event)
    .map(Event::in_romanian);
    let mut value = json!({
        "id": evidence.id,
        "event": evidence.event,
        "meaning": meaning,
        "event_time": evidence.at.to_utc(),
        "delivery_id": evidence.delivery,
        "sha256": hex::encode(evidence.sha256),
        "href": format!("/v1/messages/{}/evidence/{}", evidence.message, evidence.id),
    });
    if with_document {
        value["document"] = evidence.document.clone().into();
    }
    value
}
