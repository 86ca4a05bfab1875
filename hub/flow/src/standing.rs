//! Whether the service may work now: no evidence, no service; no security, no service.
//!
//! Whoever watches over seal, time-stamps, log, database and clock writes here; the door and the workers read. A halt takes
//! nothing away: what was accepted waits and goes on when the cause has gone, or an administrator has lifted it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::clock::Timestamp;

/// Why the service stands still, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Halt {
    /// The log or the audit is not what was written: somebody changed or removed something.
    LogInconsistent,
    /// The database is damaged.
    DatabaseDamaged,
    /// The seal's key does not belong to its certificate.
    SealMismatch,
    /// The audit cannot be written: what is done would leave no trace.
    AuditUnwritable,
    /// The clock is not where it must be: evidence would be dated wrongly.
    ClockOff,
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
    pub const ALL: [Self; 9] = [
        Self::LogInconsistent,
        Self::DatabaseDamaged,
        Self::SealMismatch,
        Self::AuditUnwritable,
        Self::ClockOff,
        Self::SealNotYetValid,
        Self::SealExpired,
        Self::SealRevoked,
        Self::StampsOverdue,
    ];

    /// The word used in the API and in health answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LogInconsistent => "log-inconsistent",
            Self::DatabaseDamaged => "database-damaged",
            Self::SealMismatch => "seal-mismatch",
            Self::AuditUnwritable => "audit-unwritable",
            Self::ClockOff => "clock-off",
            Self::SealNotYetValid => "seal-not-yet-valid",
            Self::SealExpired => "seal-expired",
            Self::SealRevoked => "seal-revoked",
            Self::StampsOverdue => "stamps-overdue",
        }
    }

    /// The cause with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }

    /// The cause in words, for people.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::LogInconsistent => "jurnalul dovezilor sau al actelor nu mai este cel scris",
            Self::DatabaseDamaged => "baza de date este deteriorată",
            Self::SealMismatch => "cheia sigiliului nu aparține certificatului său",
            Self::AuditUnwritable => "auditul nu poate fi scris",
            Self::ClockOff => "ceasul nu este cel adevărat",
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
            Self::LogInconsistent => "the log of evidence or the audit is no longer what was written",
            Self::DatabaseDamaged => "the database is damaged",
            Self::SealMismatch => "the key of the seal does not belong to its certificate",
            Self::AuditUnwritable => "the audit cannot be written",
            Self::ClockOff => "the clock is not right",
            Self::SealNotYetValid => "the seal certificate is not valid yet",
            Self::SealExpired => "the seal certificate has expired",
            Self::SealRevoked => "the seal certificate is revoked, or its status can no longer be learnt",
            Self::StampsOverdue => "time-stamps of the log are overdue beyond the limit",
        }
    }

    /// Whether security itself is not guaranteed: every write stops, not evidence alone.
    #[must_use]
    pub const fn locks_down(self) -> bool {
        !matches!(self, Self::SealNotYetValid | Self::SealExpired | Self::SealRevoked | Self::StampsOverdue)
    }

    /// Whether it stays until an administrator lifts it, also when the cause is seen no more: somebody must have looked.
    #[must_use]
    pub const fn stays(self) -> bool {
        matches!(self, Self::LogInconsistent | Self::DatabaseDamaged | Self::SealMismatch)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A cause that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Which.
    pub halt: Halt,
    /// Since when, where it was told.
    pub since: Option<Timestamp>,
    /// What was found, for administrators.
    pub detail: String,
    /// Whether two administrators decided to go on although it stands.
    pub overridden: bool,
}

/// The causes that stand now.
#[derive(Debug, Default)]
pub struct Standing {
    standing: AtomicU16,
    overridden: AtomicU16,
    told: Mutex<BTreeMap<Halt, (Timestamp, String)>>,
}

