//! Reads the two time notations that seals and time-stamps carry, into Unix seconds.
//!
//! Fractions of a second are accepted and dropped. No clock is read and no time zone database is used.

/// Unix seconds of an `xs:dateTime` that ends in `Z` or an offset (XML Schema 2, section 3.2.7); none if it is not one.
///
/// A time without a zone is refused: it names no instant.
pub fn from_date_time(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.len() < 20 || [4, 7, 10, 13, 16].map(|at| bytes[at]) != *b"--T::" {
        return None;
    }
    let civil =
        unix(number(&text[0..4])?, number(&text[5..7])?, number(&text[8..10])?, &text[11..19].replace(':', ""))?;
    let zone = skip_fraction(&text[19..], '.')?;
    if zone == "Z" {
        return Some(civil);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone[1..].split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 14 && minutes < 60).then(|| civil - sign * (hours * 3600 + minutes * 60))
}

/// Unix seconds of a DER GeneralizedTime `YYYYMMDDhhmmss[.f]Z` (RFC 3161, section 2.4.2); none if it is not one.
pub fn from_generalized_time(text: &str) -> Option<i64> {
    if !text.is_ascii() || text.len() < 15 {
        return None;
    }
    let zone = skip_fraction(&text[14..], '.')?;
    (zone == "Z").then_some(())?;
    unix(number(&text[0..4])?, number(&text[4..6])?, number(&text[6..8])?, &text[8..14])
}

/// The `xs:dateTime` in UTC with `Z` of Unix seconds; years outside 0 to 9999 are not expected.
pub fn to_date_time(unix_seconds: i64) -> String {
    let (days, second) = (unix_seconds.div_euclid(86_400), unix_seconds.rem_euclid(86_400));
    // Civil date from days, counted in eras of 400 years that start on 1 March.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

fn number(digits: &str) -> Option<i64> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// What follows an optional fraction of at least one digit.
fn skip_fraction(text: &str, point: char) -> Option<&str> {
    match text.strip_prefix(point) {
        None => Some(text),
        Some(fraction) => {
            let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            (rest.len() < fraction.len()).then_some(rest)
        }
    }
}

fn unix(year: i64, month: i64, day: i64, hhmmss: &str) -> Option<i64> {
    let pair = |at: usize| hhmmss.get(at..at + 2).and_then(number);
    let (hour, minute, second) = (pair(0)?, pair(2)?, pair(4)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_in_month = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    if day < 1 || day > days_in_month || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (shifted_year.div_euclid(400), shifted_year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}
