//! Where a term stands on a day, and on which days a person is warned.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::calendar::{Calendar, NotCounted};
use crate::term::Term;

/// Where a term stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It runs.
    Running {
        /// Its last day.
        due: Date,
        /// The last share, in percent, at which a person was to be warned by today; none before the first.
        warned: Option<u8>,
    },
    /// Its last day has passed.
    Overdue {
        /// Its last day.
        due: Date,
    },
    /// It is suspended; it has no last day until it runs again.
    Stands {
        /// Since when.
        since: Date,
    },
}

impl Standing {
    /// Where a term stands on `today`. A term that ends today runs until the day is over.
    ///
    /// # Errors
    /// The calendar ends before.
    pub fn of(term: &Term, shares: &[u8], today: Date, calendar: &Calendar) -> Result<Self, NotCounted> {
        if let Some(paused) = term.paused() {
            return Ok(Self::Stands { since: paused.since });
        }
        let due = term.due(calendar)?;
        if today > due {
            return Ok(Self::Overdue { due });
        }
        let warned = warning_days(term.start, due, shares).into_iter().rfind(|(_, day)| *day <= today);
        Ok(Self::Running { due, warned: warned.map(|(share, _)| share) })
    }
}

/// The day on which each share of a term has passed, rounded up, never after its last day.
#[must_use]
pub fn warning_days(start: Date, due: Date, shares: &[u8]) -> Vec<(u8, Date)> {
    let whole = i64::from((due - start).get_days().max(0));
    let day = |share: &u8| {
        let passed = (whole * i64::from(*share) + 99) / 100;
        (*share, start.saturating_add(passed.days()).min(due))
    };
    shares.iter().map(day).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::rule::Rules;

    #[test]
    fn a_person_is_warned_when_the_shares_have_passed() {
        let days = warning_days(date(2026, 3, 2), date(2026, 4, 1), &[50, 80, 95]);
        assert_eq!(days, [(50, date(2026, 3, 17)), (80, date(2026, 3, 26)), (95, date(2026, 3, 31))]);
    }

    #[test]
    fn the_last_day_is_in_time_and_the_next_is_not() {
        let calendar = Calendar::romanian();
        let rules = Rules::romanian();
        let rule = rules.get("petition").unwrap();
        let term = Term::of(rule, date(2026, 3, 2));
        let on = |day| Standing::of(&term, &rule.warn_at, day, &calendar).unwrap();
        let due = date(2026, 4, 1);
        assert_eq!(on(date(2026, 3, 2)), Standing::Running { due, warned: None });
        assert_eq!(on(date(2026, 3, 17)), Standing::Running { due, warned: Some(50) });
        assert_eq!(on(due), Standing::Running { due, warned: Some(95) });
        assert_eq!(on(date(2026, 4, 2)), Standing::Overdue { due });
    }
}
