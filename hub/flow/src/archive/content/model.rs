//! A content and the entry it belongs to.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::finding::Found;

/// Where an entry stands in the registers of its institution.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntryPlace {
    /// The register.
    pub register: String,
    /// The year.
    pub year: i64,
    /// The number.
    pub number: i64,
}

/// A content to be written down; its bytes are durable.
#[derive(Debug, Clone)]
pub struct NewContent {
    /// The row's id.
    pub id: Uuid,
    /// As the clerk's system named it.
    pub name: String,
    /// Media type, as the clerk's system said it.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// The bytes of a small one; none: a file of the blob store.
    pub content: Option<Bytes>,
    /// What was found in it.
    pub found: Found,
}

/// A content as it is held.
#[derive(Debug, Clone, Serialize)]
pub struct Held {
    /// Its place in the entry, from 1.
    pub position: i64,
    /// Name.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// Pages, as far as they can be counted; 1 where not.
    pub pages: i64,
    /// What is wrong with it: `protected`, `damaged` or `not_pdf`.
    pub finding: Option<String>,
    /// The finding in words.
    pub told: Option<String>,
    /// When it came, in UTC.
    pub recorded_at: String,
    /// When its bytes were destroyed, in UTC.
    pub erased_at: Option<String>,
    /// The hash as bytes.
    #[serde(skip)]
    pub address: [u8; 32],
}
