//! A person as it is kept and told.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::db::{FromValue, Value};

use super::Scheme;

/// The id of a person within the hub; it says nothing about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct PersonId(pub uuid::Uuid);

impl From<PersonId> for Value {
    fn from(id: PersonId) -> Self {
        Self::Blob(id.0.as_bytes().to_vec())
    }
}

impl FromValue for PersonId {
    const EXPECTED: &'static str = "an id of 16 bytes";
    fn from_value(value: Value) -> Result<Self, Value> {
        <[u8; 16]>::from_value(value).map(|bytes| Self(uuid::Uuid::from_bytes(bytes)))
    }
}

impl std::fmt::Display for PersonId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

/// Natural or legal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PersonKind {
    /// A human being.
    Natural,
    /// A company, association, institution …
    Legal,
}

impl PersonKind {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Natural => "natural",
            Self::Legal => "legal",
        }
    }
}

/// What is written of a person, without identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Natural or legal.
    pub kind: PersonKind,
    /// Name or firm.
    pub name: String,
    /// Address, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// SIRUTA code of the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub siruta: Option<String>,
    /// Telephone or e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Of a legal person: its form, by the list `forma-juridica`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_form: Option<String>,
}

/// An identifier as those see it who see the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its scheme.
    pub scheme: Scheme,
    /// The last characters; the whole of a public one.
    pub hint: String,
}

/// A person.
#[derive(Debug, Clone, Serialize)]
pub struct Person {
    /// Its id.
    pub id: PersonId,
    /// 1 for the first version.
    pub version: i64,
    /// What is written of it.
    #[serde(flatten)]
    pub draft: Draft,
    /// Its identifiers, masked.
    pub identities: Vec<Shown>,
    /// The person it proved to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<PersonId>,
}

/// Who does something about a person, and why.
#[derive(Debug, Clone)]
pub struct Act {
    /// The institution's pseudonym of who acts.
    pub clerk: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// That somebody is about to see an identifier in the clear.
#[derive(Debug, Clone)]
pub struct Unmasking {
    /// Id of the row.
    pub id: PersonId,
    /// The institution.
    pub party: String,
    /// The person.
    pub person: PersonId,
    /// Which identifier.
    pub scheme: Scheme,
    /// Who.
    pub clerk: String,
    /// What for.
    pub purpose: String,
    /// On what basis.
    pub legal_basis: String,
    /// In which case.
    pub case_number: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Whether what a register says is what is written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The register knows the person under this name.
    Confirmed,
    /// It knows the code, under another name.
    Different,
    /// It does not know the code.
    Unknown,
}

impl Verdict {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Different => "different",
            Self::Unknown => "unknown",
        }
    }
}

/// What a register said of a person.
#[derive(Debug, Clone)]
pub struct Validation {
    /// The person.
    pub person: PersonId,
    /// The institution.
    pub party: String,
    /// The question, in the journal of questions.
    pub lookup: crate::message::LookupId,
    /// The operation that was asked.
    pub source: String,
    /// What came of it.
    pub verdict: Verdict,
    /// What was said and what differs.
    pub document: serde_json::Value,
    /// Who asked.
    pub clerk: String,
    /// When.
    pub at: Timestamp,
}
