//! Moments and days as people read them, on Romanian clocks.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

fn zone() -> TimeZone {
    TimeZone::get("Europe/Bucharest").unwrap_or(TimeZone::UTC)
}

/// `22.11.2026, 14:05` of a moment as the API writes it; what cannot be read is shown as it is.
#[must_use]
pub fn moment(text: &str) -> String {
    match text.parse::<Timestamp>() {
        Ok(at) => at.to_zoned(zone()).strftime("%d.%m.%Y, %H:%M").to_string(),
        Err(_) => text.to_owned(),
    }
}

/// `22.11.2026` of a day or a moment as the API writes it; what cannot be read is shown as it is.
#[must_use]
pub fn day(text: &str) -> String {
    if let Ok(day) = text.parse::<Date>() {
        return day.strftime("%d.%m.%Y").to_string();
    }
    match text.parse::<Timestamp>() {
        Ok(at) => at.to_zoned(zone()).strftime("%d.%m.%Y").to_string(),
        Err(_) => text.to_owned(),
    }
}

/// The Romanian day of a moment.
#[must_use]
pub fn today(now: Timestamp) -> Date {
    now.to_zoned(zone()).date()
}

/// Days from one day to another; negative where the other is past.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i32 {
    to.since(from).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_romanian_clocks() {
        assert_eq!(moment("2026-07-01T21:30:00Z"), "02.07.2026, 00:30");
        assert_eq!(day("2026-12-31T22:30:00Z"), "01.01.2027");
        assert_eq!(day("2026-02-03"), "03.02.2026");
        assert_eq!(moment("neștiut"), "neștiut");
    }

    #[test]
    fn days_are_counted_across_months() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(days_between(day("2026-01-30"), day("2026-03-02")), 31);
        assert_eq!(days_between(day("2026-03-02"), day("2026-03-01")), -1);
    }
}
