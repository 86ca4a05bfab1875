//! A deadline as it is held: its rule as it was when it began, its term, and the steps a person is told of.

use hub_deadlines::{Calendar, Length, NotCounted, Rule, Rules, Term, Unit, warning_days};
use jiff::civil::Date;
use schemas::DocumentType;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// What an installation counts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadlines {
    /// Days that are worked.
    pub calendar: Calendar,
    /// Rules by code.
    pub rules: Rules,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { calendar: Calendar::romanian(), rules: Rules::romanian() }
    }
}

impl Deadlines {
    /// The rule for an incoming document: that of its register, else that its type names or states, else the default one.
    /// None where its type says that it expects no answer.
    #[must_use]
    pub fn rule(&self, of_register: Option<&str>, document_type: Option<&DocumentType>) -> Option<Rule> {
        if let Some(code) = of_register {
            if let Some(rule) = self.rules.get(code) {
                return Some(rule.clone());
            }
            // A document without any term would be forgotten.
            tracing::warn!(code, "a register names a deadline rule that this hub does not know; the default applies");
        }
        let Some(stated) = document_type.map(DocumentType::deadline).filter(|_| of_register.is_none()) else {
            return self.rules.get("default").cloned();
        };
        if let Some(rule) = stated.rule.as_deref().and_then(|code| self.rules.get(code)) {
            return Some(rule.clone());
        }
        let unit = Unit::parse(&stated.class)?;
        let plain = || Rule::plain("document-type", Length { count: stated.days, unit }, &stated.basis);
        (stated.days > 0).then(plain)
    }

    /// The last day of a plain term from a day on, where the calendar reaches so far.
    #[must_use]
    pub fn last_day(&self, class: &str, days: u16, from: Date) -> Option<Date> {
        let rule = Rule::plain("stated", Length { count: days, unit: Unit::parse(class)? }, "");
        Term::of(&rule, from).due(&self.calendar).ok()
    }
}

/// A deadline's rule and its term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The rule as it was when the term began.
    pub rule: Rule,
    /// The term.
    pub term: Term,
}

/// Something a person is told of when its moment comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So much of the term has passed, in percent.
    Warning(u8),
    /// The last day has passed.
    Overdue,
    /// The last day passed a working day ago, and somebody else must know.
    Escalated,
}

impl Step {
    /// Its place in the order: the share, 100 or 101.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Self::Warning(share) => share.into(),
            Self::Overdue => 100,
            Self::Escalated => 101,
        }
    }
}

impl Running {
    /// A term that a rule gives from a day on.
    #[must_use]
    pub fn begin(rule: Rule, start: Date) -> Self {
        let term = Term::of(&rule, start);
        Self { rule, term }
    }

    /// Its last day; none while it stands.
    ///
    /// # Errors
    /// The calendar ends before.
    pub fn due(&self, calendar: &Calendar) -> Result<Option<Date>, NotCounted> {
        if self.term.paused().is_some() { Ok(None) } else { self.term.due(calendar).map(Some) }
    }

    /// Its steps with their moments, in order; none while it stands.
    ///
    /// # Errors
    /// The calendar ends before.
    pub fn steps(&self, calendar: &Calendar) -> Result<Vec<(Step, Timestamp)>, NotCounted> {
        let Some(due) = self.due(calendar)? else { return Ok(Vec::new()) };
        let warnings = warning_days(self.term.start, due, &self.rule.warn_at);
        let mut steps: Vec<_> = warnings
            .into_iter()
            .map(|(share, day)| (Step::Warning(share), Timestamp::romanian_midnight(day)))
            .collect();
        steps.push((Step::Overdue, day_ends(due)));
        steps.push((Step::Escalated, day_ends(calendar.add_working(due, 1)?)));
        Ok(steps)
    }
}

/// The moment a civil day ends in Romania: the first one that is too late.
#[must_use]
pub fn day_ends(day: Date) -> Timestamp {
    Timestamp::romanian_midnight(day.tomorrow().unwrap_or(day))
}

