//! What the twin received: one record per call, without tokens and without documents.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// The most calls remembered; later ones are answered and forgotten.
const MOST_CALLS: usize = 50_000;

/// One call that was answered, or whose answer was cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnafCall {
    /// The name of the operation, as faults name it.
    pub operation: String,
    /// The host that was asked.
    pub host: String,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query, except that of `authorize`.
    pub query: String,
    /// The length of the body in bytes.
    pub size: usize,
    /// The SHA-256 of the body in hexadecimal.
    pub sha256: String,
    /// The status of the answer.
    pub status: u16,
}

#[derive(Default)]
pub(super) struct Calls(Mutex<Vec<AnafCall>>);

impl Calls {
    pub(super) fn add(&self, call: AnafCall) {
        let mut calls = self.locked();
        if calls.len() < MOST_CALLS {
            calls.push(call);
        }
    }

    pub(super) fn all(&self) -> Vec<AnafCall> {
        self.locked().clone()
    }

    fn locked(&self) -> MutexGuard<'_, Vec<AnafCall>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
