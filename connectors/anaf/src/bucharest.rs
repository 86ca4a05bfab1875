//! ANAF's days and hours are those of Bucharest.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The moment written as `31-01-2026 12:00:59`.
pub(crate) fn written(text: &str) -> Option<i64> {
    moment(text, "%d-%m-%Y %H:%M:%S")
}

/// The moment written as `202601311200`.
pub(crate) fn minute(text: &str) -> Option<i64> {
    moment(text, "%Y%m%d%H%M")
}

fn moment(text: &str, format: &str) -> Option<i64> {
    let civil = DateTime::strptime(format, text.trim()).ok()?;
    Some(civil.to_zoned(zone()).ok()?.timestamp().as_second())
}

fn zone() -> TimeZone {
    TimeZone::get("Europe/Bucharest").unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_times_are_those_of_bucharest() {
        assert_eq!(written("15-01-2026 10:00:00"), Some(1_768_464_000));
        assert_eq!(minute("202601151000"), Some(1_768_464_000));
        assert_eq!(written("yesterday"), None);
    }
}
