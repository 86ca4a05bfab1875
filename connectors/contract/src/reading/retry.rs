//! When a target wants to hear from us again. Pure: now is given.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::manifest::{AnswerRule, Retry};
use crate::reading::Response;

/// A target that asks for more is heard again after this long all the same.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

/// The waiting time an answer asks for, or else the rule that gave it its meaning.
pub(super) fn wait(response: &Response, rule: Option<&AnswerRule>, now: i64) -> Option<Duration> {
    let asked = response.retry_after.as_deref().and_then(|header| waiting_time(header, now));
    asked.or_else(|| rule.and_then(|rule| rule.retry).map(|retry| until(retry, now)))
}

/// How long a manifest's `retry` is from now on.
#[must_use]
pub fn until(retry: Retry, now: i64) -> Duration {
    match retry {
        Retry::After(wait) => wait,
        Retry::Tomorrow => until_tomorrow(now),
    }
}

/// The time until the next midnight in Romania. A time outside every calendar waits a day.
#[must_use]
pub fn until_tomorrow(now: i64) -> Duration {
    let zone = TimeZone::get("Europe/Bucharest").expect("the time zones are compiled in");
    let tomorrow = Timestamp::from_second(now).and_then(|now| now.to_zoned(zone).checked_add(1.day())?.start_of_day());
    let seconds = tomorrow.map_or(86_400, |midnight| midnight.timestamp().as_second() - now);
    Duration::from_secs(u64::try_from(seconds).unwrap_or(86_400))
}

/// The waiting time a `Retry-After` asks for, in seconds or until a date. Text that is neither asks for nothing.
#[must_use]
pub fn waiting_time(header: &str, now: i64) -> Option<Duration> {
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
    fn tomorrow_begins_at_midnight_in_romania_also_when_clocks_change() {
        let table = [
            ("2026-03-02T10:00:00Z", 12 * 3_600), // noon, winter
            ("2026-03-02T21:59:59Z", 1),          // a second before midnight
            ("2026-03-02T22:00:00Z", 24 * 3_600), // midnight itself
            ("2026-07-15T12:00:00Z", 9 * 3_600),  // three in the afternoon, summer
            ("2026-03-28T22:00:00Z", 23 * 3_600), // the day that loses an hour
            ("2026-10-24T21:00:00Z", 25 * 3_600), // the day that gains one
            ("2026-12-31T21:30:00Z", 1_800),      // the year ends
        ];
        for (now, expected) in table {
            let seconds = now.parse::<Timestamp>().unwrap().as_second();
            assert_eq!(until(Retry::Tomorrow, seconds), Duration::from_secs(expected), "{now}");
        }
        assert_eq!(until(Retry::After(Duration::from_secs(9)), 0), Duration::from_secs(9));
        assert_eq!(until_tomorrow(i64::MAX), Duration::from_secs(86_400));
    }

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
