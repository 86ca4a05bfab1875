//! Behind the road: what has ended is filed into dossiers, and what a selection destroys is erased.
//!
//! ```text
//! take up:  messages that have ended ─► [ a filing for each institution ]
//! file:     entry, rule ─► code ─► gather ─► vault ─► [ dossier ─► documents ─► register ]
//! add:      late evidence, renewed proofs, contents, acts ─► gather ─► vault ─► [ documents of an addition ]
//! upload:   a clerk brings a content ─► blob store ─► [ act on the entry ─► content ]
//! destroy:  vault, blob store ─► [ rows ─► copies ] ... ─► proof, sealed ─► [ dossiers ─► selection ]
//! ```
//!
//! One node at a time, in small steps, so that the road does not wait. A fall anywhere doubles and loses nothing: bytes are
//! put and erased by their hash, and a filing is written down once.

mod archivist;
mod facts;
mod gather;
mod entries;
mod later;
mod upload;
mod file;
mod destroy;

use std::sync::Arc;

use crate::archive::{ActOnArchive, Answered, NotDone, Order};
use crate::db::DbError;
use crate::hub::Hub;

pub use archivist::{Archivist, Turn};
pub use upload::{Kept, NotKept, Uploading, keep_contents};

/// A clerk acts on the archive: one request, one transaction, one answer.
///
/// # Errors
/// The database does not answer. The inner refusal says why nothing was done.
pub async fn act_on_archive(hub: &Hub, order: Order) -> Result<Result<Answered, NotDone>, DbError> {
    hub.db.write(&Arc::new(ActOnArchive), order).await
}

/// Why a turn of the archivist failed; what it was at is taken up again.
#[derive(Debug, thiserror::Error)]
pub enum ArchivistError {
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The vault does not take, read or forget bytes.
    #[error(transparent)]
    Vault(#[from] hub_vault::VaultError),
    /// A payload cannot be read.
    #[error("a payload cannot be read: {0}")]
    Payload(#[from] std::io::Error),
    /// The log cannot prove.
    #[error(transparent)]
    Log(#[from] crate::log::ProofError),
    /// The record of preservation cannot be made.
    #[error(transparent)]
    Preservation(#[from] crate::preservation::PreservationError),
    /// The proof of destruction cannot be sealed.
    #[error("the proof of destruction cannot be sealed: {0}")]
    Seal(String),
}
