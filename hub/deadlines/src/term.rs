//! A term as it runs: from its first day, over suspensions and extensions, to its last day.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, NotCounted, within};
use crate::length::{Length, Unit};
use crate::rule::{LastDay, Most, Rule};

/// Days on which a term does not run: from the first of them until the day it runs again, which counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// The first day that does not count.
    pub from: Date,
    /// The first day that counts again; none while it stands.
    pub until: Option<Date>,
}

impl Suspension {
    fn covers(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

/// How far a term was lengthened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added(pub Length);

/// A term that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The day it begins with, which does not count.
    pub start: Date,
    /// How long the rule gives.
    pub length: Length,
    /// What if the last day is not worked.
    pub last_day: LastDay,
    /// How far it was lengthened.
    pub added: Vec<Added>,
    /// When it stood, in order.
    pub suspensions: Vec<Suspension>,
}

/// A term whose end cannot be told: it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paused {
    /// Since when.
    pub since: Date,
}

/// Why a term is not lengthened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotExtended {
    /// The rule knows no extension.
    #[error("the rule {0} allows no extension")]
    NoneAllowed(String),
    /// It would end after the last day the law allows.
    #[error("it would end on {wanted}, and the law allows {most} at the latest")]
    TooFar {
        /// When it would end.
        wanted: Date,
        /// When it may end at the latest.
        most: Date,
    },
    /// Nothing is added.
    #[error("an extension adds at least one day")]
    Nothing,
    /// The person had to be told by a day that has passed.
    #[error("the person had to be told by {by}")]
    ToldTooLate {
        /// The last day for telling.
        by: Date,
    },
    /// The term is over: what has ended cannot be lengthened.
    #[error("the term ended on {0}")]
    Over(Date),
    /// The calendar ends before.
    #[error(transparent)]
    NotCounted(#[from] NotCounted),
}

impl Term {
    /// The term a rule gives from a day on.
    #[must_use]
    pub fn of(rule: &Rule, start: Date) -> Self {
        Self { start, length: rule.length, last_day: rule.last_day, added: Vec::new(), suspensions: Vec::new() }
    }

    /// Since when it stands, where it does.
    #[must_use]
    pub fn paused(&self) -> Option<Paused> {
        let open = self.suspensions.iter().find(|one| one.until.is_none());
        open.map(|one| Paused { since: one.from })
    }

    /// Its last day, were it to run on from now; a day on which it still stands is as if it ended there.
    ///
    /// # Errors
    /// The calendar ends before.
    pub fn due(&self, calendar: &Calendar) -> Result<Date, NotCounted> {
        let ended = |day: Date| self.suspensions.iter().any(|one| one.until.is_some() && one.covers(day));
        self.ends(calendar, &ended)
    }

    fn ends(&self, calendar: &Calendar, stands: &impl Fn(Date) -> bool) -> Result<Date, NotCounted> {
        let mut day = within(self.start)?;
        for length in self.lengths() {
            day = length.end(day, calendar, stands)?;
        }
        match self.last_day {
            LastDay::Moves => calendar.working_from(day),
            LastDay::Stays => Ok(day),
        }
    }

    /// What is counted one after the other. Lengths of one unit are one length: a month and two months are three months, not
    /// a month from 31 January and two from the end of February.
    fn lengths(&self) -> Vec<Length> {
        let mut all: Vec<Length> = vec![self.length];
        for Added(length) in &self.added {
            match all.iter_mut().find(|one| one.unit == length.unit) {
                Some(same) => same.count = same.count.saturating_add(length.count),
                None => all.push(*length),
            }
        }
        all
    }

    /// Suspends it from a day on. One that stands goes on standing.
    pub fn suspend(&mut self, from: Date) {
        if self.paused().is_none() {
            self.suspensions.push(Suspension { from, until: None });
        }
    }

    /// Lets it run again; that day counts.
    pub fn resume(&mut self, on: Date) {
        if let Some(open) = self.suspensions.iter_mut().find(|one| one.until.is_none()) {
            // It never runs again before it stood.
            open.until = Some(on.max(open.from));
        }
    }

    /// Lengthens it, where the rule allows: decided on `today`, the person told on `told`.
    ///
    /// # Errors
    /// [`NotExtended`] names the limit.
    pub fn extend(
        &mut self,
        rule: &Rule,
        length: Length,
        (today, told): (Date, Option<Date>),
        calendar: &Calendar,
    ) -> Result<Date, NotExtended> {
        let extension = rule.extension.as_ref().ok_or_else(|| NotExtended::NoneAllowed(rule.code.clone()))?;
        if length.count == 0 {
            return Err(NotExtended::Nothing);
        }
        let due = self.due(calendar)?;
        if self.paused().is_none() && today > due {
            return Err(NotExtended::Over(due));
        }
        if let Some(within) = extension.told_within {
            let by = Self { length: within, added: Vec::new(), ..self.clone() }.due(calendar)?;
            if told.is_none_or(|told| told > by) {
                return Err(NotExtended::ToldTooLate { by });
            }
        }
        let mut wanted = self.clone();
        wanted.added.push(Added(length));
        let wanted_due = wanted.due(calendar)?;
        let most = self.at_most(extension.most).due(calendar)?;
        if wanted_due > most {
            return Err(NotExtended::TooFar { wanted: wanted_due, most });
        }
        *self = wanted;
        Ok(wanted_due)
    }

    fn at_most(&self, most: Most) -> Self {
        match most {
            Most::Further(length) => Self { added: vec![Added(length)], ..self.clone() },
            Most::InAll(length) => Self { length, added: Vec::new(), ..self.clone() },
        }
    }

    /// Whether its days are days of work.
    #[must_use]
    pub fn counts_working_days(&self) -> bool {
        self.length.unit == Unit::WorkingDays
    }
}
