//! What follows what a register said. Pure: answer, situation and bounds go in, the next step comes out.

use connectors_contract::{Answer, Document};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::message::printable;

use super::{Copy, LookupPolicy, Outcome};

/// Longest words of a register that are kept, in characters.
const LONGEST: usize = 500;

/// The situation an answer is judged in.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// How often the question was put, this time included.
    pub asks: i64,
    /// When it counts as unavailable.
    pub ends_at: Timestamp,
    /// The present moment.
    pub now: Timestamp,
    /// An earlier answer the caller takes where the register gives none.
    pub stale: Option<&'a Copy>,
}

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Next {
    /// Give this answer.
    Answer {
        /// Whether the register has something.
        outcome: Outcome,
        /// What.
        value: Option<Value>,
        /// Of what day or moment it says it is.
        as_of: Option<String>,
        /// A document that came with it.
        document: Option<Document>,
    },
    /// Give an earlier answer, and say that it is old.
    GiveCopy(Copy),
    /// Ask again then.
    Wait {
        /// The register's number of the question, where it gave a new one.
        request: Option<String>,
        /// When.
        next_at: Timestamp,
        /// Why there was no answer, where the register did not simply work on it.
        reason: Option<String>,
    },
    /// Tell that there is no answer.
    End {
        /// Refused or unavailable.
        outcome: Outcome,
        /// The register's code.
        code: Option<String>,
        /// In words.
        reason: String,
        /// When the register wants to be asked again.
        retry_at: Option<Timestamp>,
    },
}

/// What follows an answer.
#[must_use]
pub fn after(answer: &Answer, situation: Situation<'_>, policy: &LookupPolicy) -> Next {
    let Situation { asks, ends_at, now, stale } = situation;
    match answer {
        Answer::Found { value, as_of, document } => {
            let (value, as_of) = (Some(value.clone()), as_of.as_deref().map(line));
            Next::Answer { outcome: Outcome::Found, value, as_of, document: document.clone() }
        }
        Answer::Absent => Next::Answer { outcome: Outcome::Absent, value: None, as_of: None, document: None },
        Answer::Refused { code, reason } => {
            Next::End { outcome: Outcome::Refused, code: Some(line(code)), reason: line(reason), retry_at: None }
        }
        Answer::Pending { request, retry_after } => match policy.next(asks, *retry_after, (now, ends_at)) {
            Some(next_at) => Next::Wait { request: request.clone(), next_at, reason: None },
            None => too_late(),
        },
        Answer::Unavailable { reason, retry_after } => {
            let retry_at = retry_after.map(|pause| policy.later(now, pause));
            let next = policy.next(asks, *retry_after, (now, ends_at));
            match (asks > 1, next, stale) {
                // The register has the question: it is asked again until its time is over.
                (true, Some(next_at), _) => Next::Wait { request: None, next_at, reason: Some(line(reason)) },
                (true, None, _) => too_late(),
                (false, _, Some(copy)) => Next::GiveCopy(copy.clone()),
                (false, ..) => Next::End { outcome: Outcome::Unavailable, code: None, reason: line(reason), retry_at },
            }
        }
    }
}

fn too_late() -> Next {
    let reason = "registrul nu a terminat răspunsul în timpul în care hubul îl așteaptă; puneți întrebarea din nou";
    Next::End { outcome: Outcome::Unavailable, code: None, reason: reason.to_owned(), retry_at: None }
}

/// Words of a register as columns and screens can carry them.
fn line(text: &str) -> String {
    printable(text).chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::message::LookupId;

    fn told(answer: &Answer, asks: i64, now: i64, stale: bool) -> String {
        let policy = LookupPolicy { give_up_after: Duration::from_secs(600), ..LookupPolicy::default() };
        let id = LookupId(uuid::Uuid::nil());
        let copy = Copy { id, outcome: Outcome::Found, as_of: None, answered_at: Timestamp(0) };
        let now = Timestamp(0).plus_seconds(now);
        let stale = stale.then_some(&copy);
        match after(answer, Situation { asks, ends_at: policy.end(Timestamp(0)), now, stale }, &policy) {
            Next::Answer { outcome, .. } => outcome.as_str().to_owned(),
            Next::GiveCopy(_) => "copy".to_owned(),
            Next::Wait { next_at, reason, .. } => {
                format!("wait {} {}", (next_at.0 - now.0) / 1_000_000, reason.unwrap_or_default())
            }
            Next::End { outcome, retry_at, .. } => {
                let retry = retry_at.map(|at| (at.0 - now.0) / 1_000_000);
                format!("{} {retry:?}", outcome.as_str())
            }
        }
    }

    #[test]
    fn what_follows_depends_on_the_answer_on_the_bounds_and_on_what_the_caller_takes() {
        let found = Answer::Found { value: json!({}), as_of: None, document: None };
        let refused = Answer::Refused { code: "403".to_owned(), reason: "no".to_owned() };
        let pending = |seconds: Option<u64>| {
            let retry_after = seconds.map(Duration::from_secs);
            Answer::Pending { request: Some("7".to_owned()), retry_after }
        };
        let down = Answer::Unavailable { reason: "down".to_owned(), retry_after: Some(Duration::from_secs(20)) };
        for (answer, asks, now, stale, expected) in [
            (&found, 1, 0, true, "found"),
            (&Answer::Absent, 1, 0, true, "absent"),
            (&refused, 1, 0, true, "refused None"),
            (&pending(None), 1, 0, true, "wait 15 "),
            (&pending(Some(60)), 1, 0, true, "wait 60 "),
            (&pending(Some(60)), 4, 580, false, "unavailable None"),
            (&down, 1, 0, false, "unavailable Some(20)"),
            (&down, 1, 0, true, "copy"),
            (&down, 2, 30, true, "wait 20 down"),
            (&down, 9, 590, true, "unavailable None"),
        ] {
            assert_eq!(told(answer, asks, now, stale), expected, "{answer:?} {asks} {now}");
        }
    }

    #[test]
    fn the_words_of_a_register_are_one_line_of_bounded_length() {
        assert_eq!(line("a\nb\u{0}"), "a b\u{fffd}");
        assert_eq!(line(&"ș".repeat(900)).chars().count(), 500);
    }
}
