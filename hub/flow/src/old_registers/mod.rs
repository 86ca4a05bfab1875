//! Registers kept before the hub: their rows under the numbers they had there.
//!
//! What is imported here was never numbered by the hub: it has no digest, no link and no place in a series, and nothing
//! shows it as if it had. The same row sent again is known again; a number that is there with other content stays as it is.

mod store;

use serde_json::Value as Json;
use uuid::Uuid;

use crate::clock::Timestamp;

pub use store::{Take, count, imported, page, record_import, rows};

/// A row of an old register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldEntry {
    /// The number, as it was written.
    pub number: String,
    /// The number by which it is sorted; 0 where it has none.
    pub ordinal: i64,
    /// Civil date of its registration, ISO.
    pub registered_on: String,
    /// The row.
    pub record: Json,
    /// The subject folded for search.
    pub searched: String,
    /// SHA-256 of the row.
    pub content_sha256: [u8; 32],
}

/// An import.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// Its id.
    pub id: Uuid,
    /// The institution.
    pub party: String,
    /// The register.
    pub register: String,
    /// The year.
    pub year: i64,
    /// Who: clerk and unit.
    pub author: Json,
    /// SHA-256 of the file.
    pub file_sha256: [u8; 32],
    /// Whether the hub numbers the rows with their own numbers.
    pub continuation: bool,
    /// When.
    pub at: Timestamp,
}

/// Rows on their way in.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The import.
    pub import: NewImport,
    /// The rows, each number once.
    pub entries: Vec<OldEntry>,
    /// Whether none is taken where one cannot be.
    pub all_or_nothing: bool,
}

/// A part of an old register. Empty texts choose all.
#[derive(Debug, Clone)]
pub struct Part {
    /// The institution.
    pub party: String,
    /// The register.
    pub register: String,
    /// The year.
    pub year: i64,
    /// From this number to that one; a row without a number in its number has 0.
    pub numbers: (i64, i64),
    /// From this civil day, ISO, to before that one.
    pub days: (String, String),
    /// What the row's words are compared with, as `like` does.
    pub words: String,
    /// What the other side is compared with, likewise.
    pub counterpart: String,
}

impl Part {
    /// All of a register and year.
    #[must_use]
    pub fn whole(party: &str, register: &str, year: i64) -> Self {
        Self {
            party: party.to_owned(),
            register: register.to_owned(),
            year,
            numbers: (0, i64::MAX),
            // Every day begins with a digit.
            days: (String::new(), ":".to_owned()),
            words: String::new(),
            counterpart: String::new(),
        }
    }

    /// Only what was registered from one moment on and before another, where they are named.
    #[must_use]
    pub fn between(mut self, since: Option<Timestamp>, until: Option<Timestamp>) -> Self {
        if let Some(since) = since {
            self.days.0 = since.romanian_date().to_string();
        }
        if let Some(until) = until {
            self.days.1 = until.romanian_date().to_string();
        }
        self
    }
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was added.
    New,
    /// It was there, the same.
    Again,
    /// Its number is there with other content.
    Other,
    /// It is good, and was not added because of others.
    Waiting,
}
