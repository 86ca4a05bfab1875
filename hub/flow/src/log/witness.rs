//! Cosignatures: partners that follow the log sign its heads, and the hub keeps what they signed.
//!
//! Only known witnesses are kept, only under a head that the hub has, and only signatures that hold.

use std::sync::Arc;

use hub_signatures::log::checkpoint::{Checkpoint, CheckpointError};
use hub_signatures::log::note::{NoteError, SignedNote};

use crate::db::DbError;
use crate::hub::Hub;

use super::store::{self, Cosignature, KeepCosignature};

/// Why a cosignature is not kept.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The text is no checkpoint, or no known witness signed it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The hub never signed this head: a witness that has it has seen another history.
    #[error("this log has no head of {size} leaves with that root")]
    UnknownHead {
        /// The size in the text.
        size: u64,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Keeps the signatures of known witnesses under a head of this log; answers their names.
///
/// # Errors
/// A [`WitnessError`]; then nothing is kept.
pub async fn keep_cosignatures(hub: &Hub, note: &str) -> Result<Vec<String>, WitnessError> {
    let note = SignedNote::parse(note)?;
    let size = Checkpoint::from_text(note.text())?.size;
    let signatures = note.verify(hub.log.witnesses())?;
    let head = store::head(&hub.db, size).await?.filter(|head| head.signed_text() == note.text());
    let head = head.ok_or(WitnessError::UnknownHead { size })?;
    let mut names = Vec::new();
    for signature in signatures {
        let (Some(line), Some(time)) = (note.line_of(signature.key), signature.time) else { continue };
        let cosignature = Cosignature {
            size: head.size,
            witness: signature.key.to_string(),
            signed_at: i64::try_from(time).unwrap_or(i64::MAX).saturating_mul(1_000_000),
            line,
            recorded_at: hub.clock.now(),
        };
        hub.db.write(&Arc::new(KeepCosignature), cosignature).await?;
        names.push(signature.key.name().to_owned());
    }
    Ok(names)
}
