//! ERDS evidence: one sealed record per event (ETSI EN 319 522).
//!
//! Evidence is written in the transaction of the state change it attests, already canonical, sealed over those bytes,
//! and appended; it is never changed. It names institutions and roles, never a clerk.

mod model;
mod document;
mod store;

use std::sync::Arc;

use hub_signatures::signer::Signer;

pub use document::NAMESPACE;
pub use model::{Event, NewEvidence, PartFacts, PartyFacts, Reason, Reasoned, Subject, Transformation};
pub use store::{Evidence, Sealing, append, latest, list, seal};

/// Who seals, and under which policy.
#[derive(Clone)]
pub struct Seal {
    /// The seal key.
    pub signer: Arc<dyn Signer>,
    /// Legal name of the service (component R02).
    pub issuer: String,
    /// URI of the evidence policy (component R01).
    pub policy: String,
}
