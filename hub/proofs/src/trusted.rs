//! Whom a check believes.

use hub_signatures::certificate::Certificate;
use hub_signatures::log::key::VerifierKey;
use hub_signatures::log::note::SignedNote;
use hub_signatures::log::proof::Policy;
use hub_signatures::trust::{self, Trust, TrustError};

/// The time in which a seal was in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// SHA-256 of the seal's certificate (DER).
    pub certificate: [u8; 32],
    /// First Unix second.
    pub from: i64,
    /// Last Unix second; none while it is in use.
    pub until: Option<i64>,
}

/// Whom a check believes; nobody by default, so that only integrity is told.
#[derive(Debug, Clone, Default)]
pub struct Trusted {
    /// Certificates of seals, or of authorities above them. None: whose seal it is, is not judged.
    pub seals: Option<Vec<Certificate>>,
    /// When these seals were in use; where any is given, a seal counts only within a period of its own.
    pub periods: Vec<Period>,
    /// The same for time-stamping authorities.
    pub authorities: Option<Vec<Certificate>>,
    /// Keys of logs and witnesses.
    pub log_keys: Vec<VerifierKey>,
    /// How many known witnesses must have signed a head.
    pub witnesses: usize,
    /// Heads the caller holds from elsewhere: the log must continue them.
    pub known_heads: Vec<SignedNote>,
}

/// Why somebody is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Belief {
    Pinned,
    Anchor(String),
    NotAsked,
}

impl Trusted {
    /// Whether the holder of the certificate is believed to seal at `at`, Unix seconds.
    pub(crate) fn believes_seal(
        &self,
        certificate: &Certificate,
        others: &[Certificate],
        at: i64,
    ) -> Result<Belief, TrustError> {
        believe(self.seals.as_deref(), certificate, |trust| trust.check_seal(certificate, others, at))
    }

    /// Whether the seal was in use at `at`, Unix seconds, as far as anything is said of that.
    pub(crate) fn was_in_use(&self, certificate: &Certificate, at: i64) -> bool {
        let mine = |period: &&Period| period.certificate == *certificate.sha256();
        let holds = |period: &Period| period.from <= at && period.until.is_none_or(|until| at <= until);
        self.periods.is_empty() || self.periods.iter().filter(mine).any(holds)
    }

    /// Whether the holder of the certificate is believed to stamp at `at`, Unix seconds.
    pub(crate) fn believes_authority(
        &self,
        certificate: &Certificate,
        others: &[Certificate],
        at: i64,
    ) -> Result<Belief, TrustError> {
        believe(self.authorities.as_deref(), certificate, |trust| trust.check_authority(certificate, others, at))
    }

    /// The authorities as evidence records ask for them.
    pub(crate) fn authority_trust(&self) -> Trust {
        self.authorities.clone().map_or(Trust::IntegrityOnly, Trust::Anchors)
    }

    pub(crate) fn policy(&self, vouched: &[VerifierKey]) -> Policy {
        let keys = if self.log_keys.is_empty() { vouched.to_vec() } else { self.log_keys.clone() };
        Policy { keys, witnesses: self.witnesses }
    }
}

fn believe(
    given: Option<&[Certificate]>,
    certificate: &Certificate,
    check: impl Fn(&Trust) -> Result<trust::Trusted, TrustError>,
) -> Result<Belief, TrustError> {
    let Some(given) = given else { return Ok(Belief::NotAsked) };
    let trust = if given.contains(certificate) {
        Trust::Pinned(Box::new(certificate.clone()))
    } else {
        Trust::Anchors(given.to_vec())
    };
    Ok(match check(&trust)? {
        trust::Trusted::Pinned => Belief::Pinned,
        trust::Trusted::Anchor(subject) => Belief::Anchor(subject),
        trust::Trusted::NotChecked => Belief::NotAsked,
    })
}
