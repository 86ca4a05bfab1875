//! `GET /v1/messages/{id}/exchanges`: a message as it came in, as it was understood, as it was sent on, and the answers.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::{Asked, Permission, Scope, allows, to};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::may::MayWithin;
use crate::api::messages::{Seen, find_within};
use crate::api::problem::Problem;
use crate::api::request::Path;

use super::views::{Content, Views};

/// What the hub keeps of the exchanges of a message. Values are shown to who may read the institution's own messages of this
/// type; to others the structure alone. A recipient opens content in its inbox, which leaves evidence, and not here.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: MayWithin<to::MessagesTrace>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (caller, seen) = find_within(&app, caller, &id).await?;
    let content = content(&app, &caller, &seen);
    let views = Views::of(&app, &seen, content).await?;
    Ok(Json(told(&seen, &views)))
}

fn content(app: &App, caller: &Caller, seen: &Seen) -> Content {
    let scope = Scope { document_type: Some(&seen.message.envelope.document_type), ..Scope::default() };
    let asked = Asked { permission: Permission::MessagesRead, scope, today: app.hub.clock.now().romanian_date() };
    let own = app.hub.directory().acts_for(&caller.party, &seen.message.sender);
    let shown = |asks_first: bool| seen.deliveries.iter().any(|(one, _)| one.course.shows_content(asks_first));
    if !own && !shown(seen.asks_first()) {
        return Content::Withheld;
    }
    if own && allows(&caller.principal, &asked).is_allowed() { Content::Whole } else { Content::Masked }
}

fn told(Seen { message, .. }: &Seen, views: &Views) -> Value {
    let envelope = &message.envelope;
    let parts = message.payloads.iter().map(|payload| {
        json!({
            "name": payload.name, "role": payload.role, "content_type": payload.content_type,
            "size": payload.size, "sha256": hex::encode(payload.sha256),
        })
    });
    let subject = (views.content == Content::Whole).then_some(&envelope.subject);
    json!({
        "message_id": message.id,
        "state": message.state.as_str(),
        "document_type": envelope.document_type,
        "document_version": envelope.document_version,
        "subject": subject,
        "content": views.content.as_str(),
        "content_ro": views.content.in_words().0,
        "content_en": views.content.in_words().1,
        "received": {
            "submitted_at": message.submitted_at.to_utc(),
            "sender": message.sender,
            "sender_registration": message.sender_registration,
            "method": message.authentication.method,
            "assurance": message.authentication.assurance,
            "purpose": envelope.purpose,
            "legal_basis": envelope.legal_basis,
            "territory": envelope.territory,
            "recipients": envelope.recipients,
            "parts": parts.collect::<Vec<_>>(),
            "body": views.received,
        },
        "canonical": {"body": views.canonical, "verdicts": views.verdicts},
        "deliveries": views.deliveries,
        "fixture": views.fixture,
    })
}
