//! One evidence on one page.

use hub_flow::evidence::code;
use hub_proofs::evidence::{Disclosed, Evidence as Read};
use hub_receipts::{Event, Language, Receipt, Transformation};

use super::PaperError;
use super::scene::{Scene, Sealed, moment, reasons, recipients, registration, sender};

/// The receipt of the evidence at a place of the scene, PDF/A. The same facts give the same bytes.
///
/// # Errors
/// The evidence is of another service's making, or its page cannot be set.
pub fn receipt(scene: &Scene, position: usize, language: Language) -> Result<Vec<u8>, PaperError> {
    let evidence = &scene.evidences[position];
    let read = &evidence.read;
    let Disclosed { sender_registration, recipient_registration, .. } = read.disclosed();
    let deadline = scene.deadline(recipient_registration.as_ref().map(|held| held.date.as_str()));
    let facts = Receipt {
        event: event(evidence)?,
        at: moment(evidence.at),
        reasons: reasons(read),
        service: scene.service(),
        sender: sender(read),
        recipients: recipients(read),
        about: about(read),
        sender_registration: sender_registration.map(registration),
        recipient_registration: recipient_registration.map(registration),
        document: scene.document(),
        subject: scene.subject(),
        parts: scene.parts(read),
        transformation: transformation(read),
        deadline,
        message_id: read.message.clone().unwrap_or_default(),
        evidence_id: evidence.id.clone(),
        evidence_sha256: hex::encode(evidence.sha256),
        verification_code: code(evidence),
        verification_address: scene.address(evidence),
        log: scene.log_place(evidence),
        seal: scene.seal(evidence),
    };
    Ok(hub_receipts::receipt(&facts, language)?)
}

pub(super) fn event(evidence: &Sealed) -> Result<Event, PaperError> {
    Event::parse(&evidence.event).ok_or_else(|| PaperError::Evidence {
        id: evidence.id.clone(),
        why: format!("the event {} is unknown", evidence.event),
    })
}

/// The verification code, where this hub's public page knows the evidence.
pub(super) fn code(evidence: &Sealed) -> Option<String> {
    evidence.own.as_ref().map(|own| code::of(own.id))
}

pub(super) fn about(read: &Read) -> Option<usize> {
    read.concerns.and_then(|position| usize::try_from(position).ok())
}

pub(super) fn transformation(read: &Read) -> Option<Transformation> {
    let made = read.disclosed().transformation?;
    Some(Transformation {
        mapping: made.mapping,
        version: made.version,
        source_sha256: made.source.map(hex::encode).unwrap_or_default(),
        target_sha256: made.target.map(hex::encode).unwrap_or_default(),
    })
}
