//! Stage 5: message translator. Puts a body into the form its target system wants, and tells what it made of what.
//!
//! Pure: mapping, envelope and body go in, bytes come out. The received bytes are never changed; the translated ones
//! are kept and disclosed in evidence (eIDAS art. 44(1)(e)).

use mappings::{Input, Library, MappingError};
use openssl::sha::sha256;
use serde_json::{Value, json};

use crate::directory::Party;
use crate::message::{BODY, Message};

/// A translated body.
#[derive(Debug, Clone)]
pub struct Translation {
    /// Id of the mapping.
    pub mapping: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the received body.
    pub source_sha256: [u8; 32],
    /// SHA-256 of the translated body.
    pub target_sha256: [u8; 32],
    /// Media type of the translated body.
    pub content_type: String,
    /// The translated body.
    pub content: Vec<u8>,
}

/// Why a body cannot be put into the target's form.
#[derive(Debug, thiserror::Error)]
pub enum Untranslatable {
    /// No mapping leads from this type to the target.
    #[error("nicio mapare nu duce de la {from} {version} la {target}")]
    NoMapping {
        /// Document type.
        from: String,
        /// Its version.
        version: String,
        /// Target type.
        target: String,
    },
    /// The body's bytes are not at hand or not JSON.
    #[error("corpul documentului nu poate fi citit: {0}")]
    NoBody(String),
    /// The mapping failed on this document.
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

/// Who receives, as a mapping sees it.
#[derive(Debug, Clone, Copy)]
pub struct Parties<'a> {
    /// Who sent it.
    pub sender: &'a Party,
    /// Who receives it.
    pub recipient: &'a Party,
    /// The competent unit.
    pub unit: &'a str,
}

/// Translates the message's body, whose bytes are given, to `target`.
///
/// # Errors
/// [`Untranslatable`] when there is no mapping or it fails; the message is then not consigned, with this reason.
pub fn translate(
    library: &Library,
    message: &Message,
    body: &[u8],
    parties: Parties<'_>,
    target: &str,
) -> Result<Translation, Untranslatable> {
    let envelope = &message.envelope;
    let mapping = library.find(&envelope.document_type, &envelope.document_version, target).ok_or_else(|| {
        Untranslatable::NoMapping {
            from: envelope.document_type.clone(),
            version: envelope.document_version.clone(),
            target: target.to_owned(),
        }
    })?;
    let payload = message
        .payloads
        .iter()
        .find(|payload| payload.role == BODY)
        .ok_or_else(|| Untranslatable::NoBody("lipsește".to_owned()))?;
    let body: Value = serde_json::from_slice(body).map_err(|error| Untranslatable::NoBody(error.to_string()))?;
    let made = mapping.apply(&Input { envelope: &seen_by_mappings(message, parties), body: &body })?;
    Ok(Translation {
        mapping: made.mapping_id,
        version: made.mapping_version,
        source_sha256: payload.sha256,
        target_sha256: sha256(&made.bytes),
        content_type: made.content_type.to_owned(),
        content: made.bytes,
    })
}

/// The envelope under the names that mappings may use.
fn seen_by_mappings(message: &Message, parties: Parties<'_>) -> Value {
    let party = |one: &Party| json!({"id": one.id, "name": one.name, "cui": one.cui, "siruta": one.siruta});
    let mut recipient = party(parties.recipient);
    recipient["unit"] = parties.unit.into();
    let parts: Vec<Value> = message
        .payloads
        .iter()
        .map(|payload| {
            json!({
                "name": payload.name, "role": payload.role, "content_type": payload.content_type,
                "size": payload.size, "sha256": hex::encode(payload.sha256),
            })
        })
        .collect();
    json!({
        "message_id": message.id.to_string(),
        "sender": party(parties.sender),
        "recipient": recipient,
        "document_type": message.envelope.document_type,
        "version": message.envelope.document_version,
        "subject": message.envelope.subject,
        "purpose": message.envelope.purpose,
        "legal_basis": message.envelope.legal_basis,
        "sender_registration": message.sender_registration,
        "submitted_at": message.submitted_at.to_utc(),
        "parts": parts,
    })
}
