//! `GET /v1/messages/{id}`: where a document is, and why.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::delivery::{AttemptRecord, Delivery};
use hub_flow::directory::Right;
use hub_flow::flow::entries_of;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::Path;

use super::receipt::part;
use super::{Seen, find_within};

/// State, both register numbers, deliveries with their attempts and the explained route of each, the entries it has in the
/// caller's own registers, and what belongs to these.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: MayWithin<to::MessagesRead>,
    State(app): State<App>,
    clerk: Clerk,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (caller, seen) = find_within(&app, caller, &id).await?;
    let mut told = described(&seen);
    let directory = app.hub.directory();
    let name = |party: &str| directory.party(party).map(|party| party.name.clone());
    let relayed = seen.message.relay.as_ref().and_then(|relay| relay.sender.name.clone());
    told["sender_name"] = relayed.or_else(|| name(&seen.message.sender)).into();
    let (kind, version) = (&seen.message.envelope.document_type, &seen.message.envelope.document_version);
    let title = app.hub.catalogue.document_type(kind, version).map(schemas::DocumentType::title);
    told["title"] = json!(title.map(|title| &title.ro));
    told["title_en"] = json!(title.map(|title| &title.en));
    for (told, (delivery, _)) in told["deliveries"].as_array_mut().into_iter().flatten().zip(&seen.deliveries) {
        told["recipient_name"] = name(&delivery.recipient).into();
        let mine = directory.acts_for(&caller.party, &delivery.recipient);
        told["mine"] = mine.into();
        // The content is shown only after the acceptance that was asked for.
        told["shown"] = (!mine || delivery.course.shows_content(seen.asks_first())).into();
    }
    told["mine"] = directory.acts_for(&caller.party, &seen.message.sender).into();
    let mut entries = entries_of(&app.hub.db, &caller.party, seen.message.id).await?;
    let hidden = |register: &str| clerk.may(&app, &caller, register, Right::See).is_err();
    entries.retain(|entry| !hidden(&entry.register));
    for entry in &mut entries {
        entry.related.retain(|one| !hidden(&one.register));
    }
    told["entries"] = serde_json::to_value(entries).expect("entries are plain data");
    // The code shows all deliveries; a recipient sees its own alone.
    if app.hub.directory().acts_for(&caller.party, &seen.message.sender) {
        let code = hub_flow::tracking::of(&app.hub.journal_key, seen.message.id);
        told["tracking"] = json!({"page": format!("/track/{code}"), "code": code});
    }
    Ok(Json(told))
}

pub(crate) fn described(Seen { message, deliveries }: &Seen) -> Value {
    json!({
        "message_id": message.id,
        "state": message.state.as_str(),
        "submitted_at": message.submitted_at.to_utc(),
        "sender": message.relay.as_ref().map_or(&message.sender, |relay| &relay.sender.id),
        "relayed_by": message.relay.as_ref().map(|relay| {
            json!({"service": relay.partner, "message_identifier": relay.identifier, "sender": relay.sender})
        }),
        "sender_registration": message.sender_registration,
        "document_type": message.envelope.document_type,
        "document_version": message.envelope.document_version,
        "subject": message.envelope.subject,
        "purpose": message.envelope.purpose,
        "legal_basis": message.envelope.legal_basis,
        "references": message.envelope.references,
        "parts": message.payloads.iter().map(part).collect::<Vec<_>>(),
        "deliveries": deliveries.iter().map(|(delivery, attempts)| delivered(delivery, attempts)).collect::<Vec<_>>(),
        "links": {"evidence": format!("/v1/messages/{}/evidence", message.id)},
    })
}

pub(crate) fn delivered(delivery: &Delivery, attempts: &[AttemptRecord]) -> Value {
    let mut value = serde_json::to_value(delivery).expect("a delivery is plain data");
    value["state_ro"] = delivery.state.in_romanian().into();
    value["attempt_list"] = serde_json::to_value(attempts).expect("attempts are plain data");
    value
}
