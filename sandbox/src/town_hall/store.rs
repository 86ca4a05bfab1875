//! The events of the town-hall twin, in memory and bounded, one registration per `webhook-id`.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use openssl::sha::sha256;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most events the twin takes.
const MOST_EVENTS: usize = 50_000;

/// What the twin knows of one `webhook-id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// The `webhook-id`.
    pub id: String,
    /// The town hall's own registration number.
    pub registration_number: u64,
    /// How many times it came.
    pub received: u32,
    /// The SHA-256 of the event, in hexadecimal.
    pub body_sha256: String,
    /// The event.
    pub event: Value,
}

pub(super) enum Kept {
    Taken(EventRecord),
    Incomplete,
    Conflict,
    Full,
}

#[derive(Default)]
pub(super) struct Events(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    by_id: HashMap<String, usize>,
    events: Vec<EventRecord>,
}

impl Events {
    /// Registers an event once per id.
    pub(super) fn keep(&self, id: &str, event: Value, bytes: &[u8]) -> Kept {
        let complete =
            ["type", "message_id", "sender"].iter().all(|name| event.get(name).is_some_and(Value::is_string));
        if !complete {
            return Kept::Incomplete;
        }
        let body_sha256 = hex::encode(sha256(bytes));
        let mut inner = self.locked();
        if let Some(position) = inner.by_id.get(id).copied() {
            let known = &mut inner.events[position];
            if known.body_sha256 != body_sha256 {
                return Kept::Conflict;
            }
            known.received += 1;
            return Kept::Taken(known.clone());
        }
        let position = inner.events.len();
        if position >= MOST_EVENTS {
            return Kept::Full;
        }
        let registration_number = position as u64 + 1;
        let record = EventRecord { id: id.to_owned(), registration_number, received: 1, body_sha256, event };
        inner.by_id.insert(id.to_owned(), position);
        inner.events.push(record.clone());
        Kept::Taken(record)
    }

    pub(super) fn all(&self) -> Vec<EventRecord> {
        self.locked().events.clone()
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
