//! Invented firms: the fixed ones of the contract sheet (section 5.5) and as many more as wanted, always the same.

use super::number::{converted, cui, with_check_digit};

/// A firm of the twin.
#[derive(Debug, Clone)]
pub(super) struct Firm {
    /// The number in its new form.
    pub(super) number: String,
    /// The number as it is printed.
    pub(super) printed: String,
    /// None for natural-person forms without a code.
    pub(super) cui: Option<String>,
    pub(super) name: String,
    pub(super) form: &'static str,
    /// ISO; none where the file has none.
    pub(super) registered_on: Option<String>,
    pub(super) struck_off_on: Option<String>,
    pub(super) county: &'static str,
    pub(super) place: &'static str,
    pub(super) street: String,
    pub(super) street_number: String,
    pub(super) postal_code: String,
    pub(super) states: Vec<u32>,
    pub(super) activities: Vec<(&'static str, u8)>,
    pub(super) persons: Vec<Person>,
}

/// A person, invented.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) surname: &'static str,
    pub(super) first_name: &'static str,
    pub(super) role: &'static str,
    /// `dd/MM/yyyy`, as the open data writes it.
    pub(super) born_on: String,
    /// Percent of the capital; 0 for who only administers.
    pub(super) share: u32,
}

const TREES: [&str; 6] = ["STEJARUL", "ŢUIA", "ARŢARUL", "SALCIA", "PLOPUL", "FAGUL"];
const PLACES: [(&str, &str); 4] = [
    ("Prahova", "Municipiul Ploieşti"),
    ("Mehedinţi", "Oraş Strehaia"),
    ("Maramureş", "Municipiul Baia Mare"),
    ("Bucureşti", "Bucureşti Sectorul 1"),
];
const SURNAMES: [&str; 4] = ["PROBESCU", "FICTIVAN", "INVENTATU", "EXEMPLESCU"];
const FIRST_NAMES: [&str; 4] = ["ANA", "VASILE", "IOANA", "GEORGE"];

/// The four firms of the contract sheet and two with one number.
pub(super) fn fixed() -> Vec<Firm> {
    let one = |name: &str, code: Option<&str>, printed: &str, form, date: Option<&str>| {
        base(Known {
            number: converted(printed).unwrap_or_default(),
            printed: printed.to_owned(),
            cui: code.map(str::to_owned),
            name: name.to_owned(),
            form,
            registered_on: date.map(str::to_owned),
        })
    };
    let mut firms = vec![
        one("DEMO MESTEACĂNUL SRL", Some("90000006"), "J2025900001003", "SRL", Some("2025-03-14")),
        one("\"DEMO GHILIMELE\" SRL", Some("90000014"), "J24/99901/2019", "SRL", Some("2019-09-02")),
        one("DEMO RADIATA SA", Some("90000022"), "J12/99902/2003", "SA", Some("2003-06-11")),
        one("DEMO FARA CUI PFA", None, "F08/99903/2021", "PFA", Some("2021-05-05")),
        one("DEMO GEAMAN UNU SRL", Some("90000030"), "J29/99001/1993", "SRL", Some("1993-10-03")),
        one("DEMO GEAMAN DOI SRL", Some("90000049"), "J29/99001/1993", "SRL", None),
    ];
    firms[1].states = vec![1048, 2069];
    firms[2].states = vec![1084, 1049];
    firms[2].struck_off_on = Some("2020-01-31".to_owned());
    firms[3].states = vec![1048, 1074];
    firms
}

/// An invented firm by its position, always the same.
pub(super) fn invented(position: u32) -> Firm {
    let year = 1995 + position % 29;
    let old = format!("J{:02}/{}/{year}", [29, 25, 24, 40][position as usize % 4], 20_000 + position % 70_000);
    let number = converted(&old).unwrap_or_default();
    // Half of the firms have their number printed in the new form, as the files have it.
    let printed = if position.is_multiple_of(2) { old } else { number.clone() };
    let name = format!("DEMO {} {:05} SRL", TREES[position as usize % TREES.len()], position);
    let code = cui(&format!("{}", 9_100_000 + position));
    let date = format!("{year}-{:02}-{:02}", position % 12 + 1, position % 28 + 1);
    let cui = Some(code);
    let mut firm = base(Known { number, printed, cui, name, form: "SRL", registered_on: Some(date) });
    firm.states = match position % 23 {
        3 => vec![1048, 2069],
        5 => vec![1084],
        7 => vec![1048, 1107],
        11 => vec![1052, 1048],
        13 => vec![1070],
        17 => vec![1048, 1074],
        19 => vec![1049],
        _ => vec![1048],
    };
    firm
}

/// A firm that registers while the twin runs: in the register at once, in no snapshot yet.
pub(super) fn fresh(position: u32, today: &str) -> Firm {
    let number = with_check_digit(&format!("J2026{:06}00", 990_000 + position % 9_999));
    base(Known {
        printed: number.clone(),
        number,
        cui: Some(cui(&format!("{}", 9_900_000 + position))),
        name: format!("DEMO PROASPĂT {position} SRL"),
        form: "SRL",
        registered_on: Some(today.to_owned()),
    })
}

/// What tells one firm from another; the rest is made of its number.
struct Known {
    number: String,
    printed: String,
    cui: Option<String>,
    name: String,
    form: &'static str,
    registered_on: Option<String>,
}

fn base(known: Known) -> Firm {
    let Known { number, printed, cui, name, form, registered_on } = known;
    let chance = number.bytes().fold(7_usize, |chance, byte| chance.wrapping_mul(31) + usize::from(byte));
    // The low bits of such a sum hang on the check digit.
    let chance = (chance ^ chance >> 15).wrapping_mul(0x2C1B_3C6D) >> 7;
    let (county, place) = PLACES[chance % PLACES.len()];
    let person = |at: usize, role, share| Person {
        surname: SURNAMES[(chance + at) % 4],
        first_name: FIRST_NAMES[(chance / 4 + at) % 4],
        role,
        born_on: format!("{:02}/{:02}/{}", (chance + at) % 28 + 1, chance % 12 + 1, 1960 + (chance + at) % 40),
        share,
    };
    Firm {
        number,
        printed,
        cui,
        name,
        form,
        registered_on,
        struck_off_on: None,
        county,
        place,
        street: "Exemplului".to_owned(),
        street_number: (chance % 200 + 1).to_string(),
        postal_code: format!("{:06}", chance % 1_000_000),
        states: vec![1048],
        activities: vec![("0111", 3), (["4711", "6201", "4321"][chance % 3], 2)],
        persons: vec![person(0, "administrator", 60), person(1, "asociat", 40)],
    }
}
