//! From what other tables say of an entry or a document to what it is found by and what is shown.

use serde_json::{Value as Json, json};

use crate::clock::Timestamp;
use crate::directory::Directory;

use super::store::Item;
use super::terms::{ANYBODY, READER, Terms};
use super::text::strings;

/// Terms of one document at most: what is in a longer text is found by the rest of what is known of it.
pub(super) const MOST_TERMS: usize = 5_000;

/// An entry of a register as it stands.
pub(super) struct EntryFacts {
    pub register: String,
    pub year: i64,
    pub number: i64,
    pub shown: Option<String>,
    pub direction: String,
    /// Party id of the other side; empty where it has none.
    pub counterpart: String,
    /// JSON: the other side's number.
    pub counterpart_registration: Option<String>,
    pub subject: String,
    /// JSON: the particulars as they stand.
    pub particulars: Option<String>,
    /// JSON: the entry as first recorded.
    pub document: Option<String>,
    pub status: String,
    pub unit: Option<String>,
    /// Name of issuer or addressee, where it may be recognised.
    pub correspondent: Option<String>,
    pub document_type: Option<String>,
    pub recorded_at: Timestamp,
}

/// A document of the archive.
pub(super) struct DocumentFacts {
    pub id: String,
    pub identifier: String,
    pub name: String,
    pub content_type: String,
    pub size: i64,
    pub sha256: [u8; 32],
    /// JSON: the elements of its sheet.
    pub sheet: String,
    pub year: i64,
    pub code: String,
    pub volume: i64,
    pub title: String,
    /// JSON list of the units that may see it; empty: all.
    pub units: String,
    pub archived_at: Timestamp,
    pub document_type: Option<String>,
    pub destroyed: bool,
}

impl EntryFacts {
    /// The name of the entry among what is found.
    pub(super) fn thing(&self) -> String {
        format!("entry/{}/{}/{}", self.register, self.year, self.number)
    }

    /// What it is found by, and what is shown of it.
    pub(super) fn item(&self, directory: &Directory) -> Item {
        let parse = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str::<Json>(text).ok());
        let first = parse(&self.document).map_or(Json::Null, |document| document["particulars"].clone());
        let particulars = parse(&self.particulars).unwrap_or(first);
        let registration = parse(&self.counterpart_registration).unwrap_or_default();
        let party = directory.party(&self.counterpart);
        let mut text = String::new();
        strings(&particulars, &mut text);
        strings(&registration, &mut text);
        let number = self.number.to_string();
        let shown = self.shown.as_deref().unwrap_or(&number);
        let mut terms = Terms::default();
        let told = [&self.subject, &text, &number, &self.counterpart].map(String::as_str);
        let names = [Some(shown), party.map(|party| party.name.as_str()), self.correspondent.as_deref()];
        told.into_iter().chain(names.into_iter().flatten()).for_each(|text| terms.text_up_to(text, MOST_TERMS));
        let unit = self.unit.as_deref().or_else(|| particulars["unit"].as_str());
        let dossier = particulars["dossier_code"].as_str();
        let (year, day) = (self.year.to_string(), self.recorded_at.romanian_date().to_string());
        let filters = [
            (READER, Some(ANYBODY)),
            ("kind", Some("entry")),
            ("register", Some(self.register.as_str())),
            ("year", Some(year.as_str())),
            ("direction", Some(self.direction.as_str())),
            ("status", Some(self.status.as_str())),
            ("party", Some(self.counterpart.as_str()).filter(|party| !party.is_empty())),
            ("day", Some(day.as_str())),
            ("unit", unit),
            ("type", self.document_type.as_deref()),
            ("dossier", dossier),
        ];
        for (name, value) in filters {
            if let Some(value) = value {
                terms.filter(name, value);
            }
        }
        let shown = json!({
            "kind": "entry",
            "href": format!("/v1/registers/{}/{}/{}", self.register, self.year, self.number),
            "register": self.register,
            "year": self.year,
            "number": self.number,
            "shown": shown,
            "direction": self.direction,
            "status": self.status,
            "subject": self.subject,
            "counterpart": self.correspondent.as_deref().or(party.map(|party| party.name.as_str())),
            "unit": unit,
            "document_type": self.document_type,
            "dossier": dossier,
            "recorded_at": self.recorded_at.to_utc(),
        });
        Item { shown: shown.to_string(), terms }
    }
}

impl DocumentFacts {
    /// The name of the document among what is found.
    pub(super) fn thing(&self) -> String {
        format!("document/{}", self.id)
    }

    /// What it is found by, with its text where it could be read, and what is shown of it.
    pub(super) fn item(&self, text: Option<&str>) -> Item {
        let sheet: Json = serde_json::from_str(&self.sheet).unwrap_or_default();
        let mut told = String::new();
        strings(&sheet, &mut told);
        let mut terms = Terms::default();
        for text in [&self.identifier, &self.name, &self.title, &told].map(String::as_str).into_iter().chain(text) {
            terms.text_up_to(text, MOST_TERMS);
        }
        let dossier = format!("{}/{}/{}", self.year, self.code, self.volume);
        let units: Vec<String> = serde_json::from_str(&self.units).unwrap_or_default();
        units.iter().for_each(|unit| terms.filter(READER, unit));
        if units.is_empty() {
            terms.filter(READER, ANYBODY);
        }
        terms.filter("kind", "document");
        terms.filter("year", &self.year.to_string());
        terms.filter("dossier", &self.code);
        terms.filter("day", &self.archived_at.romanian_date().to_string());
        if let Some(document_type) = &self.document_type {
            terms.filter("type", document_type);
        }
        let shown = json!({
            "kind": "document",
            "href": format!("/v1/archive/documents/{}", self.id),
            "id": self.id,
            "identifier": self.identifier,
            "name": self.name,
            "content_type": self.content_type,
            "size": self.size,
            "sha256": hex::encode(self.sha256),
            "dossier": dossier,
            "title": self.title,
            "document_type": self.document_type,
            "archived_at": self.archived_at.to_utc(),
        });
        Item { shown: shown.to_string(), terms }
    }
}
