//! What may be asked with `cerere`: the kinds of report, what each needs, and the words of refusal.

use std::collections::BTreeMap;

/// The parameters of a request, as they came.
pub(super) type Parameters = BTreeMap<String, String>;

const OF_CODE: [&str; 12] = [
    "D112Contrib",
    "Obligatii de plata",
    "Nota obligatiilor de plata",
    "Istoric Spatiu Virtual",
    "Registru intrari-iesiri",
    "DATE IDENTIFICARE",
    "VECTOR FISCAL",
    "Situatie Sintetica",
    "InterogariBanci",
    "Fisa Rol",
    "Istoric bilant",
    "NeconcordanteD112CNP",
];
const OF_YEAR: [&str; 11] = [
    "Bilant anual",
    "Bilant semestrial",
    "Istoric declaratii",
    "D101",
    "D106",
    "D120",
    "D130",
    "D205",
    "D212",
    "D392",
    "D393",
];
const OF_MONTH: [&str; 9] = ["D100", "D112", "D180", "D208", "D300", "D301", "D311", "D390", "D394"];

/// The income certificate.
pub(super) const INCOME: &str = "Adeverinte Venit";

/// The purposes of an income certificate, to the letter.
const PURPOSES: [&str; 30] = [
    "Sanatate",
    "Cresa",
    "Gradinita",
    "Scoala",
    "Liceu",
    "Facultate",
    "Alocatia pentru copiii nou nascuti",
    "Trusou nou nascuti",
    "Alocatia de stat pentru copii",
    "Indemnizatie ajutor stimulent pentru cresterea copilului",
    "Sprijin financiar acordat la constituirea familiei",
    "Alocatia pentru sustinerea familiei",
    "Alocatia familiala complementara",
    "Somaj si stimularea fortei de munca",
    "Ajutor social",
    "Pensie",
    "Stimulent de insertie",
    "Ajutoare pentru incalzirea locuintei",
    "Ajutoare financiare pentru persoane aflate in extrema dificultate",
    "Cheltuieli cu inmormantarea persoanelor din familiile beneficiare de ajutor social",
    "Ajutoare de urgenta in caz de calamitati naturale",
    "Indemnizatia Bugetul personal complementar pentru persoana cu handicap",
    "Alocatia de plasament",
    "Indemnizatia pentru insotitor",
    "Alocatia lunara de hrana pentru copiii cu handicap de tip HIV SIDA",
    "Ajutor anual pentru veteranii de razboi",
    "Institutie financiar bancara asigurare etc.",
    "Executor judecatoresc",
    "Autoritati straine",
    "Altele",
];

/// The technical refusal: the only documented words for what no other words exist for.
const TECHNICAL: &str = "Eroare transmitere cerere. Cod 057";

/// Why a request is refused, in the words of the service.
///
/// The order is: the kind, its parameters, the code, the right on it, then the values.
pub(super) fn refusal(parameters: &Parameters, rights: &[String]) -> Option<String> {
    let value = |name: &str| parameters.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let kind = value("tip").unwrap_or_default();
    if kind == "CAF" {
        return Some(format!("Tip raport= {kind} inca nu poate fi solicitat prin WS"));
    }
    let Some(needed) = needed(kind) else { return Some(TECHNICAL.to_owned()) };
    if needed.iter().any(|name| value(name).is_none()) {
        return Some(missing(kind, needed));
    }
    let codes = [value("cui"), value("cui_pui")];
    for code in codes.into_iter().flatten() {
        if !is_code(code) {
            return Some(format!("CUI-ul introdus= {code} nu este corect. "));
        }
        if !rights.iter().any(|right| right == code) {
            return Some(format!("Nu veti drept sa solictati informatii despre CIF={code}"));
        }
    }
    let number = |name: &str| value(name).and_then(|digits| digits.parse::<i64>().ok());
    let is_month = |name: &str| number(name).is_some_and(|month| (1..=12).contains(&month));
    let wrong = match kind {
        INCOME => !PURPOSES.contains(&value("motiv").unwrap_or_default()),
        "D208" => !matches!(number("luna"), Some(6 | 12)),
        "NeconcordanteD394" => !is_month("lunai") || !is_month("lunas") || number("lunai") > number("lunas"),
        kind if OF_MONTH.contains(&kind) => !is_month("luna"),
        _ => false,
    };
    let wrong = wrong || (needed.contains(&"an") && number("an").is_none_or(|year| !(2000..=2100).contains(&year)));
    wrong.then(|| TECHNICAL.to_owned())
}

