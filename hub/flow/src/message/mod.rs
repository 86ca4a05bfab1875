//! The words of the hub: message, envelope, payload, states. No SQL, no decisions.

mod ids;
mod envelope;
mod submission;
mod relay;
mod line;

use bytes::Bytes;

use crate::clock::Timestamp;

pub use envelope::{BODY, ConsignmentMode, Envelope, Origin, PartDescription, Recipient, Registration, SEALED};
pub use ids::{CredentialId, DeliveryId, EvidenceId, Ids, LookupId, MessageId};
pub use line::{is_printable, printable};
pub use relay::Relay;
pub use submission::{Submission, assembled};

/// A payload as it was received.
#[derive(Debug, Clone)]
pub struct Payload {
    /// File name, unique within the message.
    pub name: String,
    /// What it is for: [`BODY`], or a role its document type names.
    pub role: String,
    /// Media type.
    pub content_type: String,
    /// Length in bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// The bytes, or nothing when they are in the blob store under their SHA-256.
    pub content: Option<Bytes>,
}

/// An accepted message.
#[derive(Debug, Clone)]
pub struct Message {
    /// The hub's id.
    pub id: MessageId,
    /// Party that sent it.
    pub sender: String,
    /// What the sender wrote on it.
    pub envelope: Envelope,
    /// When it was accepted.
    pub submitted_at: Timestamp,
    /// The sender's register number.
    pub sender_registration: Registration,
    /// How the sender was known.
    pub authentication: Authentication,
    /// Its payloads, body first.
    pub payloads: Vec<Payload>,
    /// Where it stands.
    pub state: MessageState,
    /// What the service told that relayed it here; none for what was submitted here.
    pub relay: Option<Relay>,
}

impl Message {
    /// The sender as a recipient's register names it.
    #[must_use]
    pub fn counterpart(&self) -> String {
        self.relay.as_ref().map_or_else(|| self.sender.clone(), Relay::counterpart)
    }
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageState {
    /// Durable, registered and receipted; not yet routed.
    Accepted,
    /// Every recipient has a delivery.
    Routed,
    /// Every delivery has ended.
    Completed,
}

impl MessageState {
    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Routed => "routed",
            Self::Completed => "completed",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Accepted, Self::Routed, Self::Completed].into_iter().find(|state| state.as_str() == word)
    }
}

/// How a party, or whoever acts for it, was known, as evidence states it (EN 319 522-2, components I10 to I13).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Authentication {
    /// URI of the method, for example `urn:punte:authentication:api-key`.
    pub method: String,
    /// eIDAS level of assurance: `low`, `substantial` or `high` (Regulation (EU) No 910/2014, art. 8).
    pub assurance: String,
    /// Party that acted for the one named, where it did not act itself (components I03, I07).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegate: Option<String>,
}
