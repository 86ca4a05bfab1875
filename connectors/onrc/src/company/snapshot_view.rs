//! A firm of the open dataset as a company.

use serde_json::{Value, json};

use super::field::{Company, Field, Provenance, Source};
use super::state::State;
use crate::snapshot::{Activity, Facts, Found};

/// The company that a row of the snapshot tells of.
#[must_use]
pub fn from_snapshot(found: &Found, facts: &Facts) -> Company {
    let from = Provenance { source: Source::Snapshot, as_of: facts.snapshot.to_string(), binding: false };
    let mut company = Company::default();
    let firm = &found.firm;
    let mut tell = |field, value: Value| company.tell(field, value, &from);
    let text = |column: &str| Value::String(firm.text(column).to_owned());
    if let Some(number) = &found.number {
        tell(Field::NrReg, number.to_string().into());
        tell(Field::NrRegVechi, number.old_form().into());
        tell(Field::Euid, format!("ROONRC.{number}").into());
    }
    tell(Field::NrRegAfisat, text("COD_INMATRICULARE"));
    tell(Field::Cui, firm.cui().map(|cui| cui.to_string()).into());
    tell(Field::Denumire, text("DENUMIRE"));
    tell(Field::FormaJuridica, json!({ "cod": firm.text("FORMA_JURIDICA"), "iso20275": null }));
    tell(Field::DataInmatriculare, firm.registered_on().map(|date| date.to_string()).into());
    let codes: Vec<Value> =
        found.codes.iter().map(|(code, name)| json!({ "cod": code.to_string(), "denumire": name })).collect();
    tell(Field::Stare, state_json(found.state, &codes));
    tell(Field::Sediu, seat(found));
    let activities = found.activities.iter().map(|one| activity(one, facts));
    tell(Field::ActivitatiAutorizate, activities.collect());
    if found.sharing_number > 1 {
        tell(Field::NumarImpartit, (found.sharing_number - 1).into());
    }
    company
}

/// The state in the shape of the profile.
pub(crate) fn state_json(state: State, codes: &[Value]) -> Value {
    let mention = match state {
        State::Insolventa | State::Reorganizare => Some(state.name()),
        _ => None,
    };
    json!({ "normalizata": state.name(), "bris": state.company_status(), "mentiune": mention, "coduri": codes })
}

fn seat(found: &Found) -> Value {
    let text = |column: &str| Some(found.firm.text(column)).filter(|text| !text.is_empty());
    let country = match text("ADR_TARA") {
        Some(country) if crate::snapshot::folded(country) == "romania" => Some("RO"),
        other => other,
    };
    json!({
        "tara": country, "judet": text("ADR_JUDET"), "localitate": text("ADR_LOCALITATE"), "siruta": null,
        "strada": text("ADR_DEN_STRADA"), "numar": text("ADR_NR_STRADA"), "bloc": text("ADR_BLOC"),
        "scara": text("ADR_SCARA"), "etaj": text("ADR_ETAJ"), "apartament": text("ADR_APARTAMENT"),
        "cod_postal": text("ADR_COD_POSTAL").map(postal_code), "sector": text("ADR_SECTOR"),
        "completare": text("ADR_COMPLETARE"), "expira_la": null,
    })
}

/// A postal code with its leading zero back: Bucharest's begin with 0, and spreadsheets lose it.
fn postal_code(text: &str) -> String {
    let lost = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if lost { format!("0{text}") } else { text.to_owned() }
}

fn activity(activity: &Activity, facts: &Facts) -> Value {
    let title = facts.caen.iter().find(|one| one.class == activity.class && Some(one.revision) == activity.revision);
    json!({ "caen": activity.class, "versiune": activity.revision, "denumire": title.map(|one| &one.title) })
}
