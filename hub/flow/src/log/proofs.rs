//! Proofs for others: that an evidence is in the log, and that one head continues another.

use hub_signatures::log::note::{NoteError, SignedNote};
use hub_signatures::log::proof::LogProof;
use hub_signatures::log::tree::{Hash, TreeError};

use crate::db::{Db, DbError};
use crate::message::{EvidenceId, MessageId};

use super::model::{Head, Place, Stamp};
use super::nodes::{Between, Missing, PathOf, Question, Run};
use super::store;

/// Hashes in a whole tile (C2SP tlog-tiles).
const TILE: u64 = 256;
/// Levels of the tree in a tile.
const TILE_LEVELS: u8 = 8;

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] DbError),
    /// What was asked for cannot be: a leaf beyond the tree, or a head that shrinks.
    #[error("{0}")]
    Impossible(String),
    /// A stored node or head is missing or unreadable: the log was tampered with.
    #[error("the stored log is damaged: {0}")]
    Damaged(String),
}

impl From<TreeError<Missing>> for ProofError {
    fn from(error: TreeError<Missing>) -> Self {
        match error {
            TreeError::Nodes(missing) => Self::Damaged(missing.to_string()),
            asked => Self::Impossible(asked.to_string()),
        }
    }
}

impl From<NoteError> for ProofError {
    fn from(error: NoteError) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// What shows that an evidence is in the log, to anybody, without the log.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The proof (C2SP tlog-proof); its text travels with the evidence.
    pub proof: LogProof,
    /// The head it leads to.
    pub head: Head,
    /// The stamp of that head; none while it has none.
    pub stamp: Option<Stamp>,
}

/// The proof of an evidence: under the first stamped head that covers it, which is the earliest proof of its time, or
/// else under the first head. None while it is not logged.
///
/// # Errors
/// The database does not answer, or the stored log is damaged.
pub async fn proof_of(db: &Db, message: MessageId, evidence: EvidenceId) -> Result<Option<Proof>, ProofError> {
    let Some((index, salt)) = store::leaf_of(db, message, evidence).await? else { return Ok(None) };
    let stamp = store::first_stamped(db, index).await?;
    let head = match &stamp {
        Some(stamp) => store::head(db, stamp.size).await?,
        None => store::head_covering(db, index).await?,
    };
    let Some(head) = head else {
        return match stamp {
            Some(stamp) => Err(ProofError::Damaged(format!("the stamped head of {} leaves is gone", stamp.size))),
            // Appended, and not yet under a head.
            None => Ok(None),
        };
    };
    let path = inclusion(db, index, head.size).await?;
    let checkpoint = SignedNote::parse(&with_cosignatures(db, &head).await?)?;
    Ok(Some(Proof { proof: LogProof { index, salt, path, checkpoint }, head, stamp }))
}

/// Where the evidences of a message stand, so far as they are under a head.
///
/// # Errors
/// The database does not answer.
pub async fn places_of(db: &Db, message: MessageId) -> Result<Vec<Place>, DbError> {
    store::places(db, message).await
}

/// The checkpoint of a head with the signatures of witnesses.
///
/// # Errors
/// The database does not answer.
pub async fn with_cosignatures(db: &Db, head: &Head) -> Result<String, DbError> {
    Ok(head.checkpoint.clone() + &store::cosignatures(db, head.size).await?.concat())
}

/// The path from leaf `index` to the root of the first `size` leaves (RFC 9162, section 2.1.3.1).
///
/// # Errors
/// There is no such leaf in that tree, or the database does not answer.
pub async fn inclusion(db: &Db, index: u64, size: u64) -> Result<Vec<Hash>, ProofError> {
    within(db, size).await?;
    answered(db, PathOf { index, size }).await
}

/// The proof that the first `old` leaves begin the first `new` (RFC 9162, section 2.1.4.1).
///
/// # Errors
/// `old` is larger than `new` or `new` than the log, or the database does not answer.
pub async fn consistency(db: &Db, old: u64, new: u64) -> Result<Vec<Hash>, ProofError> {
    within(db, new).await?;
    answered(db, Between { old, new }).await
}

/// The hash of leaf `index`; none where the log has not grown so far.
///
/// # Errors
/// The database does not answer.
pub async fn leaf_hash(db: &Db, index: u64) -> Result<Option<Hash>, DbError> {
    let nodes = store::fetch(db, &[Run { level: 0, first: index, last: index }]).await?;
    Ok(nodes.0.get(&(0, index)).copied())
}

/// The hashes of a tile, `width` of them side by side (C2SP tlog-tiles); none where the log has not grown so far.
///
/// # Errors
/// The database does not answer.
pub async fn tile(db: &Db, level: u8, number: u64, width: u64) -> Result<Option<Vec<u8>>, ProofError> {
    let Some(height) = level.checked_mul(TILE_LEVELS).filter(|height| *height < 63) else { return Ok(None) };
    let Some(first) = number.checked_mul(TILE) else { return Ok(None) };
    let nodes = store::fetch(db, &[Run { level: height, first, last: first + width - 1 }]).await?;
    let hashes: Option<Vec<Hash>> =
        (first..first + width).map(|index| nodes.0.get(&(height, index)).copied()).collect();
    Ok(hashes.map(|hashes| hashes.concat()))
}

async fn answered<Q: Question>(db: &Db, question: Q) -> Result<Q::Answer, ProofError> {
    let nodes = store::fetch(db, &question.runs()).await?;
    Ok(question.ask(&nodes)?)
}

async fn within(db: &Db, size: u64) -> Result<(), ProofError> {
    let headed = store::newest_head(db).await?.map_or(0, |head| head.size);
    if size > headed {
        return Err(ProofError::Impossible(format!("the newest head of the log has {headed} leaves, not {size}")));
    }
    Ok(())
}
