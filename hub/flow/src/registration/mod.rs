//! Stage 3: register numbers, gapless per institution, register and year.
//!
//! Numbers are taken in the transaction that first shows them: a rolled-back item gives its number back, and a number
//! once shown is never reused (Instructions of the National Archives 217/1996, art. 9). It may assume that the caller
//! gives moments in order; it never changes an entry.

mod store;

use crate::clock::Timestamp;
use crate::message::{DeliveryId, MessageId, Registration};

pub use store::{Entry, entries, register};

/// The register every institution has.
pub const GENERAL: &str = "general";

/// Which way a document went through a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It came in.
    In,
    /// It went out.
    Out,
}

impl Direction {
    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// What is to be registered.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// The institution whose register it is.
    pub party: String,
    /// Which way the document goes.
    pub direction: Direction,
    /// The message.
    pub message: MessageId,
    /// The delivery, for the recipient's register.
    pub delivery: Option<DeliveryId>,
    /// The other side.
    pub counterpart: String,
    /// The other side's number, where known.
    pub counterpart_registration: Option<Registration>,
    /// The matter in brief.
    pub subject: String,
    /// When.
    pub at: Timestamp,
}
