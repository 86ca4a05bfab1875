//! What stands in a list.

use crate::moment;

/// How something stands, in colour and always in words too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    Plain,
    /// As it should be.
    Good,
    /// Somebody should look soon.
    Warn,
    /// Somebody must act.
    Bad,
}

impl Tone {
    /// Its class in the style.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A cell.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Words.
    Text(String),
    /// Words that lead somewhere.
    Link(String, String),
    /// A number, an id, a hash: in letters of one width.
    Code(String),
    /// How something stands.
    Badge(String, Tone),
    /// A count.
    Count(i64),
    /// A moment as the API writes it.
    Moment(String),
    /// A day as the API writes it.
    Day(String),
    /// Words, and what explains them below.
    Two(String, String),
}

impl Cell {
    /// Words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The cell in a file: days as people write them, counts as digits.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) | Self::Link(text, _) | Self::Code(text) | Self::Badge(text, _) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Moment(at) => moment::moment(at),
            Self::Day(day) => moment::day(day),
            Self::Two(first, second) if second.is_empty() => first.clone(),
            Self::Two(first, second) => format!("{first} ({second})"),
        }
    }
}

/// A row. Where the whole leads somewhere, its first cell is the link.
#[derive(Debug, Clone)]
pub struct Row {
    /// The cells, one for each column.
    pub cells: Vec<Cell>,
    /// Where it leads.
    pub href: Option<String>,
}

impl Row {
    /// A row that leads somewhere.
    #[must_use]
    pub fn to(href: impl Into<String>, cells: Vec<Cell>) -> Self {
        Self { cells, href: Some(href.into()) }
    }

    /// A row that only tells.
    #[must_use]
    pub const fn of(cells: Vec<Cell>) -> Self {
        Self { cells, href: None }
    }
}
