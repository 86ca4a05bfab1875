//! How long a term is.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, NotCounted, next, within};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Every day of the calendar.
    CalendarDays,
    /// Days on which offices work.
    WorkingDays,
    /// Months: they end on the day with the number of their first day, or on the last day of a shorter month (Civil code,
    /// art. 2552; Regulation (EEC, Euratom) No 1182/71, art. 3 (2) (c)).
    Months,
}

impl Unit {
    /// The word used in data, API and database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CalendarDays => "calendar-days",
            Self::WorkingDays => "working-days",
            Self::Months => "months",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::CalendarDays, Self::WorkingDays, Self::Months].into_iter().find(|unit| unit.as_str() == word)
    }
}

/// So many of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Length {
    /// How many.
    pub count: u16,
    /// Of what.
    pub unit: Unit,
}

impl Length {
    /// So many days of the calendar.
    #[must_use]
    pub const fn days(count: u16) -> Self {
        Self { count, unit: Unit::CalendarDays }
    }

    /// So many working days.
    #[must_use]
    pub const fn working_days(count: u16) -> Self {
        Self { count, unit: Unit::WorkingDays }
    }

    /// So many months.
    #[must_use]
    pub const fn months(count: u16) -> Self {
        Self { count, unit: Unit::Months }
    }

    /// The day this length ends that begins with `from`, which itself does not count. What `stands` names is skipped: a day
    /// on which the term is suspended counts as neither a day nor a working day.
    ///
    /// # Errors
    /// The calendar ends before.
    pub(crate) fn end(
        self,
        from: Date,
        calendar: &Calendar,
        stands: &impl Fn(Date) -> bool,
    ) -> Result<Date, NotCounted> {
        let mut left = match self.unit {
            Unit::CalendarDays | Unit::WorkingDays => i64::from(self.count),
            // A month has as many days as it has, and each of them can be suspended.
            Unit::Months => {
                let end = from.checked_add(i64::from(self.count).months()).map_err(|_| NotCounted::OutOfYears)?;
                i64::from((within(end)? - from).get_days())
            }
        };
        let mut day = within(from)?;
        while left > 0 {
            day = next(day)?;
            let counts = self.unit != Unit::WorkingDays || calendar.is_working(day);
            left -= i64::from(counts && !stands(day));
        }
        Ok(day)
    }
}
