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

use std::sync::Arc;

use hub_signatures::signer::Signer;

pub use course::{Course, Forbidden, may_enter};
pub use document::NAMESPACE;
pub use event::{Event, Family};
pub use model::{Deadline, NewEvidence, PartFacts, PartyFacts, Subject, Terms, Transformation};
pub use reason::{Reason, Reasoned};
pub use store::{Evidence, Sealing, append, find, has, latest, list, seal, sealed};

/// Who seals, and under which policy.
#[derive(Clone)]
pub struct Seal {
    /// The seal key.
    pub signer: Arc<dyn Signer>,
    /// Legal name of the service (component R02).
    pub issuer: String,
    /// Fiscal code of the service's operator, where configured.
    pub issuer_cui: Option<String>,
    /// URI of the evidence policy (component R01).
    pub policy: String,
    /// URI of the delivery policy, with its version (component R01).
    pub delivery_policy: String,
}
