//! What the tax administration answers about a taxpayer, as a company.
//!
//! It repeats the trade register: free, fresh, by CUI only, without associates, administrators or state codes (contract
//! sheet anaf, section 4.1). Its texts may be empty, one blank, null or numbers.

use schemas::{Caen, TradeRegisterNumber};
use serde_json::{Value, json};

use super::field::{Company, Field, Provenance, Source};
use super::snapshot_view::state_json;
use super::state::State;

/// The company that one item of `found` tells of. `asked_on` is the day of the question, used where the answer has none.
#[must_use]
pub fn from_anaf(item: &Value, asked_on: &str) -> Company {
    let general = &item["date_generale"];
    let text = |value: &Value| match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let as_of = Some(text(&general["data"])).filter(|day| !day.is_empty()).unwrap_or_else(|| asked_on.to_owned());
    let from = Provenance { source: Source::Anaf, as_of, binding: false };
    let mut company = Company::default();
    let name = text(&general["denumire"]);
    // Older versions answer an unknown code with an empty name.
    if name.is_empty() {
        return company;
    }
    let mut tell = |field, value: Value| company.tell(field, value, &from);
    let printed = text(&general["nrRegCom"]);
    if let Ok(number) = TradeRegisterNumber::parse(&printed) {
        tell(Field::NrReg, number.to_string().into());
        tell(Field::NrRegVechi, number.old_form().into());
        tell(Field::Euid, format!("ROONRC.{number}").into());
    }
    tell(Field::NrRegAfisat, printed.into());
    tell(Field::Cui, text(&general["cui"]).into());
    tell(Field::Denumire, name.into());
    tell(Field::FormaJuridica, json!({ "denumire": text(&general["forma_juridica"]) }));
    let state = text(&general["stare_inregistrare"]);
    if !state.is_empty() {
        let raw = [json!({ "cod": null, "denumire": state })];
        tell(Field::Stare, state_json(state_of(&state), &raw));
    }
    tell(Field::DataRadiere, text(&item["stare_inactiv"]["dataRadiere"]).into());
    if let Ok(caen) = Caen::parse(&text(&general["cod_CAEN"])) {
        tell(Field::ActivitatePrincipala, json!({ "caen": caen.as_str(), "versiune": null }));
    }
    let seat = &item["adresa_sediu_social"];
    let part = |name: &str| Some(text(&seat[name])).filter(|text| !text.is_empty());
    tell(
        Field::Sediu,
        json!({
            "judet": part("sdenumire_Judet"), "localitate": part("sdenumire_Localitate"),
            "strada": part("sdenumire_Strada"), "numar": part("snumar_Strada"), "cod_postal": part("scod_Postal"),
            "completare": part("sdetalii_Adresa"),
        }),
    );
    company
}

/// The state that the free text of the tax administration means; the text itself always goes with it.
fn state_of(text: &str) -> State {
    let text = text.to_uppercase();
    let table = [
        ("RADIERE", State::Radiata),
        ("RADIAT", State::Radiata),
        ("DIZOLVARE", State::Dizolvare),
        ("SUSPENDARE", State::Suspendata),
        ("INREGISTRAT", State::InFunctiune),
        ("TRANSFER", State::InFunctiune),
    ];
    table.iter().find(|(word, _)| text.contains(word)).map_or(State::Necunoscuta, |(_, state)| *state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_with_blanks_nulls_and_a_lost_zero_is_a_company() {
        let item = json!({
            "date_generale": { "cui": 90000014, "data": "2026-09-01", "denumire": "DEMO GHILIMELE SRL",
                "nrRegCom": "J24/99901/2019", "telefon": " ", "cod_CAEN": "610", "forma_juridica": null,
                "stare_inregistrare": "INREGISTRAT din data 02.09.2019" },
            "stare_inactiv": { "dataRadiere": " " },
            "adresa_sediu_social": { "sdenumire_Judet": "MARAMUREŞ", "sdenumire_Strada": "" },
        });
        let record = from_anaf(&item, "2026-09-02").to_json();
        assert_eq!(record["nr_reg"], "J2019099901240");
        assert_eq!(record["activitate_principala"]["caen"], "0610");
        assert_eq!(record["stare"]["normalizata"], "IN_FUNCTIUNE");
        assert_eq!(record["stare"]["coduri"][0]["denumire"], "INREGISTRAT din data 02.09.2019");
        assert_eq!(record["provenienta"]["cui"]["la"], "2026-09-01");
        assert!(record.get("data_radiere").is_none() && record.get("forma_juridica").is_none());
    }

    #[test]
    fn free_text_states_and_an_unknown_code_with_an_empty_name() {
        let table = [
            ("RADIERE din data 01.01.2020", State::Radiata),
            ("INREGISTRAT, DIZOLVARE FARA LICHIDARE", State::Dizolvare),
            ("SUSPENDARE ACTIVITATE", State::Suspendata),
            ("altceva", State::Necunoscuta),
        ];
        for (text, state) in table {
            assert_eq!(state_of(text), state, "{text}");
        }
        let unknown = json!({ "date_generale": { "cui": 90000014, "denumire": "" } });
        assert_eq!(from_anaf(&unknown, "2026-09-02"), Company::default());
    }
}
