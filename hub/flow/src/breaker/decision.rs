//! What a breaker does next. Pure: condition, event, moment and policy go in.

use std::time::Duration;

use crate::clock::Timestamp;

use super::{BreakerPolicy, Entry};

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Calls go through.
    Closed,
    /// Calls wait.
    Open,
    /// One call is tried; the others wait.
    HalfOpen,
}

impl State {
    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }

    /// The state in words, for people.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Closed => "răspunde",
            Self::Open => "nu răspunde; livrările așteaptă",
            Self::HalfOpen => "este încercat cu o singură cerere",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Closed, Self::Open, Self::HalfOpen].into_iter().find(|state| state.as_str() == word)
    }
}

/// A breaker with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Where it stands.
    pub state: State,
    /// Calls in a row without an answer.
    pub failures: u32,
    /// How often it opened since it was last closed.
    pub openings: u32,
    /// When it came to stand there.
    pub since: Timestamp,
    /// Open: when a trial may begin. Half-open: when another one may.
    pub trial_at: Timestamp,
    /// Why the last call had no answer.
    pub reason: Option<String>,
}

/// What happens to a breaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The system answered.
    Answer,
    /// It did not.
    Silence {
        /// What happened.
        reason: String,
        /// The earliest time it wants to hear from us again.
        retry_after: Option<Duration>,
    },
    /// Somebody wants to begin the trial.
    Trial,
    /// Whoever had the trial could not make it.
    Untried,
    /// A person says that it works again.
    Resume,
}

