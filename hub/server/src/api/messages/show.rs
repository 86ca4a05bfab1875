//! `GET /v1/messages/{id}`: where a document is, and why.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::delivery::{AttemptRecord, Delivery};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::Path;

use super::receipt::part;
use super::{Seen, find_within};

/// State, both register numbers, deliveries with their attempts, and the explained route of each.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: MayWithin<to::MessagesRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (_, seen) = find_within(&app, caller, &id).await?;
    Ok(Json(described(&seen)))
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
