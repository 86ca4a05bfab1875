//! Renewals (RFC 4998, section 5): of a stamp before its authority's certificate ends, of a tree before its algorithm ages.

use std::sync::Arc;

use hub_signatures::digest::DigestAlgorithm;
use openssl::sha::sha256;

use crate::clock::Timestamp;

use super::PreservationError;
use super::model::{BatchRun, Kind, StampRecord, algorithm_name, strength};
use super::preserver::{Draft, Preserver, Turn, ends, micros};
use super::records::{Records, pieces, tree};
use super::store::{self, KeepRenewal};

impl Preserver {
    /// Renews the stamp that ends first, where one ends soon: the token is stamped alone, once for the whole batch.
    pub(super) async fn renew_time_stamp(&mut self, now: Timestamp) -> Result<Option<Turn>, PreservationError> {
        if self.renew_not_before > now {
            return Ok(None);
        }
        let soon = now.plus_micros(micros(self.preservation.terms.renew_before));
        let Some(run) = store::ending(&self.hub.db, (now, soon), &self.damaged).await? else { return Ok(None) };
        let Some(last) = store::stamps(&self.hub.db, run.number).await?.pop() else { return Ok(None) };
        // What was changed since it was stamped is not renewed.
        if let Err(error) = Records::load(&self.hub.db, run).await {
            return self.leave_out(run, error).map(Some);
        }
        let (algorithm, root) = (last.algorithm, last.algorithm.digest(&last.token));
        let Some(stamped) = self.ask(algorithm, &root).await? else { return Ok(Some(Turn::Waiting)) };
        if ends(&stamped.authority) <= last.authority_ends {
            self.rest_from_renewals(now);
            let until = last.authority_ends.to_utc();
            tracing::warn!(
                until,
                "time-stamps end soon, and the authority still stamps with a certificate that ends no later; asking again in an hour"
            );
            return Ok(None);
        }
        let kind = Kind::TimeStamp;
        let draft = Draft { batch: run.number, number: last.number + 1, kind, algorithm, root, leaf_hashes: None };
        let stamp = draft.stamped(stamped, self.hub.clock.now());
        self.keep_renewal(stamp).await.map(Some)
    }

    /// Renews to an algorithm the first batch that has a weaker one: every evidence is hashed anew,
    /// together with the chains that proved it so far.
    ///
    /// # Errors
    /// The database does not answer, or a batch is not what was stamped.
    pub async fn renew_hash_tree(
        &mut self,
        now: Timestamp,
        wanted: DigestAlgorithm,
    ) -> Result<Option<Turn>, PreservationError> {
        let Some(weaker) = weaker(wanted) else { return Ok(None) };
        let Some(run) = store::of_algorithms(&self.hub.db, now, weaker, &self.damaged).await? else { return Ok(None) };
        let Some(last) = store::stamps(&self.hub.db, run.number).await?.pop() else { return Ok(None) };
        let hashes = match self.hashed_anew(run, wanted).await {
            Ok(hashes) => hashes,
            Err(error) => return self.leave_out(run, error).map(Some),
        };
        let leaf_hashes = Some(hashes.concat());
        let root = tree(run, wanted, hashes)?.root().to_vec();
        let Some(stamped) = self.ask(wanted, &root).await? else { return Ok(Some(Turn::Waiting)) };
        let (number, kind) = (last.number + 1, Kind::HashTree);
        let draft = Draft { batch: run.number, number, kind, algorithm: wanted, root, leaf_hashes };
        let stamp = draft.stamped(stamped, self.hub.clock.now());
        self.keep_renewal(stamp).await.map(Some)
    }

    /// The leaves of the new tree, in the order of the batch.
    async fn hashed_anew(&self, run: BatchRun, wanted: DigestAlgorithm) -> Result<Vec<Vec<u8>>, PreservationError> {
        let db = &self.hub.db;
        let (records, stamped) = (Records::load(db, run).await?, store::digests(db, run).await?);
        let mut hashes = Vec::with_capacity(stamped.len());
        for piece in pieces(run) {
            for document in store::documents(db, piece).await? {
                let (place, document) = (hashes.len(), document.as_bytes());
                // A document that is not the one that was stamped gets no new proof.
                if stamped.get(place) != Some(&sha256(document)) {
                    let why = hub_signatures::evidence_record::RecordError::OtherRecord;
                    return Err(PreservationError::Tampered { batch: run.number, why });
                }
                let record = records.of(place as u64, document)?;
                hashes.extend(record.hash_tree_renewal(wanted, &vec![wanted.digest(document)]));
            }
        }
        Ok(hashes)
    }

    /// A batch that is not what was stamped is told, and does not hold up the others.
    fn leave_out(&mut self, run: BatchRun, error: PreservationError) -> Result<Turn, PreservationError> {
        if let PreservationError::Database(error) = error {
            return Err(error.into());
        }
        tracing::error!(%error, "A BATCH OF EVIDENCE IS DAMAGED; it is not renewed");
        self.damaged.insert(run.number);
        self.damage = Some(error.to_string());
        self.preservation.note_trouble(self.damage.clone());
        Ok(Turn::Damaged { batch: run.number })
    }

    async fn keep_renewal(&self, stamp: StampRecord) -> Result<Turn, PreservationError> {
        let (batch, kind) = (stamp.batch, stamp.kind);
        let kept = self.hub.db.write(&Arc::new(KeepRenewal), stamp).await?;
        Ok(if kept { Turn::Renewed { batch, kind } } else { Turn::Elsewhere })
    }
}

/// The names of the algorithms below one, of which there may be one or two; none below the weakest.
fn weaker(wanted: DigestAlgorithm) -> Option<[&'static str; 2]> {
    let below = DigestAlgorithm::ALL.into_iter().filter(|one| strength(*one) < strength(wanted));
    let names: Vec<&'static str> = below.map(algorithm_name).collect();
    Some([*names.first()?, *names.last()?])
}
