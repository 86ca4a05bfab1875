//! Preservation: evidence records (RFC 4998) for all evidence of a hub, batch by batch, renewed before certificates end and
//! algorithms age, so that a receipt proves what it says for as long as its document must be kept.
//!
//! It may assume that the log is appended: batches are runs of its leaves, so that nothing is skipped or doubled. Acceptance
//! knows nothing of it. It never changes a batch or a stamp, never keeps a stamp that proves no longer than the one before,
//! and never renews with a weaker algorithm.

mod model;
mod store;
mod records;
mod preserver;
mod renewal;
mod outlook;
mod board;
mod board_store;

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use hub_signatures::certificate::Certificate;
use hub_signatures::digest::DigestAlgorithm;
use hub_signatures::evidence_record::RecordError;
use hub_signatures::tsp::Imprint;

use crate::clock::Timestamp;
use crate::db::DbError;
use crate::log::{Refusal, StampingTerms};

pub use board::{Advice, Cause, Group, Line, board, weakening};
pub use model::{BatchRun, Kind, StampRecord, algorithm_name, parse_algorithm};
pub use outlook::{Outlook, Retention};
pub use preserver::{Preserver, Turn};
pub use records::{record_of, state_of};
pub use store::{State, state};

/// Whoever stamps batches: an RFC 3161 authority behind an engine that checks every token.
#[async_trait]
pub trait Authority: Send + Sync {
    /// A token over the imprint that was found good: nonce, imprint, policy, time, signature and authority.
    ///
    /// # Errors
    /// A [`Refusal`] of one of its three kinds.
    async fn stamp(&self, imprint: Imprint) -> Result<Stamped, Refusal>;
}

/// A token that was found good.
#[derive(Debug, Clone)]
pub struct Stamped {
    /// DER of the CMS ContentInfo.
    pub der: Vec<u8>,
    /// `genTime`.
    pub at: Timestamp,
    /// The certificate of the authority.
    pub authority: Certificate,
    /// Certificates above it, so far as they are known.
    pub above: Vec<Certificate>,
}

/// When batches are closed and renewed.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Evidences in a batch at most.
    pub batch: u32,
    /// A batch is closed when its first evidence was logged so long ago.
    pub max_age: Duration,
    /// A stamp is renewed when the certificate of its authority ends within so long.
    pub renew_before: Duration,
    /// The digest algorithm of new batches; batches of a weaker one are renewed to it.
    pub algorithm: DigestAlgorithm,
    /// How long to pause after a refusal.
    pub patience: StampingTerms,
}

/// Why evidence is not preserved.
#[derive(Debug, thiserror::Error)]
pub enum PreservationError {
    /// The database failed: the next pass tries again.
    #[error(transparent)]
    Database(#[from] DbError),
    /// What is stored is not what was stamped. Nothing of this batch is renewed, so that nothing covers it up.
    #[error("batch {batch} is not what was stamped: {why}")]
    Tampered {
        /// The batch.
        batch: u64,
        /// What differs.
        why: RecordError,
    },
    /// The evidence in a batch are fewer or others than when it was closed.
    #[error("batch {batch} has {found} of its {expected} evidences")]
    Missing {
        /// The batch.
        batch: u64,
        /// Evidences when it was closed.
        expected: u64,
        /// Evidences found.
        found: u64,
    },
}

/// How a hub preserves its evidence, and how that goes.
pub struct Preservation {
    terms: Terms,
    outlook: Outlook,
    authority: Option<Box<dyn Authority>>,
    trouble: Mutex<Option<String>>,
}

impl Preservation {
    /// Preservation by these terms; without an authority nothing is preserved.
    #[must_use]
    pub fn new(terms: Terms, outlook: Outlook, authority: Option<Box<dyn Authority>>) -> Self {
        Self { terms, outlook, authority, trouble: Mutex::default() }
    }

    /// The terms.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// How long proofs are needed and algorithms hold.
    #[must_use]
    pub fn outlook(&self) -> &Outlook {
        &self.outlook
    }

    /// Whether somebody stamps.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.authority.is_some()
    }

    /// Why the last batch or renewal that was due has no stamp; none when it has.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().expect("no holder panics").clone()
    }

    /// Told by whoever runs the preserver.
    pub fn note_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().expect("no holder panics") = trouble;
    }
}
