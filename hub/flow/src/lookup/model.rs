//! The words of lookups: entries of the journal, their ends, and what a caller is told.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use connectors_contract::Document;
use openssl::sha::sha256;
use serde_json::Value;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::ledger::Digest;
use crate::message::{Authentication, LookupId};

/// What a caller wishes of the age of an answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish {
    /// The oldest answer it takes; as old as the register's operation allows where it says nothing.
    pub max_age: Option<Duration>,
    /// Whether it takes an older answer where the register gives none.
    pub allow_stale: bool,
}

/// Why something is asked, and by whom inside the institution.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasons {
    /// What for.
    pub purpose: String,
    /// The rule it rests on.
    pub legal_basis: String,
    /// The case it is asked for.
    pub case_number: Option<String>,
    /// The institution's own pseudonym of its clerk.
    pub user: Option<String>,
}

/// What is done with data, in the words of event journals of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A register is asked, or its answer read again.
    Access,
    /// A document is taken.
    Export,
    /// The journal itself is searched.
    Search,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 3] = [Self::Access, Self::Export, Self::Search];

    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Export => "export",
            Self::Search => "search",
        }
    }
}

/// One entry of the journal, on its way in.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id; of a question also the lookup's.
    pub id: LookupId,
    /// What is done.
    pub act: Act,
    /// The lookup whose answer is read again or exported.
    pub of_lookup: Option<LookupId>,
    /// When.
    pub at: Timestamp,
    /// The institution that acts.
    pub party: String,
    /// How it was known.
    pub authentication: Authentication,
    /// Why.
    pub reasons: Reasons,
    /// What is asked of which register; none for a search of the journal.
    pub asked: Option<Asked>,
    /// Whom it is about.
    pub about: About,
    /// Questions that were put together.
    pub batch: Option<Uuid>,
}

impl Entry {
    /// Whether a register is asked, and an end must follow.
    #[must_use]
    pub fn is_question(&self) -> bool {
        self.act == Act::Access && self.of_lookup.is_none()
    }

    /// What its place in the chain of the journal is bound to.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let Reasons { purpose, legal_basis, case_number, user } = &self.reasons;
        let asked = self.asked.as_ref();
        Digest::default()
            .field(Some(self.id.0.as_bytes()))
            .number(self.at.0)
            .text(self.act.as_str())
            .text(&self.party)
            .text(purpose)
            .text(legal_basis)
            .maybe(case_number.as_deref())
            .maybe(user.as_deref())
            .maybe(asked.map(|asked| asked.system.as_str()))
            .maybe(asked.map(|asked| asked.operation.as_str()))
            .field(self.about.subject.as_ref().map(|subject| subject.digest.as_slice()))
            .finish()
    }
}

/// What is asked of which register, and what allows it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The system.
    pub system: String,
    /// Its operation.
    pub operation: String,
    /// The agreement that allows it, with its version.
    pub agreement: Option<(String, i64)>,
    /// The channel it goes over, with the version of its entry.
    pub channel: (String, i64),
    /// The categories of data in the answer.
    pub discloses: Vec<String>,
    /// Whether it is about a natural person.
    pub personal: bool,
}

/// Whom an entry is about.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The person or firm; none where it is about nobody.
    pub subject: Option<Subject>,
    /// What is asked with, where the register is asked.
    pub arguments: Option<BTreeMap<String, String>>,
}

/// A person or firm.
#[derive(Clone)]
pub struct Subject {
    /// The identifier, where it is kept in the clear.
    pub clear: Option<String>,
    /// Its keyed digest.
    pub digest: [u8; 32],
    /// Its last characters.
    pub hint: String,
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Subject(hidden)")
    }
}

/// How a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The register has it.
    Found,
    /// The register has nothing.
    Absent,
    /// The register does not want to answer.
    Refused,
    /// The register did not answer.
    Unavailable,
    /// No agreement allows the question; the register was not asked.
    Denied,
    /// The hub fell while it asked; nobody was told anything.
    Interrupted,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] =
        [Self::Found, Self::Absent, Self::Refused, Self::Unavailable, Self::Denied, Self::Interrupted];

    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Absent => "absent",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Denied => "denied",
            Self::Interrupted => "interrupted",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }

    /// Whether the register said something of what was asked.
    #[must_use]
    pub const fn is_answer(self) -> bool {
        matches!(self, Self::Found | Self::Absent)
    }
}

