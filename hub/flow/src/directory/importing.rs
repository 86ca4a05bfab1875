//! A whole file of entries: what each would become, told before anything is written; then all of them, or none.

use std::collections::{BTreeMap, BTreeSet};

use schemas::Violation;

use crate::clock::Timestamp;
use crate::db::Db;

use super::changing::{self, Act, Change, Expected, NotChanged};
use super::document::Entry;
use super::rules::{self, Against};
use super::{Changed, Directory, Kind, Ledger, store};

/// How a file is taken.
#[derive(Debug, Clone, Copy, Default)]
pub struct Importing {
    /// Whether entries that a file brought once and this one no longer has are withdrawn, for the kinds it has. Those made
    /// through the API stay: another file does not know them.
    pub withdraw_missing: bool,
    /// Whether it is only told what would happen.
    pub dry_run: bool,
}

/// What becomes of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is new.
    New,
    /// It has a new version.
    Changed,
    /// It is as it was.
    Unchanged,
    /// It is taken out of force.
    Withdrawn,
    /// It is not in the file, and stays.
    Kept,
    /// It breaks rules.
    Wrong,
}

impl Outcome {
    /// The word people read.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::New => "nou",
            Self::Changed => "schimbat",
            Self::Unchanged => "neschimbat",
            Self::Withdrawn => "retras",
            Self::Kept => "păstrat, nu este în fișier",
            Self::Wrong => "greșit",
        }
    }
}

/// The verdict on an entry.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Its kind.
    pub kind: Kind,
    /// Its stored id.
    pub id: String,
    /// What becomes of it.
    pub outcome: Outcome,
    /// What is wrong with it, or should be looked at.
    pub findings: Vec<Violation>,
}

/// What came of a file.
#[derive(Debug)]
pub struct Imported {
    /// The verdict on each entry, in the order of the file; then on those not in it.
    pub verdicts: Vec<Verdict>,
    /// Why the entries together make no directory, where that is so.
    pub fault: Option<String>,
    /// What was written; nothing in a dry run, or where anything is wrong.
    pub written: Option<Changed>,
}

/// Imports entries.
///
/// # Errors
/// The database does not answer, or others write at the same time.
pub async fn import(
    db: &Db,
    entries: Vec<Entry>,
    how: Importing,
    (against, act): (Against<'_>, &Act),
) -> Result<Imported, NotChanged> {
    let ledger = store::ledger(db).await?;
    let to_be = |entry: &Entry| {
        let (kind, id, document) = (entry.kind, entry.id.clone(), Some(entry.document.clone()));
        Change { kind, id, expected: Expected::Any, document }
    };
    let mut changes: Vec<Change> = entries.iter().map(to_be).collect();
    let mut verdicts = Vec::with_capacity(entries.len());
    // Checked beside each other, as they would stand.
    let beside = changing::after(ledger.clone(), &changing::plan(&ledger, &changes)?, act);
    let mut ids = BTreeSet::new();
    for entry in entries {
        let mut findings = rules::check(&entry, &beside, against);
        if !ids.insert((entry.kind, entry.id.clone())) {
            findings.push(rules::violation(
                "/id",
                "unique",
                "Id-ul apare de două ori în fișier; păstrați un singur rând",
                "The id stands twice in the file; keep one row",
            ));
        }
        let outcome = outcome(&ledger, &entry, &findings);
        verdicts.push(Verdict { kind: entry.kind, id: entry.id, outcome, findings });
    }
    if how.withdraw_missing {
        missing(&ledger, &ids, &mut verdicts, &mut changes);
    }
    if verdicts.iter().any(|verdict| verdict.outcome == Outcome::Wrong) {
        return Ok(Imported { verdicts, fault: None, written: None });
    }
    if how.dry_run {
        let planned = changing::plan(&ledger, &changes)?;
        let fault = Directory::of(changing::after(ledger, &planned, act)).err().map(|fault| fault.to_string());
        return Ok(Imported { verdicts, fault, written: None });
    }
    match changing::change(db, &changes, act).await {
        Ok(changed) => Ok(Imported { verdicts, fault: None, written: Some(changed) }),
        Err(NotChanged::Faulty(fault)) => Ok(Imported { verdicts, fault: Some(fault.to_string()), written: None }),
        Err(other) => Err(other),
    }
}

/// An entry of a file that breaks rules.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Which of its kind it is in the file, from 0.
    pub place: usize,
    /// The rules.
    pub findings: Vec<Violation>,
}

/// The entries of a file that are new or changed and break rules. Entries that stand in the directory as they are in the
/// file were taken before, and are not asked again.
///
/// # Errors
/// The database does not answer.
pub async fn broken(
    db: &Db,
    entries: Vec<Entry>,
    against: Against<'_>,
    at: Timestamp,
) -> Result<Vec<Broken>, NotChanged> {
    let ledger = store::ledger(db).await?;
    let to_be = |entry: &Entry| {
        let (kind, id, document) = (entry.kind, entry.id.clone(), Some(entry.document.clone()));
        Change { kind, id, expected: Expected::Any, document }
    };
    let changes: Vec<Change> = entries.iter().map(to_be).collect();
    let act = Act { by: store::FILE.to_owned(), clerk: None, reason: String::new(), at };
    let beside = changing::after(ledger.clone(), &changing::plan(&ledger, &changes)?, &act);
    let mut places: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut broken = Vec::new();
    for entry in entries {
        let next = places.entry(entry.kind).or_default();
        let place = std::mem::replace(next, *next + 1);
        let held = ledger.get(entry.kind, &entry.id).and_then(|held| held.document.as_ref());
        if held == Some(&entry.document) {
            continue;
        }
        let mut findings = rules::check(&entry, &beside, against);
        findings.retain(Violation::is_error);
        if !findings.is_empty() {
            broken.push(Broken { kind: entry.kind, id: entry.id, place, findings });
        }
    }
    Ok(broken)
}

fn outcome(ledger: &Ledger, entry: &Entry, findings: &[Violation]) -> Outcome {
    if findings.iter().any(Violation::is_error) {
        return Outcome::Wrong;
    }
    match ledger.get(entry.kind, &entry.id).and_then(|held| held.document.as_ref()) {
        None => Outcome::New,
        Some(document) if *document == entry.document => Outcome::Unchanged,
        Some(_) => Outcome::Changed,
    }
}

/// The entries in force that a file should have and this one has not.
fn missing(ledger: &Ledger, ids: &BTreeSet<(Kind, String)>, verdicts: &mut Vec<Verdict>, changes: &mut Vec<Change>) {
    // Registers are the institutions' own affair, also those that a file began.
    let kinds: BTreeSet<Kind> = ids.iter().map(|(kind, _)| *kind).filter(|kind| *kind != Kind::Register).collect();
    let in_force = ledger.all().filter(|(_, _, held)| held.document.is_some());
    for (kind, id, held) in in_force.filter(|(kind, ..)| kinds.contains(kind)) {
        if ids.contains(&(kind, id.clone())) {
            continue;
        }
        let outcome = if held.by_file { Outcome::Withdrawn } else { Outcome::Kept };
        verdicts.push(Verdict { kind, id: id.clone(), outcome, findings: Vec::new() });
        if held.by_file {
            changes.push(Change { kind, id: id.clone(), expected: Expected::Any, document: None });
        }
    }
}
