//! When the Orthodox Church of Romania keeps Easter.

use jiff::ToSpan as _;
use jiff::civil::Date;

/// Easter Sunday of the Orthodox calendar, as a date of the civil (Gregorian) calendar.
///
/// By Meeus' rule for the Julian calendar (*Astronomical Algorithms*, chapter 8), moved by the days the two calendars lie
/// apart in that year.
///
/// # Panics
/// Never for a year between 1 and 9998; a year outside has no civil date.
#[must_use]
pub fn orthodox_easter(year: i16) -> Date {
    let of = i32::from(year);
    let (a, b, c) = (of % 4, of % 7, of % 19);
    let d = (19 * c + 15) % 30;
    let e = (2 * a + 4 * b - d + 34) % 7;
    // From 21 March, the earliest date the rule gives, in the Julian calendar.
    let after = i64::from(d + e + 114);
    let (month, day) = (after / 31, after % 31 + 1);
    let month = i8::try_from(month).expect("the rule gives March or April");
    let day = i8::try_from(day).expect("the rule gives a day of a month");
    let named = Date::new(year, month, day).expect("March and April have these days in both calendars");
    named.checked_add(apart(of).days()).expect("a few days later is still a date")
}

/// Days the Gregorian calendar is ahead of the Julian one in spring of a year.
const fn apart(year: i32) -> i64 {
    let century = year / 100;
    (century - century / 4 - 2) as i64
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Weekday, date};

    use super::*;

    #[test]
    fn easter_falls_where_the_calendars_of_the_church_have_it() {
        // As printed in the church calendars of these years.
        let known = [
            date(2020, 4, 19),
            date(2021, 5, 2),
            date(2022, 4, 24),
            date(2023, 4, 16),
            date(2024, 5, 5),
            date(2025, 4, 20),
            date(2026, 4, 12),
            date(2027, 5, 2),
            date(2028, 4, 16),
            date(2029, 4, 8),
            date(2030, 4, 28),
            date(2031, 4, 13),
            date(2032, 5, 2),
            date(2033, 4, 24),
            date(2034, 4, 9),
            date(2035, 4, 29),
        ];
        for easter in known {
            assert_eq!(orthodox_easter(easter.year()), easter);
        }
    }

    #[test]
    fn easter_is_a_sunday_in_every_year_of_the_calendar() {
        for year in 1900..=2199 {
            let easter = orthodox_easter(year);
            assert_eq!(easter.weekday(), Weekday::Sunday, "{easter}");
            assert!(easter >= date(year, 4, 3) && easter <= date(year, 5, 12), "{easter}");
        }
    }
}
