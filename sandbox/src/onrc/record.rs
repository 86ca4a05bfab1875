//! A firm in the words of the profile (contract sheet section 10.3).

use serde_json::{Value, json};

use super::code_lists::state_name;
use super::firms::{Firm, Person};

/// One line of a list.
pub(super) fn summary(firm: &Firm) -> Value {
    json!({
        "nr_reg": firm.number, "nr_reg_afisat": firm.printed, "euid": format!("ROONRC.{}", firm.number),
        "cui": firm.cui, "denumire": firm.name, "judet": firm.county, "stare": { "normalizata": state(firm).0 },
    })
}

/// The full public record.
pub(super) fn full(firm: &Firm, extracted_at: &str) -> Value {
    let (normalised, bris) = state(firm);
    let codes: Vec<Value> =
        firm.states.iter().map(|code| json!({ "cod": code.to_string(), "denumire": state_name(*code) })).collect();
    let activities: Vec<Value> =
        firm.activities.iter().map(|(class, version)| json!({ "caen": class, "versiune": version })).collect();
    json!({
        "nr_reg": firm.number, "nr_reg_afisat": firm.printed, "euid": format!("ROONRC.{}", firm.number),
        "cui": firm.cui, "denumire": firm.name, "embleme": [],
        "forma_juridica": { "cod": firm.form, "iso20275": null },
        "data_inmatriculare": firm.registered_on, "data_radiere": firm.struck_off_on, "durata": "NELIMITATA",
        "stare": { "normalizata": normalised, "bris": bris, "coduri": codes },
        "sediu": {
            "tara": "RO", "judet": firm.county, "localitate": firm.place, "siruta": null, "strada": firm.street,
            "numar": firm.street_number, "bloc": null, "scara": null, "etaj": null, "apartament": null,
            "cod_postal": firm.postal_code, "sector": null, "completare": null, "expira_la": null,
        },
        "activitate_principala": activities.first(),
        "activitati_autorizate": activities,
        "capital": { "subscris": "200.00", "varsat": "200.00", "moneda": "RON", "parti_sociale": 20 },
        "sursa": { "adaptor": "sandbox", "extras_la": extracted_at, "opozabil": false },
    })
}

/// The normalised state and the European one (contract sheet sections 6 and 10.6).
pub(super) fn state(firm: &Firm) -> (&'static str, Option<&'static str>) {
    const ORDER: [(&[u32], &str, &str); 8] = [
        (&[1084], "RADIATA", "struck off the register"),
        (&[1070], "FALIMENT", "wound up"),
        (&[1052], "LICHIDARE", "wound up"),
        (&[1057], "REORGANIZARE", "economically active"),
        (&[1107, 1139], "INSOLVENTA", "economically active"),
        (&[1049], "DIZOLVARE", "dissolved"),
        (&[1074], "SUSPENDATA", "economically inactive"),
        (&[1048], "IN_FUNCTIUNE", "economically active"),
    ];
    let found = ORDER.iter().find(|(codes, ..)| codes.iter().any(|code| firm.states.contains(code)));
    found.map_or(("NECUNOSCUTA", None), |(_, name, bris)| (*name, Some(*bris)))
}

/// A person; the identifier is masked, whatever the purpose.
pub(super) fn person(person: &Person) -> Value {
    let (day, month_and_year) = person.born_on.split_once('/').unwrap_or_default();
    let (month, year) = month_and_year.split_once('/').unwrap_or_default();
    json!({
        "tip": "PF", "nume": person.surname, "prenume": person.first_name, "calitate": person.role, "cetatenie": "RO",
        "data_nasterii": format!("{year}-{month}-{day}"), "localitate_domiciliu": "Localitate Demo",
        "identificator": { "tip": "CNP", "valoare_mascata": "*********0000" },
        "mandat": { "de_la": "2020-01-01", "pana_la": null, "puteri": "depline" },
        "participare": { "parti": person.share / 5, "procent_profit": person.share, "procent_pierdere": person.share },
    })
}
