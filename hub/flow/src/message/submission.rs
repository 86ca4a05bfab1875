//! What a sender handed over, before it is a message.

use openssl::sha::Sha256;
use schemas::Violation;

use crate::blobs::{Staged, Stored};

use super::{Authentication, BODY, Envelope, PartDescription, Payload, Relay};

/// What a sender handed over, complete and hashed.
#[derive(Debug)]
pub struct Submission {
    /// The sending party, from the authenticated system.
    pub sender: String,
    /// How it was known.
    pub authentication: Authentication,
    /// The sender's own id for this sending.
    pub idempotency_key: String,
    /// The envelope.
    pub envelope: Envelope,
    /// The payloads, body first.
    pub payloads: Vec<Payload>,
    /// The files of payloads too large for the database.
    pub staged: Vec<Staged>,
    /// The body, parsed.
    pub body: serde_json::Value,
    /// What the service told that relays it here; none for what is submitted here.
    pub relay: Option<Relay>,
    /// What was found out about the payloads before the check (a program that does harm, a scanner that did not answer).
    pub found: Vec<Violation>,
}

impl Submission {
    /// SHA-256 over the envelope and the name and hash of each payload: what "the same document" means.
    #[must_use]
    pub fn content_hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let envelope = serde_json::to_vec(&self.envelope).expect("an envelope is plain data");
        hash.update(&(envelope.len() as u64).to_be_bytes());
        hash.update(&envelope);
        for payload in &self.payloads {
            hash.update(&(payload.name.len() as u64).to_be_bytes());
            hash.update(payload.name.as_bytes());
            hash.update(&payload.sha256);
        }
        hash.finish()
    }
}

/// The payloads that arrived under their names, in the order of the envelope, body first, and the files of the large ones.
/// Unannounced ones stand at the end, for validation to name.
#[must_use]
pub fn assembled(described: &[PartDescription], mut named: Vec<(String, Stored)>) -> (Vec<Payload>, Vec<Staged>) {
    let staged = named.iter_mut().filter_map(|(_, stored)| stored.staged.take()).collect();
    let mut ordered: Vec<&PartDescription> = described.iter().collect();
    ordered.sort_by_key(|part| part.role != BODY);
    let mut payloads = Vec::with_capacity(named.len());
    for part in ordered {
        if let Some(index) = named.iter().position(|(name, _)| *name == part.name) {
            let (name, stored) = named.swap_remove(index);
            payloads.push(payload(name, part.role.clone(), part.content_type.clone(), stored));
        }
    }
    let unannounced = named.into_iter();
    payloads.extend(unannounced.map(|(name, stored)| payload(name, String::new(), String::new(), stored)));
    (payloads, staged)
}

fn payload(name: String, role: String, content_type: String, stored: Stored) -> Payload {
    Payload { name, role, content_type, size: stored.size, sha256: stored.sha256, content: stored.content }
}
