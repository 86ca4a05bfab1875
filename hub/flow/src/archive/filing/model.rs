//! What is filed.

use serde::Serialize;
use uuid::Uuid;

use crate::archive::content::EntryPlace;
use crate::message::MessageId;

use super::sheet::SheetFacts;

/// What a filed thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A document, as it was received or as it was sent in its place.
    Document,
    /// The record of a document that is on paper: what it is, and where it lies.
    Paper,
    /// A copy for keeping, beside the document it was made of.
    Copy,
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
            Self::Paper => "paper",
            Self::Copy => "copy",
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
    /// Its position among the payloads of the message, or among the contents of the entry; [`NewDocument::TRANSLATED`] for
    /// the form that was sent in place of the first; none for what is no payload.
    pub payload: Option<i64>,
    /// The document it is a copy for keeping of.
    pub copy_of: Option<Uuid>,
    /// What its record sheet says.
    pub facts: SheetFacts,
}

impl NewDocument {
    /// Stands for the translated form of the body.
    pub const TRANSLATED: i64 = -1;
}

/// What a filing is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A message.
    Message(MessageId),
    /// An entry without a message.
    Entry(EntryPlace),
}

impl Subject {
    /// The message.
    #[must_use]
    pub const fn message(&self) -> Option<MessageId> {
        match self {
            Self::Message(id) => Some(*id),
            Self::Entry(_) => None,
        }
    }
}

/// Documents that came to be after their filing, to be added to it.
#[derive(Debug, Clone)]
pub struct NewAddition {
    /// The filing they belong to.
    pub filing: Uuid,
    /// The institution.
    pub party: String,
    /// The message; none for an entry without one.
    pub message: Option<MessageId>,
    /// What is added, in order; something.
    pub documents: Vec<NewDocument>,
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
    /// The message; none for an entry without one.
    pub message: Option<MessageId>,
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
    /// `document`, `paper`, `copy`, `evidence` or `validation`.
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
    /// Which addition to its filing brought it, from 1; none where it was filed with it.
    pub addition: Option<i64>,
    /// The document it is a copy of.
    pub copy_of: Option<Uuid>,
    /// When it was archived, in UTC.
    pub archived_at: String,
    /// When its bytes were destroyed, in UTC.
    pub erased_at: Option<String>,
}
