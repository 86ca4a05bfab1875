//! An event of the audit.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::ledger::Digest;

use super::Kind;

/// What kind of principal acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// A machine.
    System,
    /// A person with an account.
    Person,
    /// The hub by itself, or its command line.
    Hub,
}

impl PrincipalKind {
    /// Every kind there is.
    pub const ALL: [Self; 3] = [Self::System, Self::Person, Self::Hub];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Person => "person",
            Self::Hub => "hub",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Machine, person or the hub itself.
    pub kind: PrincipalKind,
    /// Id of a system, pseudonym of a person, or the part of the hub. Never a name.
    pub id: String,
}

impl Principal {
    /// A machine.
    #[must_use]
    pub fn system(id: impl Into<String>) -> Self {
        Self { kind: PrincipalKind::System, id: id.into() }
    }

    /// A person, by pseudonym.
    #[must_use]
    pub fn person(pseudonym: impl Into<String>) -> Self {
        Self { kind: PrincipalKind::Person, id: pseudonym.into() }
    }

    /// A part of the hub: `command-line`, `keeper`.
    #[must_use]
    pub fn hub(part: impl Into<String>) -> Self {
        Self { kind: PrincipalKind::Hub, id: part.into() }
    }
}

/// How the act ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// A rule refused it.
    Refused,
    /// It failed.
    Failed,
}

impl Outcome {
    /// Every outcome there is.
    pub const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::Failed];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// The outcome with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

/// The party of what the hub does by itself and of its command line.
pub const HUB: &str = "hub";

/// An act to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// What was done.
    pub kind: Kind,
    /// When, by the hub's clock.
    pub at: Timestamp,
    /// Party of who acted; [`HUB`] for the hub itself.
    pub party: String,
    /// Who acted.
    pub principal: Principal,
    /// Party on whose behalf, where another.
    pub on_behalf: Option<String>,
    /// What was acted on: an id, never personal data.
    pub subject: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, as whoever acted gave it.
    pub reason: Option<String>,
    /// Of the request, so that one finds what belongs together.
    pub correlation: Option<String>,
    /// More, without personal data: an object, or null.
    pub details: Value,
}

impl AuditEvent {
    /// An act that was done, with nothing more to say.
    #[must_use]
    pub fn new(kind: Kind, at: Timestamp, party: impl Into<String>, principal: Principal) -> Self {
        Self {
            kind,
            at,
            party: party.into(),
            principal,
            on_behalf: None,
            subject: None,
            outcome: Outcome::Done,
            reason: None,
            correlation: None,
            details: Value::Null,
        }
    }

    /// An act of the hub by itself or from its command line.
    #[must_use]
    pub fn of_hub(kind: Kind, at: Timestamp, part: impl Into<String>) -> Self {
        Self::new(kind, at, HUB, Principal::hub(part))
    }

    /// On what.
    #[must_use]
    pub fn on(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Why.
    #[must_use]
    pub fn because(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }

    /// How it ended.
    #[must_use]
    pub fn ended(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// More, without personal data.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// What its place in the chain is bound to.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        digest(self.kind.as_str(), self)
    }
}

/// The digest over an event whose kind has this code.
pub(super) fn digest(code: &str, event: &AuditEvent) -> [u8; 32] {
    Digest::default()
        .number(event.at.0)
        .text(code)
        .text(&event.party)
        .text(event.principal.kind.as_str())
        .text(&event.principal.id)
        .maybe(event.on_behalf.as_deref())
        .maybe(event.subject.as_deref())
        .text(event.outcome.as_str())
        .maybe(event.reason.as_deref())
        .maybe(event.correlation.as_deref())
        .text(&event.details.to_string())
        .finish()
}

/// A recorded act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its number in the chain, from 1.
    pub number: i64,
    /// The act.
    pub event: AuditEvent,
    /// Its hash in the chain.
    pub hash: [u8; 32],
}
