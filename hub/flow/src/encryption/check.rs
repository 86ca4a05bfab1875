//! Whether a sealed document is sealed as it must be: in form, and for everybody it is sent to.
//!
//! Pure: keys and document go in. What is inside is not known here, nor anywhere in the hub.

use std::collections::HashMap;

use schemas::{Severity, Violation};

use crate::clock::Timestamp;
use crate::message::Submission;

use super::jwe::Sealed;
use super::model::PartyKey;

/// What is wrong with the sealing of a submission whose body is sealed; keys by party.
#[must_use]
pub fn violations(submission: &Submission, keys: &HashMap<String, Vec<PartyKey>>, now: Timestamp) -> Vec<Violation> {
    let sealed = match Sealed::read(&submission.body) {
        Ok(sealed) => sealed,
        Err(error) => {
            return vec![violation(
                "/parts",
                "encryption.form",
                "Corpul cifrat nu este un JWE în forma JSON, cu A256GCM și ECDH-ES+A256KW sau RSA-OAEP-256, fără zip și crit",
                error.to_string(),
            )];
        }
    };
    let kids: Vec<&str> = sealed.kids().collect();
    let mut found = Vec::new();
    for (index, recipient) in submission.envelope.recipients.iter().enumerate() {
        let own = keys.get(&recipient.party).map(Vec::as_slice).unwrap_or_default();
        if own.iter().any(|key| key.is_in_force(now) && kids.contains(&key.kid.as_str())) {
            continue;
        }
        let party = &recipient.party;
        found.push(violation(
            format!("/recipients/{index}/party"),
            "encryption.recipient",
            format!("Documentul nu este cifrat cu o cheie în vigoare a destinatarului; cheile sunt la /v1/parties/{party}/keys"),
            format!("The document is not sealed for a key of the recipient in force; its keys are at /v1/parties/{party}/keys"),
        ));
    }
    found
}

fn violation(pointer: impl Into<String>, rule: &str, ro: impl Into<String>, en: impl Into<String>) -> Violation {
    let pointer = format!("/envelope{}", pointer.into());
    Violation { pointer, rule: rule.to_owned(), ro: ro.into(), en: en.into(), example: None, severity: Severity::Error }
}
