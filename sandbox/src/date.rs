//! The civil date an institution writes on a document.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Today in Bucharest, as `2026-01-31`.
pub(crate) fn today(now: i64) -> String {
    let zone = TimeZone::get("Europe/Bucharest").unwrap_or(TimeZone::UTC);
    Timestamp::from_second(now).unwrap_or_default().to_zoned(zone).date().to_string()
}
