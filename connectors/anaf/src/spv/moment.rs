//! The two forms in which the service writes the creation time of a message.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// `20.12.2017 12:00:00` as documented, `20122017120000` as seen live, `20.12.2017` as before 2018; wall time of
/// Bucharest. As `2017-12-20T12:00:00+02:00`.
pub(super) fn read(text: &str) -> Option<String> {
    let text = text.trim();
    let padded = if text.len() == 10 { format!("{text} 00:00:00") } else { text.to_owned() };
    let forms = ["%d.%m.%Y %H:%M:%S", "%d%m%Y%H%M%S"];
    let wall = forms.iter().find_map(|form| DateTime::strptime(form, &padded).ok())?;
    let zone = TimeZone::get("Europe/Bucharest").ok()?;
    let moment = wall.to_zoned(zone).ok()?;
    Some(moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn both_forms_are_the_same_moment() {
        for text in ["31.08.2026 09:42:16", "31082026094216", " 31.08.2026 09:42:16 "] {
            assert_eq!(read(text).as_deref(), Some("2026-08-31T09:42:16+03:00"), "{text}");
        }
        assert_eq!(read("20.12.2017").as_deref(), Some("2017-12-20T00:00:00+02:00"));
        assert_eq!(["", "31.02.2026 09:00:00", "2026-08-31"].map(read), [None, None, None]);
    }
}
