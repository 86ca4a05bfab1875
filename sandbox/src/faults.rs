//! The plan of faults: what goes wrong at the next requests, in order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::line::{Gate, LineHandle};

/// The most faults a plan may hold.
const LONGEST_PLAN: usize = 1_000;

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// Waits, then takes the document and answers.
    SlowThenAccept,
    /// Takes the document at once, then answers long after the client has given up.
    AcceptAfterClientTimeout,
    /// 429 with `Retry-After`; nothing is taken.
    TooManyRequests,
    /// 500; nothing is taken.
    ServerError,
    /// Takes the document, then answers 500.
    ServerErrorAfterStoring,
    /// 200 with an error inside; nothing is taken.
    OkWithErrorBody,
    /// 200 with an HTML page, as a firewall or a log-in page answers; nothing is taken.
    HtmlPage,
    /// Drops the connection without a byte of answer; nothing is taken.
    CutConnection,
    /// Takes the document and drops the connection in the middle of the answer.
    CutConnectionAfterStoring,
    /// Takes the document a second time although its key is known, like a system without idempotency.
    IgnoreKey,
    /// Stamps with another nonce; this and the next four are the time-stamping authority's, other twins just answer.
    WrongNonce,
    /// Stamps under another policy.
    WrongPolicy,
    /// Stamps another digest.
    WrongImprint,
    /// Stamps with a certificate that expired yesterday.
    ExpiredCertificate,
    /// Answers with status 2, no time available.
    Rejection,
    /// At once, and not at the next request: the port is closed for a while.
    Down,
}

/// The requests a fault is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Sending a document.
    #[default]
    Deliver,
    /// Asking what became of one.
    Inquire,
}

/// One line of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub fault: FaultKind,
    /// At how many requests.
    #[serde(default = "once")]
    pub times: u32,
    /// How long to wait or to be down, in milliseconds.
    #[serde(default = "half_a_second")]
    pub delay_ms: u64,
    /// What `Retry-After` says, in seconds.
    #[serde(default = "one_second")]
    pub retry_after_s: u64,
    /// At which requests.
    #[serde(default)]
    pub operation: Operation,
}

/// The plan of one twin, shared between its handle and its pages.
#[derive(Clone)]
pub struct Faults {
    plan: Arc<Mutex<VecDeque<Fault>>>,
    gate: Arc<Gate>,
}

impl Fault {
    /// A fault at the next sending.
    #[must_use]
    pub fn once(fault: FaultKind) -> Self {
        let (times, delay_ms) = (once(), half_a_second());
        Self { fault, times, delay_ms, retry_after_s: one_second(), operation: Operation::Deliver }
    }

    /// The same with another waiting time.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// The same at questions instead of sendings.
    #[must_use]
    pub fn at_inquiry(mut self) -> Self {
        self.operation = Operation::Inquire;
        self
    }
}

impl Faults {
    pub(crate) fn new(gate: Arc<Gate>) -> Self {
        Self { plan: Arc::default(), gate }
    }

    /// Adds a fault to the end of the plan. For an outage use [`Faults::down`].
    pub fn plan(&self, fault: Fault) {
        let mut plan = self.locked();
        if fault.times > 0 && fault.fault != FaultKind::Down && plan.len() < LONGEST_PLAN {
            plan.push_back(fault);
        }
    }

    /// Forgets the plan.
    pub fn clear(&self) {
        self.locked().clear();
    }

    /// What is still to go wrong.
    #[must_use]
    pub fn remaining(&self) -> Vec<Fault> {
        self.locked().iter().cloned().collect()
    }

    /// Closes the port and all connections for a while; returns when connections are refused.
    pub async fn down(&self, time: Duration) {
        self.gate.down(time, None).await;
    }

    /// Ends an outage early; returns when connections are accepted again.
    pub async fn up(&self) {
        self.gate.up().await;
    }

    pub(crate) async fn replace(&self, faults: Vec<Fault>, but: &LineHandle) -> Result<(), String> {
        if faults.len() > LONGEST_PLAN {
            return Err(format!("planul are {} defecte, cel mult {LONGEST_PLAN} încap", faults.len()));
        }
        self.clear();
        let outage = faults.iter().find(|fault| fault.fault == FaultKind::Down).map(|fault| fault.delay_ms);
        faults.into_iter().for_each(|fault| self.plan(fault));
        if let Some(delay_ms) = outage {
            self.gate.down(Duration::from_millis(delay_ms), Some(but)).await;
        }
        Ok(())
    }

    /// The fault of this request, if the plan has one for it.
    pub(crate) fn take(&self, operation: Operation) -> Option<Fault> {
        let mut plan = self.locked();
        let position = plan.iter().position(|fault| fault.operation == operation)?;
        let fault = plan.get_mut(position)?;
        fault.times -= 1;
        let taken = fault.clone();
        if taken.times == 0 {
            plan.remove(position);
        }
        Some(taken)
    }

    fn locked(&self) -> MutexGuard<'_, VecDeque<Fault>> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn once() -> u32 {
    1
}

fn half_a_second() -> u64 {
    500
}

fn one_second() -> u64 {
    1
}
