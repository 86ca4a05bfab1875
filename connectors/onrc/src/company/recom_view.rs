//! A record of the profile RECOM-IH/1 as a company: the shapes are the same, the provenance is the record's own.

use serde_json::Value;

use super::field::{Company, Field, Provenance, Source};

/// The fields a record may have.
const FIELDS: [Field; 18] = [
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
    Field::SucursaleUe,
    Field::NumarImpartit,
];

/// The company that a full record (`GET /recom/v1/firme/{nr_reg}`) tells of. A record never has legal effect by itself.
#[must_use]
pub fn from_recom(record: &Value, asked_on: &str) -> Company {
    from_record(record, Source::Recom, asked_on)
}

/// The company that a record tells of, each field by the source and day that its `provenienta` names, where it has one.
#[must_use]
pub fn from_record(record: &Value, source: Source, asked_on: &str) -> Company {
    let as_of = record["sursa"]["extras_la"].as_str().unwrap_or(asked_on).to_owned();
    let mut company = Company::default();
    for field in FIELDS {
        let told = &record["provenienta"][field.name()];
        let as_of = told["la"].as_str().unwrap_or(&as_of).to_owned();
        let from = Provenance { source, as_of, binding: source == Source::Document };
        company.tell(field, record[field.name()].clone(), &from);
    }
    company
}
