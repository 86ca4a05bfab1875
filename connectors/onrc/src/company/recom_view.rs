//! A record of the profile RECOM-IH/1 as a company: the shapes are the same, the provenance is the record's own.

use serde_json::Value;

use super::field::{Company, Field, Provenance, Source};

/// The fields a record may have.
const FIELDS: [Field; 16] = [
    Field::NrReg,
    Field::NrRegAfisat,
    Field::NrRegVechi,
    Field::Euid,
    Field::Cui,
    Field::Denumire,
    Field::Embleme,
    Field::FormaJuridica,
    Field::DataInmatriculare,
    Field::DataRadiere,
    Field::Durata,
    Field::Stare,
    Field::Sediu,
    Field::ActivitatePrincipala,
    Field::ActivitatiAutorizate,
    Field::Capital,
];

/// The company that a full record (`GET /recom/v1/firme/{nr_reg}`) tells of. A record never has legal effect by itself.
#[must_use]
pub fn from_recom(record: &Value, asked_on: &str) -> Company {
    let as_of = record["sursa"]["extras_la"].as_str().unwrap_or(asked_on).to_owned();
    let from = Provenance { source: Source::Recom, as_of, binding: false };
    let mut company = Company::default();
    for field in FIELDS {
        company.tell(field, record[field.name()].clone(), &from);
    }
    company
}
