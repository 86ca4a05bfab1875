//! A trade-register number as one whole number, so that millions of them can be sorted and compared.
//!
//! Reads the two usual forms without touching memory and leaves every other form to the identifier's own reader. It never
//! decides differently from that reader: a test compares them.

use schemas::TradeRegisterNumber;

/// A register number packed into 37 bits: letter, years since 1900, serial, county. The form it was printed in is not in
/// it, so a converted number is equal to its old form (contract sheet fact: the conversion is deterministic).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegisterKey(u64);

/// The form in which a number was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `J40/1234/2020`, given until 25.07.2024.
    Old,
    /// `J2020001234408`.
    New,
}

impl RegisterKey {
    /// Reads a number in any form, clean or dirty; none where it is not a number of the register.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<(RegisterKey, Form)> {
        let text = text.trim_ascii();
        if let Some(key) = new_form(text) {
            return Some((key, Form::New));
        }
        if let Some(key) = old_form(text) {
            return Some((key, Form::Old));
        }
        let text = std::str::from_utf8(text).ok().filter(|text| text.len() <= 40)?;
        let number = TradeRegisterNumber::parse(text).ok()?;
        let form =
            if text.len() == 14 && text[1..].bytes().all(|byte| byte.is_ascii_digit()) { Form::New } else { Form::Old };
        Some((RegisterKey::of(&number), form))
    }

    /// The key of a number.
    #[must_use]
    pub fn of(number: &TradeRegisterNumber) -> RegisterKey {
        new_form(number.as_str().as_bytes()).expect("the canonical form of a number is the new form")
    }

    /// The number in its new form.
    #[must_use]
    pub fn number(self) -> TradeRegisterNumber {
        let letter = match self.0 >> 35 {
            1 => 'C',
            2 => 'F',
            _ => 'J',
        };
        let (year, serial, county) = ((self.0 >> 27 & 0xFF) + 1900, self.0 >> 7 & 0xF_FFFF, self.0 & 0x7F);
        let body = format!("{letter}{year:04}{serial:06}{county:02}");
        let check = check_digit(body.as_bytes());
        TradeRegisterNumber::parse(&format!("{body}{check}")).expect("a key is made of a number that was read")
    }

    /// The packed number: never zero.
    #[must_use]
    pub fn packed(self) -> u64 {
        self.0
    }

    /// Takes back what [`RegisterKey::packed`] gave; none for zero.
    #[must_use]
    pub(crate) fn unpack(packed: u64) -> Option<RegisterKey> {
        (packed != 0).then_some(RegisterKey(packed))
    }

    fn pack(letter: u8, year: u64, serial: u64, county: u64) -> Option<RegisterKey> {
        let letter = match letter {
            b'C' => 1,
            b'F' => 2,
            b'J' => 3,
            _ => return None,
        };
        Some(RegisterKey(letter << 35 | (year - 1900) << 27 | serial << 7 | county))
    }
}

fn new_form(text: &[u8]) -> Option<RegisterKey> {
    let [letter, digits @ ..] = text else { return None };
    if digits.len() != 13 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (year, serial, county) = (number(&digits[..4]), number(&digits[4..10]), number(&digits[10..12]));
    let county_fits = if county == 0 { year >= 2024 } else { is_county(county) && year <= 2024 };
    let fits = (1990..=2099).contains(&year) && serial > 0 && county_fits;
    (fits && check_digit(&text[..13]) == u64::from(digits[12] - b'0'))
        .then(|| RegisterKey::pack(*letter, year, serial, county))
        .flatten()
}

fn old_form(text: &[u8]) -> Option<RegisterKey> {
    let [letter, rest @ ..] = text else { return None };
    let mut fields = rest.split(|byte| *byte == b'/');
    let mut field = |longest: usize| {
        let field = fields.next()?;
        ((1..=longest).contains(&field.len()) && field.iter().all(u8::is_ascii_digit)).then(|| number(field))
    };
    let (county, serial, year) = (field(2)?, field(5)?, field(4)?);
    let fits = is_county(county) && serial > 0 && (1990..=2024).contains(&year) && fields.next().is_none();
    fits.then(|| RegisterKey::pack(*letter, year, serial, county)).flatten()
}

fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

fn is_county(county: u64) -> bool {
    matches!(county, 1..=40 | 51 | 52)
}

/// The last digit of the letter's ASCII code plus all other digits, modulo ten (contract sheet fact).
fn check_digit(body: &[u8]) -> u64 {
    body[1..].iter().fold(u64::from(body[0] % 10), |sum, digit| sum + u64::from(digit - b'0')) % 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_is_read_exactly_as_the_identifier_reads_it(
            text in "[JFCjX][ /]?[0-9]{1,2}[ /-][0-9]{1,5}[ /][0-9]{2,4}|[JFC](19|20)[0-9]{9}[0-9]{2}|[JFC]20(2[45]|1[0-9])0[0-9]{5}(00|40|13)[0-9]"
        ) {
            let ours = RegisterKey::read(text.as_bytes()).map(|(key, _)| key.number());
            prop_assert_eq!(ours, TradeRegisterNumber::parse(&text).ok());
        }
    }

    #[test]
    fn both_forms_of_a_number_are_one_key_and_the_form_is_told() {
        let table = [
            ("J24/99901/2019", "J2019099901240", Form::Old),
            ("J25/98765/16.10.1996", "J1996098765251", Form::Old),
            ("J29 /771 /2005", "J2005000771297", Form::Old),
            ("J4/2621/1992", "J1992002621040", Form::Old),
            (" J2002000372404 ", "J2002000372404", Form::New),
        ];
        for (printed, converted, form) in table {
            let (key, read) = RegisterKey::read(printed.as_bytes()).unwrap();
            assert_eq!((key.number().as_str(), read), (converted, form), "{printed}");
        }
        assert_eq!(RegisterKey::read(b"J2012000750529"), None);
        assert_eq!(RegisterKey::read(b""), None);
    }
}
