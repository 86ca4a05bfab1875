//! What a closing is made of.

use hub_proofs::register_proof::Series;
use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;

/// A register and year as its numbers stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesRow {
    /// Which.
    pub series: Series,
    /// The first number of the year.
    pub first: i64,
    /// The number that would be given next.
    pub next: i64,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

impl SeriesRow {
    /// How many numbers there are.
    #[must_use]
    pub const fn count(&self) -> i64 {
        self.next - self.first
    }
}

/// A number that was kept and that no document has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unused {
    /// The number.
    pub number: i64,
    /// Unit for which it is kept.
    pub unit: Option<String>,
    /// `reserved` or `allocated`.
    pub kind: String,
}

/// A closing that one clerk drew up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The series.
    pub series: Series,
    /// Pseudonym of the clerk.
    pub author: String,
    /// Whether numbers kept and never used are to be struck out.
    pub strike_unused: bool,
    /// When.
    pub at: Timestamp,
}

/// The act that closed a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Its id.
    pub id: Uuid,
    /// The series.
    pub series: Series,
    /// When.
    pub at: Timestamp,
    /// Pseudonym of the clerk who drew it up.
    pub author: String,
    /// Pseudonym of the clerk who approved it.
    pub approver: String,
    /// What binds both to the document.
    pub salt: [u8; 16],
    /// The sealed XML.
    pub document: String,
    /// SHA-256 of the document.
    pub sha256: [u8; 32],
    /// How many acts each entry had then, where it had any.
    pub acts: Vec<(u64, u64)>,
}

/// Why a year was not closed. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotClosed {
    /// It has not ended in Romania.
    #[error("the year {year} has not ended")]
    NotEnded {
        /// The year.
        year: i64,
    },
    /// Nobody has drawn the closing up.
    #[error("no clerk has drawn up the closing")]
    NotProposed,
    /// The one who drew it up cannot approve it.
    #[error("another clerk must approve the closing")]
    SameClerk,
    /// Numbers were kept and never used, and nobody asked that they be struck out.
    #[error("{} numbers were kept and never used", .0.len())]
    Unused(Vec<Unused>),
    /// Annulments wait for a second clerk: decided later, they would change what the sealed act says of these numbers.
    #[error("the annulment of {} numbers waits for a second clerk", .0.len())]
    Annulments(Vec<i64>),
}
