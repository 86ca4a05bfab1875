//! When a register that works on a question is asked again. Pure.

use std::time::Duration;

use crate::clock::Timestamp;

/// Bounds of lookups.
#[derive(Debug, Clone, Copy)]
pub struct LookupPolicy {
    /// Pause before the first asking again, where the register names none.
    pub first_pause: Duration,
    /// Longest pause; pauses double up to it.
    pub longest_pause: Duration,
    /// After so long, a question the register works on counts as unavailable.
    pub give_up_after: Duration,
    /// So long the hub keeps what a register said. The journal stays.
    pub keep: Duration,
}

impl Default for LookupPolicy {
    fn default() -> Self {
        const DAY: u64 = 86_400;
        Self {
            first_pause: Duration::from_secs(15),
            longest_pause: Duration::from_secs(30 * 60),
            give_up_after: Duration::from_secs(7 * DAY),
            keep: Duration::from_secs(30 * DAY),
        }
    }
}

impl LookupPolicy {
    /// When a question put now counts as unavailable.
    #[must_use]
    pub fn end(&self, now: Timestamp) -> Timestamp {
        self.later(now, self.give_up_after)
    }

    /// When what is said now is erased.
    #[must_use]
    pub fn erase_at(&self, now: Timestamp) -> Timestamp {
        self.later(now, self.keep)
    }

    /// The moment so much later.
    #[must_use]
    pub fn later(&self, now: Timestamp, pause: Duration) -> Timestamp {
        now.plus_micros(i64::try_from(pause.as_micros()).unwrap_or(i64::MAX))
    }

    /// When to ask again after so many askings: not before the register wants, and not past the bound.
    #[must_use]
    pub fn next(
        &self,
        asks: i64,
        wanted: Option<Duration>,
        (now, ends_at): (Timestamp, Timestamp),
    ) -> Option<Timestamp> {
        let doublings = u32::try_from(asks - 1).unwrap_or(0).min(20);
        let doubled = self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause);
        let next = self.later(now, wanted.unwrap_or(doubled).max(Duration::from_millis(50)));
        (next < ends_at).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_is_asked_again_when_it_wants_or_after_growing_pauses_up_to_the_bound() {
        let policy = LookupPolicy { give_up_after: Duration::from_secs(3600), ..LookupPolicy::default() };
        let end = policy.end(Timestamp(0));
        for (asks, wanted, now, expected) in [
            (1, None, 0, Some(15)),
            (2, None, 15, Some(45)),
            (3, None, 45, Some(105)),
            (1, Some(300), 0, Some(300)),
            (9, Some(5), 100, Some(105)),
            (30, None, 1000, Some(2800)),
            (30, None, 2000, None),
            (1, Some(3600), 0, None),
        ] {
            let now = Timestamp(0).plus_seconds(now);
            let next = policy.next(asks, wanted.map(Duration::from_secs), (now, end));
            assert_eq!(next, expected.map(|at| Timestamp(0).plus_seconds(at)), "{asks} {wanted:?}");
        }
    }
}
