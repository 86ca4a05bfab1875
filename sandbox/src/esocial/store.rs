//! The cases of the eSocial twin, in memory and bounded. Nothing is forgotten while it runs, or a double would go unseen.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::date;
use crate::intake::{Intake, ReceivedPart};

/// The most cases the twin takes.
const MOST_CASES: usize = 200_000;

/// What the twin knows of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRecord {
    /// The idempotency key.
    pub key: String,
    /// The case number.
    pub case_number: String,
    /// The registration number.
    pub registration_number: u64,
    /// The registration date.
    pub registration_date: String,
    /// How many valid sendings came with this key.
    pub received: u32,
    /// How many cases were made of them; more than one is a double.
    pub stored: u32,
    /// The SHA-256 of the document, in hexadecimal.
    pub body_sha256: String,
    /// The files.
    pub parts: Vec<ReceivedPart>,
}

/// What became of a sending.
pub(super) enum Kept {
    /// A new case.
    New(CaseRecord),
    /// The case it made before.
    Known(CaseRecord),
    /// The key belongs to other content.
    Conflict,
    /// No room.
    Full,
}

#[derive(Default)]
pub(super) struct Cases(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    by_key: HashMap<String, usize>,
    cases: Vec<CaseRecord>,
    last_number: u64,
}

impl Cases {
    /// Keeps a document once per key.
    pub(super) fn keep(&self, key: &str, intake: &Intake, now: i64, forget_key: bool) -> Kept {
        let mut inner = self.locked();
        let sha256 = intake.sha256();
        if let Some(position) = inner.by_key.get(key).copied() {
            let case = &mut inner.cases[position];
            if case.body_sha256 != sha256 || case.parts != intake.parts {
                return Kept::Conflict;
            }
            case.received += 1;
            if forget_key {
                case.stored += 1;
            }
            return Kept::Known(case.clone());
        }
        if inner.cases.len() >= MOST_CASES {
            return Kept::Full;
        }
        inner.last_number += 1;
        let date = date::today(now);
        let case = CaseRecord {
            key: key.to_owned(),
            case_number: format!("ESO-{}-{:06}", &date[..4], inner.last_number),
            registration_number: inner.last_number,
            registration_date: date,
            received: 1,
            stored: 1,
            body_sha256: sha256,
            parts: intake.parts.clone(),
        };
        let position = inner.cases.len();
        inner.by_key.insert(key.to_owned(), position);
        inner.cases.push(case.clone());
        Kept::New(case)
    }

    pub(super) fn find(&self, key: &str) -> Option<CaseRecord> {
        let inner = self.locked();
        inner.by_key.get(key).map(|position| inner.cases[*position].clone())
    }

    pub(super) fn all(&self) -> Vec<CaseRecord> {
        self.locked().cases.clone()
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CaseRecord {
    /// The case as eSocial words it.
    pub(super) fn answer(&self) -> Value {
        json!({
            "numarCaz": self.case_number,
            "numarInregistrare": self.registration_number,
            "dataInregistrare": self.registration_date,
        })
    }
}
