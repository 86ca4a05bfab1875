//! What a folder's twin keeps: each key once, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// A document the twin took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDocument {
    /// Its key.
    pub key: String,
    /// How many sendings came with it.
    pub received: u32,
    /// How many documents were made of them; more than one is a double.
    pub stored: u32,
    /// The SHA-256 of what was sent, in hexadecimal.
    pub sha256: String,
}

/// What became of a sending.
pub(super) enum Kept {
    /// It is here, as the document of this number, from 0.
    Here(usize),
    /// The key belongs to other content.
    Conflict,
}

#[derive(Default)]
pub(super) struct Documents(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    by_key: HashMap<String, usize>,
    all: Vec<KeptDocument>,
}

impl Documents {
    /// Keeps a document once per key; `again` makes a double of it, as a system without keys would.
    pub(super) fn keep(&self, key: &str, sha256: [u8; 32], again: bool) -> Kept {
        let mut inner = self.locked();
        let sha256 = hex::encode(sha256);
        if let Some(number) = inner.by_key.get(key).copied() {
            let known = &mut inner.all[number];
            known.received += 1;
            if known.sha256 != sha256 {
                return Kept::Conflict;
            }
            known.stored += u32::from(again);
            return Kept::Here(number);
        }
        let number = inner.all.len();
        inner.all.push(KeptDocument { key: key.to_owned(), received: 1, stored: 1, sha256 });
        inner.by_key.insert(key.to_owned(), number);
        Kept::Here(number)
    }

    pub(super) fn number(&self, key: &str) -> Option<usize> {
        self.locked().by_key.get(key).copied()
    }

    pub(super) fn all(&self) -> Vec<KeptDocument> {
        self.locked().all.clone()
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