/// The end of a question, on its way into the journal.
#[derive(Debug, Clone)]
pub struct Ending {
    /// The question.
    pub id: LookupId,
    /// How it ended.
    pub outcome: Outcome,
    /// Of what day or moment the register says it is.
    pub as_of: Option<String>,
    /// The lookup whose answer is given, and whether it is older than it should be.
    pub copied: Option<(LookupId, bool)>,
    /// When the register answered; of a copy, the moment of the original.
    pub answered_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How long the register took, where it was asked.
    pub took: Option<Duration>,
    /// The protocol's status.
    pub status: Option<u16>,
    /// Of what was sent as body.
    pub sent_sha256: Option<[u8; 32]>,
    /// When the register wants to be asked again.
    pub retry_at: Option<Timestamp>,
    /// Digest of the question, where this answer may be given again.
    pub repeatable: Option<[u8; 32]>,
    /// What the register said.
    pub content: Option<Content>,
}

impl Ending {
    /// An end at this moment about which nothing else is known.
    #[must_use]
    pub fn at(id: LookupId, now: Timestamp) -> Self {
        Self {
            id,
            outcome: Outcome::Unavailable,
            as_of: None,
            copied: None,
            answered_at: now,
            ended_at: now,
            took: None,
            status: None,
            sent_sha256: None,
            retry_at: None,
            repeatable: None,
            content: None,
        }
    }
}

/// What a register said. It is erased when its time is over.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// The answer.
    pub value: Option<Value>,
    /// The code of a refusal.
    pub code: Option<String>,
    /// The words of a refusal, or why there was no answer.
    pub reason: Option<String>,
    /// A document that came with it.
    pub document: Option<DocumentFacts>,
    /// When it is erased.
    pub erase_at: Timestamp,
}

/// A document of a register, byte for byte.
#[derive(Debug, Clone)]
pub struct DocumentFacts {
    /// Media type.
    pub content_type: String,
    /// Length in bytes.
    pub size: i64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// The bytes, where they were asked for. They are in the database, not in the blob store: so they commit with the
    /// answer (some registers give a document once), every node has them, and erasing the answer erases them.
    pub content: Option<Bytes>,
}

impl DocumentFacts {
    /// Of a document that came with an answer.
    #[must_use]
    pub fn of(document: Document) -> Self {
        let Document { content_type, content } = document;
        let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
        Self { content_type, size, sha256: sha256(&content), content: Some(content) }
    }
}

/// A question the register works on.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The question.
    pub id: LookupId,
    /// The register's number of it.
    pub request: Option<String>,
    /// How often it was asked.
    pub asks: i64,
    /// Why the last asking had no answer.
    pub reason: Option<String>,
    /// When it is asked again.
    pub next_at: Timestamp,
    /// When it counts as unavailable.
    pub ends_at: Timestamp,
}

/// An earlier answer that may be given again.
#[derive(Debug, Clone)]
pub struct Copy {
    /// The lookup it answered.
    pub id: LookupId,
    /// Whether the register had something.
    pub outcome: Outcome,
    /// Of what day or moment the register says it is.
    pub as_of: Option<String>,
    /// When the register answered.
    pub answered_at: Timestamp,
}

/// A question and where it stands, as its institution is told.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// The question.
    pub id: LookupId,
    /// Who asked.
    pub party: String,
    /// The system.
    pub system: String,
    /// Its operation.
    pub operation: String,
    /// The channel it went over.
    pub channel: String,
    /// The categories of data in the answer.
    pub discloses: Vec<String>,
    /// Whether it is about a natural person.
    pub personal: bool,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Why.
    pub reasons: Reasons,
    /// Digest and hint of whom it is about.
    pub subject: Option<Subject>,
    /// Where it stands.
    pub standing: Standing,
}

/// Where a question stands.
#[derive(Debug, Clone)]
pub enum Standing {
    /// The register is being asked, or the hub fell while it was and has not said so yet.
    Underway,
    /// The register works on it.
    Waiting {
        /// When it is asked again.
        next_at: Timestamp,
        /// When it counts as unavailable.
        ends_at: Timestamp,
    },
    /// It was answered.
    Answered(Answered),
    /// It ended without an answer.
    Ended {
        /// How.
        outcome: Outcome,
        /// The register's code.
        code: Option<String>,
        /// In words; none where they were erased.
        reason: Option<String>,
        /// When the register wants to be asked again.
        retry_at: Option<Timestamp>,
    },
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Whether the register had something.
    pub outcome: Outcome,
    /// What, in the register's own shape.
    pub value: Option<Value>,
    /// Of what day or moment the register says it is.
    pub as_of: Option<String>,
    /// When the register answered.
    pub answered_at: Timestamp,
    /// The earlier lookup whose answer this is.
    pub copied_from: Option<LookupId>,
    /// Whether it is older than its freshness allows, because the register gave none.
    pub stale: bool,
    /// A document that came with it.
    pub document: Option<DocumentFacts>,
    /// Whether what was said is erased.
    pub erased: bool,
}