/// A deadline as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Rule and term; none where the document expects no answer.
    pub running: Option<Running>,
    /// Law and article, or why there is no term.
    pub basis: String,
    /// Code of the last step that was recorded; 0: none.
    pub reached: i64,
    /// Who hears that it is overdue.
    pub escalate_to: Option<String>,
}

impl Held {
    /// The steps whose moment has come and that were not recorded, and when the next one comes.
    ///
    /// # Errors
    /// The calendar ends before.
    pub fn passed(&self, calendar: &Calendar, now: Timestamp) -> Result<(Vec<Step>, Option<Timestamp>), NotCounted> {
        let Some(running) = &self.running else { return Ok((Vec::new(), None)) };
        let steps = running.steps(calendar)?.into_iter().filter(|(step, _)| step.code() > self.reached);
        let (passed, ahead): (Vec<_>, Vec<_>) = steps.partition(|(_, at)| *at <= now);
        Ok((passed.into_iter().map(|(step, _)| step).collect(), ahead.first().map(|(_, at)| *at)))
    }

    /// After its term was changed: what has passed by then counts as told, since whoever changed it knows.
    ///
    /// # Errors
    /// The calendar ends before.
    pub fn settle(&mut self, calendar: &Calendar, now: Timestamp) -> Result<(), NotCounted> {
        self.reached = 0;
        let (passed, _) = self.passed(calendar, now)?;
        self.reached = passed.last().map_or(0, |step| step.code());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn petition(start: Date) -> Held {
        let rule = Rules::romanian().get("petition").expect("the petition is there").clone();
        let running = Some(Running::begin(rule, start));
        Held { running, basis: String::new(), reached: 0, escalate_to: None }
    }

    #[test]
    fn the_last_day_ends_at_midnight_in_romania_also_where_the_clocks_change() {
        // On 29 March 2026 clocks go forward: the day has 23 hours and ends at 21:00 UTC.
        assert_eq!(day_ends(date(2026, 3, 28)).to_utc(), "2026-03-28T22:00:00.000Z");
        assert_eq!(day_ends(date(2026, 3, 29)).to_utc(), "2026-03-29T21:00:00.000Z");
        // On 25 October they go back.
        assert_eq!(day_ends(date(2026, 10, 24)).to_utc(), "2026-10-24T21:00:00.000Z");
        assert_eq!(day_ends(date(2026, 10, 25)).to_utc(), "2026-10-25T22:00:00.000Z");
    }

    #[test]
    fn a_moment_before_midnight_is_in_time_and_midnight_is_not() {
        let calendar = Calendar::romanian();
        let held = petition(date(2026, 3, 2));
        let ends = day_ends(date(2026, 4, 1));
        let (before, next) = held.passed(&calendar, Timestamp(ends.0 - 1)).expect("it is counted");
        assert_eq!((before.last(), next), (Some(&Step::Warning(95)), Some(ends)));
        let (after, next) = held.passed(&calendar, ends).expect("it is counted");
        assert_eq!((after.last(), next), (Some(&Step::Overdue), Some(day_ends(date(2026, 4, 2)))));
    }

    #[test]
    fn a_suspended_term_warns_nobody_and_a_resumed_one_does_not_warn_again_of_what_passed() {
        let calendar = Calendar::romanian();
        let mut held = petition(date(2026, 3, 2));
        held.running.as_mut().expect("it runs").term.suspend(date(2026, 3, 20));
        let later = day_ends(date(2026, 8, 1));
        assert_eq!(held.passed(&calendar, later), Ok((Vec::new(), None)));
        held.running.as_mut().expect("it runs").term.resume(date(2026, 3, 25));
        let now = day_ends(date(2026, 3, 25));
        held.settle(&calendar, now).expect("it is counted");
        assert_eq!(held.reached, 50);
        assert_eq!(held.passed(&calendar, now).expect("it is counted").0, []);
    }
}
