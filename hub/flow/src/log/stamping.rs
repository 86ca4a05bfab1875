//! Time-stamps over heads: asks for them, catches up after an outage, and halts the service when they are overdue.
//!
//! A stamp over the newest head covers every leaf before it, so after an outage one stamp is enough. It may assume that
//! the authority hands out only tokens that hold; what it refuses is told and never kept.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use openssl::sha::sha256;

use crate::clock::Timestamp;
use crate::db::{Db, DbError};
use crate::hub::Hub;
use crate::standing::Halt;

use super::keeper::Lease;
use super::model::{Head, Stamp};
use super::store::{self, KeepStamp};

/// Whoever stamps: an RFC 3161 authority behind an engine that checks every token.
#[async_trait]
pub trait Authority: Send + Sync {
    /// A token over a SHA-256 imprint that was found good: nonce, imprint, policy, time, signature and authority.
    ///
    /// # Errors
    /// A [`Refusal`] of one of its three kinds.
    async fn stamp(&self, imprint: [u8; 32]) -> Result<Token, Refusal>;
}

/// A token that was found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// DER of the CMS ContentInfo.
    pub der: Vec<u8>,
    /// `genTime`.
    pub at: Timestamp,
    /// Subject of the authority's certificate.
    pub authority: String,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody can answer now; later helps.
    #[error("{reason}")]
    Away {
        /// Why.
        reason: String,
        /// When to come again, as the authority says.
        retry_after: Option<Duration>,
    },
    /// The authority does not grant it: somebody must look at the contract or the settings.
    #[error("{0}")]
    Refused(String),
    /// The token does not hold: it is not kept, and somebody must look at the authority.
    #[error("{0}")]
    Wrong(String),
}

/// How patient stamping is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StampingTerms {
    /// From one stamp to the next at least.
    pub every: Duration,
    /// Pause after the first stamp that failed; doubled with each further one.
    pub first_pause: Duration,
    /// Longest pause.
    pub longest_pause: Duration,
    /// When the oldest head without a stamp is older, the service halts; none never halts it.
    pub halt_after: Option<Duration>,
}

impl StampingTerms {
    /// The pause after so many failures in a row, or what the authority asked for where that is longer.
    pub(crate) fn pause(&self, failures: u32, asked: Option<Duration>) -> Duration {
        let doubled = self.first_pause.saturating_mul(1 << failures.saturating_sub(1).min(20));
        doubled.min(self.longest_pause).max(asked.unwrap_or_default())
    }

    /// Whether a head made then has waited too long.
    fn is_overdue(&self, waiting_since: Option<Timestamp>, now: Timestamp) -> bool {
        let age = |since: Timestamp| Duration::from_micros(now.0.saturating_sub(since.0).unsigned_abs());
        matches!((self.halt_after, waiting_since), (Some(limit), Some(since)) if age(since) > limit)
    }
}

/// What waits for a stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StampState {
    /// Heads that no stamp covers.
    pub waiting: u64,
    /// When the first of them was made.
    pub since: Option<Timestamp>,
}

/// What waits for a stamp now.
///
/// # Errors
/// The database does not answer.
pub async fn state(db: &Db) -> Result<StampState, DbError> {
    let covered = store::newest_stamp(db).await?.map_or(0, |stamp| stamp.size);
    let (waiting, since) = store::waiting_above(db, covered).await?;
    Ok(StampState { waiting, since })
}

/// Asks for stamps, one at a time.
pub struct Stamper {
    hub: Arc<Hub>,
    lease: Arc<Lease>,
    failures: u32,
    not_before: Timestamp,
}

impl Stamper {
    /// A stamper for a node of the hub.
    #[must_use]
    pub fn new(hub: Arc<Hub>, lease: Arc<Lease>) -> Self {
        Self { hub, lease, failures: 0, not_before: Timestamp::default() }
    }

