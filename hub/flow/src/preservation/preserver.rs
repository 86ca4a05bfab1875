//! The preserver's pass: close a batch that is full or old enough, renew what ends, renew what has a weak algorithm.
//!
//! It may assume that the authority hands out only tokens that hold. Several preservers at once double nothing: the database
//! takes a batch or a renewal where it follows the last one, or not at all. A hub that falls between stamp and store asks
//! again; the token it lost is nobody's.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use hub_signatures::digest::DigestAlgorithm;
use hub_signatures::tsp::Imprint;

use crate::clock::Timestamp;
use crate::db::DbError;
use crate::hub::Hub;
use crate::log::{Lease, Refusal};
use crate::seal::KeepCertificates;

use super::model::{BatchRun, Kind, StampRecord};
use super::records::{leaves, tree};
use super::store::{self, KeepBatch, NewBatch};
use super::{Preservation, PreservationError, Stamped};

/// How often an authority is asked anew whose certificate ends too soon to renew anything, in seconds.
const ASK_AGAIN: i64 = 3600;

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// There is nothing to do now.
    Idle,
    /// Another node does it, or did it first.
    Elsewhere,
    /// The authority did not stamp: the pass is to be repeated after a pause.
    Waiting,
    /// A batch was closed.
    Closed {
        /// Its number.
        batch: u64,
        /// Evidences in it.
        evidences: u64,
    },
    /// A batch is not what was stamped; it is left out from now on.
    Damaged {
        /// Its number.
        batch: u64,
    },
    /// A batch was renewed.
    Renewed {
        /// Its number.
        batch: u64,
        /// How.
        kind: Kind,
    },
}

/// Closes and renews batches.
pub struct Preserver {
    pub(super) hub: Arc<Hub>,
    pub(super) preservation: Arc<Preservation>,
    lease: Arc<Lease>,
    failures: u32,
    not_before: Timestamp,
    /// The authority stamps with a certificate that ends no later than those to be renewed: no use in asking before.
    pub(super) renew_not_before: Timestamp,
    /// Batches that are not what was stamped, and the last word about them; looked at again after a restart.
    pub(super) damaged: BTreeSet<u64>,
    pub(super) damage: Option<String>,
}

impl Preserver {
    /// A preserver for a node of the hub.
    #[must_use]
    pub fn new(hub: Arc<Hub>, preservation: Arc<Preservation>, lease: Arc<Lease>) -> Self {
        let never = Timestamp::default();
        let damaged = BTreeSet::new();
        Self {
            hub,
            preservation,
            lease,
            failures: 0,
            not_before: never,
            renew_not_before: never,
            damaged,
            damage: None,
        }
    }

    /// Does the most urgent thing that is due.
    ///
    /// # Errors
    /// The database does not answer, or a batch is not what was stamped.
    pub async fn pass(&mut self) -> Result<Turn, PreservationError> {
        let now = self.hub.clock.now();
        if !self.preservation.is_on() {
            return Ok(Turn::Idle);
        }
        if self.not_before > now {
            return Ok(Turn::Waiting);
        }
        if !self.lease.hold(&self.hub.db, now).await? {
            return Ok(Turn::Elsewhere);
        }
        if let Some(run) = self.due(now).await? {
            return self.close(run).await;
        }
        if let Some(turn) = self.renew_time_stamp(now).await? {
            return Ok(turn);
        }
        let wanted = self.preservation.terms.algorithm;
        Ok(self.renew_hash_tree(now, wanted).await?.unwrap_or(Turn::Idle))
    }

    /// The batch that is to be closed, where one is full or old enough.
    async fn due(&self, now: Timestamp) -> Result<Option<BatchRun>, DbError> {
        let terms = &self.preservation.terms;
        let state = store::state(&self.hub.db).await?;
        let size = u64::from(terms.batch.max(1));
        let old = state.since.is_some_and(|since| since.plus_micros(micros(terms.max_age)) <= now);
        if state.waiting == 0 || state.waiting < size && !old {
            return Ok(None);
        }
        let first = state.preserved;
        Ok(Some(BatchRun { number: state.batches, first, last: first + state.waiting.min(size) - 1 }))
    }

