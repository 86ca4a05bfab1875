//! What is recorded of a document: the elements of the Instructions of the National Archives 217/1996, art. 9, beside
//! number and date, which are the entry's own.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::clock::Timestamp;

/// The particulars of an entry. Issuer and addressee are referred to, never written out: they can be made unrecognisable
/// while the entry stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Particulars {
    /// The content in brief.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// Issuer of what came in, addressee of what goes out: id of a party of the institution's registers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correspondent: Option<Uuid>,
    /// The issuer's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_number: Option<String>,
    /// The issuer's date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_date: Option<Date>,
    /// Number of pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// Number of annexes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annexes: Option<u32>,
    /// Way it came or went: `ghiseu`, `posta`, `curier`, `e-mail`, `fax`, `punte` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
    /// When it truly came, where that is not the moment of registration; UTC.
    #[serde(skip_serializing_if = "Option::is_none", with = "moment")]
    pub received_at: Option<Timestamp>,
    /// Unit it was assigned to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// When it was dispatched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispatched_on: Option<Date>,
    /// Way of resolution, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// Code of its dossier by the archival nomenclature (indicativ).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dossier_code: Option<String>,
    /// The register's own fields.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Json>,
}

impl Particulars {
    /// Nothing but the content in brief.
    #[must_use]
    pub fn brief(subject: &str) -> Self {
        Self { subject: subject.to_owned(), ..Self::default() }
    }
}

mod moment {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::clock::Timestamp;

    #[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    pub(super) fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => serializer.serialize_str(&at.to_utc()),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let at = Timestamp::parse_utc(&text);
        at.map(Some).ok_or_else(|| D::Error::custom("received_at is a moment with a zone: 2026-03-02T09:15:04+02:00"))
    }
}