fn needed(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        INCOME => Some(&["cui", "an", "motiv"]),
        "Duplicat Recipisa" => Some(&["cui", "numar_inregistrare"]),
        "NeconcordanteD394" => Some(&["cui", "an", "lunai", "lunas"]),
        kind if OF_CODE.contains(&kind) => Some(&["cui"]),
        kind if OF_YEAR.contains(&kind) => Some(&["cui", "an"]),
        kind if OF_MONTH.contains(&kind) => Some(&["cui", "an", "luna"]),
        _ => None,
    }
}

fn missing(kind: &str, needed: &[&str]) -> String {
    match needed {
        [first @ .., last] if !first.is_empty() => {
            format!("Pentru tip raport= {kind} parametri {} si {last} sunt obligatorii", first.join(", "))
        }
        needed => format!("Pentru tip raport= {kind} parametrul {} este obligatoriu", needed.concat()),
    }
}

/// Whether the digits are a CUI or, with thirteen of them, a CNP.
fn is_code(code: &str) -> bool {
    if code.len() == 13 { crate::anaf::patrimven::is_cnp(code) } else { crate::anaf::cui::is_valid(code) }
}

#[cfg(test)]
mod tests {
    use super::{PURPOSES, Parameters, refusal};

    fn asked(pairs: &[(&str, &str)]) -> Option<String> {
        let parameters: Parameters = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        refusal(&parameters, &["8000000000".into(), "1111111111118".into()])
    }

    #[test]
    fn every_refusal_has_the_words_of_the_service() {
        let code = ("cui", "8000000000");
        let table: [(&[(&str, &str)], &str); 9] = [
            (&[("tip", "CAF"), code], "Tip raport= CAF inca nu poate fi solicitat prin WS"),
            (&[("tip", "D101")], "Pentru tip raport= D101 parametri cui si an sunt obligatorii"),
            (&[("tip", "VECTOR FISCAL")], "Pentru tip raport= VECTOR FISCAL parametrul cui este obligatoriu"),
            (&[("tip", "D112"), code], "Pentru tip raport= D112 parametri cui, an si luna sunt obligatorii"),
            (&[("tip", "D101"), ("cui", "8000000001"), ("an", "2025")], "CUI-ul introdus= 8000000001 nu este corect. "),
            (
                &[("tip", "D101"), ("cui", "90000006"), ("an", "2025")],
                "Nu veti drept sa solictati informatii despre CIF=90000006",
            ),
            (&[("tip", "D208"), code, ("an", "2025"), ("luna", "5")], "Eroare transmitere cerere. Cod 057"),
            (&[("tip", "Altceva"), code], "Eroare transmitere cerere. Cod 057"),
            (
                &[("tip", "Adeverinte Venit"), ("cui", "1111111111118"), ("an", "2025"), ("motiv", "altele")],
                "Eroare transmitere cerere. Cod 057",
            ),
        ];
        for (pairs, words) in table {
            assert_eq!(asked(pairs).as_deref(), Some(words), "{pairs:?}");
        }
    }

    #[test]
    fn every_purpose_of_the_list_is_taken() {
        for purpose in PURPOSES {
            let pairs = [("tip", "Adeverinte Venit"), ("cui", "1111111111118"), ("an", "2025"), ("motiv", purpose)];
            assert_eq!(asked(&pairs), None, "{purpose}");
        }
    }
}
