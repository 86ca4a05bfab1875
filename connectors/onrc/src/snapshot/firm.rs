//! One row of OD_FIRME.

use super::columns::Columns;
use super::records::Record;
use crate::key::RegisterKey;

/// The columns of OD_FIRME (contract sheet section 5.4).
pub const COLUMNS: [&str; 20] = [
    "DENUMIRE",
    "CUI",
    "COD_INMATRICULARE",
    "DATA_INMATRICULARE",
    "EUID",
    "FORMA_JURIDICA",
    "ADR_TARA",
    "ADR_JUDET",
    "ADR_LOCALITATE",
    "ADR_DEN_STRADA",
    "ADR_NR_STRADA",
    "ADR_BLOC",
    "ADR_SCARA",
    "ADR_ETAJ",
    "ADR_APARTAMENT",
    "ADR_COD_POSTAL",
    "ADR_SECTOR",
    "ADR_COMPLETARE",
    "WEB",
    "TARA_FIRMA_MAMA",
];

pub(super) const NAME: usize = 0;
pub(super) const CUI: usize = 1;
pub(super) const NUMBER: usize = 2;
pub(super) const DATE: usize = 3;
pub(super) const FIRST_OF_SEAT: usize = 6;
pub(super) const COUNTY: usize = 7;
pub(super) const LAST_OF_SEAT: usize = 17;

/// A firm as the file has it: texts as they came, blanks around them taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firm {
    fields: Vec<String>,
}

impl Firm {
    pub(super) fn of(record: &Record, columns: &Columns<20>) -> Firm {
        let text = |at: usize| String::from_utf8_lossy(columns.field(record, at)).trim().to_owned();
        Firm { fields: (0..COLUMNS.len()).map(text).collect() }
    }

    /// The text of a column of [`COLUMNS`]; empty where the column is empty or does not exist.
    #[must_use]
    pub fn text(&self, column: &str) -> &str {
        COLUMNS.iter().position(|name| *name == column).map_or("", |at| &self.fields[at])
    }

    /// The register number, where it can be read.
    #[must_use]
    pub fn key(&self) -> Option<RegisterKey> {
        RegisterKey::read(self.fields[NUMBER].as_bytes()).map(|(key, _)| key)
    }

    /// The CUI; none where the file says 0 or nothing.
    #[must_use]
    pub fn cui(&self) -> Option<u64> {
        cui(self.fields[CUI].as_bytes()).ok().filter(|cui| *cui != 0)
    }

    /// The registration date, where there is one.
    #[must_use]
    pub fn registered_on(&self) -> Option<jiff::civil::Date> {
        jiff::civil::Date::strptime("%d/%m/%Y", &self.fields[DATE]).ok()
    }
}

/// A CUI column as a number: 0 where it is empty or says 0.
///
/// # Errors
/// It is something else than at most ten digits.
pub(super) fn cui(field: &[u8]) -> Result<u64, ()> {
    let digits = field.trim_ascii();
    let digits = digits.strip_prefix(b"RO").unwrap_or(digits);
    if digits.len() > 10 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(());
    }
    Ok(super::entries::decimal(digits))
}
