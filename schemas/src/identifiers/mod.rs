//! Identifiers, parsed once at the door and trusted inside.
//!
//! Every type has `parse` (with normalisation of blanks, case and prefixes), `as_str` (the one canonical form), `Display`
//! and serde through the string. An error names the rule in Romanian and in English and never repeats the value.
//! Never asks a register whether the identifier was issued: a right form is not proof of existence.

mod error;
pub use error::IdentifierError;
mod text_form;
mod cui;
pub use cui::Cui;
mod cnp;
pub use cnp::{Cnp, Sex};
mod siruta;
pub use siruta::Siruta;
mod iban;
pub use iban::Iban;
mod trade_register;
pub use trade_register::{TradeRegisterKind, TradeRegisterNumber};
mod euid;
pub use euid::Euid;
mod caen;
pub use caen::{Caen, CaenRevision};

/// Digit at `index` as a number; callers have checked that it is an ASCII digit.
pub(crate) fn digit(bytes: &[u8], index: usize) -> u32 {
    u32::from(bytes[index] - b'0')
}

/// Whether the text is made of ASCII digits only and is not empty.
pub(crate) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
