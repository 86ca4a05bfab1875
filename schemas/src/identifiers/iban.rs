//! IBAN of an account in Romania.

use super::{IdentifierError, text_form::text_form};

/// A Romanian IBAN: `RO`, two check digits, four letters of the bank, sixteen letters or digits.
///
/// Source of the rule: ISO 13616 and the national structure registered by the National Bank of Romania. State Treasury
/// accounts (`TREZ`) carry letters inside the account part.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Iban(Box<str>);

text_form!(Iban);

impl Iban {
    /// Reads an IBAN; blanks (the printed form) are dropped and letters become capitals.
    ///
    /// Errors: another country, a wrong length or character, wrong check digits.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let compact: String =
            text.chars().filter(|letter| *letter != ' ').map(|letter| letter.to_ascii_uppercase()).collect();
        check(&compact)?;
        Ok(Self(compact.into()))
    }

    /// Whether the text is an IBAN in canonical form (capitals, no blanks).
    pub(crate) fn is_canonical(text: &str) -> bool {
        check(text).is_ok()
    }
}

fn check(text: &str) -> Result<(), IdentifierError> {
    let bytes = text.as_bytes();
    if !text.starts_with("RO") {
        return Err(COUNTRY);
    }
    let well_formed = bytes.len() == 24
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes[4..8].iter().all(u8::is_ascii_uppercase)
        && bytes[8..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !well_formed {
        return Err(FORM);
    }
    let rearranged = bytes[4..].iter().chain(&bytes[..4]);
    let remainder = rearranged.fold(0u32, |remainder, byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        letter => (remainder * 100 + u32::from(letter - b'A') + 10) % 97,
    });
    if remainder == 1 { Ok(()) } else { Err(CHECK_DIGITS) }
}

const COUNTRY: IdentifierError = IdentifierError::new(
    "iban.country",
    "contul nu este un IBAN din România; un IBAN românesc începe cu RO",
    "the account is not a Romanian IBAN; a Romanian IBAN starts with RO",
);
const FORM: IdentifierError = IdentifierError::new(
    "iban.form",
    "un IBAN românesc are 24 de caractere: RO, două cifre, patru litere, apoi 16 litere sau cifre; verificați-l",
    "a Romanian IBAN has 24 characters: RO, two digits, four letters, then 16 letters or digits; check it",
);
const CHECK_DIGITS: IdentifierError = IdentifierError::new(
    "iban.check-digits",
    "cifrele de control ale IBAN-ului nu se potrivesc; verificați fiecare caracter",
    "the check digits of the IBAN do not match; check every character",
);
