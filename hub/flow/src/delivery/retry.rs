//! What follows an attempt. Pure: outcome, side effect, history and policy go in, the next act comes out.

use std::time::Duration;

use connectors_contract::{Inquiry, Outcome, SideEffect};

use crate::clock::Timestamp;

/// Bounds of patience.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// Pause after the first attempt that failed.
    pub first_pause: Duration,
    /// Longest pause; pauses double up to it.
    pub longest_pause: Duration,
    /// After so long from the first attempt, the delivery fails.
    pub give_up_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(15 * 60),
            give_up_after: Duration::from_secs(3 * 24 * 3600),
        }
    }
}

/// The history an answer is judged by.
#[derive(Debug, Clone, Copy)]
pub struct History {
    /// What a second sending does at the target.
    pub side_effect: SideEffect,
    /// Attempts that have ended, this one included.
    pub attempts: i64,
    /// When the message was submitted.
    pub since: Timestamp,
    /// The present moment.
    pub now: Timestamp,
    /// A number that differs between deliveries, so that their retries spread.
    pub spread: u64,
}

/// What comes next for a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The recipient has it.
    HandedOver {
        /// The target's reference.
        receipt: Option<String>,
    },
    /// The target does not want it.
    Refused {
        /// Code and explanation.
        reason: String,
    },
    /// Send again then.
    SendAgain {
        /// When.
        at: Timestamp,
        /// Why not now.
        reason: String,
    },
    /// Ask then, before anything is sent.
    Ask {
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// The bounds are reached.
    GiveUp {
        /// Why.
        reason: String,
    },
}

/// What follows a sending.
#[must_use]
pub fn after_sending(outcome: Outcome, history: History, policy: RetryPolicy) -> Next {
    match outcome {
        Outcome::Delivered { receipt } => Next::HandedOver { receipt },
        // A relay is judged before it comes here; whoever else answers with evidence has not said what became of it.
        Outcome::Attested { .. } => {
            after_lost_answer("răspunsul este o dovadă neașteptată".to_owned(), history, policy)
        }
        Outcome::Refused { code, reason } => Next::Refused { reason: format!("{code}: {reason}") },
        Outcome::Unavailable { reason, retry_after } => send_again(reason, retry_after, history, policy),
        Outcome::Unknown { reason } => after_lost_answer(reason, history, policy),
    }
}

/// What follows an answer that was lost, also when the hub itself fell while it waited.
#[must_use]
pub fn after_lost_answer(reason: String, history: History, policy: RetryPolicy) -> Next {
    match history.side_effect {
        SideEffect::Repeatable => send_again(reason, None, history, policy),
        SideEffect::Queryable => match pause(None, history, policy) {
            Some(at) => Next::Ask { at, reason },
            None => Next::GiveUp { reason },
        },
        // It can neither be asked nor sent again: it stays unknown, with its reason, until the bounds are reached.
        SideEffect::Once => {
            let end = end(history, policy);
            if history.now < end { Next::Ask { at: end, reason } } else { Next::GiveUp { reason } }
        }
    }
}

/// What follows an inquiry.
#[must_use]
pub fn after_inquiry(inquiry: Inquiry, history: History, policy: RetryPolicy) -> Next {
    match inquiry {
        Inquiry::Present { receipt } => Next::HandedOver { receipt },
        Inquiry::Refused { code, reason } => Next::Refused { reason: format!("{code}: {reason}") },
        Inquiry::Absent => match pause(Some(Duration::ZERO), history, policy) {
            Some(at) => Next::SendAgain { at, reason: "destinatarul nu are documentul".to_owned() },
            None => Next::GiveUp { reason: "destinatarul nu are documentul".to_owned() },
        },
        Inquiry::Unanswered { reason, retry_after } => match pause(retry_after, history, policy) {
            Some(at) => Next::Ask { at, reason },
            None => Next::GiveUp { reason },
        },
    }
}

