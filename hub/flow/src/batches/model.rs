//! A push, its rows, and what is said of each.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use schemas::{Severity, Violation};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::blobs::Staged;
use crate::clock::Timestamp;
use crate::message::{Authentication, Envelope, MessageId, Payload, Registration};

/// What the sender says of all rows; a cell of a row goes before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Name of the file, as the sender has it.
    pub name: String,
    /// Document type of the catalogue.
    pub document_type: String,
    /// Its version; the newest where absent.
    #[serde(default)]
    pub document_version: Option<String>,
    /// Party ids of the recipients.
    #[serde(default)]
    pub recipients: Vec<String>,
    /// The matter in brief.
    #[serde(default)]
    pub subject: Option<String>,
    /// The purpose; the type's own where it has one only.
    #[serde(default)]
    pub purpose: Option<String>,
    /// The rule that allows it; the type's own where absent.
    #[serde(default)]
    pub legal_basis: Option<String>,
    /// SIRUTA code of the place.
    #[serde(default)]
    pub territory: Option<String>,
    /// The institution this is sent for.
    #[serde(default)]
    pub on_behalf_of: Option<String>,
    /// The body of a single paper, where its type wants more than a subject.
    #[serde(default)]
    pub body: Option<Json>,
}

/// Where a push stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    /// Its file is being written.
    Arriving,
    /// Its file is there and is read into rows.
    Reading,
    /// Its rows are sent.
    Sending,
    /// Every row has a verdict.
    Done,
    /// The file as a whole cannot be read; nothing of it was sent.
    Refused,
}

impl BatchState {
    const ALL: [Self; 5] = [Self::Arriving, Self::Reading, Self::Sending, Self::Done, Self::Refused];

    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arriving => "arriving",
            Self::Reading => "reading",
            Self::Sending => "sending",
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowState {
    /// It is sent next.
    Waiting,
    /// It is a message.
    Sent,
    /// It breaks rules; nothing of it was taken.
    Refused,
    /// The same document went before; it was not sent twice.
    AlreadySent,
}

impl RowState {
    /// Every state there is.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Refused, Self::AlreadySent];

    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::AlreadySent => "already_sent",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Rows by their state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows to be sent.
    pub waiting: i64,
    /// Messages.
    pub sent: i64,
    /// Refused rows.
    pub refused: i64,
    /// Rows that went before.
    pub already_sent: i64,
}

/// A push on its way in.
#[derive(Debug, Clone)]
pub struct NewBatch {
    /// Its id, in order of time.
    pub id: Uuid,
    /// The institution that pushes.
    pub party: String,
    /// The institution it is sent by: the same, or the one it is the delegate of.
    pub sender: String,
    /// Who pushed: the person's pseudonym, or the system.
    pub author: String,
    /// How the sender was known.
    pub authentication: Authentication,
    /// The sender's own name for this push.
    pub idempotency_key: String,
    /// What it says of all rows; its version is filled in.
    pub form: Form,
    /// SHA-256 of the file.
    pub file_sha256: [u8; 32],
    /// Its length in bytes.
    pub size: i64,
    /// When.
    pub at: Timestamp,
}

/// What became of a new push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// It is new, or was interrupted: its file is to be written under this id.
    Write(Uuid),
    /// It was taken before.
    Again(Uuid),
    /// Its key was used for something else.
    Conflict(Uuid),
}

/// A push.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Its id.
    pub id: Uuid,
    /// The institution that pushed.
    pub party: String,
    /// The institution it is sent by.
    pub sender: String,
    /// Who pushed.
    pub author: String,
    /// How the sender was known.
    pub authentication: Authentication,
    /// What it says of all rows.
    pub form: Form,
    /// SHA-256 of the file.
    pub file_sha256: [u8; 32],
    /// Where it stands.
    pub state: BatchState,
    /// Why the file cannot be read, Romanian and English.
    pub fault: Option<FileFault>,
    /// Paths of the file's columns, in order; empty where it is no table.
    pub columns: Vec<String>,
    /// Rows by state.
    pub counts: Counts,
    /// When it was pushed.
    pub at: Timestamp,
    /// When something last changed.
    pub changed_at: Timestamp,
}

/// Why a file as a whole, or a file of an archive, is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFault {
    /// What is wrong and the way out, in Romanian.
    pub ro: String,
    /// In English.
    pub en: String,
}

