//! A field, who said it and when, and which of several sayings counts.

use std::collections::BTreeMap;

use schemas::TradeRegisterNumber;
use serde_json::{Map, Value, json};

use crate::snapshot::folded;

/// A field of the profile's record (contract sheet section 10.3), in the order they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the profile's")]
pub enum Field {
    NrReg,
    NrRegAfisat,
    NrRegVechi,
    Euid,
    Cui,
    Denumire,
    Embleme,
    FormaJuridica,
    DataInmatriculare,
    DataRadiere,
    Durata,
    Stare,
    Sediu,
    ActivitatePrincipala,
    ActivitatiAutorizate,
    Capital,
    SucursaleUe,
    NumarImpartit,
}

impl Field {
    /// The name in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Field::NrReg => "nr_reg",
            Field::NrRegAfisat => "nr_reg_afisat",
            Field::NrRegVechi => "nr_reg_vechi",
            Field::Euid => "euid",
            Field::Cui => "cui",
            Field::Denumire => "denumire",
            Field::Embleme => "embleme",
            Field::FormaJuridica => "forma_juridica",
            Field::DataInmatriculare => "data_inmatriculare",
            Field::DataRadiere => "data_radiere",
            Field::Durata => "durata",
            Field::Stare => "stare",
            Field::Sediu => "sediu",
            Field::ActivitatePrincipala => "activitate_principala",
            Field::ActivitatiAutorizate => "activitati_autorizate",
            Field::Capital => "capital",
            Field::SucursaleUe => "sucursale_ue",
            Field::NumarImpartit => "numar_impartit_cu",
        }
    }

    /// Whether the trade register alone can say it, and another register only repeats it.
    fn belongs_to_the_register(self) -> bool {
        matches!(self, Field::NrReg | Field::NrRegVechi | Field::Euid | Field::Stare | Field::ActivitatiAutorizate)
    }
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The tax administration, which repeats the trade register.
    Anaf,
    /// The open dataset of the trade register.
    Snapshot,
    /// The trade register, asked.
    Recom,
    /// A document of the trade register with its verified signature.
    Document,
}

impl Source {
    /// The name of the adapter in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Source::Anaf => "onrc-anaf",
            Source::Snapshot => "onrc-snapshot",
            Source::Recom => "recom",
            Source::Document => "onrc-document",
        }
    }
}

/// Where a field came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Who said it.
    pub source: Source,
    /// Of what day or moment it is, ISO 8601; only the day is compared.
    pub as_of: String,
    /// Whether it has legal effect: only a signed certificate has.
    pub binding: bool,
}

impl Provenance {
    /// What decides between two sayings: legal effect, for the register's own fields the register, then the newer day.
    fn weight(&self, field: Field) -> (bool, bool, &str, Source) {
        let by_register = field.belongs_to_the_register() && self.source != Source::Anaf;
        (self.binding, by_register, self.as_of.get(..10).unwrap_or_default(), self.source)
    }

    fn to_json(&self) -> Value {
        json!({ "adaptor": self.source.name(), "la": self.as_of, "opozabil": self.binding })
    }
}

/// One company.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Company {
    fields: BTreeMap<Field, Vec<(Value, Provenance)>>,
}

impl Company {
    /// Adds what somebody says about a field; nothing where nothing is said.
    pub fn tell(&mut self, field: Field, value: impl Into<Value>, provenance: &Provenance) {
        let value = value.into();
        if is_empty(&value) {
            return;
        }
        let told = self.fields.entry(field).or_default();
        told.push((value, provenance.clone()));
        // The one that counts comes first; of equals the one that was told first.
        told.sort_by(|(_, one), (_, other)| other.weight(field).cmp(&one.weight(field)));
    }

    /// Adds everything that another view of the same company says.
    #[must_use]
    pub fn merged(mut self, other: Company) -> Company {
        for (field, told) in other.fields {
            for (value, provenance) in told {
                self.tell(field, value, &provenance);
            }
        }
        self
    }

