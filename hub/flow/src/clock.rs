//! Time, given and never taken.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A moment: microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment `seconds` later.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The moment `micros` later.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// `xs:dateTime` in UTC with milliseconds, as evidence carries it: `2026-03-02T09:15:04.120Z`.
    #[must_use]
    pub fn to_utc(self) -> String {
        format!("{:.3}", self.instant())
    }

    /// Reads `xs:dateTime` with a zone.
    #[must_use]
    pub fn parse_utc(text: &str) -> Option<Self> {
        text.trim().parse::<jiff::Timestamp>().ok().map(|instant| Self(instant.as_microsecond()))
    }

    /// The civil date in Romania, which decides the year of a register.
    #[must_use]
    pub fn romanian_date(self) -> Date {
        self.instant().to_zoned(romania()).date()
    }

    /// For people in Romania: `02.03.2026, 11:15`.
    #[must_use]
    pub fn to_romanian(self) -> String {
        self.instant().to_zoned(romania()).strftime("%d.%m.%Y, %H:%M").to_string()
    }

    fn instant(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

fn romania() -> TimeZone {
    static ZONE: std::sync::OnceLock<TimeZone> = std::sync::OnceLock::new();
    ZONE.get_or_init(|| TimeZone::get("Europe/Bucharest").unwrap_or(TimeZone::UTC)).clone()
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment. Never earlier than an answer given before.
    fn now(&self) -> Timestamp;
}

/// A clock that stands still when its source jumps back, so that register entries and evidence keep their order.
pub struct SteadyClock<F> {
    source: F,
    latest: AtomicI64,
}

impl<F: Fn() -> i64 + Send + Sync> SteadyClock<F> {
    /// `source` answers microseconds since 1970-01-01 UTC; `not_before` is the latest moment already on record.
    pub fn new(source: F, not_before: Timestamp) -> Self {
        Self { source, latest: AtomicI64::new(not_before.0) }
    }
}

impl<F: Fn() -> i64 + Send + Sync> Clock for SteadyClock<F> {
    fn now(&self) -> Timestamp {
        let told = (self.source)();
        Timestamp(told.max(self.latest.fetch_max(told, Ordering::SeqCst)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_back_is_not_believed() {
        let told = AtomicI64::new(1_000_000);
        let clock = SteadyClock::new(|| told.load(Ordering::SeqCst), Timestamp(500));
        assert_eq!(clock.now(), Timestamp(1_000_000));
        told.store(10, Ordering::SeqCst);
        assert_eq!(clock.now(), Timestamp(1_000_000));
        told.store(2_000_000, Ordering::SeqCst);
        assert_eq!(clock.now(), Timestamp(2_000_000));
    }

    #[test]
    fn the_register_year_turns_at_midnight_in_romania() {
        // 2026-12-31T22:30:00Z is already 2027 in Bucharest.
        let moment = Timestamp(1_798_756_200_000_000);
        assert_eq!(moment.to_utc(), "2026-12-31T22:30:00.000Z");
        assert_eq!(moment.romanian_date().year(), 2027);
    }
}
