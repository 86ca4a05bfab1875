//! When a target wants to hear from us again.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;

/// A target that asks for more is heard again after this long all the same.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

/// The waiting time a `Retry-After` asks for, in seconds or until a date. Text that is neither asks for nothing.
pub(crate) fn waiting_time(header: &str, now: i64) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(header.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let until = DateTimeParser::new().parse_timestamp(header).ok()?.as_second();
    let seconds = u64::try_from(until.saturating_sub(now)).unwrap_or(0);
    Some(Duration::from_secs(seconds).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_time_is_read_in_seconds_and_as_a_date_and_is_bounded() {
        let now = 1_767_225_600; // 1 January 2026, 00:00:00 UTC.
        let table = [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("0", Some(0)),
            ("Thu, 01 Jan 2026 00:01:30 GMT", Some(90)),
            ("Wed, 31 Dec 2025 23:00:00 GMT", Some(0)),
            ("Fri, 01 Jan 2027 00:00:00 GMT", Some(86_400)),
            ("99999999999999999999999", Some(86_400)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ];
        for (header, expected) in table {
            assert_eq!(waiting_time(header, now), expected.map(Duration::from_secs), "{header:?}");
        }
    }
}
