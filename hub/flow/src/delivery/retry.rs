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

    #[test]
    fn an_absent_document_is_sent_again_at_once_and_a_present_one_never() {
        let asked = history(SideEffect::Queryable, 2, 5);
        assert!(matches!(after_inquiry(Inquiry::Absent, asked, POLICY), Next::SendAgain { at, .. } if at == asked.now));
        let present = Inquiry::Present { receipt: Some("7".into()) };
        assert_eq!(after_inquiry(present, asked, POLICY), Next::HandedOver { receipt: Some("7".into()) });
    }
}
