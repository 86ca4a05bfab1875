//! CUI, the code of a legal person (cod unic de înregistrare; with `RO` in front, the VAT code).

use super::{IdentifierError, all_digits, digit, text_form::text_form};

/// The unique registration code of a legal person: 2 to 10 digits, the last one a check digit.
///
/// Source of the rule: Fiscal Procedure Code (Law 207/2015), art. 82, and the published check-digit method.
/// The prefix `RO` says that the holder pays VAT; it is accepted and not kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cui(Box<str>);

text_form!(Cui);

impl Cui {
    /// Reads a code, with or without `RO`, blanks and lower case allowed around the digits.
    ///
    /// Errors: anything but 2 to 10 digits, a leading zero, a wrong check digit.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = text.trim();
        let digits = match text.get(..2) {
            Some(prefix) if prefix.eq_ignore_ascii_case("ro") => text[2..].trim_start(),
            _ => text,
        };
        check(digits)?;
        Ok(Self(digits.into()))
    }

    /// Whether the text is a code in canonical form (digits only).
    pub(crate) fn is_canonical(text: &str) -> bool {
        check(text).is_ok()
    }
}

/// Weights of the digits before the check digit, aligned to the right.
const WEIGHTS: [u32; 9] = [7, 5, 3, 2, 1, 7, 5, 3, 2];

fn check(digits: &str) -> Result<(), IdentifierError> {
    if !all_digits(digits) || !(2..=10).contains(&digits.len()) {
        return Err(FORM);
    }
    let bytes = digits.as_bytes();
    if bytes[0] == b'0' {
        return Err(LEADING_ZERO);
    }
    let body = bytes.len() - 1;
    let sum: u32 = (0..body).map(|index| digit(bytes, index) * WEIGHTS[9 - body + index]).sum();
    if sum * 10 % 11 % 10 == digit(bytes, body) { Ok(()) } else { Err(CHECK_DIGIT) }
}

const FORM: IdentifierError = IdentifierError::new(
    "cui.form",
    "codul fiscal (CUI) are între 2 și 10 cifre; scrieți numai cifrele, cu sau fără RO în față",
    "a fiscal code (CUI) has 2 to 10 digits; write the digits only, with or without RO in front",
);
const LEADING_ZERO: IdentifierError = IdentifierError::new(
    "cui.leading-zero",
    "codul fiscal (CUI) nu începe cu zero; scrieți-l fără zerouri în față",
    "a fiscal code (CUI) does not start with zero; write it without leading zeros",
);
const CHECK_DIGIT: IdentifierError = IdentifierError::new(
    "cui.check-digit",
    "cifra de control a codului fiscal (CUI) nu se potrivește; verificați fiecare cifră",
    "the check digit of the fiscal code (CUI) does not match; check every digit",
);
