//! Jobs: what must be done next. Enqueue, claim, lease, wake. It knows no message.
//!
//! A job is a row with a moment at which it is due. Claiming a job moves that moment to the end of the lease, so a
//! worker that dies gives its jobs back by doing nothing. `claims` counts the starts: a worker that finds more starts
//! than recorded ends knows that an earlier one was cut off. Workers are woken when a job is committed and look
//! anyway once per [`POLL`], so a lost wake-up only costs time.

mod store;
mod onward;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::clock::Timestamp;

pub use onward::{Onward, Place};
pub use store::{
    BringForward, Claim, ClaimJobs, ForgetJob, PostponeJob, ReleaseLeases, call, depth, enqueue, finish,
    finish_unless_called, hold, replace, reschedule,
};

/// How often workers look for due jobs when nobody wakes them.
pub const POLL: Duration = Duration::from_millis(500);

/// What kind of work a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Route a message; the subject is a message id.
    Route,
    /// Deliver, or ask what became of an attempt; the subject is a delivery id.
    Deliver,
    /// Tell a recipient that a document waits in its inbox; the subject is a delivery id.
    Notify,
    /// End a delivery nobody came for; the subject is a delivery id.
    Expire,
    /// Tell the service that relayed a message here what evidence there is of it; the subject is a message id.
    Report,
    /// Ask a register again that works on a question, or note that a question was cut off; the subject is a lookup id.
    Ask,
}

impl JobKind {
    /// The word used in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Deliver => "deliver",
            Self::Notify => "notify",
            Self::Expire => "expire",
            Self::Report => "report",
            Self::Ask => "ask",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Route, Self::Deliver, Self::Notify, Self::Expire, Self::Report, Self::Ask]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// A job.
#[derive(Debug, Clone)]
pub struct Job {
    /// What to do.
    pub kind: JobKind,
    /// To what: one subject has one job.
    pub subject: Uuid,
    /// When, or when the lease ends.
    pub due_at: Timestamp,
    /// How often it was started.
    pub claims: i64,
}

/// Wakes workers in this process.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// Tells that a job may be due.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits for a ring.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
}