impl Condition {
    /// A breaker nothing is known of.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { state: State::Closed, failures: 0, openings: 0, since: now, trial_at: Timestamp(0), reason: None }
    }

    /// Whether calls go through.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    pub(super) fn is_healthy(&self) -> bool {
        self.is_closed() && self.failures == 0
    }

    /// When a call that waits for a trial comes again: soon, since a trial is mostly short.
    pub(super) fn next_look(&self, now: Timestamp) -> Timestamp {
        match self.state {
            State::Open => self.trial_at.max(now.plus_micros(1)),
            State::HalfOpen | State::Closed => now.plus_seconds(1),
        }
    }

    pub(super) fn entry(&self, now: Timestamp) -> Entry {
        match self.state {
            State::Closed => Entry::Go,
            State::Open | State::HalfOpen if self.trial_at <= now => Entry::Try,
            State::Open | State::HalfOpen => Entry::Wait { at: self.next_look(now), reason: self.reason.clone() },
        }
    }

    /// What follows an event.
    #[must_use]
    pub fn after(mut self, event: &Event, now: Timestamp, policy: BreakerPolicy) -> Self {
        match event {
            Event::Answer | Event::Resume => Self::new(if self.is_closed() { self.since } else { now }),
            Event::Trial if matches!(self.entry(now), Entry::Try) => {
                Self { state: State::HalfOpen, since: now, trial_at: now.plus_micros(policy.trial), ..self }
            }
            Event::Untried if self.state == State::HalfOpen => Self { state: State::Open, trial_at: now, ..self },
            Event::Trial | Event::Untried => self,
            Event::Silence { reason, retry_after } => {
                self.failures = self.failures.saturating_add(1);
                self.reason = Some(reason.clone());
                let opens = match self.state {
                    State::Closed => self.failures >= policy.failures.max(1),
                    State::HalfOpen => true,
                    // What began before it opened and ends now tells nothing new.
                    State::Open => false,
                };
                if opens { self.opened(*retry_after, now, policy) } else { self }
            }
        }
    }

    fn opened(self, retry_after: Option<Duration>, now: Timestamp, policy: BreakerPolicy) -> Self {
        let doubled = policy.first_pause.saturating_mul(1 << self.openings.min(20)).min(policy.longest_pause);
        // A system that names a time is believed up to a day.
        let wanted = retry_after.unwrap_or_default().min(Duration::from_secs(86_400));
        let pause = doubled.max(i64::try_from(wanted.as_micros()).unwrap_or(0));
        let trial_at = now.plus_micros(pause);
        Self { state: State::Open, openings: self.openings.saturating_add(1), since: now, trial_at, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POLICY: BreakerPolicy =
        BreakerPolicy { failures: 3, first_pause: 5_000_000, longest_pause: 20_000_000, trial: 60_000_000 };

    fn silence() -> Event {
        Event::Silence { reason: "conexiune refuzată".into(), retry_after: None }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp(0).plus_seconds(seconds)
    }

    fn told(story: &[(i64, Event)]) -> Condition {
        let new = Condition::new(at(0));
        story.iter().fold(new, |condition, (second, event)| condition.after(event, at(*second), POLICY))
    }

    #[test]
    fn a_breaker_goes_its_way() {
        use Event::{Answer, Resume, Trial, Untried};
        let open = || vec![(1, silence()), (2, silence()), (3, silence())];
        let then = |more: &[(i64, Event)]| [open(), more.to_vec()].concat();
        // What happened; state, failures in a row, second of the next trial.
        let table = [
            ("two failures are not enough", vec![(1, silence()), (2, silence())], State::Closed, 2, 0),
            ("an answer between them counts", vec![(1, silence()), (2, Answer), (3, silence())], State::Closed, 1, 0),
            ("three open it", open(), State::Open, 3, 8),
            ("a late failure does not hold it longer", then(&[(4, silence())]), State::Open, 4, 8),
            ("a late answer closes it", then(&[(4, Answer)]), State::Closed, 0, 0),
            ("no trial before its time", then(&[(7, Trial)]), State::Open, 3, 8),
            ("a trial when it is time", then(&[(8, Trial)]), State::HalfOpen, 3, 68),
            ("a trial that fails doubles the pause", then(&[(8, Trial), (9, silence())]), State::Open, 4, 19),
            ("a trial that is answered closes it", then(&[(8, Trial), (9, Answer)]), State::Closed, 0, 0),
            ("a trial nobody could make is free again", then(&[(8, Trial), (9, Untried)]), State::Open, 3, 9),
            ("a person closes it", then(&[(4, Resume)]), State::Closed, 0, 0),
        ];
        for (what, story, state, failures, trial) in table {
            let condition = told(&story);
            assert_eq!(
                (condition.state, condition.failures, condition.trial_at),
                (state, failures, at(trial)),
                "{what}"
            );
        }
    }

    #[test]
    fn a_trial_whose_caller_fell_is_begun_again() {
        let mut story = vec![(1, silence()), (2, silence()), (3, silence()), (8, Event::Trial)];
        assert_eq!(told(&story).entry(at(60)), Entry::Wait { at: at(61), reason: Some("conexiune refuzată".into()) });
        assert_eq!(told(&story).entry(at(68)), Entry::Try);
        story.push((68, Event::Trial));
        assert_eq!(told(&story).trial_at, at(128));
    }

    #[test]
    fn a_system_that_names_a_time_is_not_tried_before_it() {
        let busy = Event::Silence { reason: "429".into(), retry_after: Some(Duration::from_secs(90)) };
        assert_eq!(told(&[(1, silence()), (2, silence()), (3, busy)]).trial_at, at(93));
    }

    proptest! {
        #[test]
        fn one_trial_at_a_time_and_none_while_it_waits(events in proptest::collection::vec((0_u8..4, 0_i64..30), 1..120)) {
            let (mut condition, mut now) = (Condition::new(at(0)), at(0));
            for (event, pause) in events {
                now = now.plus_seconds(pause);
                let event = match event {
                    0 => Event::Answer,
                    1 => silence(),
                    _ => Event::Trial,
                };
                let may = condition.entry(now);
                let before = condition.clone();
                condition = condition.after(&event, now, POLICY);
                if event == Event::Trial {
                    prop_assert_eq!(condition != before, may == Entry::Try);
                }
                prop_assert!(condition.trial_at.0 - now.0 <= POLICY.trial.max(POLICY.longest_pause));
                if let Entry::Wait { at, .. } = condition.entry(now) {
                    prop_assert!(at > now, "whoever waits comes later");
                }
            }
        }
    }
}
