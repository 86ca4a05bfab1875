//! What the hub hands to a connector: one document for one recipient.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;

/// One document on its way to one recipient, already translated to the recipient's contract.
#[derive(Debug, Clone)]
pub struct Consignment {
    /// The same for every attempt at this delivery; a target that honours it makes one document of many attempts.
    pub idempotency_key: String,
    /// Named facts a manifest may select: `message_id`, `delivery_id`, `sender`, `sender_name`, `sender_number`,
    /// `sender_date`, `recipient`, `recipient_unit`, `document_type`, `document_version`, `subject`, `submitted_at`,
    /// `hub_address` where the hub has one of its own, and `notice` where a notice is sent instead of a document.
    pub facts: BTreeMap<String, String>,
    /// The translated body.
    pub body: Body,
    /// The payloads as they were received, body included.
    pub parts: Vec<Part>,
    /// Sealed evidence that goes with the document, where the target is another delivery service.
    pub evidence: Vec<Part>,
}

/// The translated body, as bytes that go out unchanged.
#[derive(Debug, Clone)]
pub struct Body {
    /// Media type, `application/json` for most systems.
    pub content_type: String,
    /// The bytes.
    pub content: Bytes,
}

/// A payload kept byte for byte.
#[derive(Debug, Clone)]
pub struct Part {
    /// File name given by the sender, unique within the message.
    pub name: String,
    /// Media type given by the sender.
    pub content_type: String,
    /// Length in bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// Where the bytes are.
    pub content: PartContent,
}

/// Small payloads travel in memory; large ones are streamed from a file that the hub guarantees to keep.
#[derive(Debug, Clone)]
pub enum PartContent {
    /// The bytes themselves.
    Inline(Bytes),
    /// A readable file holding exactly the bytes.
    File(PathBuf),
}
