//! The wall time of Bucharest as ANAF writes it; every interface has a form of its own.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// `202601311200`: e-Factura.
pub(super) fn minute(now: i64) -> String {
    wall(now).strftime("%Y%m%d%H%M").to_string()
}

/// `20260131120059`: the lists of e-Transport.
pub(super) fn second(now: i64) -> String {
    wall(now).strftime("%Y%m%d%H%M%S").to_string()
}

/// `31-01-2026 12:00:59`: envelopes of errors and the words of lists.
pub(super) fn written(now: i64) -> String {
    wall(now).strftime("%d-%m-%Y %H:%M:%S").to_string()
}

/// `2026-01-31`: the day quotas are counted for, and the date of an earlier filing.
pub(super) fn day(now: i64) -> String {
    wall(now).strftime("%Y-%m-%d").to_string()
}

/// `2026-01-31T10:00:59.000+00:00`: the envelope of a 404.
pub(super) fn universal(now: i64) -> String {
    Timestamp::from_second(now).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S.000+00:00").to_string()
}

fn wall(now: i64) -> Zoned {
    let zone = TimeZone::get("Europe/Bucharest").unwrap_or(TimeZone::UTC);
    Timestamp::from_second(now).unwrap_or_default().to_zoned(zone)
}

#[cfg(test)]
mod tests {
    #[test]
    fn summer_and_winter_time_are_those_of_bucharest() {
        assert_eq!(super::minute(1_767_261_600), "202601011200");
        assert_eq!(super::written(1_782_900_000), "01-07-2026 13:00:00");
    }
}
