//! The facts an evidence states (EN 319 522-2, table 13). Every field names its component.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::deadline::Deadlines;
use crate::message::{Authentication, DeliveryId, EvidenceId, MessageId, Origin, Registration};

use super::{Event, Reasoned};

/// An institution as evidence names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyFacts {
    /// Party id in the hub, or the identifier another service gave.
    pub id: String,
    /// Scheme of the identifier where it is not the hub's own.
    pub scheme: Option<String>,
    /// Legal name, where the directory knows it.
    pub name: Option<String>,
    /// Fiscal code, where known.
    pub cui: Option<String>,
}

/// A part as evidence binds it (component M02).
#[derive(Debug, Clone)]
pub struct PartFacts {
    /// File name.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// SHA-256 of the bytes as received.
    pub sha256: [u8; 32],
}

/// The terms a message travels under: how long the service tries, and the deadline the document sets its receiver.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// Seconds after which a delivery to a system is given up.
    pub give_up_after_seconds: u64,
    /// Days a document waits in an inbox.
    pub inbox_days: i64,
    /// The receiver's deadline, where the document type has one.
    pub deadline: Option<Deadline>,
}

/// The receiver's deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// How days are counted: `calendar-days` or `working-days`.
    pub class: String,
    /// Number of days.
    pub days: u16,
    /// Where the term comes from.
    pub basis: String,
    /// The calendar and the rules its last day is counted with.
    pub counted: Arc<Deadlines>,
}

impl Deadline {
    /// Its last day, counted from the registration at the receiver: before it, none can be told.
    #[must_use]
    pub fn by(&self, registered: Option<&Registration>) -> Option<Date> {
        let from: Date = registered?.date.parse().ok()?;
        self.counted.last_day(&self.class, self.days, from)
    }
}

/// What every evidence of one message has in common.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The message, which is also its identifier (M01) ...
    pub message: MessageId,
    /// ... unless another service relayed it here under this one.
    pub identifier: Option<String>,
    /// Who sent it (I01, I02).
    pub sender: PartyFacts,
    /// Who acted for the sender (I03, I04).
    pub sender_delegate: Option<PartyFacts>,
    /// How the sender, or its delegate, was known (I10, I11); none where the service that relayed it does not tell.
    pub authentication: Option<Authentication>,
    /// When it was known so, where another service wrote it; otherwise at the submission.
    pub authenticated_at: Option<String>,
    /// Where it came from, when that is outside registered delivery (M04).
    pub origin: Option<Origin>,
    /// To whom, in the order of the envelope (I05, I06).
    pub recipients: Vec<PartyFacts>,
    /// When it was submitted (M03); the beginning of time where the service that relayed it does not tell.
    pub submitted_at: Timestamp,
    /// Its parts (M02).
    pub parts: Vec<PartFacts>,
    /// The terms it travels under.
    pub terms: Terms,
}

/// What was sent in place of what was received (eIDAS art. 44(1)(e)).
#[derive(Debug, Clone)]
pub struct Transformation {
    /// Id of the mapping.
    pub mapping: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the received body.
    pub source_sha256: [u8; 32],
    /// SHA-256 of the translated body.
    pub target_sha256: [u8; 32],
}

/// An evidence to be issued. What an event does not carry by table 13 is not written, whatever is given here.
#[derive(Debug, Clone)]
pub struct NewEvidence {
    /// Its id (G01).
    pub id: EvidenceId,
    /// What happened (G03).
    pub event: Event,
    /// Why (G04); at least one for a negative event.
    pub reasons: Vec<Reasoned>,
    /// When it happened (G05).
    pub at: Timestamp,
    /// What the message's evidences have in common.
    pub subject: Arc<Subject>,
    /// The delivery it is about, with the recipient's place in the envelope from 1 (I09).
    pub delivery: Option<(DeliveryId, usize)>,
    /// Who acts for that recipient (I07, I08).
    pub recipient_delegate: Option<PartyFacts>,
    /// How the recipient, or its delegate, was known (I12, I13).
    pub recipient_authentication: Option<Authentication>,
    /// The other service (M05), in B events.
    pub external_service: Option<PartyFacts>,
    /// The system outside registered delivery (M04), in F events.
    pub external_system: Option<String>,
    /// What the transport told, for example the other side's receipt (G06).
    pub transaction_log: Vec<String>,
    /// The sender's register number.
    pub sender_registration: Option<Registration>,
    /// The recipient's register number.
    pub recipient_registration: Option<Registration>,
    /// The translation, where the recipient got another form.
    pub transformation: Option<Transformation>,
}

impl PartyFacts {
    /// The scheme of its identifier.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.scheme.as_deref().unwrap_or(OWN_SCHEME)
    }

    /// Whether this is what an identifier names.
    #[must_use]
    pub fn is(&self, scheme: &str, id: &str) -> bool {
        self.scheme() == scheme && self.id == id
    }
}

/// Scheme of the party ids of hubs of this program.
pub const OWN_SCHEME: &str = "urn:oasis:names:tc:ebcore:partyid-type:unregistered:punte";

impl NewEvidence {
    /// An evidence with what every one needs; the rest is absent until it is set.
    #[must_use]
    pub fn new(id: EvidenceId, (event, reasons): (Event, Vec<Reasoned>), at: Timestamp, subject: Arc<Subject>) -> Self {
        Self {
            id,
            event,
            reasons,
            at,
            subject,
            delivery: None,
            recipient_delegate: None,
            recipient_authentication: None,
            external_service: None,
            external_system: None,
            transaction_log: Vec::new(),
            sender_registration: None,
            recipient_registration: None,
            transformation: None,
        }
    }
}
