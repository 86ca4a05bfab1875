//! Number in the trade register, in the form before and after 26 July 2024.

use super::{IdentifierError, all_digits, digit, text_form::text_form};

/// A trade-register number, kept in the new form of fourteen characters (`J2020001234408`).
///
/// Source of the rule: Law 265/2022 on the trade register and the conversion published by ONRC: letter, year, serial of
/// six digits, county of the old number or 00, check digit. Two numbers that name the same firm are equal whatever form
/// they came in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TradeRegisterNumber(Box<str>);

text_form!(TradeRegisterNumber);

/// What the first letter says about the holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TradeRegisterKind {
    /// `J`: company.
    Company,
    /// `F`: authorised natural person or family firm.
    NaturalPerson,
    /// `C`: cooperative.
    Cooperative,
}

impl TradeRegisterNumber {
    /// Reads a number in either form. The old form may be written with blanks, dashes or backslashes, with a full date
    /// instead of the year, in small letters.
    ///
    /// Errors: an unknown letter, county, year or serial, or a wrong check digit.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = text.trim().to_ascii_uppercase();
        let (letter, rest) = text.split_at_checked(1).ok_or(FORM)?;
        if !matches!(letter, "J" | "F" | "C") {
            return Err(LETTER);
        }
        if all_digits(rest) && rest.len() == 13 {
            check_new(&text)?;
            return Ok(Self(text.into()));
        }
        let fields: Vec<&str> = rest.split([' ', '/', '\\', '-']).filter(|field| !field.is_empty()).collect();
        let [county, serial, year] = fields[..] else { return Err(FORM) };
        // A full date stands in some exports where the year belongs.
        let year = year.rsplit('.').next().unwrap_or(year);
        let number = |field: &str, longest: usize| {
            (all_digits(field) && field.len() <= longest).then(|| field.parse::<u32>().ok()).flatten()
        };
        let county = number(county, 2).filter(|county| is_county(*county)).ok_or(COUNTY)?;
        let serial = number(serial, 5).filter(|serial| *serial > 0).ok_or(SERIAL)?;
        let year = number(year, 4).filter(|year| (1990..=2024).contains(year)).ok_or(YEAR)?;
        let body = format!("{letter}{year:04}{serial:06}{county:02}");
        let check_digit = expected_check_digit(body.as_bytes());
        Ok(Self(format!("{body}{check_digit}").into()))
    }

    /// The old form (`J40/1234/2020`, county with two digits); `None` for numbers given in the new form only.
    pub fn old_form(&self) -> Option<String> {
        let county = &self.0[11..13];
        let serial = self.0[5..11].trim_start_matches('0');
        (county != "00").then(|| format!("{}{county}/{serial}/{}", &self.0[..1], &self.0[1..5]))
    }

    /// What the first letter says.
    pub fn kind(&self) -> TradeRegisterKind {
        match self.0.as_bytes()[0] {
            b'F' => TradeRegisterKind::NaturalPerson,
            b'C' => TradeRegisterKind::Cooperative,
            _ => TradeRegisterKind::Company,
        }
    }
}

fn check_new(text: &str) -> Result<(), IdentifierError> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| (from..to).fold(0, |sum, index| sum * 10 + digit(bytes, index));
    let (year, serial, county) = (number(1, 5), number(5, 11), number(11, 13));
    if !(1990..=2099).contains(&year) {
        return Err(YEAR);
    }
    if serial == 0 {
        return Err(SERIAL);
    }
    // County of the converted old number; 00 is given since 26.07.2024 only, and nothing else after that year.
    if !(county == 0 && year >= 2024 || is_county(county) && year <= 2024) {
        return Err(COUNTY);
    }
    if expected_check_digit(&bytes[..13]) == digit(bytes, 13) { Ok(()) } else { Err(CHECK_DIGIT) }
}

fn is_county(county: u32) -> bool {
    matches!(county, 1..=40 | 51 | 52)
}

fn expected_check_digit(body: &[u8]) -> u32 {
    let letter = match body[0] {
        b'J' => 4,
        b'C' => 7,
        _ => 0,
    };
    (1..body.len()).fold(letter, |sum, index| sum + digit(body, index)) % 10
}

const FORM: IdentifierError = IdentifierError::new(
    "trade-register.form",
    "numărul din registrul comerțului se scrie J2020001234408 sau J40/1234/2020; verificați-l în certificat",
    "a trade-register number is written J2020001234408 or J40/1234/2020; check it in the certificate",
);
const LETTER: IdentifierError = IdentifierError::new(
    "trade-register.letter",
    "numărul din registrul comerțului începe cu J, F sau C",
    "a trade-register number starts with J, F or C",
);
const COUNTY: IdentifierError = IdentifierError::new(
    "trade-register.county",
    "codul de județ din numărul registrului comerțului nu este posibil pentru acel an; verificați-l în certificat",
    "the county in the trade-register number is not possible for that year; check it in the certificate",
);
const SERIAL: IdentifierError = IdentifierError::new(
    "trade-register.serial",
    "numărul de ordine din registrul comerțului este între 1 și 99999 (forma veche) sau are 6 cifre (forma nouă)",
    "the serial in the trade register is 1 to 99999 (old form) or has 6 digits (new form)",
);
const YEAR: IdentifierError = IdentifierError::new(
    "trade-register.year",
    "anul din numărul registrului comerțului este 1990 sau mai nou; forma veche s-a încheiat în 2024",
    "the year in the trade-register number is 1990 or later; the old form ended in 2024",
);
const CHECK_DIGIT: IdentifierError = IdentifierError::new(
    "trade-register.check-digit",
    "cifra de control a numărului din registrul comerțului nu se potrivește; verificați fiecare cifră",
    "the check digit of the trade-register number does not match; check every digit",
);
