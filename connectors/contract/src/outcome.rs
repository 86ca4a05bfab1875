//! What became of an attempt, in the only classes the hub decides by.

use std::time::Duration;

use bytes::Bytes;

/// The class of an answer. A variant is a decision of the hub, not a status code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The target has the document. `receipt` is its own reference for it (case number, registration number, GUID).
    Delivered {
        /// The target's reference.
        receipt: Option<String>,
    },
    /// The target is another delivery service and answered with evidence of its own. Whether it took the document is what
    /// the evidence says, and whether that is to be believed is the hub's to judge.
    Attested {
        /// The answer, byte for byte.
        document: Bytes,
    },
    /// The target looked at the document and does not want it. Never retried.
    Refused {
        /// The target's code, or the HTTP status in words.
        code: String,
        /// The target's explanation, cut to 500 characters.
        reason: String,
    },
    /// The target certainly did not take the document now; it may be sent again.
    Unavailable {
        /// What happened.
        reason: String,
        /// The earliest time the target wants to hear from us again.
        retry_after: Option<Duration>,
    },
    /// The answer was lost or cannot be read: the document may or may not be there. Ask before sending again.
    Unknown {
        /// What happened.
        reason: String,
    },
}

/// The answer to the question "do you have it?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inquiry {
    /// It is there: the delivery succeeded.
    Present {
        /// The target's reference.
        receipt: Option<String>,
    },
    /// It is not there: sending again is safe.
    Absent,
    /// The target refused it when it looked at it.
    Refused {
        /// The target's code.
        code: String,
        /// The target's explanation.
        reason: String,
    },
    /// The target cannot tell now; ask later.
    Unanswered {
        /// What happened.
        reason: String,
        /// The earliest time the target wants to hear from us again.
        retry_after: Option<Duration>,
    },
}

/// The outcome of one attempt and what was exchanged for it.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What became of it.
    pub outcome: Outcome,
    /// What was exchanged.
    pub exchange: Exchange,
}

/// What was exchanged with a target, without secrets and without personal data.
#[derive(Debug, Clone, Default)]
pub struct Exchange {
    /// The protocol's status, for HTTP the status code.
    pub status: Option<u16>,
    /// SHA-256 of the bytes sent as body, so that what was sent can be proven later.
    pub sent_sha256: Option<[u8; 32]>,
    /// How long the target took.
    pub took: Duration,
}
