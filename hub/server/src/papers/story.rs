//! The story of a message: every evidence in plain words, and what proves what.

use hub_flow::clock::Timestamp;
use hub_proofs::evidence::Disclosed;
use hub_receipts::{Account, Narrative};

use super::PaperError;
use super::receipt::{about, code, event, transformation};
use super::scene::{Scene, Sealed, moment, reasons, recipients, registration, sender};

/// The facts of the story, told at a moment. `file` names an evidence's file in the pack.
pub(super) fn narrative(
    scene: &Scene,
    at: Timestamp,
    file: impl Fn(usize) -> Option<String>,
) -> Result<Narrative, PaperError> {
    let accounts = scene.evidences.iter().enumerate().map(|(position, one)| account(scene, one, file(position)));
    // What happened last names the parties most fully: recipients' names come from their own service.
    let (first, last) = (scene.evidences.first(), scene.evidences.last());
    Ok(Narrative {
        made_at: moment(at),
        service: scene.service(),
        message_id: first.and_then(|one| one.read.message.clone()).unwrap_or_default(),
        sender: first.and_then(|one| sender(&one.read)),
        recipients: last.map(|one| recipients(&one.read)).unwrap_or_default(),
        document: scene.document(),
        subject: scene.subject(),
        deadline: scene.deadline(None),
        parts: first.map(|one| scene.parts(&one.read)).unwrap_or_default(),
        accounts: accounts.collect::<Result<_, _>>()?,
        verification_address: first.and_then(|one| scene.address(one)),
        verification_code: first.and_then(code),
    })
}

fn account(scene: &Scene, evidence: &Sealed, file: Option<String>) -> Result<Account, PaperError> {
    let read = &evidence.read;
    let Disclosed { sender_registration, recipient_registration, .. } = read.disclosed();
    Ok(Account {
        event: event(evidence)?,
        at: moment(evidence.at),
        reasons: reasons(read),
        about: about(read),
        sender_registration: sender_registration.map(registration),
        recipient_registration: recipient_registration.map(registration),
        transformation: transformation(read),
        evidence_id: evidence.id.clone(),
        evidence_sha256: hex::encode(evidence.sha256),
        file,
        stamp: None,
        log: scene.log_place(evidence),
        seal: scene.seal(evidence),
    })
}
