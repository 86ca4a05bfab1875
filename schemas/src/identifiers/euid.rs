//! EUID, the European name of a firm in a trade register.

use super::{IdentifierError, TradeRegisterNumber, text_form::text_form};

/// A Romanian EUID: `ROONRC.` and the trade-register number in the new form.
///
/// Source of the rule: Directive (EU) 2017/1132 and Implementing Regulation (EU) 2021/1042, annex; register id `ONRC`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Euid(Box<str>);

text_form!(Euid);

const PREFIX: &str = "ROONRC.";

impl Euid {
    /// Reads an EUID with the number in either form; slashes may come percent-encoded, as in addresses of web pages.
    ///
    /// Errors: a missing country, register id or dot, and every error of the trade-register number.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = text.trim().to_ascii_uppercase().replace("%2F", "/");
        let number = text.strip_prefix(PREFIX).ok_or(FORM)?;
        Ok(Self(format!("{PREFIX}{}", TradeRegisterNumber::parse(number)?).into()))
    }

    /// The trade-register number inside.
    pub fn trade_register_number(&self) -> TradeRegisterNumber {
        TradeRegisterNumber::parse(&self.0[PREFIX.len()..]).expect("an EUID holds a number that was parsed")
    }

    /// The form with the old number, percent-encoded for a web address; `None` for numbers given in the new form only.
    pub fn old_form_in_url(&self) -> Option<String> {
        let old = self.trade_register_number().old_form()?;
        Some(format!("{PREFIX}{}", old.replace('/', "%2F")))
    }
}

const FORM: IdentifierError = IdentifierError::new(
    "euid.form",
    "identificatorul EUID românesc începe cu ROONRC. urmat de numărul din registrul comerțului",
    "a Romanian EUID starts with ROONRC. followed by the trade-register number",
);
