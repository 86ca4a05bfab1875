//! Register numbers and CUIs as the twin reads them (contract sheet: recom section 7, anaf section 8).

/// A register number in the new form, from either form; none where it is no number.
pub(super) fn converted(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches("ROONRC.").replace("%2F", "/").replace("%2f", "/");
    // An old number may have fourteen characters too: only the new form is digits alone.
    if text.len() == 14 && text.is_ascii() && text[1..].bytes().all(|byte| byte.is_ascii_digit()) {
        return (text == with_check_digit(&text[..13])).then_some(text);
    }
    let (letter, rest) = text.split_at_checked(1)?;
    let fields: Vec<&str> = rest.split('/').map(str::trim).collect();
    let [county, serial, year] = fields[..] else { return None };
    let year = year.rsplit('.').next().unwrap_or(year);
    let (county, serial, year): (u32, u32, u32) = (county.parse().ok()?, serial.parse().ok()?, year.parse().ok()?);
    let fits = matches!(letter, "J" | "F" | "C") && (1990..=2024).contains(&year) && serial > 0;
    fits.then(|| with_check_digit(&format!("{letter}{year:04}{serial:06}{county:02}")))
}

/// A body of thirteen characters with its check digit.
pub(super) fn with_check_digit(body: &str) -> String {
    let digits: u32 = body[1..].bytes().map(|digit| u32::from(digit - b'0')).sum();
    let letter = u32::from(body.as_bytes()[0] % 10);
    format!("{body}{}", (letter + digits) % 10)
}

/// Whether the check digit of a CUI is right.
pub(super) fn is_cui(text: &str) -> bool {
    let fits = (2..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits && !text.starts_with('0') && text == cui(&text[..text.len() - 1])
}

/// A CUI with its check digit.
pub(super) fn cui(body: &str) -> String {
    let weights = [7, 5, 3, 2, 1, 7, 5, 3, 2];
    let sum: u32 =
        format!("{body:0>9}").bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", sum * 10 % 11 % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_contract_sheet_are_read() {
        for (old, new) in [
            ("J40/372/2002", "J2002000372404"),
            ("J08/346/2007", "J2007000346084"),
            ("C2/2/2009", "C2009000002022"),
            ("F40/123/2020", "F2020000123404"),
            ("J24/99901/2019", "J2019099901240"),
            ("ROONRC.J52%2F750%2F2012", "J2012000750528"),
        ] {
            assert_eq!(converted(old).as_deref(), Some(new));
            assert_eq!(converted(new).as_deref(), Some(new));
        }
        assert_eq!(converted("J2012000750529"), None);
        assert!(is_cui("90000006") && is_cui("14399840") && !is_cui("90000007") && !is_cui("0"));
    }
}