    async fn close(&mut self, run: BatchRun) -> Result<Turn, PreservationError> {
        let hub = Arc::clone(&self.hub);
        let algorithm = self.preservation.terms.algorithm;
        let hashes = leaves(&hub.db, run, algorithm).await?;
        // SHA-256 of every evidence is on record already.
        let leaf_hashes = (algorithm != DigestAlgorithm::Sha256).then(|| hashes.concat());
        let root = tree(run, algorithm, hashes)?.root().to_vec();
        let content = store::content(&hub.db, run).await?;
        let Some(stamped) = self.ask(algorithm, &root).await? else { return Ok(Turn::Waiting) };
        let draft = Draft { batch: run.number, number: 0, kind: Kind::Initial, algorithm, root, leaf_hashes };
        let new = NewBatch { run, stamp: draft.stamped(stamped, hub.clock.now()), content };
        if hub.db.write(&Arc::new(KeepBatch), new).await? {
            return Ok(Turn::Closed { batch: run.number, evidences: run.leaves() });
        }
        Ok(Turn::Elsewhere)
    }

    /// Asks for a stamp; none when the authority does not give one now, which is told and waited for.
    pub(super) async fn ask(
        &mut self,
        algorithm: DigestAlgorithm,
        root: &[u8],
    ) -> Result<Option<Stamped>, PreservationError> {
        let preservation = Arc::clone(&self.preservation);
        let Some(authority) = &preservation.authority else { return Ok(None) };
        let imprint = Imprint::new(algorithm, root.to_vec());
        let imprint = imprint.map_err(|error| DbError::Statement(error.to_string()))?;
        match authority.stamp(imprint).await {
            Ok(stamped) => {
                if self.failures > 0 {
                    tracing::info!(failures = self.failures, "evidence is preserved again");
                }
                self.failures = 0;
                preservation.note_trouble(self.damage.clone());
                // What is needed to judge the stamp later is kept before the stamp.
                let mut certificates = vec![stamped.authority.clone()];
                certificates.extend(stamped.above.iter().cloned());
                self.hub.db.write(&Arc::new(KeepCertificates), (certificates, self.hub.clock.now())).await?;
                Ok(Some(stamped))
            }
            Err(refusal) => {
                self.wait(&refusal);
                Ok(None)
            }
        }
    }

    fn wait(&mut self, refusal: &Refusal) {
        self.failures = self.failures.saturating_add(1);
        let asked = match refusal {
            Refusal::Away { retry_after, .. } => {
                tracing::warn!(failures = self.failures, %refusal, "a batch of evidence waits for its time-stamp");
                *retry_after
            }
            Refusal::Refused(_) | Refusal::Wrong(_) => {
                tracing::error!(failures = self.failures, %refusal, "the time-stamp of a batch was refused or is wrong; it is not kept");
                None
            }
        };
        let pause = self.preservation.terms.patience.pause(self.failures, asked);
        self.not_before = self.hub.clock.now().plus_micros(micros(pause));
        self.preservation.note_trouble(Some(refusal.to_string()));
    }

    /// Takes back the word about a pass that failed, where one went well since and no refusal is told.
    pub fn recovered(&self) {
        if self.failures == 0 {
            self.preservation.note_trouble(self.damage.clone());
        }
    }

    /// Asks no more for renewals for a while.
    pub(super) fn rest_from_renewals(&mut self, now: Timestamp) {
        self.renew_not_before = now.plus_seconds(ASK_AGAIN);
    }
}

/// A stamp but for what the authority adds.
pub(super) struct Draft {
    pub batch: u64,
    pub number: u64,
    pub kind: Kind,
    pub algorithm: DigestAlgorithm,
    pub root: Vec<u8>,
    pub leaf_hashes: Option<Vec<u8>>,
}

impl Draft {
    pub(super) fn stamped(self, stamped: Stamped, recorded_at: Timestamp) -> StampRecord {
        let Self { batch, number, kind, algorithm, root, leaf_hashes } = self;
        StampRecord {
            batch,
            number,
            kind,
            algorithm,
            root,
            leaf_hashes,
            token: stamped.der,
            authority: stamped.authority.subject().to_owned(),
            authority_sha256: *stamped.authority.sha256(),
            authority_ends: ends(&stamped.authority),
            at: stamped.at,
            recorded_at,
        }
    }
}

/// When a certificate ends.
pub(super) fn ends(certificate: &hub_signatures::certificate::Certificate) -> Timestamp {
    Timestamp(certificate.not_after().saturating_mul(1_000_000))
}

pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