/// What follows a call that may not be made before a moment, because of a quota or a breaker. It is no attempt, and the bounds
/// hold all the same: a delivery comes once more when they are reached, and ends if it may not go even then.
#[must_use]
pub fn after_waiting(at: Timestamp, reason: String, (asks, history): (bool, History), policy: RetryPolicy) -> Next {
    let end = end(history, policy);
    if history.now >= end {
        return Next::GiveUp { reason };
    }
    // Not all at the same moment: a fifth of the pause apart, a minute at most.
    let pause = at.0.saturating_sub(history.now.0).max(0);
    let spread = (pause / 5).min(60_000_000) / 1000 * i64::try_from(history.spread % 1000).unwrap_or(0);
    let at = at.max(history.now).plus_micros(spread).min(end);
    if asks { Next::Ask { at, reason } } else { Next::SendAgain { at, reason } }
}

fn send_again(reason: String, wanted: Option<Duration>, history: History, policy: RetryPolicy) -> Next {
    match pause(wanted, history, policy) {
        Some(at) => Next::SendAgain { at, reason },
        None => Next::GiveUp { reason },
    }
}

fn end(history: History, policy: RetryPolicy) -> Timestamp {
    history.since.plus_micros(i64::try_from(policy.give_up_after.as_micros()).unwrap_or(i64::MAX))
}

