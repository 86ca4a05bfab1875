//! Whether an earlier answer will do. Pure.

use std::time::Duration;

use crate::clock::Timestamp;

use super::{Copy, Wish};

/// How old something is, never less than nothing.
#[must_use]
pub fn age(since: Timestamp, now: Timestamp) -> Duration {
    Duration::from_micros(u64::try_from(now.0.saturating_sub(since.0)).unwrap_or(0))
}

/// Whether a copy is fresh enough: for the register's operation, and for the caller, who may want a fresher one.
#[must_use]
pub fn serves(copy: &Copy, fresh_for: Option<Duration>, wish: Wish, now: Timestamp) -> bool {
    let oldest = fresh_for.unwrap_or_default().min(wish.max_age.unwrap_or(Duration::MAX));
    age(copy.answered_at, now) < oldest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::Outcome;
    use crate::message::LookupId;

    #[test]
    fn a_copy_serves_while_it_is_fresh_for_the_operation_and_for_the_caller() {
        let hours = |count: u64| Some(Duration::from_secs(count * 3600));
        for (age_hours, fresh_for, max_age, expected) in [
            (1, hours(24), None, true),
            (24, hours(24), None, false),
            (2, hours(24), hours(1), false),
            (2, hours(24), hours(3), true),
            (30, hours(24), hours(48), false),
            (0, hours(24), hours(0), false),
            (0, None, None, false),
            (0, None, hours(5), false),
        ] {
            let answered_at = Timestamp(0);
            let copy = Copy { id: LookupId(uuid::Uuid::nil()), outcome: Outcome::Found, as_of: None, answered_at };
            let (now, wish) = (Timestamp(0).plus_seconds(age_hours * 3600), Wish { max_age, allow_stale: true });
            assert_eq!(serves(&copy, fresh_for, wish, now), expected, "{age_hours} {fresh_for:?} {max_age:?}");
        }
    }

    #[test]
    fn an_answer_from_another_nodes_future_is_new() {
        assert_eq!(age(Timestamp(5), Timestamp(3)), Duration::ZERO);
    }
}
