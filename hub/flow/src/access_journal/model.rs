//! An entry of the journal.

use uuid::Uuid;

use crate::audit::Principal;
use crate::clock::Timestamp;
use crate::ledger::Digest;
use crate::message::MessageId;

/// What was done with personal data (contract sheet A8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessKind {
    /// They were read.
    Access,
    /// They were taken out of the hub as a file or on paper.
    Export,
    /// They were compared with a register.
    Validate,
    /// They were searched.
    Search,
    /// They were handed to another institution.
    Transfer,
}

impl AccessKind {
    /// Every kind there is.
    pub const ALL: [Self; 5] = [Self::Access, Self::Export, Self::Validate, Self::Search, Self::Transfer];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Export => "export",
            Self::Validate => "validate",
            Self::Search => "search",
            Self::Transfer => "transfer",
        }
    }

    /// For people.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Access => "consultare",
            Self::Export => "export",
            Self::Validate => "validare",
            Self::Search => "căutare",
            Self::Transfer => "transmitere",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessResult {
    /// The data were given.
    Given,
    /// There was nothing to give.
    Nothing,
    /// It was refused.
    Refused,
}

impl AccessResult {
    /// Every result there is.
    pub const ALL: [Self; 3] = [Self::Given, Self::Nothing, Self::Refused];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Nothing => "nothing",
            Self::Refused => "refused",
        }
    }

    /// For people.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Given => "date comunicate",
            Self::Nothing => "fără date",
            Self::Refused => "refuzat",
        }
    }

    /// The result with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.as_str() == word)
    }
}

/// Why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasons {
    /// What for; empty only where it was refused for giving none.
    pub purpose: String,
    /// The rule it rests on.
    pub legal_basis: String,
    /// The case or request.
    pub case_number: Option<String>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessEntry {
    /// Its id, in order of time.
    pub id: Uuid,
    /// What was done.
    pub kind: AccessKind,
    /// When.
    pub at: Timestamp,
    /// The institution that acts; of a transfer, the one that transfers.
    pub party: String,
    /// Party on whose behalf, where another.
    pub on_behalf: Option<String>,
    /// Who acts.
    pub principal: Principal,
    /// The clerk a system names.
    pub user: Option<String>,
    /// What was done, by a closed word: `message.part`.
    pub operation: String,
    /// What was opened, or to whom data were transferred.
    pub object: Option<String>,
    /// The message it is about, whose persons are known.
    pub message: Option<MessageId>,
    /// Why.
    pub reasons: Reasons,
    /// What came of it.
    pub result: AccessResult,
    /// Of the request, or the message.
    pub correlation: Option<String>,
}

impl AccessEntry {
    /// What its place in the chain is bound to.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Digest::default()
            .field(Some(self.id.as_bytes()))
            .number(self.at.0)
            .text(self.kind.as_str())
            .text(&self.party)
            .maybe(self.on_behalf.as_deref())
            .text(self.principal.kind.as_str())
            .text(&self.principal.id)
            .maybe(self.user.as_deref())
            .text(&self.operation)
            .maybe(self.object.as_deref())
            .field(self.message.as_ref().map(|id| id.0.as_bytes().as_slice()))
            .text(&self.reasons.purpose)
            .text(&self.reasons.legal_basis)
            .maybe(self.reasons.case_number.as_deref())
            .text(self.result.as_str())
            .maybe(self.correlation.as_deref())
            .finish()
    }
}

/// Which entries. What is not named does not matter.
#[derive(Debug, Clone, Default)]
pub struct AccessFilter {
    /// The pseudonym of a clerk or person, or the id of a system.
    pub user: Option<String>,
    /// An operation.
    pub operation: Option<String>,
    /// A purpose.
    pub purpose: Option<String>,
    /// A case.
    pub case_number: Option<String>,
    /// What was done.
    pub kind: Option<AccessKind>,
    /// What came of it.
    pub result: Option<AccessResult>,
    /// The keyed digest of a person.
    pub subject: Option<[u8; 32]>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// Before this entry: the last one of the page before.
    pub before: Option<Uuid>,
}
