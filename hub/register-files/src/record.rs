//! A row of a register with its meaning.

use jiff::civil::Date;

use crate::Column;

/// Which way a document went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// It came in.
    #[default]
    In,
    /// It went out.
    Out,
    /// It stayed in the house.
    Internal,
}

impl Direction {
    /// The word in a file.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::In => "intrare",
            Self::Out => "ieșire",
            Self::Internal => "intern",
        }
    }

    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
            Self::Internal => "internal",
        }
    }
}

/// How a number stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    /// A document has it.
    #[default]
    Used,
    /// It waits for a document.
    Reserved,
    /// It was annulled.
    Annulled,
    /// It was never used and is struck out.
    Struck,
}

impl State {
    /// The word in a file; empty where nothing is to be said.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Used => "",
            Self::Reserved => "rezervat",
            Self::Annulled => "anulat",
            Self::Struck => "neutilizat",
        }
    }

    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Reserved => "reserved",
            Self::Annulled => "annulled",
            Self::Struck => "struck",
        }
    }
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The number, as it was written; a register on paper has also `12 bis`.
    pub number: String,
    /// The day of its registration.
    pub date: Date,
    /// Which way.
    pub direction: Direction,
    /// Number the issuer gave.
    pub issuer_number: Option<String>,
    /// Day the issuer gave.
    pub issuer_date: Option<Date>,
    /// Sheets.
    pub pages: Option<u32>,
    /// Annexes.
    pub annexes: Option<u32>,
    /// The issuer.
    pub issuer: Option<String>,
    /// The matter in brief; empty only where the number has no document.
    pub subject: String,
    /// The unit it was given to.
    pub unit: Option<String>,
    /// The day it was sent.
    pub sent: Option<Date>,
    /// How it was solved.
    pub resolution: Option<String>,
    /// The addressee.
    pub addressee: Option<String>,
    /// Number of the document it is connected to.
    pub connected: Option<String>,
    /// Code of the file by the nomenclature.
    pub file_code: Option<String>,
    /// How the number stands.
    pub state: State,
    /// Why it was annulled or struck, or what else was noted.
    pub reason: Option<String>,
    /// Columns that the template does not have: heading and text. Nothing of a file is lost.
    pub others: Vec<(String, String)>,
}

/// A day as Romanians write it, `31.12.2026`.
#[must_use]
pub fn day_in_words(day: Date) -> String {
    format!("{:02}.{:02}.{:04}", day.day(), day.month(), day.year())
}

impl Record {
    /// The number as a number of a series, where it is nothing else.
    #[must_use]
    pub fn ordinal(&self) -> Option<u64> {
        let plain = !self.number.starts_with('0') && self.number.bytes().all(|byte| byte.is_ascii_digit());
        if plain { self.number.parse().ok().filter(|number| *number <= i64::MAX as u64) } else { None }
    }

    /// What stands in a column.
    #[must_use]
    pub fn text(&self, column: Column) -> String {
        let day = |day: Option<Date>| day.map(day_in_words).unwrap_or_default();
        let count = |count: Option<u32>| count.map(|count| count.to_string()).unwrap_or_default();
        let said = |text: &Option<String>| text.clone().unwrap_or_default();
        match column {
            Column::Number => self.number.clone(),
            Column::Date => day_in_words(self.date),
            Column::Direction => self.direction.in_romanian().to_owned(),
            Column::IssuerNumber => said(&self.issuer_number),
            Column::IssuerDate => day(self.issuer_date),
            Column::Pages => count(self.pages),
            Column::Annexes => count(self.annexes),
            Column::Issuer => said(&self.issuer),
            Column::Subject => self.subject.clone(),
            Column::Unit => said(&self.unit),
            Column::Sent => day(self.sent),
            Column::Resolution => said(&self.resolution),
            Column::Addressee => said(&self.addressee),
            Column::Connected => said(&self.connected),
            Column::FileCode => said(&self.file_code),
            Column::State => self.state.in_romanian().to_owned(),
            Column::Reason => said(&self.reason),
        }
    }
}
