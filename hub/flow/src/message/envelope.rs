//! The envelope: everything about a document but the document.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// What a sender writes on the outside. Unknown fields are refused, so that a misspelt one is not lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// To whom, one delivery each; no evidence can be made of a sending to nobody.
    #[serde(deserialize_with = "at_least_one")]
    pub recipients: Vec<Recipient>,
    /// Document type of the catalogue, for example `ancheta-sociala-adult`.
    pub document_type: String,
    /// Version of the document type, for example `1.0`.
    pub document_version: String,
    /// The matter in brief, as the registers show it.
    pub subject: String,
    /// Why the data are sent: a purpose that the agreement names.
    pub purpose: String,
    /// The rule that allows it, in words.
    pub legal_basis: String,
    /// SIRUTA code of the place the matter belongs to; the sender's own where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// The number the sender's own registry gave; where absent, the hub's register gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_registration: Option<Registration>,
    /// Earlier registrations this message answers or belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Registration>,
    /// Whether recipients with an inbox are asked before they see the content.
    #[serde(default, skip_serializing_if = "ConsignmentMode::is_basic")]
    pub consignment: ConsignmentMode,
    /// The party this is sent for, where the caller acts as its delegate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// Where the document came from, when that is outside registered delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The parts, body first.
    pub parts: Vec<PartDescription>,
}

/// The media type of a part that is sealed for its recipients (JWE in JSON form; RFC 7516, section 9.2.1).
pub const SEALED: &str = "application/jose+json";

impl Envelope {
    /// Whether the body is sealed for its recipients: the hub then carries what it cannot read.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.parts.iter().any(|part| part.role == BODY && part.content_type == SEALED)
    }
}

/// How a document is made available (EN 319 522-2, component MD06).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsignmentMode {
    /// At once.
    #[default]
    Basic,
    /// Only after the recipient, told that it waits, accepts it.
    Consent,
}

impl ConsignmentMode {
    fn is_basic(&self) -> bool {
        *self == Self::Basic
    }
}

/// A system outside registered delivery (EN 319 522-2, component M04). Nothing vouches for what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// What kind of way it came: `posta`, `e-mail`, `ghișeu` …
    pub system: String,
    /// Its sender, as that system tells; institutions only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
}

fn at_least_one<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Recipient>, D::Error> {
    let recipients = Vec::deserialize(from)?;
    if recipients.is_empty() {
        return Err(D::Error::custom("recipients names nobody; name at least one party"));
    }
    Ok(recipients)
}

/// A recipient of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Party id in the directory.
    pub party: String,
}

/// A number in a register: institution's register, number and date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// Which register, `general` where the institution has one.
    #[serde(default = "general")]
    pub register: String,
    /// The number as the register writes it.
    pub number: String,
    /// The civil date, `2026-11-20`.
    pub date: String,
}

fn general() -> String {
    "general".to_owned()
}

impl Registration {
    /// As letters and record sheets say it: `nr. 17 din 20.11.2026`. A date that an own register wrote otherwise is left as it is.
    #[must_use]
    pub fn in_romanian(&self) -> String {
        let date = self.date.parse::<jiff::civil::Date>();
        let date = date.map_or_else(|_| self.date.clone(), |day| day.strftime("%d.%m.%Y").to_string());
        format!("nr. {} din {date}", self.number)
    }
}

/// The role of the part that holds the structured data: validated, translated, and there in every message.
pub const BODY: &str = "body";

/// What the sender says of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartDescription {
    /// File name, unique within the message.
    pub name: String,
    /// What it is for: [`BODY`], or a role its document type names.
    pub role: String,
    /// Media type.
    pub content_type: String,
    /// SHA-256 the sender computed, in hexadecimal; compared with what arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}
