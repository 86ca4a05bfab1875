//! Whether the service may issue evidence now: no evidence, no service.
//!
//! Whoever watches over the seal and the time-stamps writes here; the door and the workers read. A halt takes nothing
//! away: what was accepted waits and goes on when the cause has gone.

use std::sync::atomic::{AtomicU8, Ordering};

/// Why no evidence may be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// The seal certificate is not valid yet.
    SealNotYetValid,
    /// The seal certificate has expired.
    SealExpired,
    /// The seal certificate was revoked, or its revocation list is too old to tell.
    SealRevoked,
    /// Heads of the log have waited for a time-stamp longer than the policy allows.
    StampsOverdue,
}

impl Halt {
    /// Every cause there is.
    pub const ALL: [Self; 4] = [Self::SealNotYetValid, Self::SealExpired, Self::SealRevoked, Self::StampsOverdue];

    /// The word used in the API and in health answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SealNotYetValid => "seal-not-yet-valid",
            Self::SealExpired => "seal-expired",
            Self::SealRevoked => "seal-revoked",
            Self::StampsOverdue => "stamps-overdue",
        }
    }

    /// The cause in words, for people.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::SealNotYetValid => "certificatul sigiliului nu este încă valabil",
            Self::SealExpired => "certificatul sigiliului a expirat",
            Self::SealRevoked => "certificatul sigiliului este revocat sau starea lui nu se mai poate afla",
            Self::StampsOverdue => "marca temporală a jurnalului întârzie peste limita stabilită",
        }
    }

    /// The cause in English words.
    #[must_use]
    pub const fn in_english(self) -> &'static str {
        match self {
            Self::SealNotYetValid => "the seal certificate is not valid yet",
            Self::SealExpired => "the seal certificate has expired",
            Self::SealRevoked => "the seal certificate is revoked, or its status can no longer be learnt",
            Self::StampsOverdue => "time-stamps of the log are overdue beyond the limit",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The causes that stand now.
#[derive(Debug, Default)]
pub struct Standing(AtomicU8);

impl Standing {
    /// Records that a cause has come up; answers whether it is new.
    pub fn halt(&self, cause: Halt) -> bool {
        self.0.fetch_or(cause.bit(), Ordering::AcqRel) & cause.bit() == 0
    }

    /// Records that a cause has gone; answers whether it had stood.
    pub fn resume(&self, cause: Halt) -> bool {
        self.0.fetch_and(!cause.bit(), Ordering::AcqRel) & cause.bit() != 0
    }

    /// The gravest cause that stands, where there is one.
    #[must_use]
    pub fn halted(&self) -> Option<Halt> {
        let standing = self.0.load(Ordering::Acquire);
        Halt::ALL.into_iter().find(|cause| standing & cause.bit() != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_resumes_only_when_every_cause_has_gone() {
        let standing = Standing::default();
        assert_eq!(standing.halted(), None);
        assert!(standing.halt(Halt::StampsOverdue) && standing.halt(Halt::SealExpired));
        assert!(!standing.halt(Halt::SealExpired), "a cause that stands is not new");
        assert_eq!(standing.halted(), Some(Halt::SealExpired));
        assert!(standing.resume(Halt::SealExpired));
        assert_eq!(standing.halted(), Some(Halt::StampsOverdue));
        assert!(standing.resume(Halt::StampsOverdue) && !standing.resume(Halt::StampsOverdue));
        assert_eq!(standing.halted(), None);
    }
}
