//! What a receipt is made of: plain facts that somebody else has read from a sealed evidence and its log.
//!
//! Everything that may be absent is an `Option`; what is absent is left out of the page or said, never invented. Texts are taken
//! as they are, hostile ones too: the page shows what cannot be printed as �.

use crate::event::Event;

/// A moment, for machines and for people.
#[derive(Debug, Clone, Default)]
pub struct Moment {
    /// RFC 3339 with offset or `Z`, as in the evidence.
    pub utc: String,
    /// The same in words and civil time of the reader, such as `22 noiembrie 2026, ora 11:53:51 (ora României)`.
    pub local: String,
}

/// Why something happened (G04).
#[derive(Debug, Clone, Default)]
pub struct Reason {
    /// Short code, name or URI of EN 319 522-2, or any other URI.
    pub code: String,
    /// The text that stands in the evidence beside the code.
    pub text: Option<String>,
    /// What the other side said, without personal data.
    pub details: Vec<String>,
}

/// An institution, or whom it let act in its place.
#[derive(Debug, Clone, Default)]
pub struct Party {
    /// Id in the hub.
    pub id: String,
    /// Legal name, where known.
    pub name: Option<String>,
    /// Fiscal code, where known.
    pub fiscal_code: Option<String>,
    /// Name of the delegate who acted for it (I04, I07), where there was one.
    pub delegate: Option<String>,
}

/// An entry of a register (registratură).
#[derive(Debug, Clone, Default)]
pub struct Registration {
    /// Name or id of the register.
    pub register: Option<String>,
    /// Number in it.
    pub number: String,
    /// Day of the entry, as printed.
    pub date: Option<String>,
}

/// Kind of document.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// Romanian title of the type.
    pub title: String,
    /// English title, where the catalogue has one; the Romanian one stands in for it.
    pub title_en: Option<String>,
    /// Version of the type.
    pub version: Option<String>,
    /// Acts the document rests on, as the catalogue names them.
    pub legal_basis: Vec<String>,
}

/// A part of the document (M02).
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// File name.
    pub name: String,
    /// Media type, where known.
    pub media_type: Option<String>,
    /// Size in bytes, where known.
    pub size: Option<u64>,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// What the recipient got in place of what was sent; eIDAS art. 44(1)(e) wants both sides to see it.
#[derive(Debug, Clone, Default)]
pub struct Transformation {
    /// Id of the mapping.
    pub mapping: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of what was received, hexadecimal.
    pub source_sha256: String,
    /// SHA-256 of what was sent on, hexadecimal.
    pub target_sha256: String,
}

/// How the days of a deadline are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// Every day of the calendar.
    Calendar,
    /// Days on which offices work.
    Working,
}

/// A term that the event started, or that runs.
#[derive(Debug, Clone)]
pub struct Deadline {
    /// How its days are counted.
    pub class: Days,
    /// How many, where the rule says so.
    pub days: Option<u32>,
    /// Last day, as printed.
    pub date: Option<String>,
    /// What it is counted from, in words.
    pub from: Option<String>,
    /// The act it rests on, as the catalogue names it.
    pub basis: Option<String>,
}

/// A time an outside witness put its name to (RFC 3161).
#[derive(Debug, Clone)]
pub struct Stamp {
    /// When.
    pub time: Moment,
    /// Who, as in its certificate.
    pub authority: String,
}

/// Where the evidence stands in the log of the service (C2SP tlog-checkpoint).
#[derive(Debug, Clone)]
pub struct LogPlace {
    /// Name of the log.
    pub origin: String,
    /// Place of the evidence, from 0.
    pub index: u64,
    /// Entries under the head that covers it, where there is one.
    pub head_size: Option<u64>,
    /// Time-stamp of that head, where there is one.
    pub head_stamp: Option<Stamp>,
}

/// The seal on the evidence, as its certificate tells.
#[derive(Debug, Clone, Default)]
pub struct Seal {
    /// Subject of the certificate.
    pub subject: String,
    /// Its issuer.
    pub issuer: Option<String>,
    /// Its serial number, as printed.
    pub serial: Option<String>,
    /// Whether it was made for development: then nobody stands behind it, and the page says so.
    pub development: bool,
}

