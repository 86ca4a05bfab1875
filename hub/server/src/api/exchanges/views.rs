//! The four views of a message: received, canonical, sent, answered.

use hub_flow::db::DbError;
use hub_flow::delivery::{self, AttemptRecord, Delivery};
use hub_flow::directory::{Directory, INBOX};
use schemas::Violation;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::messages::Seen;

use super::list::system;
use super::mask::{fixture, masked};

/// Largest body that is shown; larger ones are fetched as parts.
const LARGEST: usize = 512 * 1024;

/// How much of the content is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// All of it.
    Whole,
    /// The structure, with the kind of each value.
    Masked,
    /// Nothing: the recipient has not accepted it yet.
    Withheld,
    /// Nothing: only its recipients can read it.
    Sealed,
    /// Nothing: it is too large to be shown, or was erased.
    Absent,
}

impl Content {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Masked => "masked",
            Self::Withheld => "withheld",
            Self::Sealed => "sealed",
            Self::Absent => "absent",
        }
    }

    /// Romanian, English.
    pub(super) const fn in_words(self) -> (&'static str, &'static str) {
        match self {
            Self::Whole => ("Conținutul este arătat întreg.", "The content is shown whole."),
            Self::Masked => (
                "Se vede structura; valorile sunt mascate, pentru că lipsește permisiunea messages.read sau documentul nu este al instituției.",
                "The structure is shown; values are masked, as the permission messages.read is missing or the document is not the institution's own.",
            ),
            Self::Withheld => (
                "Destinatarul nu a acceptat încă documentul; conținutul nu se arată.",
                "The recipient has not accepted the document yet; the content is not shown.",
            ),
            Self::Sealed => (
                "Documentul este cifrat pentru destinatari; hubul nu îl poate citi.",
                "The document is sealed for its recipients; the hub cannot read it.",
            ),
            Self::Absent => (
                "Conținutul este prea mare pentru a fi arătat sau a fost șters la termen.",
                "The content is too large to be shown, or was erased when its term ended.",
            ),
        }
    }
}

/// What is shown of a message.
pub(super) struct Views {
    pub content: Content,
    pub received: Option<String>,
    pub canonical: Option<Value>,
    pub verdicts: Vec<Violation>,
    pub fixture: Option<Value>,
    pub deliveries: Vec<Value>,
}

impl Views {
    pub(super) async fn of(app: &App, seen: &Seen, content: Content) -> Result<Self, DbError> {
        let envelope = &seen.message.envelope;
        let bytes = match content {
            Content::Whole | Content::Masked if !envelope.is_sealed() => app.hub.body(&seen.message).await.ok(),
            _ => None,
        };
        let bytes = bytes.filter(|bytes| bytes.len() <= LARGEST);
        let content = match (content, &bytes) {
            (Content::Whole | Content::Masked, _) if envelope.is_sealed() => Content::Sealed,
            (Content::Whole | Content::Masked, None) => Content::Absent,
            _ => content,
        };
        let body: Option<Value> = bytes.as_ref().and_then(|bytes| serde_json::from_slice(bytes).ok());
        let known = app.hub.catalogue.document_type(&envelope.document_type, &envelope.document_version);
        let day = seen.message.submitted_at.romanian_date();
        let verdicts = known.zip(body.as_ref()).map(|(known, body)| known.validate(body, day)).unwrap_or_default();
        let schema = known.map(|known| known.schema().as_ref().clone()).unwrap_or_default();
        let directory = app.hub.directory();
        let mut deliveries = Vec::with_capacity(seen.deliveries.len());
        for (delivery, attempts) in &seen.deliveries {
            deliveries.push(delivered(app, &directory, (delivery, attempts), content).await?);
        }
        Ok(Self {
            content,
            received: bytes.and_then(|bytes| text(&bytes, content)),
            canonical: body.as_ref().and_then(|body| shown(body, content)),
            verdicts,
            fixture: body.as_ref().map(|body| fixture(body, &schema)),
            deliveries,
        })
    }
}

fn shown(body: &Value, content: Content) -> Option<Value> {
    match content {
        Content::Whole => Some(body.clone()),
        Content::Masked => Some(masked(body)),
        _ => None,
    }
}

/// Bytes as text; masked ones are written anew, so that only what is JSON is shown.
fn text(bytes: &[u8], content: Content) -> Option<String> {
    match content {
        Content::Whole => Some(String::from_utf8_lossy(bytes).into_owned()),
        Content::Masked => {
            let body: Value = serde_json::from_slice(bytes).ok()?;
            Some(format!("{:#}", masked(&body)))
        }
        _ => None,
    }
}

async fn delivered(
    app: &App,
    directory: &Directory,
    (delivery, attempts): (&Delivery, &[AttemptRecord]),
    content: Content,
) -> Result<Value, DbError> {
    let system = system(directory, delivery);
    let kept = delivery::translation(&app.hub.db, delivery.id).await?;
    let (form, sent) = match kept {
        Some((mapping, version, source, target, content_type, bytes)) => {
            let erased = bytes.is_empty();
            let sent = json!({
                "mapping": mapping, "mapping_version": version, "content_type": content_type,
                "source_sha256": hex::encode(source), "target_sha256": hex::encode(target),
                "body": if erased { None } else { text(&bytes, content) },
            });
            (if erased { "erased" } else { "mapped" }, sent)
        }
        None if system.is_none_or(|system| system == INBOX) => ("inbox", Value::Null),
        None => ("as-received", Value::Null),
    };
    Ok(json!({
        "delivery": delivery.id,
        "recipient": delivery.recipient,
        "recipient_name": directory.party(&delivery.recipient).map(|party| &party.name),
        "system": system,
        "state": delivery.state.as_str(),
        "state_ro": delivery.state.in_romanian(),
        "route": delivery.route,
        "form": form,
        "sent": sent,
        "attempts": attempts,
        "answered": {
            "receipt": delivery.receipt,
            "reason": delivery.reason,
            "recipient_registration": delivery.recipient_registration,
        },
    }))
}
