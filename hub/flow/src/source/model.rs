//! How sources stand, and what became of an arrival.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::message::MessageId;

/// Sizes above which an arrival is refused.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest part, in bytes.
    pub part_bytes: u64,
    /// Largest envelope or body, in bytes.
    pub json_bytes: usize,
}

/// What a turn at a source came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// Everything that waited was taken or refused.
    Done,
    /// More waits there: it is due again at once.
    More,
    /// It could not be read, or must be left alone for a while.
    Trouble,
    /// Another node has it, or it is in the directory no more.
    Elsewhere,
}

/// Why an arrival was not taken, as it is told.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// In a Romanian sentence.
    pub reason: String,
    /// Every rule it breaks, as the API tells them (RFC 9457).
    pub problem: Value,
}

/// A verdict on an arrival, as it is kept.
#[derive(Debug, Clone)]
pub(super) enum Decided {
    /// It became this message.
    Accepted(MessageId),
    /// It was not taken.
    Refused {
        refusal: Refusal,
        /// The evidence of rejection, where there is one.
        receipt: Option<String>,
    },
}

/// A verdict that the system has not heard yet.
#[derive(Debug, Clone)]
pub(super) struct Unheard {
    pub id: String,
    pub decided: Decided,
    pub failures: i64,
}

/// How a source stands, for those who run the hub.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Id of the directory entry.
    pub source: String,
    /// When it was last read to the end.
    pub polled_at: Option<Timestamp>,
    /// When it is polled next.
    pub due_at: Timestamp,
    /// Why the last poll failed, or what the next waits for.
    pub error: Option<String>,
    /// Verdicts the system has not heard.
    pub unheard: i64,
    /// Why the last telling failed.
    pub telling_error: Option<String>,
}
