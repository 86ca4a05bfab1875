//! Papers: what the hub gives to people and courts. A receipt on one page, the story of a message, and the court pack that
//! verifies without the hub.
//!
//! Everything is read back from the sealed evidence, never from what the hub believes beside it; only titles, subject and
//! sizes come from the message, where it is still there. Made on demand, nothing is kept.

mod scene;
mod receipt;
mod story;
mod pack;

pub use pack::{PackChoice, pack};
pub use receipt::receipt;
pub use scene::Scene;

use hub_flow::db::DbError;
use hub_flow::log::ProofError;
use hub_flow::preservation::PreservationError;
use hub_proofs::package::PackError;
use hub_receipts::ReceiptError;

/// Why a paper cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The log cannot prove.
    #[error(transparent)]
    Log(#[from] ProofError),
    /// The record of preservation cannot be made.
    #[error(transparent)]
    Preservation(#[from] PreservationError),
    /// A payload cannot be read.
    #[error("a payload cannot be read: {0}")]
    Payload(#[from] std::io::Error),
    /// A stored evidence is not one: the records were changed.
    #[error("the evidence {id} of this hub cannot be read: {why}")]
    Evidence {
        /// Which.
        id: String,
        /// What is wrong.
        why: String,
    },
    /// The page cannot be set.
    #[error(transparent)]
    Page(#[from] ReceiptError),
    /// The pack cannot be sealed.
    #[error(transparent)]
    Pack(#[from] PackError),
}
