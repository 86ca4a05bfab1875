//! The two notations of time.

use hub_signatures::instant::{from_date_time, from_generalized_time, to_date_time};

#[test]
fn instants_are_read_and_written_the_same() {
    for (text, unix) in [
        ("1970-01-01T00:00:00Z", 0),
        ("2000-02-29T23:59:59Z", 951_868_799),
        ("2026-01-01T00:00:00Z", 1_767_225_600),
        ("2026-11-22T10:15:30Z", 1_795_342_530),
        ("1969-12-31T23:59:59Z", -1),
        ("9999-12-31T23:59:59Z", 253_402_300_799),
    ] {
        assert_eq!(from_date_time(text), Some(unix), "{text}");
        assert_eq!(to_date_time(unix), text);
        let generalized: String = text.chars().filter(|c| c.is_ascii_digit() || *c == 'Z').collect();
        assert_eq!(from_generalized_time(&generalized), Some(unix), "{generalized}");
    }
    assert_eq!(from_date_time("2026-01-01T02:00:00.125+02:00"), Some(1_767_225_600));
    assert_eq!(from_date_time("2025-12-31T18:30:00-05:30"), Some(1_767_225_600));
    assert_eq!(from_generalized_time("20260101000000.5Z"), Some(1_767_225_600));
}

#[test]
fn what_names_no_instant_is_refused() {
    for text in [
        "",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-02-29T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T1::::::0Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+2:00",
        "2026-01-01T00:00:00+15:00",
        "2026-01-01T00:00:00Zx",
        "+026-01-01T00:00:00Z",
        "ăă26-01-01T00:00:00Z",
    ] {
        assert_eq!(from_date_time(text), None, "{text}");
    }
    for text in ["", "20260101000000", "20260101000000+0200", "2026010100000Z", "20260101000000.Z", "ă0260101000000Z"]
    {
        assert_eq!(from_generalized_time(text), None, "{text}");
    }
}
