//! The code lists of the profile. Only the state codes that public sources establish; the real list has 198.

use serde_json::{Value, json};

/// Codes of N_STARE_FIRMA with the words of the open data.
pub(super) const STATES: [(u32, &str); 14] = [
    (1048, "funcţiune"),
    (1084, "radiată"),
    (1074, "întrerupere temporară de activitate"),
    (1049, "dizolvare"),
    (1052, "lichidare"),
    (1070, "faliment"),
    (1107, "insolvenţă"),
    (1139, "insolvenţă"),
    (1057, "reorganizare judiciară"),
    (1050, "fuziune"),
    (1054, "divizare"),
    (1053, "schimbare sediu"),
    (2069, "sediu expirat"),
    (2120, "perioada de suspendare expirată"),
];

/// Classes of CAEN: class, words, revision.
pub(super) const CAEN: [(&str, &str, u8); 4] = [
    ("0111", "Cultivarea cerealelor", 3),
    ("4711", "Comerţ cu amănuntul în magazine nespecializate", 2),
    ("6201", "Activităţi de realizare a soft-ului la comandă", 2),
    ("4321", "Lucrări de instalaţii electrice", 2),
];

/// What a code is called; none where the list does not have it.
pub(super) fn state_name(code: u32) -> Option<&'static str> {
    STATES.iter().find(|(one, _)| *one == code).map(|(_, name)| *name)
}

/// A whole list with its version and date; none where there is no such list.
pub(super) fn list(name: &str) -> Option<Value> {
    let pairs = |pairs: &[(&str, &str)]| -> Vec<Value> {
        pairs.iter().map(|(code, name)| json!({ "cod": code, "denumire": name })).collect()
    };
    let rows = match name {
        "stari" => STATES.iter().map(|(code, name)| json!({ "cod": code.to_string(), "denumire": name })).collect(),
        "forme" => pairs(&[
            ("SRL", "societate cu răspundere limitată"),
            ("SA", "societate pe acţiuni"),
            ("PFA", "persoană fizică autorizată"),
        ]),
        "caen" => CAEN
            .iter()
            .map(|(class, name, version)| json!({ "cod": class, "denumire": name, "versiune": version }))
            .collect(),
        "judete" => pairs(&[("24", "Maramureş"), ("25", "Mehedinţi"), ("29", "Prahova"), ("40", "Bucureşti")]),
        _ => return None,
    };
    Some(json!({ "nomenclator": name, "versiune": "sandbox-1", "data": "2026-09-02", "pozitii": rows }))
}
