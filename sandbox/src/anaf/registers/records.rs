//! The records of the smaller registers: RO e-Factura, farmers, cult entities, yearly statements.

use serde_json::{Value, json};

use super::firms::Firm;
use super::question::within;

/// A register in which presence is a status, not being found: `RegAgric` and `RegCult`.
#[derive(Clone, Copy)]
pub(crate) enum Membership {
    /// Farmers under the special scheme.
    Agric,
    /// Cult entities for which a tax credit may be had.
    Cult,
}

/// The line of the register RO e-Factura, if the taxpayer joined it.
pub(crate) fn efactura(firm: &Firm) -> Option<Value> {
    (!firm.efactura.is_empty()).then(|| {
        json!({ "cui": firm.cui, "denumire": firm.name, "adresa": firm.address(), "registru": "RO e-Factura",
            "categorie": "Persoana juridica", "dataInscriere": firm.efactura, "dataRenuntare": "", "dataRadiere": "",
            "dataOptiuneB2G": "", "stare": "Activ" })
    })
}

/// The line of a membership register; a code that is not in it, or nobody's, has one too, with blanks.
pub(crate) fn membership(register: Membership, cui: u64, firm: Option<&Firm>, day: &str) -> Value {
    let (name, period) = match register {
        Membership::Agric => ("RegAgric", firm.and_then(|firm| firm.agric)),
        Membership::Cult => ("RegCult", firm.and_then(|firm| firm.cult)),
    };
    let known = firm.filter(|_| period.is_some());
    let text = |value: Option<String>| value.unwrap_or_default();
    let mut line = json!({
        "cui": cui, "data": day,
        "denumire": text(known.map(|firm| firm.name.to_owned())),
        "adresa": text(known.map(Firm::address)),
        "nrRegCom": text(known.map(|firm| firm.number(false))),
        "telefon": "", "fax": "",
        "codPostal": text(known.map(|firm| firm.postal.to_owned())),
        "act": "", "stare_inregistrare": text(known.map(|firm| firm.state.to_owned())),
    });
    let (from, until) = period.unwrap_or_default();
    if let Value::Object(line) = &mut line {
        line.insert(format!("dataInput{name}"), from.into());
        line.insert(format!("dataAnulare{name}"), until.into());
        line.insert(format!("status{name}"), period.is_some_and(|period| within(day, period)).into());
    }
    line
}

/// The yearly statement; without indicators for those who file none and for visitors that look like programs.
pub(crate) fn statement(cui: u64, year: i16, firm: Option<&Firm>, like_a_program: bool) -> Value {
    let filed = firm.filter(|firm| firm.statements && (2014..=2025).contains(&year));
    let indicators: Vec<Value> = match filed {
        Some(_) if !like_a_program => indicators(i64::from(year)),
        _ => Vec::new(),
    };
    let caen: u32 = filed.and_then(|firm| firm.caen.parse().ok()).unwrap_or_default();
    let description = filed.map_or("", |_| "Activitate inventată");
    json!({ "an": year, "cui": cui, "deni": filed.map_or("", |firm| firm.name), "caen": caen,
        "den_caen": description, "i": indicators })
}

/// The twenty indicators of an ordinary firm, in figures that only depend on the year.
fn indicators(year: i64) -> Vec<Value> {
    let labels = [
        "ACTIVE IMOBILIZATE - TOTAL",
        "ACTIVE CIRCULANTE - TOTAL, din care",
        "Stocuri",
        "Creante",
        "Casa şi conturi la bănci",
        "CHELTUIELI ÎN AVANS",
        "DATORII",
        "VENITURI ÎN AVANS",
        "PROVIZIOANE",
        "CAPITALURI - TOTAL, din care:",
        "Capital subscris vărsat",
        "Patrimoniul regiei",
        "Cifra de afaceri netă",
        "VENITURI TOTALE",
        "CHELTUIELI TOTALE",
        "Profit brut",
        "Pierdere brută",
        "Profit net",
        "Pierdere netă",
        "Numar mediu de salariati",
    ];
    let value = |place: i64| match place {
        17 | 19 => 0,
        20 => 7,
        _ => (year - 2000) * 1_000 + place,
    };
    let line = |(place, label): (i64, &str)| json!({ "indicator": format!("I{place}"), "val_indicator": value(place), "val_den_indicator": label });
    (1..).zip(labels).map(line).collect()
}