/// When to act again: doubled pauses, spread by a fifth, not before the target wants; nothing past the bounds.
fn pause(wanted: Option<Duration>, history: History, policy: RetryPolicy) -> Option<Timestamp> {
    let doublings = u32::try_from(history.attempts - 1).unwrap_or(0).min(20);
    let doubled = policy.first_pause.saturating_mul(1 << doublings).min(policy.longest_pause);
    let pause = match wanted {
        Some(Duration::ZERO) => Duration::ZERO,
        wanted => (doubled + doubled / 5 * u32::try_from(history.spread % 1000).unwrap_or(0) / 1000)
            .max(wanted.unwrap_or_default().min(policy.give_up_after)),
    };
    let at = history.now.plus_micros(i64::try_from(pause.as_micros()).unwrap_or(i64::MAX));
    (at < end(history, policy)).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POLICY: RetryPolicy = RetryPolicy {
        first_pause: Duration::from_secs(1),
        longest_pause: Duration::from_secs(60),
        give_up_after: Duration::from_secs(600),
    };

    fn history(side_effect: SideEffect, attempts: i64, now_seconds: i64) -> History {
        let now = Timestamp(0).plus_seconds(now_seconds);
        History { side_effect, attempts, since: Timestamp(0), now, spread: 0 }
    }

    fn unavailable() -> Outcome {
        Outcome::Unavailable { reason: "down".into(), retry_after: None }
    }

    fn lost() -> Outcome {
        Outcome::Unknown { reason: "cut".into() }
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_end_at_the_bound() {
        for (attempts, now, expected) in
            [(1, 0, Some(1)), (2, 10, Some(12)), (4, 10, Some(18)), (20, 10, Some(70)), (20, 599, None)]
        {
            let next = after_sending(unavailable(), history(SideEffect::Queryable, attempts, now), POLICY);
            match (next, expected) {
                (Next::SendAgain { at, .. }, Some(seconds)) => assert_eq!(at, Timestamp(0).plus_seconds(seconds)),
                (Next::GiveUp { .. }, None) => {}
                (next, expected) => panic!("{next:?} instead of {expected:?}"),
            }
        }
    }

    #[test]
    fn a_target_that_names_a_time_is_not_disturbed_before_it() {
        let outcome = Outcome::Unavailable { reason: "busy".into(), retry_after: Some(Duration::from_secs(90)) };
        let next = after_sending(outcome, history(SideEffect::Queryable, 1, 0), POLICY);
        assert!(matches!(next, Next::SendAgain { at, .. } if at == Timestamp(0).plus_seconds(90)));
    }

    #[test]
    fn a_lost_answer_is_asked_for_not_sent_again() {
        let next = after_sending(lost(), history(SideEffect::Queryable, 1, 0), POLICY);
        assert!(matches!(next, Next::Ask { .. }));
        let next = after_sending(lost(), history(SideEffect::Repeatable, 1, 0), POLICY);
        assert!(matches!(next, Next::SendAgain { .. }));
        let next = after_sending(lost(), history(SideEffect::Once, 1, 0), POLICY);
        assert!(matches!(next, Next::Ask { at, .. } if at == Timestamp(0).plus_seconds(600)));
        let next = after_sending(lost(), history(SideEffect::Once, 1, 600), POLICY);
        assert!(matches!(next, Next::GiveUp { .. }));
    }

    proptest! {
        #[test]
        fn every_schedule_ends_and_none_goes_past_its_bounds(
            first in 1_u64..5_000, longest in 1_u64..600_000, give_up in 1_u64..3_000_000,
            side_effect in prop::sample::select(vec![SideEffect::Once, SideEffect::Queryable, SideEffect::Repeatable]),
            spread in any::<u64>(),
            answers in prop::collection::vec((0_u8..7, 0_u64..200_000), 1..40),
        ) {
            let policy = RetryPolicy {
                first_pause: Duration::from_millis(first),
                longest_pause: Duration::from_millis(longest),
                give_up_after: Duration::from_millis(give_up),
            };
            let end = Timestamp(0).plus_micros(i64::try_from(give_up * 1000).unwrap());
            let (mut now, mut attempts, mut asks, mut ended) = (Timestamp(0), 0, false, false);
            // The answers again and again: nobody ever takes the document.
            for (answer, millis) in answers.iter().cycle().take(5_000) {
                let held = *answer == 6;
                attempts += i64::from(!held);
                let history = History { side_effect, attempts, since: Timestamp(0), now, spread };
                let wanted = Some(Duration::from_millis(*millis));
                let down = || Outcome::Unavailable { reason: "down".into(), retry_after: wanted };
                let unanswered = || Inquiry::Unanswered { reason: "busy".into(), retry_after: wanted };
                let next = match (held, asks) {
                    (true, _) => {
                        let at = now.plus_micros(i64::try_from(millis * 1000).unwrap());
                        after_waiting(at, "cota".into(), (asks, history), policy)
                    }
                    (false, true) if side_effect != SideEffect::Queryable => {
                        after_lost_answer("cut".into(), history, policy)
                    }
                    (false, true) if answer % 3 == 0 => after_inquiry(Inquiry::Absent, history, policy),
                    (false, true) => after_inquiry(unanswered(), history, policy),
                    (false, false) if answer % 2 == 0 => after_sending(lost(), history, policy),
                    (false, false) => after_sending(down(), history, policy),
                };
                match next {
                    Next::SendAgain { at, .. } | Next::Ask { at, .. } => {
                        prop_assert!(at >= now && at <= end, "{:?} is not between {:?} and {:?}", at, now, end);
                        asks = matches!(next, Next::Ask { .. });
                        // The one thing that comes at once is a sending the target said is safe.
                        now = at.plus_micros(1);
                    }
                    Next::GiveUp { .. } => {
                        ended = true;
                        break;
                    }
                    other => panic!("{other:?} follows no refusal and no success"),
                }
            }
            prop_assert!(ended || now < end, "it goes on past its bounds");
        }

        #[test]
        fn pauses_spread_by_a_fifth_and_never_undercut_what_the_target_wants(
            attempts in 1_i64..40, spread in any::<u64>(), wanted in prop::option::of(1_u64..100),
        ) {
            let wanted = wanted.map(Duration::from_secs);
            let history = History { spread, ..history(SideEffect::Repeatable, attempts, 0) };
            let outcome = Outcome::Unavailable { reason: "busy".into(), retry_after: wanted };
            let Next::SendAgain { at, .. } = after_sending(outcome, history, POLICY) else {
                panic!("there is time")
            };
            let doubled = (1_i64 << (attempts - 1).min(6)).min(60) * 1_000_000;
            let asked = i64::try_from(wanted.unwrap_or_default().as_micros()).unwrap();
            prop_assert!(at.0 >= doubled.max(asked) && at.0 <= (doubled + doubled / 5).max(asked));
        }
    }

    #[test]
    fn an_absent_document_is_sent_again_at_once_and_a_present_one_never() {
        let asked = history(SideEffect::Queryable, 2, 5);
        assert!(matches!(after_inquiry(Inquiry::Absent, asked, POLICY), Next::SendAgain { at, .. } if at == asked.now));
        let present = Inquiry::Present { receipt: Some("7".into()) };
        assert_eq!(after_inquiry(present, asked, POLICY), Next::HandedOver { receipt: Some("7".into()) });
    }
}