    /// What counts of a field, and where it came from.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<(&Value, &Provenance)> {
        self.fields.get(&field)?.first().map(|(value, provenance)| (value, provenance))
    }

    /// The record of the profile, with `provenienta` per field and `diferente` where sources disagree.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (mut record, mut provenance, mut differences) = (Map::new(), Map::new(), Vec::new());
        for (field, told) in &self.fields {
            let Some((value, from)) = told.first() else { continue };
            record.insert(field.name().to_owned(), value.clone());
            provenance.insert(field.name().to_owned(), from.to_json());
            for (other, source) in told.iter().skip(1).filter(|(other, _)| !same(*field, value, other)) {
                differences.push(json!({ "camp": field.name(), "valoare": other, "sursa": source.to_json() }));
            }
        }
        let oldest = self.fields.values().filter_map(|told| told.first()).map(|(_, from)| from.as_of.as_str()).min();
        let binding = !self.fields.is_empty()
            && self.fields.values().filter_map(|told| told.first()).all(|(_, from)| from.binding);
        record.insert("provenienta".to_owned(), Value::Object(provenance));
        record.insert("diferente".to_owned(), Value::Array(differences));
        record.insert("sursa".to_owned(), json!({ "adaptor": "onrc", "extras_la": oldest, "opozabil": binding }));
        Value::Object(record)
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.values().all(is_empty),
        _ => false,
    }
}

/// Whether two sayings mean the same: numbers and EUIDs after conversion, texts in their search form, of objects the
/// members that both have.
fn same(field: Field, one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => {
            let number = |text: &str| TradeRegisterNumber::parse(text.trim_start_matches("ROONRC.")).ok();
            match field {
                Field::NrReg | Field::NrRegAfisat | Field::NrRegVechi | Field::Euid => {
                    number(one).is_some() && number(one) == number(other)
                }
                _ => folded(one) == folded(other),
            }
        }
        (Value::Object(one), Value::Object(other)) if field == Field::Stare => {
            one.get("normalizata") == other.get("normalizata")
        }
        (Value::Object(one), Value::Object(other)) => one.iter().all(|(name, value)| {
            other.get(name).is_none_or(|theirs| is_empty(value) || is_empty(theirs) || same(field, value, theirs))
        }),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(source: Source, as_of: &str) -> Provenance {
        Provenance { source, as_of: as_of.to_owned(), binding: source == Source::Document }
    }

    #[test]
    fn the_newer_saying_counts_and_the_older_one_is_shown_where_it_differs() {
        let mut company = Company::default();
        company.tell(Field::Denumire, "DEMO VECHI SRL", &from(Source::Snapshot, "2026-07-08"));
        company.tell(Field::Denumire, "DEMO NOU SRL", &from(Source::Anaf, "2026-09-01"));
        company.tell(Field::Denumire, "Demo  Nou SRL", &from(Source::Recom, "2026-08-01T10:00:00+03:00"));
        let record = company.to_json();
        assert_eq!(record["denumire"], "DEMO NOU SRL");
        assert_eq!(record["provenienta"]["denumire"]["adaptor"], "onrc-anaf");
        assert_eq!(record["diferente"].as_array().unwrap().len(), 1);
        assert_eq!(record["diferente"][0]["valoare"], "DEMO VECHI SRL");
    }

    #[test]
    fn the_register_itself_decides_its_own_fields_and_a_signed_document_decides_all() {
        let mut company = Company::default();
        let state = |state: &str| json!({ "normalizata": state });
        company.tell(Field::Stare, state("IN_FUNCTIUNE"), &from(Source::Anaf, "2026-09-01"));
        company.tell(Field::Stare, state("DIZOLVARE"), &from(Source::Snapshot, "2026-07-08"));
        assert_eq!(company.get(Field::Stare).unwrap().0["normalizata"], "DIZOLVARE");
        company.tell(Field::Stare, state("RADIATA"), &from(Source::Document, "2026-06-01"));
        assert_eq!(company.get(Field::Stare).unwrap().0["normalizata"], "RADIATA");
    }

    #[test]
    fn numbers_and_euids_in_two_forms_are_no_difference() {
        let mut company = Company::default();
        company.tell(Field::Euid, "ROONRC.J24/99901/2019", &from(Source::Snapshot, "2026-07-08"));
        company.tell(Field::Euid, "ROONRC.J2019099901240", &from(Source::Recom, "2026-08-08"));
        company.tell(Field::NrReg, "J2019099901240", &from(Source::Snapshot, "2026-07-08"));
        company.tell(Field::NrReg, "J24/99901/2019", &from(Source::Anaf, "2026-08-08"));
        company.tell(Field::DataRadiere, "", &from(Source::Anaf, "2026-08-08"));
        assert_eq!(company.to_json()["diferente"], json!([]));
        assert_eq!(company.get(Field::DataRadiere), None);
    }
}
