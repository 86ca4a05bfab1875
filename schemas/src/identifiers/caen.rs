//! CAEN, the class of an economic activity.

use super::{IdentifierError, all_digits, text_form::text_form};

/// A CAEN class of four digits. The same code means different things in different revisions: keep it with its
/// [`CaenRevision`].
///
/// Source of the rule: INS Order 337/2007 (revision 2) and INS Order 377/2024 (revision 3).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Caen(Box<str>);

text_form!(Caen);

impl Caen {
    /// Reads a class; a leading zero lost in a spreadsheet (three digits) is put back.
    ///
    /// Errors: anything but three or four digits.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let digits = text.trim();
        match digits.len() {
            4 if all_digits(digits) => Ok(Self(digits.into())),
            3 if all_digits(digits) => Ok(Self(format!("0{digits}").into())),
            _ => Err(FORM),
        }
    }
}

/// The revision of the classification a class belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaenRevision {
    /// Published 1998, number 0.
    Of1998,
    /// Published 2003, number 1.
    Of2003,
    /// Published 2008, number 2.
    Of2008,
    /// Published 2025, number 3.
    Of2025,
}

impl CaenRevision {
    /// Reads a revision as registers write it: the number (`2`) or the words (`Versiunea 2008`).
    ///
    /// Errors: any other text.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        match text.trim().trim_start_matches("Versiunea").trim() {
            "0" | "1998" => Ok(Self::Of1998),
            "1" | "2003" => Ok(Self::Of2003),
            "2" | "2008" => Ok(Self::Of2008),
            "3" | "2025" => Ok(Self::Of2025),
            _ => Err(REVISION),
        }
    }

    /// The number of the revision, 0 to 3.
    pub fn number(self) -> u8 {
        match self {
            Self::Of1998 => 0,
            Self::Of2003 => 1,
            Self::Of2008 => 2,
            Self::Of2025 => 3,
        }
    }
}

const FORM: IdentifierError = IdentifierError::new(
    "caen.form",
    "clasa CAEN are 4 cifre; luați-o din lista INS a versiunii indicate",
    "a CAEN class has 4 digits; take it from the INS list of the stated revision",
);
const REVISION: IdentifierError = IdentifierError::new(
    "caen.revision",
    "versiunea CAEN este 0 (1998), 1 (2003), 2 (2008) sau 3 (2025)",
    "the CAEN revision is 0 (1998), 1 (2003), 2 (2008) or 3 (2025)",
);
