//! Rows of registers kept before the hub, as they are found: by number, subject, either side, and whatever else was written.

use serde_json::{Value as Json, json};

use super::facts::MOST_TERMS;
use super::store::{Item, Series};
use super::terms::{ANYBODY, READER, Terms};
use super::text::strings;

/// A row of a register that was imported; the hub numbered none of them.
pub(super) struct ImportedFacts {
    pub series: Series,
    /// As it was written, such as 12 bis.
    pub number: String,
    /// Civil date, ISO.
    pub registered_on: String,
    /// JSON: the row.
    pub record: String,
}

impl ImportedFacts {
    /// The name of the row among what is found.
    pub(super) fn thing(&self) -> String {
        format!("old/{}/{}/{}", self.series.register, self.series.year, self.number)
    }

    /// What it is found by, and what is shown of it. It is found among the entries, and shown as what it is.
    pub(super) fn item(&self) -> Item {
        let record: Json = serde_json::from_str(&self.record).unwrap_or_default();
        let mut told = String::new();
        strings(&record, &mut told);
        let mut terms = Terms::default();
        [&self.number, &told].into_iter().for_each(|text| terms.text_up_to(text, MOST_TERMS));
        let year = self.series.year.to_string();
        let filters = [
            (READER, Some(ANYBODY)),
            ("kind", Some("entry")),
            ("kind", Some("old_entry")),
            ("register", Some(self.series.register.as_str())),
            ("year", Some(year.as_str())),
            ("day", Some(self.registered_on.as_str())),
            ("direction", record["direction"].as_str()),
            ("status", record["state"].as_str()),
            ("unit", record["unit"].as_str()),
            ("dossier", record["file_code"].as_str()),
        ];
        for (name, value) in filters {
            if let Some(value) = value {
                terms.filter(name, value);
            }
        }
        let counterpart = if record["direction"] == "out" { ["addressee", "issuer"] } else { ["issuer", "addressee"] };
        let shown = json!({
            "kind": "old_entry",
            "href": format!("/v1/registers/{}/{}/import", self.series.register, self.series.year),
            "register": self.series.register,
            "year": self.series.year,
            "shown": self.number,
            "direction": record["direction"],
            "status": record["state"],
            "subject": record["subject"],
            "counterpart": counterpart.into_iter().find_map(|side| record[side].as_str()),
            "unit": record["unit"],
            "resolution": record["resolution"],
            "dossier": record["file_code"],
            "recorded_at": self.registered_on,
        });
        Item { shown: shown.to_string(), terms }
    }
}
