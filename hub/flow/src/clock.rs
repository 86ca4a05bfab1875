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

    /// The calendar day in Romania this moment lies in: its first moment, and that of the next day.
    #[must_use]
    pub fn romanian_day(self) -> (Self, Self) {
        let day = self.instant().to_zoned(romania()).start_of_day();
        // Both ends exist between the years -9999 and 9999, which is all a `Zoned` can hold but for its last day.
        let begins = day.as_ref().map_or(self, |day| Self(day.timestamp().as_microsecond()));
        let next = day.and_then(|day| day.tomorrow()?.start_of_day());
        (begins, next.map_or(self.plus_seconds(86_400), |next| Self(next.timestamp().as_microsecond())))
    }

    /// The moment a civil day begins in Romania.
    #[must_use]
    pub fn romanian_midnight(day: Date) -> Self {
        let begins = day.to_zoned(romania()).map(|day| day.timestamp().as_microsecond());
        // Without a begin only at the very end of all dates.
        begins.map_or(Self(i64::MAX), Self)
    }

    /// The hour for people in Romania who read it at `now`: `11:15`, with seconds where it is near, with the date where it
    /// is another day.
    #[must_use]
    pub fn to_romanian_hour(self, now: Self) -> String {
        if self.romanian_day() == now.romanian_day() {
            let shape = if self.0 - now.0 < 600_000_000 { "%H:%M:%S" } else { "%H:%M" };
            return self.instant().to_zoned(romania()).strftime(shape).to_string();
        }
        // The midnight that ends this day needs no date.
        if self == now.romanian_day().1 { "00:00".to_owned() } else { self.to_romanian() }
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
