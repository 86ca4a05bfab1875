//! What eSocial looks at before it takes a case.

use serde_json::{Value, json};

use crate::cnp::is_cnp;
use crate::intake::ReceivedPart;

/// What every case must say: place, code, name.
const ALWAYS: [(&str, &str, &str); 4] = [
    ("/versiune", "VERSIUNE_LIPSA", "versiunea contractului"),
    ("/tip", "TIP_LIPSA", "tipul cazului"),
    ("/subiect", "SUBIECT_LIPSA", "subiectul"),
    ("/expeditor/denumire", "EXPEDITOR_LIPSA", "denumirea expeditorului"),
];

/// What a case about a person must say.
const PERSON: [(&str, &str, &str); 2] = [
    ("/persoana/nume", "NUME_LIPSA", "numele persoanei"),
    ("/persoana/prenume", "PRENUME_LIPSA", "prenumele persoanei"),
];

/// Everything that is wrong with a case, each with its place, code and explanation. `parts` is None when the case came
/// without a form, and its files by another road.
pub(super) fn problems(case: &Value, parts: Option<&[ReceivedPart]>) -> Vec<Value> {
    let person = case.get("persoana").is_some_and(|person| !person.is_null());
    let required = ALWAYS.iter().chain(PERSON.iter().filter(|_| person));
    let mut problems: Vec<Value> = required
        .filter(|(place, _, _)| case.pointer(place).and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()))
        .map(|(place, code, name)| problem(place, code, &format!("Lipsește {name}.")))
        .collect();
    // Foreigners and newborns have no CNP: it may be missing, but not wrong.
    let cnp = case.pointer("/persoana/cnp").filter(|cnp| !cnp.is_null());
    if cnp.is_some_and(|cnp| !cnp.as_str().is_some_and(is_cnp)) {
        let message = "CNP-ul nu are 13 cifre sau cifra de control este greșită.";
        problems.push(problem("/persoana/cnp", "CNP_INVALID", message));
    }
    if let Some(parts) = parts {
        problems.extend(missing_files(case, parts));
    }
    problems
}

fn missing_files<'a>(case: &'a Value, parts: &'a [ReceivedPart]) -> impl Iterator<Item = Value> + 'a {
    let listed = case.get("documente").and_then(Value::as_array).into_iter().flatten().enumerate();
    listed.filter_map(move |(position, file)| {
        let sha256 = file.get("sha256").and_then(Value::as_str).unwrap_or_default();
        let came = parts.iter().any(|part| part.sha256 == sha256);
        let place = format!("/documente/{position}");
        (!came).then(|| problem(&place, "FISIER_LIPSA", "Fișierul nu a venit sau are alt conținut."))
    })
}

fn problem(place: &str, code: &str, message: &str) -> Value {
    json!({ "camp": place, "cod": code, "mesaj": message })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(extra: Value) -> Value {
        let mut case = json!({ "versiune": "1.0", "tip": "A", "subiect": "b", "expeditor": { "denumire": "c" } });
        case.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        case
    }

    #[test]
    fn a_case_is_looked_at_like_an_institution_would() {
        // The persons are invented.
        let part = ReceivedPart { name: "f".to_owned(), size: 1, sha256: "aa".to_owned() };
        let parts = Some(std::slice::from_ref(&part));
        let person = |cnp: Value| case(json!({ "persoana": { "nume": "Exemplescu", "prenume": "Ion", "cnp": cnp } }));
        let table = [
            (case(json!({})), parts, 0),
            (person(json!("1630615259905")), parts, 0),
            (person(json!(null)), parts, 0),
            (person(json!("1630615259906")), parts, 1),
            (person(json!("163")), parts, 1),
            (case(json!({ "persoana": { "nume": " " } })), parts, 2),
            (case(json!({ "documente": [{ "sha256": "aa" }] })), parts, 0),
            (case(json!({ "documente": [{ "sha256": "bb" }] })), parts, 1),
            (case(json!({ "documente": [{ "sha256": "bb" }] })), None, 0),
            (json!({}), parts, 4),
            (json!([]), parts, 4),
        ];
        for (case, parts, expected) in table {
            assert_eq!(problems(&case, parts).len(), expected, "{case}");
        }
    }
}
