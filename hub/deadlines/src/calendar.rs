//! Which days are worked.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::holidays::holidays;

/// First year the calendar knows: the labour code of 2003 lists the holidays.
pub const FIRST_YEAR: i16 = 2003;
/// Last year the calendar counts in: Meeus' rule and the law as it stands are not stretched further.
pub const LAST_YEAR: i16 = 2199;

/// A working day that the Government gave off by decision, for people paid from the budget (labour code, art. 139 (4),
/// Law 153/2019).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayOff {
    /// The day.
    pub date: Date,
    /// The decision.
    pub basis: String,
}

/// Why a term could not be counted to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCounted {
    /// It begins or ends outside the years the calendar knows.
    #[error("the calendar counts from {FIRST_YEAR} to {LAST_YEAR} only")]
    OutOfYears,
}

/// Weekends, public holidays and days off by decision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    off: BTreeMap<Date, String>,
    holidays: BTreeMap<i16, Vec<Date>>,
}

impl Calendar {
    /// The calendar of the law, with these days off by decision.
    #[must_use]
    pub fn new(days_off: impl IntoIterator<Item = DayOff>) -> Self {
        let off = days_off.into_iter().map(|one| (one.date, one.basis)).collect();
        let year = |year| (year, holidays(year).into_iter().map(|one| one.date).collect());
        Self { off, holidays: (FIRST_YEAR..=LAST_YEAR).map(year).collect() }
    }

    /// The calendar of the law with the decisions this program carries (`data/days-off.toml`).
    ///
    /// # Panics
    /// Never: a test reads the data.
    #[must_use]
    pub fn romanian() -> Self {
        #[derive(Deserialize)]
        struct File {
            day_off: Vec<DayOff>,
        }
        let file: File = toml::from_str(include_str!("../data/days-off.toml"))
            .expect("the data of the program is read by its tests");
        Self::new(file.day_off)
    }

    /// The same calendar with more days off, as an institution or a later decision names them.
    #[must_use]
    pub fn with(mut self, days_off: impl IntoIterator<Item = DayOff>) -> Self {
        self.off.extend(days_off.into_iter().map(|one| (one.date, one.basis)));
        self
    }

    /// Whether offices work on this day.
    #[must_use]
    pub fn is_working(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let holiday = self.holidays.get(&day.year()).is_some_and(|days| days.contains(&day));
        !weekend && !holiday && !self.off.contains_key(&day)
    }

    /// The decision that gave a day off, where one did.
    #[must_use]
    pub fn day_off(&self, day: Date) -> Option<&str> {
        self.off.get(&day).map(String::as_str)
    }

    /// This day where it is worked, else the first worked day after it.
    ///
    /// # Errors
    /// The calendar ends before.
    pub fn working_from(&self, mut day: Date) -> Result<Date, NotCounted> {
        while !self.is_working(day) {
            day = next(day)?;
        }
        within(day)
    }

    /// The day that is `count` worked days after `from`; the day itself does not count. None further is the day itself.
    ///
    /// # Errors
    /// The calendar ends before.
    pub fn add_working(&self, from: Date, count: u32) -> Result<Date, NotCounted> {
        let mut day = within(from)?;
        let mut left = count;
        while left > 0 {
            day = next(day)?;
            left -= u32::from(self.is_working(day));
        }
        Ok(day)
    }
}

/// The next day, where the calendar still counts.
pub(crate) fn next(day: Date) -> Result<Date, NotCounted> {
    day.checked_add(1.day()).map_err(|_| NotCounted::OutOfYears).and_then(within)
}

pub(crate) fn within(day: Date) -> Result<Date, NotCounted> {
    if (FIRST_YEAR..=LAST_YEAR).contains(&day.year()) { Ok(day) } else { Err(NotCounted::OutOfYears) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_data_of_the_program_is_read_and_names_its_decisions() {
        let calendar = Calendar::romanian();
        assert_eq!(calendar.day_off(date(2025, 5, 2)), Some("HG nr. 2/2025"));
        assert!(!calendar.is_working(date(2025, 5, 2)));
        assert!(calendar.is_working(date(2026, 1, 5)), "no bridge in January 2026");
    }

    #[test]
    fn a_day_off_by_decision_is_not_worked_and_the_law_says_nothing_of_it() {
        let decided = DayOff { date: date(2027, 4, 29), basis: "decizie de probă".to_owned() };
        assert!(Calendar::romanian().is_working(decided.date));
        assert!(!Calendar::romanian().with([decided.clone()]).is_working(decided.date));
    }

    #[test]
    fn working_days_are_counted_over_easter_and_the_first_of_may() {
        let calendar = Calendar::romanian();
        // Thursday 9 April 2026; Good Friday the 10th, Easter the 12th and 13th.
        assert_eq!(calendar.add_working(date(2026, 4, 9), 1), Ok(date(2026, 4, 14)));
        assert_eq!(calendar.add_working(date(2026, 4, 30), 1), Ok(date(2026, 5, 4)));
        assert_eq!(calendar.add_working(date(2026, 4, 30), 0), Ok(date(2026, 4, 30)));
    }

    #[test]
    fn counting_ends_with_the_calendar_and_does_not_spin() {
        let calendar = Calendar::romanian();
        assert_eq!(calendar.add_working(date(2199, 12, 30), 5), Err(NotCounted::OutOfYears));
        assert_eq!(calendar.add_working(date(1999, 12, 30), 5), Err(NotCounted::OutOfYears));
    }
}
