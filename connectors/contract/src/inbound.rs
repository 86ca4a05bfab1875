//! The promise of a connector that receives: what waits at a system is fetched, and given back only as a verdict.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;

use crate::Part;

/// Something that waits for the hub at a system.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The same at every look until it is acknowledged. With the source it is the idempotency key, so what is fetched
    /// twice is taken once.
    pub id: String,
    /// The envelope it carries, as JSON of the shape `POST /v1/messages` takes. None where the system has none: then the
    /// source's own entry says sender, recipient and document type.
    pub envelope: Option<Bytes>,
    /// The payloads, the body among them under the name the envelope gives it.
    pub parts: Vec<Part>,
    /// What the system says about it (`subject`, `from`, `received_at`, a number of its own), for the source's entry.
    pub facts: BTreeMap<String, String>,
    /// Why it cannot be read as what it should be, in a Romanian sentence for whoever sent it. It is then acknowledged as
    /// refused, with its bytes kept where they are.
    pub unreadable: Option<String>,
}

/// What the hub did with an arrival.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It is durable, registered and receipted.
    Accepted {
        /// The hub's id of the message.
        message_id: String,
        /// The register number it was given, where it was given one.
        number: Option<String>,
        /// The sealed evidence of acceptance.
        receipt: Bytes,
        /// Whether it had been taken before.
        again: bool,
    },
    /// It breaks rules; nothing of it was taken.
    Refused {
        /// What is wrong, in a Romanian sentence.
        reason: String,
        /// Every rule it breaks, row by row, as the API tells them (RFC 9457).
        problem: Value,
        /// The sealed evidence of rejection, where there is one.
        receipt: Option<Bytes>,
    },
}

/// Why nothing could be fetched or given back now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Trouble {
    /// What happened, in words for people, without secrets.
    pub reason: String,
    /// The earliest time the system wants to hear from us again.
    pub retry_after: Option<Duration>,
}

/// Fetches from one system over one channel.
#[async_trait]
pub trait Inbound: Send + Sync {
    /// What waits, oldest first, at most so many. Changes nothing at the system that would lose an arrival if the hub fell
    /// now; the same arrivals come again until they are acknowledged.
    ///
    /// # Errors
    /// The system cannot be reached or read now.
    async fn poll(&self, most: usize) -> Result<Vec<Arrival>, Trouble>;

    /// Tells the system what became of an arrival. Called only after the hub committed; called again when it is not known
    /// whether it was heard.
    ///
    /// # Errors
    /// The system did not hear it; the arrival comes again.
    async fn acknowledge(&self, arrival: &str, verdict: &Verdict) -> Result<(), Trouble>;
}