    /// Stamps the newest head where it is due, and halts or resumes the service by what waits.
    ///
    /// # Errors
    /// The database does not answer; the next pass tries again.
    pub async fn pass(&mut self) -> Result<(), DbError> {
        let hub = Arc::clone(&self.hub);
        let Some((authority, terms)) = &hub.log.stamping else { return Ok(()) };
        let stamped = store::newest_stamp(&hub.db).await?;
        let covered = stamped.as_ref().map_or(0, |stamp| stamp.size);
        let since = store::head_covering(&hub.db, covered).await?.map(|head| head.made_at);
        self.judge(terms, since);
        let now = hub.clock.now();
        let last = stamped.map_or(i64::MIN, |stamp| stamp.recorded_at.0);
        let rests = last.saturating_add(micros(terms.every)) > now.0 || self.not_before > now;
        if since.is_none() || rests || !self.lease.hold(&hub.db, now).await? {
            return Ok(());
        }
        let Some(head) = store::newest_head(&hub.db).await? else { return Ok(()) };
        match authority.stamp(sha256(head.signed_text().as_bytes())).await {
            Ok(token) => self.keep(terms, &head, token).await,
            Err(refusal) => {
                self.tell(terms, &head, &refusal);
                Ok(())
            }
        }
    }

    async fn keep(&mut self, terms: &StampingTerms, head: &Head, token: Token) -> Result<(), DbError> {
        let hub = &self.hub;
        let Token { der, at, authority } = token;
        let stamp = Stamp { size: head.size, token: der, authority, at, recorded_at: hub.clock.now() };
        hub.db.write(&Arc::new(KeepStamp), stamp).await?;
        if self.failures > 0 {
            tracing::info!(size = head.size, failures = self.failures, "the log is time-stamped again");
        }
        self.failures = 0;
        hub.log.note_refusal(None);
        let since = store::head_covering(&hub.db, head.size).await?.map(|head| head.made_at);
        self.judge(terms, since);
        Ok(())
    }

    fn tell(&mut self, terms: &StampingTerms, head: &Head, refusal: &Refusal) {
        self.failures = self.failures.saturating_add(1);
        let asked = match refusal {
            Refusal::Away { retry_after, .. } => {
                tracing::warn!(size = head.size, failures = self.failures, %refusal, "the head of the log has no time-stamp yet");
                *retry_after
            }
            Refusal::Refused(_) | Refusal::Wrong(_) => {
                tracing::error!(size = head.size, failures = self.failures, %refusal, "a time-stamp of the log was refused or is wrong; it is not kept");
                None
            }
        };
        let pause = terms.pause(self.failures, asked);
        self.not_before = self.hub.clock.now().plus_micros(micros(pause));
        self.hub.log.note_refusal(Some(refusal.to_string()));
    }

    fn judge(&self, terms: &StampingTerms, waiting_since: Option<Timestamp>) {
        let standing = &self.hub.standing;
        if terms.is_overdue(waiting_since, self.hub.clock.now()) {
            if standing.halt(Halt::StampsOverdue) {
                tracing::error!(
                    "HALTED: time-stamps of the log are overdue; nothing is accepted until they are caught up"
                );
            }
        } else if standing.resume(Halt::StampsOverdue) {
            tracing::warn!("resumed: time-stamps of the log are caught up");
        }
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: StampingTerms = StampingTerms {
        every: Duration::from_secs(60),
        first_pause: Duration::from_secs(1),
        longest_pause: Duration::from_secs(60),
        halt_after: Some(Duration::from_secs(600)),
    };

    #[test]
    fn pauses_double_up_to_the_longest_and_heed_the_authority() {
        let seconds = |failures, asked: Option<u64>| TERMS.pause(failures, asked.map(Duration::from_secs)).as_secs();
        assert_eq!([1, 2, 3, 7, 4_000_000].map(|failures| seconds(failures, None)), [1, 2, 4, 60, 60]);
        assert_eq!((seconds(1, Some(30)), seconds(9, Some(300))), (30, 300));
    }

    #[test]
    fn a_head_is_overdue_only_beyond_the_limit_and_only_where_there_is_one() {
        let made = Some(Timestamp(0));
        assert!(!TERMS.is_overdue(made, Timestamp(600_000_000)) && TERMS.is_overdue(made, Timestamp(600_000_001)));
        assert!(!TERMS.is_overdue(None, Timestamp(i64::MAX)));
        assert!(!StampingTerms { halt_after: None, ..TERMS }.is_overdue(made, Timestamp(i64::MAX)));
    }
}
