//! The record of one evidence, computed from the digests of its batch and the stamps that were kept.
//!
//! Renewals hash what came before byte for byte, so that the way chains are encoded (`hub_signatures::evidence_record`) is
//! part of what is preserved: it never changes for a batch that was renewed.

use hub_signatures::digest::DigestAlgorithm;
use hub_signatures::evidence_record::{ArchiveTimeStamp, Batch, EvidenceRecord, RecordError};

use crate::db::Db;
use crate::message::EvidenceId;

use super::PreservationError;
use super::model::{BatchRun, Kind, StampRecord, strength};
use super::store;

/// The evidence record of an evidence, DER; none while it is in no batch. It is about the evidence as it was sealed (its B
/// form).
///
/// # Errors
/// The database does not answer, or what it holds is not what was stamped.
pub async fn record_of(db: &Db, evidence: EvidenceId) -> Result<Option<Vec<u8>>, PreservationError> {
    let Some((leaf, document)) = store::leaf_of(db, evidence).await? else { return Ok(None) };
    let Some(run) = store::batch_of(db, leaf).await? else { return Ok(None) };
    let records = Records::load(db, run).await?;
    Ok(Some(records.of(leaf - run.first, document.as_bytes())?.to_der()))
}

/// The stamps that prove an evidence, oldest first; none while it is in no batch.
///
/// # Errors
/// The database does not answer.
pub async fn state_of(db: &Db, evidence: EvidenceId) -> Result<Option<Vec<StampRecord>>, PreservationError> {
    let Some((leaf, _)) = store::leaf_of(db, evidence).await? else { return Ok(None) };
    let Some(run) = store::batch_of(db, leaf).await? else { return Ok(None) };
    Ok(Some(store::stamps(db, run.number).await?))
}

/// The records of all evidences of a batch.
pub(super) struct Records {
    batch: BatchRun,
    chains: Vec<Chain>,
}

/// A tree with its stamp, and the renewals of that stamp.
struct Chain {
    tree: Batch,
    token: Vec<u8>,
    renewals: Vec<ArchiveTimeStamp>,
}

impl Records {
    /// Reads a batch.
    pub(super) async fn load(db: &Db, batch: BatchRun) -> Result<Self, PreservationError> {
        let tampered = |why| PreservationError::Tampered { batch: batch.number, why };
        let mut chains: Vec<Chain> = Vec::new();
        for stamp in store::stamps(db, batch.number).await? {
            let StampRecord { kind, algorithm, leaf_hashes, token, .. } = stamp;
            if let (Kind::TimeStamp, Some(chain)) = (kind, chains.last_mut()) {
                let before = chain.renewals.last().map_or(chain.token.as_slice(), ArchiveTimeStamp::token);
                // A token that is stamped alone has no tree: its digest is the root.
                let alone = Batch::new(algorithm, vec![vec![algorithm.digest(before)]]).map_err(tampered)?;
                chain.renewals.push(alone.stamped_one(0, &token).map_err(tampered)?);
                continue;
            }
            let leaves = match leaf_hashes {
                Some(hashes) => hashes.chunks(strength(algorithm)).map(<[u8]>::to_vec).collect(),
                None => leaves(db, batch, algorithm).await?,
            };
            chains.push(Chain { tree: tree(batch, algorithm, leaves)?, token, renewals: Vec::new() });
        }
        if chains.is_empty() {
            return Err(tampered(RecordError::Empty));
        }
        Ok(Self { batch, chains })
    }

    /// The record of one evidence, by its place in the batch and its sealed bytes.
    pub(super) fn of(&self, place: u64, document: &[u8]) -> Result<EvidenceRecord, PreservationError> {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        self.build(place, document).map_err(|why| PreservationError::Tampered { batch: self.batch.number, why })
    }

    fn build(&self, place: usize, document: &[u8]) -> Result<EvidenceRecord, RecordError> {
        let mut record: Option<EvidenceRecord> = None;
        for Chain { tree, token, renewals } in &self.chains {
            let stamp = tree.stamped_one(place, token)?;
            let record = match &mut record {
                None => record.insert(EvidenceRecord::new(stamp)),
                Some(record) => {
                    let documents = vec![stamp.algorithm().digest(document)];
                    record.renew_hash_tree(stamp, &documents)?;
                    record
                }
            };
            renewals.iter().try_for_each(|renewal| record.renew_time_stamp(renewal.clone()))?;
        }
        record.ok_or(RecordError::Empty)
    }
}

/// The digests of the evidences of a run as they were sealed.
pub(super) async fn leaves(
    db: &Db,
    run: BatchRun,
    algorithm: DigestAlgorithm,
) -> Result<Vec<Vec<u8>>, PreservationError> {
    if algorithm == DigestAlgorithm::Sha256 {
        return Ok(store::digests(db, run).await?.into_iter().map(|digest| digest.to_vec()).collect());
    }
    let mut leaves = Vec::new();
    for (first, last) in pieces(run) {
        leaves.extend(store::documents(db, (first, last)).await?.iter().map(|one| algorithm.digest(one.as_bytes())));
    }
    Ok(leaves)
}

/// A tree over the leaves of a run, which must be all there.
pub(super) fn tree(
    run: BatchRun,
    algorithm: DigestAlgorithm,
    leaves: Vec<Vec<u8>>,
) -> Result<Batch, PreservationError> {
    let (batch, expected, found) = (run.number, run.leaves(), leaves.len() as u64);
    if found != expected {
        return Err(PreservationError::Missing { batch, expected, found });
    }
    let objects = leaves.into_iter().map(|leaf| vec![leaf]).collect();
    Batch::new(algorithm, objects).map_err(|why| PreservationError::Tampered { batch, why })
}

/// A run in pieces of few documents, so that a batch of any size needs little memory.
pub(super) fn pieces(run: BatchRun) -> impl Iterator<Item = (u64, u64)> {
    const PIECE: u64 = 64;
    let step = usize::try_from(PIECE).expect("small");
    (run.first..=run.last).step_by(step).map(move |first| (first, (first + PIECE - 1).min(run.last)))
}
