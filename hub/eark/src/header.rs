//! Who made a package, of what, for whom: the head of its METS file.

use jiff::Timestamp;

/// What a delivery is to the archive that takes it (vocabulary of SIP 2.1, requirement SIP3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// A first delivery.
    New,
    /// It adds to an earlier one.
    Supplement,
    /// It takes the place of an earlier one. The vocabulary spells the word so.
    Replacement,
    /// A trial, of which nothing is to be kept.
    Test,
}

impl Status {
    const ALL: [Self; 4] = [Self::New, Self::Supplement, Self::Replacement, Self::Test];

    /// The word of the vocabulary.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Supplement => "SUPPLEMENT",
            Self::Replacement => "REPLEACEMENT",
            Self::Test => "TEST",
        }
    }

    /// The status a word names, where this version knows it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// An organisation that had a part in a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its name for people.
    pub name: String,
    /// What identifies it: the party's id, or a CUI.
    pub code: String,
}

/// The head of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Identifier of the package, unique for its maker: also the name of its root folder (CSIP1).
    pub id: String,
    /// Title for people.
    pub label: String,
    /// When it was made.
    pub created: Timestamp,
    /// What the delivery is to the archive.
    pub status: Status,
    /// Whose documents they are: the creator of the fonds (SIP9, role ARCHIVIST).
    pub creator: Agent,
    /// Who hands them over (SIP15, role CREATOR).
    pub submitter: Agent,
    /// Who is to keep them, where that is known (SIP27, role PRESERVATION).
    pub preserver: Option<Agent>,
    /// The agreement under which they are handed over (SIP5).
    pub agreement: Option<String>,
    /// The archival reference code: year, nomenclator code, volume (SIP7).
    pub reference: Option<String>,
}
