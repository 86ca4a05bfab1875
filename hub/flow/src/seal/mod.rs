//! The seal of the service: the key that seals now, every seal used before, and what is needed to judge them later.
//!
//! The key in use can be replaced while the hub runs, certificate and key together. Nothing here reads a file or asks an
//! issuer; who watches over the seal tells [`crate::standing`].

mod record;
mod material;

use std::sync::Arc;

use arc_swap::ArcSwap;
use hub_signatures::signer::Signer;

use crate::clock::Timestamp;
use crate::standing::Halt;

pub use material::{
    KeepAnswer, KeepCertificates, NewAnswer, ValidationMaterial, known_until, revocation_of, validation_material,
};
pub use record::{NewSeal, RecordSeal, RevokeSeal, SealRecord, all};

/// Who seals, and under which policy. Clones share the key: replaced in one, it is replaced in all.
#[derive(Clone)]
pub struct Seal {
    signer: Arc<ArcSwap<Arc<dyn Signer>>>,
    /// Who issues.
    pub issuer: Issuer,
}

/// The service as evidence names it.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Its legal name (component R02).
    pub name: String,
    /// Fiscal code of its operator, where configured.
    pub cui: Option<String>,
    /// URI of the evidence policy (component R01).
    pub policy: String,
    /// URI of the delivery policy, with its version (component R01).
    pub delivery_policy: String,
}

impl Seal {
    /// A seal of this key.
    #[must_use]
    pub fn new(signer: Arc<dyn Signer>, issuer: Issuer) -> Self {
        Self { signer: Arc::new(ArcSwap::from_pointee(signer)), issuer }
    }

    /// The key that seals now.
    #[must_use]
    pub fn signer(&self) -> Arc<dyn Signer> {
        Arc::clone(&self.signer.load())
    }

    /// Lets another key seal everything from now on.
    pub fn replace(&self, signer: Arc<dyn Signer>) {
        self.signer.store(Arc::new(signer));
    }

    /// The certificate chain of the key that seals now, PEM, the seal's own certificate first.
    #[must_use]
    pub fn pem(&self) -> String {
        self.signer().certificate_chain().iter().map(hub_signatures::certificate::Certificate::to_pem).collect()
    }

    /// Why nothing may be sealed at this moment, by the validity of the certificate.
    #[must_use]
    pub fn unfit_at(&self, at: Timestamp) -> Option<Halt> {
        unfit(&*self.signer(), at)
    }
}

/// Why this key may seal nothing at this moment, by the validity of its certificate (both ends belong to it).
pub(crate) fn unfit(signer: &dyn Signer, at: Timestamp) -> Option<Halt> {
    let certificate = signer.certificate_chain().first()?;
    let second = at.0.div_euclid(1_000_000);
    if second < certificate.not_before() {
        return Some(Halt::SealNotYetValid);
    }
    (second > certificate.not_after()).then_some(Halt::SealExpired)
}
