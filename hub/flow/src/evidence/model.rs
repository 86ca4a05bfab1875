//! Events, reasons and the facts an evidence states (EN 319 522-1 table 1, EN 319 522-2 table 13).

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::message::{Authentication, DeliveryId, EvidenceId, MessageId, Registration};

/// Events of one service with both sides (EN 319 522-1, table 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A.1: the service took the message for delivery.
    SubmissionAcceptance,
    /// A.2: it did not.
    SubmissionRejection,
    /// D.1: the message is available to the recipient inside the service.
    ContentConsignment,
    /// D.2: it could not be made available.
    ContentConsignmentFailure,
    /// E.1: the message crossed to the recipient's application.
    ContentHandover,
    /// E.2: it could not be handed over.
    ContentHandoverFailure,
}

impl Event {
    /// Every event there is.
    pub const ALL: [Self; 6] = [
        Self::SubmissionAcceptance,
        Self::SubmissionRejection,
        Self::ContentConsignment,
        Self::ContentConsignmentFailure,
        Self::ContentHandover,
        Self::ContentHandoverFailure,
    ];

    /// Name, which is also the last segment of the URI.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SubmissionAcceptance => "SubmissionAcceptance",
            Self::SubmissionRejection => "SubmissionRejection",
            Self::ContentConsignment => "ContentConsignment",
            Self::ContentConsignmentFailure => "ContentConsignmentFailure",
            Self::ContentHandover => "ContentHandover",
            Self::ContentHandoverFailure => "ContentHandoverFailure",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }

    /// What happened, for people.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::SubmissionAcceptance => "Documentul a fost preluat pentru livrare",
            Self::SubmissionRejection => "Documentul nu a fost preluat",
            Self::ContentConsignment => "Documentul a fost pus la dispoziția destinatarului",
            Self::ContentConsignmentFailure => "Documentul nu a putut fi pus la dispoziția destinatarului",
            Self::ContentHandover => "Documentul a fost predat destinatarului",
            Self::ContentHandoverFailure => "Documentul nu a putut fi predat destinatarului",
        }
    }

    /// Whether the evidence is about one recipient (component I09: exactly one in D and E, none in A).
    #[must_use]
    pub const fn concerns_one_recipient(self) -> bool {
        !matches!(self, Self::SubmissionAcceptance | Self::SubmissionRejection)
    }
}

/// Reason codes (EN 319 522-2 V1.2.1, tables 7 to 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the standard's own")]
pub enum Reason {
    MessageAccepted,
    InvalidMessageFormat,
    PolicyViolation,
    MessageConsignedToRecipient,
    MessageNotConsignedForMalfunction,
    MessageNotConsignedForUnregisteredRecipient,
    MessageHandedOver,
    MessageHandoverTimeout,
    /// "Other" of the E events: the recipient's system or the recipient refused it.
    HandoverRefused,
}

impl Reason {
    /// Short code, last URI segment, and meaning in Romanian.
    #[must_use]
    pub const fn facts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::MessageAccepted => ("RA01", "MessageAccepted", "Mesajul a fost acceptat"),
            Self::InvalidMessageFormat => ("RA02", "InvalidMessageFormat", "Mesajul nu are forma cerută"),
            Self::PolicyViolation => ("RA05", "S_ERDS_PolicyViolation", "Mesajul încalcă regulile serviciului"),
            Self::MessageConsignedToRecipient => {
                ("RD01", "MessageConsignedToRecipient", "Mesajul a fost pus la dispoziția destinatarului")
            }
            Self::MessageNotConsignedForMalfunction => {
                ("RD05", "MessageNotConsignedForMalfunction", "Mesajul nu a putut fi pregătit pentru destinatar")
            }
            Self::MessageNotConsignedForUnregisteredRecipient => (
                "RD21",
                "MessageNotConsignedForUnregisteredRecipient",
                "Destinatarul nu are o unitate competentă înregistrată",
            ),
            Self::MessageHandedOver => ("RE01", "MessageHandedOver", "Mesajul a fost predat aplicației destinatarului"),
            Self::MessageHandoverTimeout => ("RE04", "MessageHandoverTimeout", "Mesajul nu a fost predat în termen"),
            Self::HandoverRefused => ("REXX", "Other", "Mesajul a fost refuzat de destinatar"),
        }
    }
}

/// A reason and what the other side said of it.
#[derive(Debug, Clone)]
pub struct Reasoned {
    /// The code.
    pub reason: Reason,
    /// Detail in words, without personal data.
    pub detail: Option<String>,
}

impl From<Reason> for Reasoned {
    fn from(reason: Reason) -> Self {
        Self { reason, detail: None }
    }
}

/// An institution as evidence names it.
#[derive(Debug, Clone, Default)]
pub struct PartyFacts {
    /// Party id in the hub.
    pub id: String,
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

/// What every evidence of one message has in common.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The message (M01).
    pub message: MessageId,
    /// Who sent it (I01, I02).
    pub sender: PartyFacts,
    /// How the sender was known (I10).
    pub authentication: Authentication,
    /// To whom, in the order of the envelope (I05, I06).
    pub recipients: Vec<PartyFacts>,
    /// When it was submitted (M03).
    pub submitted_at: Timestamp,
    /// Its parts (M02).
    pub parts: Vec<PartFacts>,
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

/// An evidence to be issued.
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
    /// The sender's register number.
    pub sender_registration: Option<Registration>,
    /// The recipient's register number.
    pub recipient_registration: Option<Registration>,
    /// The translation, where the recipient got another form.
    pub transformation: Option<Transformation>,
}
