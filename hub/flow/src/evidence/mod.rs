//! ERDS evidence: one sealed record per event (ETSI EN 319 522).
//!
//! Evidence is written in the transaction of the state change it attests, already canonical, sealed over those bytes,
//! and appended; it is never changed. It names institutions and roles, never a clerk.

pub mod code;
mod event;
mod reason;
mod course;
mod model;
mod document;
mod store;
mod stamp;

pub use crate::seal::{Issuer, Seal};
pub use course::{Course, Forbidden, may_enter};
pub use document::NAMESPACE;
pub(crate) use document::content;
pub use event::{Event, Family};
pub use model::{Deadline, NewEvidence, OWN_SCHEME, PartFacts, PartyFacts, Subject, Terms, Transformation};
pub use reason::{Reason, Reasoned};
pub use stamp::{
    KeepStamp, Level, MovePosition, Stamp, Unstamped, at_level, document_at, stamp_of, stamped_up_to, unstamped,
    validation_material,
};
pub use store::{Evidence, Sealing, append, find, has, latest, list, seal, sealed};
