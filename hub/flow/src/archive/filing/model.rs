//! What is filed.

use serde::Serialize;
use uuid::Uuid;

use crate::message::MessageId;

use super::sheet::SheetFacts;

/// What a filed thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A document, as it was received or as it was sent in its place.
    Document,
    /// Evidence of what happened to it.
    Evidence,
    /// What is needed to judge the evidence without asking anybody.
    Validation,
}

impl Role {
    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Evidence => "evidence",
            Self::Validation => "validation",
        }
    }
}

/// Something to be filed; its bytes are in the vault.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// The row's id.
    pub id: Uuid,
    /// What it is.
    pub role: Role,
    /// Name, unique among those of its role in one filing.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// Pages; 0 for what has none.
    pub pages: i64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// Its position among the payloads of the message; [`NewDocument::TRANSLATED`] for the form that was sent in place of
    /// the first; none for what is no payload.
    pub payload: Option<i64>,
    /// What its record sheet says.
    pub facts: SheetFacts,
}

impl NewDocument {
    /// Stands for the translated form of the body.
    pub const TRANSLATED: i64 = -1;
}

/// Documents to be filed together, with their evidence.
#[derive(Debug, Clone)]
pub struct NewFiling {
    /// The filing that waits.
    pub filing: Uuid,
    /// The institution.
    pub party: String,
    /// The year of its dossier.
    pub year: i64,
    /// The code, as entry, clerk or rule said it.
    pub code: String,
    /// The message.
    pub message: MessageId,
    /// Id of the dossier, where one must be opened.
    pub dossier: Uuid,
    /// What is filed, in order.
    pub documents: Vec<NewDocument>,
}

/// Something that was filed.
#[derive(Debug, Clone, Serialize)]
pub struct Archived {
    /// Its id.
    pub id: Uuid,
    /// Unique identifier in the archive.
    pub identifier: String,
    /// Its dossier.
    pub dossier: Uuid,
    /// Its place in the dossier, from 1.
    pub position: i64,
    /// `document`, `evidence` or `validation`.
    pub role: String,
    /// Name.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// Pages.
    pub pages: i64,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// The message it belongs to.
    pub message_id: Option<MessageId>,
    /// When it was archived, in UTC.
    pub archived_at: String,
    /// When its bytes were destroyed, in UTC.
    pub erased_at: Option<String>,
}