/// What the service is in the eyes of Regulation (EU) no 910/2014.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// Registered delivery without the qualified status: art. 43(1).
    #[default]
    NotQualified,
    /// On the trusted list as qualified: art. 43(2) and 44. Whoever says so answers for it.
    Qualified,
}

/// The service that issued the evidence.
#[derive(Debug, Clone, Default)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its policy: name, version or address (G06).
    pub policy: Option<String>,
    /// Its standing.
    pub standing: Standing,
}

/// The facts of one receipt.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// What happened (G03).
    pub event: Event,
    /// When (G05).
    pub at: Moment,
    /// Why (G04).
    pub reasons: Vec<Reason>,
    /// Who attests it.
    pub service: Service,
    /// Who sent the document; unknown when it was refused at the door.
    pub sender: Option<Party>,
    /// To whom, in the order of the envelope.
    pub recipients: Vec<Party>,
    /// The recipient it is about, by place in `recipients` from 1 (I09).
    pub about: Option<usize>,
    /// The sender's register number.
    pub sender_registration: Option<Registration>,
    /// The recipient's register number.
    pub recipient_registration: Option<Registration>,
    /// Kind of document.
    pub document: Option<Document>,
    /// Subject line of the message.
    pub subject: Option<String>,
    /// Its parts.
    pub parts: Vec<Part>,
    /// The translation, where the recipient got another form.
    pub transformation: Option<Transformation>,
    /// The term, where there is one.
    pub deadline: Option<Deadline>,
    /// Id of the message (M01).
    pub message_id: String,
    /// Id of the evidence (G01).
    pub evidence_id: String,
    /// SHA-256 of the sealed evidence file, hexadecimal.
    pub evidence_sha256: String,
    /// Code that opens the public page.
    pub verification_code: Option<String>,
    /// Address of the public page; it becomes the QR code. At most [`crate::LONGEST_ADDRESS`] printable ASCII characters.
    pub verification_address: Option<String>,
    /// Place in the log; `None` is said on the page.
    pub log: Option<LogPlace>,
    /// The seal.
    pub seal: Seal,
}

/// One evidence in the story of a message.
#[derive(Debug, Clone)]
pub struct Account {
    /// What happened.
    pub event: Event,
    /// When.
    pub at: Moment,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The recipient it is about, by place in the recipients of the story from 1.
    pub about: Option<usize>,
    /// The sender's register number in this evidence.
    pub sender_registration: Option<Registration>,
    /// The recipient's register number in this evidence.
    pub recipient_registration: Option<Registration>,
    /// The translation it discloses.
    pub transformation: Option<Transformation>,
    /// Id of the evidence.
    pub evidence_id: String,
    /// SHA-256 of the sealed file, hexadecimal.
    pub evidence_sha256: String,
    /// Name of that file in the pack.
    pub file: Option<String>,
    /// Time-stamp in the signature, where there is one.
    pub stamp: Option<Stamp>,
    /// Place in the log.
    pub log: Option<LogPlace>,
    /// The seal.
    pub seal: Seal,
}

/// The story of one message, for a court.
#[derive(Debug, Clone)]
pub struct Narrative {
    /// When the pack was made.
    pub made_at: Moment,
    /// The service.
    pub service: Service,
    /// Id of the message.
    pub message_id: String,
    /// Who sent it.
    pub sender: Option<Party>,
    /// To whom.
    pub recipients: Vec<Party>,
    /// Kind of document.
    pub document: Option<Document>,
    /// Subject line.
    pub subject: Option<String>,
    /// The term, where there is one.
    pub deadline: Option<Deadline>,
    /// Its parts.
    pub parts: Vec<Part>,
    /// Its evidences, in any order: the story puts them in the order of time.
    pub accounts: Vec<Account>,
    /// Public page, where there is one.
    pub verification_address: Option<String>,
    /// Code that opens it.
    pub verification_code: Option<String>,
}
