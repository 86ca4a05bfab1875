//! CNP, the personal number (cod numeric personal).

use jiff::civil::Date;

use super::{IdentifierError, all_digits, digit, text_form::text_form};

/// The personal number of thirteen digits: sex and century, birth date, county, serial, check digit.
///
/// Source of the rule: Emergency Ordinance 97/2005 and its methodological norms (Government Decision 64/2011).
/// Persons without one exist (foreigners, the newborn): an identifier of a person is never a CNP alone.
/// `Debug` does not show the number, so that it does not reach a log by accident.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cnp(Box<str>);

text_form!(Cnp);

/// Sex as written in the first digit of the CNP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// First digit 1, 3, 5 or 7.
    Male,
    /// First digit 2, 4, 6 or 8.
    Female,
}

impl Sex {
    /// `M` or `F`, as in Romanian forms.
    pub fn letter(self) -> char {
        match self {
            Self::Male => 'M',
            Self::Female => 'F',
        }
    }
}

impl Cnp {
    /// Reads a personal number; blanks around it are dropped, blanks inside are an error.
    ///
    /// Errors: anything but thirteen digits, a first digit 0, a date that does not exist, an unknown county code, serial
    /// 000, a wrong check digit.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let digits = text.trim();
        check(digits)?;
        Ok(Self(digits.into()))
    }

    /// Whether the text is a number in canonical form.
    pub(crate) fn is_canonical(text: &str) -> bool {
        check(text).is_ok()
    }

    /// The birth date; `None` for foreigners (first digit 7, 8, 9), whose number does not tell the century.
    pub fn birth_date(&self) -> Option<Date> {
        date(self.0.as_bytes(), century(self.0.as_bytes()[0])?)
    }

    /// The sex; `None` for a first digit 9, which does not tell it.
    pub fn sex(&self) -> Option<Sex> {
        match self.0.as_bytes()[0] {
            b'1' | b'3' | b'5' | b'7' => Some(Sex::Male),
            b'2' | b'4' | b'6' | b'8' => Some(Sex::Female),
            _ => None,
        }
    }

    /// The two digits of the county (or Bucharest sector 41 to 46) where the number was given; not the present domicile. 70
    /// (given electronically) and 80 to 83 (given by a consulate) are no county.
    pub fn county_code(&self) -> &str {
        &self.0[7..9]
    }
}

impl std::fmt::Debug for Cnp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Cnp(hidden)")
    }
}

const WEIGHTS: [u32; 12] = [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9];

fn check(digits: &str) -> Result<(), IdentifierError> {
    if digits.len() != 13 || !all_digits(digits) {
        return Err(FORM);
    }
    let bytes = digits.as_bytes();
    let date_exists = match (bytes[0], century(bytes[0])) {
        (b'0', _) => return Err(FIRST_DIGIT),
        (_, Some(century)) => date(bytes, century).is_some(),
        (_, None) => date(bytes, 1900).is_some() || date(bytes, 2000).is_some(),
    };
    if !date_exists {
        return Err(DATE);
    }
    // 1-40 counties, 41-46 sectors, 47 and 48 abolished sectors, 51 and 52 Călărași and Giurgiu, 70 given by the
    // electronic civil register (SIIEASC) wherever the birth was registered, 80-83 given by consulates. The last two are in
    // the sheet of Romania that the OECD publishes about tax numbers (01-47, 51, 52, 70, 80-83), and are what the direction
    // for the register of persons answers when asked; a list of counties alone would turn people away.
    if !matches!(digit(bytes, 7) * 10 + digit(bytes, 8), 1..=48 | 51 | 52 | 70 | 80..=83) {
        return Err(COUNTY);
    }
    if &bytes[9..12] == b"000" {
        return Err(SERIAL);
    }
    let sum: u32 = WEIGHTS.iter().enumerate().map(|(index, weight)| digit(bytes, index) * weight).sum();
    let expected = if sum % 11 == 10 { 1 } else { sum % 11 };
    if expected == digit(bytes, 12) { Ok(()) } else { Err(CHECK_DIGIT) }
}

fn century(first: u8) -> Option<i16> {
    match first {
        b'1' | b'2' => Some(1900),
        b'3' | b'4' => Some(1800),
        b'5' | b'6' => Some(2000),
        _ => None,
    }
}

fn date(bytes: &[u8], century: i16) -> Option<Date> {
    let two = |index| (digit(bytes, index) * 10 + digit(bytes, index + 1)) as i8;
    Date::new(century + i16::from(two(1)), two(3), two(5)).ok()
}

const FORM: IdentifierError = IdentifierError::new(
    "cnp.form",
    "CNP-ul are exact 13 cifre, fără spații; copiați-l din actul de identitate",
    "a CNP has exactly 13 digits without blanks; copy it from the identity document",
);
const FIRST_DIGIT: IdentifierError = IdentifierError::new(
    "cnp.first-digit",
    "prima cifră a CNP-ului este între 1 și 9; dacă persoana nu are CNP, folosiți alt identificator",
    "the first digit of a CNP is 1 to 9; if the person has no CNP, use another identifier",
);
const DATE: IdentifierError = IdentifierError::new(
    "cnp.birth-date",
    "cifrele 2-7 ale CNP-ului nu sunt o dată care există; verificați anul, luna și ziua",
    "digits 2 to 7 of the CNP are not a date that exists; check year, month and day",
);
const COUNTY: IdentifierError = IdentifierError::new(
    "cnp.county",
    "cifrele 8-9 ale CNP-ului nu sunt un cod de județ; verificați-le în actul de identitate",
    "digits 8 and 9 of the CNP are not a county code; check them in the identity document",
);
const SERIAL: IdentifierError = IdentifierError::new(
    "cnp.serial",
    "numărul de ordine din CNP (cifrele 10-12) nu poate fi 000; verificați-l în actul de identitate",
    "the serial in the CNP (digits 10 to 12) cannot be 000; check it in the identity document",
);
const CHECK_DIGIT: IdentifierError = IdentifierError::new(
    "cnp.check-digit",
    "cifra de control a CNP-ului nu se potrivește; verificați fiecare cifră",
    "the check digit of the CNP does not match; check every digit",
);