impl Standing {
    /// Records that a cause has come up; answers whether it is new.
    pub fn halt(&self, cause: Halt) -> bool {
        self.standing.fetch_or(cause.bit(), Ordering::AcqRel) & cause.bit() == 0
    }

    /// The same, with what was found and when; the first finding stays.
    pub fn halt_for(&self, cause: Halt, (at, detail): (Timestamp, &str)) -> bool {
        self.told.lock().expect("no holder panics").entry(cause).or_insert_with(|| (at, detail.to_owned()));
        self.halt(cause)
    }

    /// Records that a cause has gone, and with it that it is ignored; answers whether it had stood.
    pub fn resume(&self, cause: Halt) -> bool {
        self.overridden.fetch_and(!cause.bit(), Ordering::AcqRel);
        self.told.lock().expect("no holder panics").remove(&cause);
        self.standing.fetch_and(!cause.bit(), Ordering::AcqRel) & cause.bit() != 0
    }

    /// Goes on although a cause stands, until it has gone.
    pub fn ignore(&self, cause: Halt) {
        self.overridden.fetch_or(cause.bit(), Ordering::AcqRel);
    }

    /// The gravest cause that stands and is not ignored, where there is one.
    #[must_use]
    pub fn halted(&self) -> Option<Halt> {
        let standing = self.standing.load(Ordering::Acquire) & !self.overridden.load(Ordering::Acquire);
        Halt::ALL.into_iter().find(|cause| standing & cause.bit() != 0)
    }

    /// Whether a cause stands, ignored or not.
    #[must_use]
    pub fn stands(&self, cause: Halt) -> bool {
        self.standing.load(Ordering::Acquire) & cause.bit() != 0
    }

    /// Whether people may sign in: not while the service cannot guarantee that what they do is safe and leaves a trace.
    /// Late time-stamps alone keep nobody out.
    #[must_use]
    pub fn people_may_sign_in(&self) -> bool {
        self.halted().is_none_or(|cause| cause == Halt::StampsOverdue)
    }

    /// Every cause that stands, the gravest first.
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        let (standing, ignored) = (self.standing.load(Ordering::Acquire), self.overridden.load(Ordering::Acquire));
        let told = self.told.lock().expect("no holder panics");
        let cause = |halt: Halt| {
            let (since, detail) = told.get(&halt).map_or((None, String::new()), |(at, text)| (Some(*at), text.clone()));
            Cause { halt, since, detail, overridden: ignored & halt.bit() != 0 }
        };
        Halt::ALL.into_iter().filter(|halt| standing & halt.bit() != 0).map(cause).collect()
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

    #[test]
    fn people_stay_out_while_security_is_not_sure_and_come_in_when_two_decided_to_go_on() {
        let standing = Standing::default();
        assert!(standing.halt_for(Halt::ClockOff, (Timestamp(1), "an hour behind")));
        assert!(!standing.people_may_sign_in());
        standing.ignore(Halt::ClockOff);
        assert!(standing.people_may_sign_in() && standing.halted().is_none() && standing.stands(Halt::ClockOff));
        assert_eq!(standing.causes()[0].detail, "an hour behind");
        // Gone and back again, it is not ignored any more.
        assert!(standing.resume(Halt::ClockOff) && standing.halt(Halt::ClockOff));
        assert_eq!(standing.halted(), Some(Halt::ClockOff));
        standing.resume(Halt::ClockOff);
        standing.halt(Halt::StampsOverdue);
        assert!(standing.people_may_sign_in());
    }

    #[test]
    fn every_cause_has_a_word_of_its_own() {
        let words: std::collections::BTreeSet<&str> = Halt::ALL.iter().map(|cause| cause.as_str()).collect();
        assert_eq!(words.len(), Halt::ALL.len());
        assert!(Halt::ALL.iter().all(|cause| Halt::parse(cause.as_str()) == Some(*cause)));
        assert!(Halt::ALL.iter().filter(|cause| cause.stays()).all(|cause| cause.locks_down()));
    }
}