impl FileFault {
    /// Both languages.
    #[must_use]
    pub fn of(ro: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ro: ro.into(), en: en.into() }
    }
}

/// What a row is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Cells by the path of their column.
    Cells(BTreeMap<String, String>),
    /// A file of the archive that is a body in JSON.
    Entry(String),
    /// A paper: a file of the archive, or the file itself.
    Paper(String),
}

/// A row as it was read.
#[derive(Debug, Clone)]
pub struct ReadRow {
    /// Its number in the file, from 1.
    pub row: i64,
    /// What it is made of.
    pub source: Source,
}

/// One thing said of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Path of the column; empty for the row as a whole.
    pub column: String,
    /// Its heading; empty as `column`.
    pub heading: String,
    /// Stable rule id.
    pub rule: String,
    /// What is wrong and the way out, in Romanian.
    pub ro: String,
    /// In English.
    pub en: String,
    /// An invented value that would pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// Whether it refuses the row; else a person should look.
    pub refuses: bool,
}

impl Verdict {
    /// A refusal of ours.
    #[must_use]
    pub fn refusal(column: &str, rule: &str, (ro, en): (impl Into<String>, impl Into<String>)) -> Self {
        Self {
            column: column.to_owned(),
            heading: String::new(),
            rule: rule.to_owned(),
            ro: ro.into(),
            en: en.into(),
            example: None,
            refuses: true,
        }
    }

    /// What the road said, at its column.
    #[must_use]
    pub fn of(violation: &Violation) -> Self {
        Self {
            column: super::columns::path_of(&violation.pointer),
            heading: String::new(),
            rule: violation.rule.clone(),
            ro: violation.ro.clone(),
            en: violation.en.clone(),
            example: violation.example.clone(),
            refuses: violation.severity == Severity::Error,
        }
    }
}

/// A row as it is kept.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number in the file.
    pub row: i64,
    /// Where it stands.
    pub state: RowState,
    /// What it is made of; gone once it was sent, because the message has it.
    pub source: Option<Source>,
    /// The message it became, or that went before.
    pub message: Option<MessageId>,
    /// The sender's register number.
    pub registration: Option<Registration>,
    /// What is said of it.
    pub verdicts: Vec<Verdict>,
    /// How often it was corrected and sent again.
    pub again: i64,
}

/// What became of a row.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The row.
    pub row: i64,
    /// How it stands now.
    pub state: RowState,
    /// The key under which it was sent; none where it was not made into a document.
    pub key: Option<String>,
    /// Its message.
    pub message: Option<MessageId>,
    /// The sender's register number.
    pub registration: Option<Registration>,
    /// What is said of it.
    pub verdicts: Vec<Verdict>,
}

/// A corrected row.
#[derive(Debug, Clone)]
pub struct Correction {
    /// The row.
    pub row: i64,
    /// What it is made of now.
    pub source: Source,
}

/// What became of a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is sent anew.
    Waiting,
    /// The row was not refused, and stays as it is.
    NotRefused(RowState),
    /// There is no such row.
    Unknown,
}

impl Taken {
    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::NotRefused(RowState::Sent | RowState::AlreadySent) => "already_sent",
            Self::NotRefused(_) => "under_way",
            Self::Unknown => "unknown",
        }
    }
}

/// A file that was opened.
pub enum Opened {
    /// A table: rows of text with their numbers in the file.
    Table(Vec<(usize, Vec<String>)>),
    /// An archive.
    Bundle(Box<dyn Bundled>),
    /// One paper.
    Paper,
}

/// An archive that keeps its bounds.
pub trait Bundled: Send + Sync {
    /// Names of its files, sorted.
    fn names(&self) -> Vec<String>;
    /// A file of it.
    ///
    /// # Errors
    /// It is not there or cannot be unpacked.
    fn read(&self, name: &str) -> Result<Bytes, FileFault>;
}

/// What opens files and looks into them: the program's part, because the flow reads no formats.
#[async_trait]
pub trait Hands: Send + Sync {
    /// Opens a file, told by its content.
    ///
    /// # Errors
    /// It cannot be read.
    fn open(&self, bytes: &Bytes) -> Result<Opened, FileFault>;

    /// What is found in payloads before they are taken.
    ///
    /// # Errors
    /// No verdict can be had now, and one is required: the row waits.
    async fn judged(
        &self,
        envelope: &Envelope,
        payloads: &[Payload],
        staged: &[Staged],
    ) -> Result<Vec<Violation>, String>;
}
