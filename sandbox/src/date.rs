//! The civil date an institution writes on a document.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Today in Bucharest, as `2026-01-31`.
pub(crate) fn today(now: i64) -> String {
    Timestamp::from_second(now).unwrap_or_default().to_zoned(bucharest()).date().to_string()
}

/// The zone whose wall time institutions write.
pub(crate) fn bucharest() -> TimeZone {
    TimeZone::get("Europe/Bucharest").unwrap_or(TimeZone::UTC)
}

/// The moment in Bucharest with its offset, as `2026-01-31T12:00:00+02:00`.
pub(crate) fn moment(now: i64) -> String {
    let zone = TimeZone::get("Europe/Bucharest").unwrap_or(TimeZone::UTC);
    Timestamp::from_second(now).unwrap_or_default().to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
