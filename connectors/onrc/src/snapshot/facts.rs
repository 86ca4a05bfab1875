//! What a snapshot knows about itself: its date, its code lists, what was counted while it was made.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The documented reason for which personal data was imported (Regulation (EU) 2016/679, art. 5(1)(b)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purpose {
    /// What the data is for, in words.
    pub purpose: String,
    /// The law that allows it.
    pub legal_base: String,
}

/// One file of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Its name.
    pub name: String,
    /// Its length, in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// Rows taken.
    pub rows: u64,
    /// Rows refused.
    pub refused: u64,
}

/// A class of N_CAEN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaenClass {
    /// The four digits.
    pub class: String,
    /// The number of its revision: 0 1998, 1 2003, 2 2008, 3 2025.
    pub revision: u8,
    /// What it is called.
    pub title: String,
}

/// What was counted, defect by defect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Firms taken.
    pub firms: u64,
    /// Records that had to be joined from several lines.
    pub joined: u64,
    /// Firms whose CUI is 0.
    pub cui_zero: u64,
    /// Firms whose CUI is empty.
    pub cui_empty: u64,
    /// Firms whose CUI is no number or has a wrong check digit.
    pub cui_doubtful: u64,
    /// Firms without a registration date.
    pub without_date: u64,
    /// Firms whose register number cannot be read; they are found by CUI and name only.
    pub unreadable_number: u64,
    /// Firms that share their register number with another.
    pub shared_number: u64,
    /// Firms whose number is printed in the old form.
    pub old_form: u64,
    /// Names with text that is not UTF-8.
    pub not_utf8: u64,
    /// Names or counties whose encoding was broken and could be repaired for search.
    pub repaired: u64,
    /// Firms whose county cannot be told.
    pub unknown_county: u64,
    /// Firms without any state.
    pub without_state: u64,
    /// State rows whose firm is not there.
    pub states_without_firm: u64,
    /// State rows with a code that the nomenclature does not have.
    pub unknown_state_code: u64,
    /// Activity rows that were there twice.
    pub activity_twice: u64,
    /// Activity rows whose leading zero was put back.
    pub activity_zero_restored: u64,
    /// Activity rows whose revision was written in words.
    pub revision_in_words: u64,
    /// Activity rows whose firm is not there.
    pub activities_without_firm: u64,
    /// Refused lines, by reason.
    pub refused: BTreeMap<String, u64>,
}

/// Everything a snapshot knows about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The day of the snapshot, as its publisher names it.
    pub snapshot: Date,
    /// When it was imported, Unix seconds.
    pub imported_at: i64,
    /// Where it came from.
    pub source: String,
    /// Why the files about persons were imported; none when they were not.
    pub persons: Option<Purpose>,
    /// The files.
    pub files: Vec<SourceFile>,
    /// N_STARE_FIRMA: code and words, as published.
    pub states: Vec<(u32, String)>,
    /// N_CAEN.
    pub caen: Vec<CaenClass>,
    /// N_VERSIUNE_CAEN.
    pub revisions: Vec<(u8, String)>,
    /// What was counted.
    pub counts: Counts,
}
