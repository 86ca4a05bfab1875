//! An exchange, and which are looked for.

use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::authorization::Among;
use crate::clock::Timestamp;
use crate::message::{DeliveryId, MessageId};

/// A document on its way from one institution to another: a message to one of its recipients.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// The message.
    pub message_id: MessageId,
    /// The delivery to this recipient.
    pub delivery_id: DeliveryId,
    /// Place of the recipient in the message, from 1.
    #[serde(skip)]
    pub position: i64,
    /// `sent` or `received`, as the institution sees it.
    pub direction: &'static str,
    /// Who sent it: a party, or whom a partner service names.
    pub sender: String,
    /// Who it is for.
    pub recipient: String,
    /// The type of the document.
    pub document_type: String,
    /// Where the delivery stands.
    pub state: String,
    /// Why, in words.
    pub reason: Option<String>,
    /// The sender's register, number and date.
    pub sender_registration: Option<Json>,
    /// The recipient's.
    pub recipient_registration: Option<Json>,
    /// When the hub took it, UTC.
    pub submitted_at: String,
    /// When the delivery came to stand so, UTC.
    pub changed_at: Option<String>,
}

/// Where a page ends: the next begins after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The message.
    pub message: MessageId,
    /// The place of the recipient.
    pub position: i64,
}

impl Key {
    /// Before everything.
    pub const FIRST: Self = Self { message: MessageId(Uuid::max()), position: -1 };

    /// As an address bears it.
    #[must_use]
    pub fn write(self) -> String {
        format!("{}.{}", self.message, self.position)
    }

    /// Read from an address.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (message, position) = text.split_once('.')?;
        Some(Self { message: message.parse().ok()?, position: position.parse().ok()? })
    }
}

/// Which exchanges of one institution. Empty texts choose all.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The institution.
    pub party: String,
    /// Only what it sent (true) or received (false).
    pub sent: Option<bool>,
    /// The other side.
    pub other: String,
    /// The type of the document.
    pub document_type: String,
    /// The document types whoever asks may see.
    pub seen: Among,
    /// Where the delivery stands.
    pub state: String,
    /// Only what did not reach its recipient, and never will by itself.
    pub undelivered: bool,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// After this key.
    pub after: Key,
    /// Most rows.
    pub limit: i64,
}

/// The first id a message of a moment can have.
#[must_use]
pub fn begins(at: Timestamp) -> MessageId {
    let milliseconds = u128::try_from(at.0.div_euclid(1000).max(0)).unwrap_or_default();
    MessageId(Uuid::from_u128(milliseconds << 80))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written() {
        let key = Key { message: begins(Timestamp(1_700_000_000_000_000)), position: 3 };
        assert_eq!(Key::read(&key.write()), Some(key));
        assert_eq!(Key::read("7"), None);
    }

    #[test]
    fn ids_of_a_later_moment_come_later() {
        let (one, other) = (begins(Timestamp(1_700_000_000_000_000)), begins(Timestamp(1_700_000_000_001_000)));
        assert!(one < other && other < Key::FIRST.message);
    }
}
