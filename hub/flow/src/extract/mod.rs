//! Extracts of a register: its rows as they stand, in order of number, a page at a time, for paper and for files.
//!
//! It may assume that somebody checked who asks. It reads entries, how they stand and whom they name; it changes nothing.

mod store;

use crate::clock::Timestamp;
use crate::message::Registration;
use crate::registration::{Direction, Kind, Particulars, Status};

pub use store::{behind, count, page};

/// Which rows of a register and year.
#[derive(Debug, Clone)]
pub struct Span {
    /// The institution.
    pub party: String,
    /// The register.
    pub register: String,
    /// The year.
    pub year: i64,
    /// From this number on.
    pub from: i64,
    /// Up to this number.
    pub to: i64,
    /// Recorded from this moment on.
    pub since: Timestamp,
    /// Recorded before this moment.
    pub until: Timestamp,
}

impl Span {
    /// All of a register and year.
    #[must_use]
    pub fn whole(party: &str, register: &str, year: i64) -> Self {
        Self {
            party: party.to_owned(),
            register: register.to_owned(),
            year,
            from: 1,
            to: i64::MAX,
            since: Timestamp(i64::MIN),
            until: Timestamp(i64::MAX),
        }
    }
}

/// A row as it stands.
#[derive(Debug, Clone)]
pub struct Row {
    /// The number.
    pub number: i64,
    /// The number as the register wrote it.
    pub shown: String,
    /// When it was given.
    pub recorded_at: Timestamp,
    /// What it was taken for.
    pub kind: Kind,
    /// Which way the document went.
    pub direction: Direction,
    /// How it stands.
    pub status: Status,
    /// The particulars as they stand.
    pub particulars: Particulars,
    /// Party id of the other side; empty where it has none.
    pub counterpart: String,
    /// The other side's number.
    pub counterpart_registration: Option<Registration>,
    /// Name of issuer or addressee; none where unknown or made unrecognisable.
    pub correspondent: Option<String>,
    /// Numbers it answers or is connected to, as people read them.
    pub connected: Vec<String>,
    /// Why it was annulled, and whether it was struck out as unused.
    pub annulled: Option<(String, bool)>,
}
