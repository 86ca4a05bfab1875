//! What the twin answers about a person: invented, the same for the same code, nothing for a code that ends in 0.

use serde_json::{Value, json};

use super::inquiry::{Inquiry, Period, Person};
use super::settings::Service;

/// The two employers of the twin.
const EMPLOYERS: [(u64, &str); 2] =
    [(90_000_006, "ŞANTIERUL INVENTAT S.R.L."), (90_000_014, "FERMA ŢINUTUL INVENTAT S.R.L.")];

/// One answer per person, in the order of the question.
pub(super) fn about(inquiry: &Inquiry, today: &str) -> Vec<Value> {
    let one = |person: &Person| {
        let records = match known(&person.cod) {
            Some(seed) => records(inquiry.serviciu, &person.cod, seed, inquiry.perioada, today),
            None => Vec::new(),
        };
        json!({ "tip": person.tip, "cod": person.cod, "gasit": !records.is_empty(), "inregistrari": records })
    };
    inquiry.persoane.iter().map(one).collect()
}

/// A small number drawn from the code; none for persons nothing is known of.
fn known(code: &str) -> Option<i64> {
    let sum: i64 = code.bytes().map(i64::from).sum();
    (!code.ends_with('0')).then_some(sum % 7)
}

fn records(service: Service, code: &str, seed: i64, period: Period, today: &str) -> Vec<Value> {
    let years = period.an_inceput..=period.an_sfarsit;
    match service {
        Service::Contributii => years.flat_map(|year| months(code, seed, year, today)).collect(),
        Service::Venituri => years.map(|year| income(code, seed, year, today)).collect(),
        Service::Banci => {
            vec![json!({ "cod": code, "banca": "BANCA INVENTATĂ S.A.", "iban": "RO49AAAA1B31007593840000",
            "data_deschidere": "2015-04-01", "data_inchidere": null, "data_extras": today })]
        }
        Service::BunuriImobile => vec![json!({ "cod": code, "categorie": "CLADIRE", "uat": "COMUNA INVENTATĂ",
            "adresa": "Str. Inventată nr. 7", "suprafata_mp": 60 + seed * 10, "cota": "1/1",
            "valoare_impozabila": 90_000 + seed * 1_000, "data_dobandire": "2010-06-15", "data_extras": today })],
        Service::Auto => {
            vec![json!({ "cod": code, "categorie": "AUTOTURISM", "numar_inmatriculare": format!("PH 0{seed} INV"),
            "an_fabricatie": 2008 + seed, "capacitate_cm3": 1_398, "data_dobandire": "2016-09-01", "data_extras": today })]
        }
    }
}

fn months(code: &str, seed: i64, year: i16, today: &str) -> Vec<Value> {
    let (cui, name) = EMPLOYERS[usize::from(seed % 2 == 1)];
    let month = |month: i64| {
        let gross = 4_050 + seed * 100;
        let (pension, health) = (gross * 25 / 100, gross * 10 / 100);
        let tax = (gross - pension - health) * 10 / 100;
        json!({ "cnp": code, "an": year, "luna": month, "angajator_cui": cui.to_string(), "angajator_denumire": name,
            "venit_brut": gross, "cas": pension, "cass": health, "impozit": tax, "data_extras": today })
    };
    // Nothing is declared for months that have not ended.
    let ended = |number: &i64| format!("{year}-{number:02}-31").as_str() < today;
    (1..=12).filter(ended).map(month).collect()
}

fn income(code: &str, seed: i64, year: i16, today: &str) -> Value {
    let gross = (4_050 + seed * 100) * 12;
    json!({ "cod": code, "an": year, "categorie": "SALARII", "sursa": "D112", "venit_brut": gross,
        "venit_net": gross * 585 / 1_000, "impozit": gross * 65 / 1_000, "data_extras": today })
}
