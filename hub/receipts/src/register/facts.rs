//! What the register on paper is made of: plain texts that somebody else has read from the register.

use crate::facts::Moment;

/// How a row is marked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Mark {
    /// A row like others.
    #[default]
    None,
    /// The number was annulled, for this reason; the row is struck through and stays readable.
    Annulled(String),
    /// The number was never used and was struck out, for this reason.
    Struck(String),
    /// The number waits for a document, and for whom.
    Reserved(String),
    /// The row was taken over from a register kept before; the hub did not number it.
    Imported(String),
}

/// One row: what stands in the 13 columns, empty where nothing is known.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// 1: the number.
    pub number: String,
    /// 2: the day of the registration, as people read it.
    pub date: String,
    /// 3: number and day the issuer gave.
    pub issuer_number: String,
    /// 4: sheets.
    pub pages: String,
    /// 5: annexes.
    pub annexes: String,
    /// 6: the issuer.
    pub issuer: String,
    /// 7: the matter in brief.
    pub subject: String,
    /// 8: the unit it was given to.
    pub unit: String,
    /// 9: the day it was sent.
    pub sent: String,
    /// 10: how it was solved.
    pub resolution: String,
    /// 11: the addressee.
    pub addressee: String,
    /// 12: number of the document it is connected to.
    pub connected: String,
    /// 13: code of the file by the nomenclature.
    pub file_code: String,
    /// How the row is marked.
    pub mark: Mark,
}

/// That the year is closed, as the foot of the last page says it.
#[derive(Debug, Clone)]
pub struct ClosingNote {
    /// When.
    pub at: Moment,
    /// Id of the closing act.
    pub act: String,
}

/// A register, or a span of it, to be printed.
#[derive(Debug, Clone)]
pub struct Print {
    /// Id of the institution.
    pub party: String,
    /// Its name.
    pub institution: String,
    /// Id of the register.
    pub register_id: String,
    /// Its title.
    pub register: String,
    /// The year.
    pub year: i64,
    /// Which part of it, as the head says it; empty for all.
    pub span: String,
    /// The moment of printing.
    pub made_at: Moment,
    /// The service.
    pub service: String,
    /// The rows in order.
    pub rows: Vec<Row>,
    /// Whether it is closed.
    pub closing: Option<ClosingNote>,
}

/// The act that closed a year.
#[derive(Debug, Clone)]
pub struct ClosingAct {
    /// Its id.
    pub id: String,
    /// The institution's name.
    pub institution: String,
    /// Title of the register.
    pub register: String,
    /// The year.
    pub year: i64,
    /// When it was closed.
    pub at: Moment,
    /// First number; 0 where there is none.
    pub first: u64,
    /// Last number.
    pub last: u64,
    /// How many numbers.
    pub count: u64,
    /// Annulled numbers, as runs.
    pub annulled: String,
    /// How many.
    pub annulled_count: u64,
    /// Numbers struck out as unused, as runs.
    pub struck: String,
    /// How many.
    pub struck_count: u64,
    /// Newest link, hexadecimal.
    pub newest_link: String,
    /// How many acts, and their digest, hexadecimal.
    pub acts: (u64, String),
    /// Pseudonym of the clerk who drew it up.
    pub author: String,
    /// Pseudonym of the clerk who approved it.
    pub approver: String,
    /// SHA-256 of the sealed XML, hexadecimal.
    pub sha256: String,
    /// The service that sealed it.
    pub service: String,
    /// Whether its seal is one of development.
    pub development: bool,
}
