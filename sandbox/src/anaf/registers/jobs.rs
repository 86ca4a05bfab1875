//! The asynchronous lookup: asked with one number, fetched with another, once, within three days.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// How long an answer is kept, in seconds: three days.
const KEPT: i64 = 3 * 24 * 3600;
/// The most answers that wait to be fetched.
const MOST: usize = 10_000;

/// The answers that wait.
#[derive(Default)]
pub(super) struct Jobs {
    made: u64,
    waiting: BTreeMap<String, Job>,
}

struct Job {
    asked: i64,
    answer: Value,
    fetched: bool,
}

/// What becomes of an attempt to fetch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fetched {
    /// The answer, this once.
    Answer(Value),
    /// It is still being made.
    NotReady,
    /// It was fetched before, is too old, or was never asked for.
    Gone,
}

/// The receipt of a question.
#[derive(Debug, Serialize)]
pub(super) struct Receipt {
    cod: u16,
    message: &'static str,
    #[serde(rename = "correlationId")]
    pub(super) correlation_id: String,
}

impl Jobs {
    /// Keeps an answer for later. None when too many wait.
    pub(super) fn ask(&mut self, answer: Value, now: i64) -> Option<Receipt> {
        self.waiting.retain(|_, job| now - job.asked < KEPT);
        if self.waiting.len() >= MOST {
            return None;
        }
        self.made += 1;
        // The form of a UUID, counted and not drawn: a twin answers the same to the same questions.
        let correlation_id = format!("00000000-0000-4000-8000-{:012}", self.made);
        self.waiting.insert(correlation_id.clone(), Job { asked: now, answer, fetched: false });
        Some(Receipt { cod: 200, message: "Successful", correlation_id })
    }

    /// Hands an answer out, once it is ready.
    pub(super) fn fetch(&mut self, id: &str, now: i64, not_ready_s: i64) -> Fetched {
        let job = self.waiting.get_mut(id).filter(|job| !job.fetched && now - job.asked < KEPT);
        match job {
            None => Fetched::Gone,
            Some(job) if now - job.asked < not_ready_s => Fetched::NotReady,
            Some(job) => {
                job.fetched = true;
                Fetched::Answer(std::mem::take(&mut job.answer))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fetched, Jobs};

    #[test]
    fn an_answer_is_fetched_once_when_it_is_ready_and_not_later_than_three_days() {
        let mut jobs = Jobs::default();
        let id = jobs.ask("a".into(), 100).unwrap().correlation_id;
        assert_eq!(jobs.fetch(&id, 101, 2), Fetched::NotReady);
        assert_eq!(jobs.fetch(&id, 102, 2), Fetched::Answer("a".into()));
        assert_eq!(jobs.fetch(&id, 103, 2), Fetched::Gone);
        let late = jobs.ask("b".into(), 100).unwrap().correlation_id;
        assert_eq!(jobs.fetch(&late, 100 + 3 * 24 * 3600, 2), Fetched::Gone);
        assert_eq!(jobs.fetch("nobody", 100, 2), Fetched::Gone);
    }
}
