//! The messages on their way, the queues, and the pace. Processing happens when the clock has moved, in order of arrival.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::message::Message;
use super::people::{Employer, Proposal, guid};
use super::process::process;

/// The most messages the twin takes.
const MOST: usize = 50_000;

/// What the twin knows of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRecord {
    /// The employer's CUI.
    pub cui: String,
    /// The sender's own id.
    pub message_id: String,
    /// What it asked for.
    pub operation: String,
    /// The receipt.
    pub response_id: String,
    /// `SUCCES` or `FAIL`, once processed.
    pub result: Option<String>,
}

/// How the twin works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Pace {
    /// Seconds from receipt to result.
    pub(super) processed_after_s: i64,
    /// Whether every result is put in the queue twice.
    pub(super) duplicate_results: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self { processed_after_s: 1, duplicate_results: false }
    }
}

/// The queues of an employer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Queue {
    Results,
    Secondments,
    Moves,
    Notices,
}

/// What can be done with a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// Read and remove.
    Poll,
    /// Read and leave there.
    Read,
    /// Remove what was read.
    Commit,
}

#[derive(Default)]
pub(super) struct Store(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    pace: Pace,
    records: Vec<MessageRecord>,
    waiting: VecDeque<Waiting>,
    register: Register,
}

struct Waiting {
    at: i64,
    position: usize,
    message: Message,
}

/// Everything a message can change.
#[derive(Default)]
pub(super) struct Register {
    pub(super) employers: BTreeMap<String, Employer>,
    pub(super) proposals: BTreeMap<String, Proposal>,
    queues: BTreeMap<(String, Queue), Line>,
    made: u64,
    duplicate: bool,
}

#[derive(Default)]
struct Line {
    items: VecDeque<Value>,
    /// How many from the front were read and not committed.
    read: usize,
}

impl Register {
    /// A new GUID.
    pub(super) fn new_id(&mut self) -> String {
        self.made += 1;
        guid(&format!("reges {}", self.made))
    }

    /// Puts something at the end of a queue.
    pub(super) fn put(&mut self, cui: &str, queue: Queue, item: Value) {
        let line = self.queues.entry((cui.to_owned(), queue)).or_default();
        if self.duplicate {
            line.items.push_back(item.clone());
        }
        line.items.push_back(item);
    }
}

impl Store {
    /// Takes a message for processing and gives its receipt. None when there is no room.
    pub(super) fn take(&self, cui: &str, message: Message, now: i64) -> Option<String> {
        let mut inner = self.locked();
        if inner.records.len() >= MOST {
            return None;
        }
        let response_id = inner.register.new_id();
        let position = inner.records.len();
        inner.records.push(MessageRecord {
            cui: cui.to_owned(),
            message_id: message.id.clone(),
            operation: message.operation.clone(),
            response_id: response_id.clone(),
            result: None,
        });
        inner.waiting.push_back(Waiting { at: now, position, message });
        Some(response_id)
    }

    /// Processes what is due, in the order it came.
    pub(super) fn advance(&self, now: i64) {
        let mut inner = self.locked();
        let pace = inner.pace;
        inner.register.duplicate = pace.duplicate_results;
        while inner.waiting.front().is_some_and(|waiting| now - waiting.at >= pace.processed_after_s) {
            let Some(waiting) = inner.waiting.pop_front() else { break };
            let mut record = inner.records[waiting.position].clone();
            record.result = Some(process(&mut inner.register, &record, &waiting.message));
            inner.records[waiting.position] = record;
        }
    }

    /// Serves a queue: what was read, or for a commit how much was removed.
    pub(super) fn serve(&self, cui: &str, queue: Queue, verb: Verb, most: usize) -> Vec<Value> {
        let mut inner = self.locked();
        let line = inner.register.queues.entry((cui.to_owned(), queue)).or_default();
        let count = line.items.len().min(most);
        match verb {
            Verb::Poll => {
                line.read = line.read.saturating_sub(count);
                line.items.drain(..count).collect()
            }
            Verb::Read => {
                line.read = line.read.max(count);
                line.items.iter().take(count).cloned().collect()
            }
            Verb::Commit => {
                let count = line.read.min(count);
                line.read -= count;
                line.items.drain(..count).collect()
            }
        }
    }

    pub(super) fn all(&self) -> Vec<MessageRecord> {
        self.locked().records.clone()
    }

    pub(super) fn pace(&self) -> Pace {
        self.locked().pace
    }

    pub(super) fn set_pace(&self, pace: Pace) {
        self.locked().pace = pace;
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
