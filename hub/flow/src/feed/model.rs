//! What a feed holds, as types.

use crate::clock::Timestamp;
use crate::log::Place;
use crate::message::{DeliveryId, EvidenceId, MessageId};

/// An evidence in the feed of a party.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its place in the feed, from 1; the cursor.
    pub number: i64,
    /// Whether the party sent the message; otherwise it received it.
    pub sent: bool,
    /// The message it is about.
    pub message: MessageId,
    /// The delivery it is about, where it is about one.
    pub delivery: Option<DeliveryId>,
    /// Name of the event.
    pub event: String,
    /// SHA-256 of the sealed document in its B form.
    pub sha256: [u8; 32],
    /// The sealed document, where it was asked for.
    pub document: Option<String>,
    /// Who issued it.
    pub source: Source,
}

/// Who issued an evidence, with what only that issuer's have.
#[derive(Debug, Clone)]
pub enum Source {
    /// This hub.
    Own {
        /// When the event happened.
        at: Timestamp,
        /// Its id, and where it stands in the log.
        place: Place,
    },
    /// Another service.
    Received(OtherIssuer),
}

/// What is known of the evidence of another service.
#[derive(Debug, Clone)]
pub struct OtherIssuer {
    /// Its sequence among the received ones.
    pub(super) sequence: i64,
    /// Its id, as it stands there.
    pub identifier: String,
    /// When the event happened, as the service wrote it.
    pub event_time: String,
    /// Name of the service, as it wrote it.
    pub issuer: String,
    /// Party id of the service.
    pub partner: String,
    /// What it did: `counted`, `kept` or `contradiction`.
    pub standing: String,
    /// When it came.
    pub received_at: Timestamp,
}

impl Item {
    /// What names it, in its address and to whoever is told of it: the id of our own, the SHA-256 of another's.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.source {
            Source::Own { place, .. } => place.evidence.to_string(),
            Source::Received(_) => hex::encode(self.sha256),
        }
    }

    /// The path of the sealed document.
    #[must_use]
    pub fn href(&self) -> String {
        format!("/v1/messages/{}/evidence/{}", self.message, self.name())
    }

    /// The id of our own.
    #[must_use]
    pub fn own_id(&self) -> Option<EvidenceId> {
        match &self.source {
            Source::Own { place, .. } => Some(place.evidence),
            Source::Received(_) => None,
        }
    }
}

/// An evidence on its way into a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub party: String,
    pub evidence: Which,
    pub sent: bool,
}

/// An evidence by its sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Which {
    /// One of this hub.
    Own(i64),
    /// One of another service.
    Received(i64),
}
