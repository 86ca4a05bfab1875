//! What a sender handed over, before it is a message.

use openssl::sha::Sha256;

use crate::blobs::Staged;

use super::{Authentication, Envelope, Payload, Relay};

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
