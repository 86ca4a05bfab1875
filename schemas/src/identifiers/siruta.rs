//! SIRUTA, the code of a county, an administrative unit or a locality.

use super::{IdentifierError, all_digits, digit, text_form::text_form};

/// A SIRUTA code: 2 to 6 digits without leading zeros.
///
/// Source of the rule: register of the National Institute of Statistics (INS). The published check-digit rule fails for 77
/// official codes, so a wrong check digit is a warning only: whether a code exists is decided by the code list `siruta`
/// (see [`crate::code_lists`]).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Siruta(Box<str>);

text_form!(Siruta);

impl Siruta {
    /// Reads a code; blanks around it are dropped.
    ///
    /// Errors: anything but 2 to 6 digits, a leading zero. The check digit is not an error.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let digits = text.trim();
        if Self::is_canonical(digits) { Ok(Self(digits.into())) } else { Err(FORM) }
    }

    /// Whether the last digit follows the published rule. `false` asks for a second look, nothing more.
    pub fn check_digit_matches(&self) -> bool {
        check_digit_matches(&self.0)
    }

    /// Whether the text is a code in canonical form.
    pub(crate) fn is_canonical(text: &str) -> bool {
        all_digits(text) && (2..=6).contains(&text.len()) && !text.starts_with('0')
    }
}

const WEIGHTS: [u32; 5] = [1, 2, 3, 5, 7];

fn check_digit_matches(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let body = bytes.len() - 1;
    let sum: u32 = (0..body)
        .map(|place| digit(bytes, body - 1 - place) * WEIGHTS[place])
        .map(|product| product / 10 + product % 10)
        .sum();
    (11 - sum % 10) % 10 == digit(bytes, body)
}

const FORM: IdentifierError = IdentifierError::new(
    "siruta.form",
    "codul SIRUTA are între 2 și 6 cifre, fără zerouri în față; luați-l din nomenclatorul INS",
    "a SIRUTA code has 2 to 6 digits without leading zeros; take it from the INS nomenclature",
);
