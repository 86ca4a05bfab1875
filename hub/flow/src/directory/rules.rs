//! The rules of single entries: control digits, codes of the nomenclatures, addresses, days. Pure.
//!
//! What concerns several entries at once (names that lead nowhere, two systems with one key) is checked on the whole
//! directory, also for what files bring at the start.

use jiff::civil::Date;
use schemas::identifiers::{Cnp, Cui, Siruta};
use schemas::{Catalogue, CodeLists, Severity, Violation};
use serde_json::Value;

use super::document::Entry;
use super::{Held, Kind, Ledger, Places};

/// Longest id, in characters.
const LONGEST_ID: usize = 80;
/// Longest pseudonym of a person, in bytes, as in `Punte-Clerk`.
const LONGEST_PSEUDONYM: usize = 64;
/// Longest text of a field, in characters.
const LONGEST: usize = 1_000;

/// What entries are checked against.
#[derive(Clone, Copy)]
pub struct Against<'a> {
    /// Document types.
    pub catalogue: &'a Catalogue,
    /// Nomenclatures, with the versions that were imported.
    pub code_lists: &'a CodeLists,
    /// The day of the check.
    pub day: Date,
}

/// What is wrong with an entry, or should be looked at.
#[must_use]
pub fn check(entry: &Entry, ledger: &Ledger, against: Against<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    let document = &entry.document;
    id(document, &mut found);
    texts(document, &mut found);
    days(document, &mut found);
    references(document, &mut found);
    match entry.kind {
        Kind::Party => party(entry, ledger, against, &mut found),
        Kind::System => system(document, &mut found),
        Kind::Competence => {
            types(document, against, &mut found);
            territory(document, against, &mut found);
        }
        Kind::Agreement => agreement(document, against, &mut found),
        Kind::Staff => {
            pseudonym(document, "person", &mut found);
            no_cnp(document, "name", &mut found);
        }
        Kind::Delegation => {
            pseudonym(document, "of", &mut found);
            pseudonym(document, "by", &mut found);
            no_cnp(document, "basis", &mut found);
        }
        _ => {}
    }
    found
}

/// A broken rule, whose way out is in the words.
pub(super) fn violation(pointer: &str, rule: &str, ro: impl Into<String>, en: impl Into<String>) -> Violation {
    Violation {
        pointer: pointer.to_owned(),
        rule: rule.to_owned(),
        ro: ro.into(),
        en: en.into(),
        example: None,
        severity: Severity::Error,
    }
}

fn id(document: &Value, found: &mut Vec<Violation>) {
    let id = document["id"].as_str().unwrap_or_default();
    let plain = id.chars().all(|letter| letter.is_alphanumeric() || "-_.".contains(letter));
    if id.is_empty() || id.chars().count() > LONGEST_ID || !plain {
        found.push(violation(
            "/id",
            "id",
            format!("Id-ul are 1 până la {LONGEST_ID} de litere, cifre, cratime, puncte sau linii jos"),
            format!("An id has 1 to {LONGEST_ID} letters, digits, hyphens, dots or underscores"),
        ));
    }
}

/// Texts are lines that can be printed; certificates may have several.
fn texts(document: &Value, found: &mut Vec<Violation>) {
    for (name, value) in document.as_object().into_iter().flatten() {
        let Some(text) = value.as_str().filter(|_| name != "evidence_certificate") else { continue };
        if text.trim().is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            found.push(violation(
                &format!("/{name}"),
                "text",
                format!("Câmpul {name} are 1 până la {LONGEST} de caractere, pe un singur rând"),
                format!("The field {name} has 1 to {LONGEST} characters on one line"),
            ));
        }
    }
}

fn days(document: &Value, found: &mut Vec<Violation>) {
    let day = |name: &str| document[name].as_str().and_then(|text| text.parse::<Date>().ok());
    if day("valid_from").zip(day("valid_to")).is_some_and(|(from, to)| to < from) {
        found.push(violation(
            "/valid_to",
            "days",
            "Ultima zi este înaintea primei zile; corectați valid_from sau valid_to",
            "The last day comes before the first; correct valid_from or valid_to",
        ));
    }
}

/// Addresses lead somewhere, and secrets are references, never the secrets themselves.
fn references(document: &Value, found: &mut Vec<Violation>) {
    let address = document["address"].as_str();
    if address.is_some_and(|address| !address.starts_with('/') && url::Url::parse(address).is_err()) {
        found.push(violation(
            "/address",
            "address",
            "Adresa nu poate fi citită; scrieți-o întreagă, de exemplu https://exemplu.ro/api",
            "The address cannot be read; write it whole, for example https://exemplu.ro/api",
        ));
    }
    for name in ["secret", "identity", "roots"] {
        let Some(reference) = document[name].as_str() else { continue };
        if !["env:", "file:", "command:"].iter().any(|scheme| reference.starts_with(scheme)) {
            found.push(violation(
                &format!("/{name}"),
                "secret.reference",
                format!("Câmpul {name} nu ține secretul, ci spune unde este: env:NUME sau file:CALE"),
                format!("The field {name} does not hold the secret but says where it is: env:NAME or file:PATH"),
            ));
        }
    }
}

fn party(entry: &Entry, ledger: &Ledger, against: Against<'_>, found: &mut Vec<Violation>) {
    let document = &entry.document;
    if let Some(cui) = document["cui"].as_str() {
        if Cui::parse(cui).is_err() {
            found.push(violation(
                "/cui",
                "format.cui",
                "CUI-ul are 2 până la 10 cifre, iar ultima este cifra de control; verificați-l",
                "A CUI has 2 to 10 digits, the last of which is the control digit; check it",
            ));
        }
        let same_kind = |held: &Held| held.document.as_ref().is_some_and(|other| other["kind"] == document["kind"]);
        let other = ledger.with_cui(cui).find(|(id, held)| **id != entry.id && same_kind(held));
        if let Some((other, _)) = other {
            found.push(violation(
                "/cui",
                "unique.cui",
                format!(
                    "CUI-ul este al instituției {other}, de același fel; folosiți acea intrare sau corectați CUI-ul"
                ),
                format!("The CUI is that of {other}, of the same kind; use that entry or correct the CUI"),
            ));
        }
    }
    if let Some(code) = document["siruta"].as_str() {
        place("/siruta", code, against, found);
    }
}

fn place(pointer: &str, code: &str, against: Against<'_>, found: &mut Vec<Violation>) {
    let places = Places::on(against.code_lists, against.day);
    if !places.contains(code) {
        found.push(violation(
            pointer,
            "code-list.siruta",
            format!("Codul {code} nu este în nomenclatorul SIRUTA; căutați-l la /v1/nomenclatures/siruta"),
            format!("The code {code} is not in the nomenclature SIRUTA; look for it at /v1/nomenclatures/siruta"),
        ));
    } else if Siruta::parse(code).is_ok_and(|code| !code.check_digit_matches()) {
        // 77 official codes fail the published rule (INS file of 2025): existence in the list decides.
        let warning = violation(
            pointer,
            "check-digit.siruta",
            "Cifra de control nu se potrivește, dar codul este în nomenclator",
            "The check digit does not match, but the code is in the nomenclature",
        );
        found.push(Violation { severity: Severity::Warning, ..warning });
    }
}

fn system(document: &Value, found: &mut Vec<Violation>) {
    // Where it is absent, the system is known by credentials that the hub issued or registered.
    let absent = document["key_sha256"].is_null();
    let key = document["key_sha256"].as_str().unwrap_or_default();
    if !absent && (key.len() != 64 || !key.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))) {
        found.push(violation(
            "/key_sha256",
            "sha256",
            "Scrieți SHA-256 al cheii, 64 de cifre hexazecimale mici, niciodată cheia însăși",
            "Write the SHA-256 of the key, 64 small hexadecimal digits, never the key itself",
        ));
    }
    let assurance = document["assurance"].as_str().unwrap_or("low");
    if !["low", "substantial", "high"].contains(&assurance) {
        found.push(violation(
            "/assurance",
            "assurance",
            "Nivelul de asigurare este low, substantial sau high (Regulamentul (UE) 910/2014, art. 8)",
            "The level of assurance is low, substantial or high (Regulation (EU) 910/2014, art. 8)",
        ));
    }
}

/// Persons are named as in `Punte-Clerk`: by the institution's own pseudonym, never by CNP.
fn pseudonym(document: &Value, field: &str, found: &mut Vec<Violation>) {
    let text = document[field].as_str().unwrap_or_default();
    let personal = text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty()
        || text.len() > LONGEST_PSEUDONYM
        || !text.bytes().all(|byte| byte.is_ascii_graphic())
        || personal
    {
        found.push(violation(
            &format!("/{field}"),
            "pseudonym",
            format!("Câmpul {field} are 1 până la {LONGEST_PSEUDONYM} de caractere ASCII fără spații și nu este un CNP: pseudonimul persoanei, ca în Punte-Clerk"),
            format!("The field {field} has 1 to {LONGEST_PSEUDONYM} ASCII characters without blanks and is no CNP: the person's pseudonym, as in Punte-Clerk"),
        ));
    }
}

fn no_cnp(document: &Value, field: &str, found: &mut Vec<Violation>) {
    let text = document[field].as_str().unwrap_or_default();
    if text.split(|sign: char| !sign.is_ascii_digit()).any(|word| Cnp::parse(word).is_ok()) {
        found.push(violation(
            &format!("/{field}"),
            "cnp",
            format!("Câmpul {field} conține un CNP; scoateți-l: persoanele se numesc aici numai după pseudonim"),
            format!("The field {field} holds a CNP; take it out: persons are named here by pseudonym alone"),
        ));
    }
}

fn types(document: &Value, against: Against<'_>, found: &mut Vec<Violation>) {
    for (place, named) in document["document_types"].as_array().into_iter().flatten().enumerate() {
        let named = named.as_str().unwrap_or_default();
        if !against.catalogue.document_types().any(|one| one.name() == named) {
            found.push(violation(
                &format!("/document_types/{place}"),
                "document-type",
                format!("Tipul {named} nu este în catalog; tipurile sunt la /v1/document-types"),
                format!("The type {named} is not in the catalogue; the types are at /v1/document-types"),
            ));
        }
    }
}

fn territory(document: &Value, against: Against<'_>, found: &mut Vec<Violation>) {
    for (number, code) in document["territory"].as_array().into_iter().flatten().enumerate() {
        place(&format!("/territory/{number}"), code.as_str().unwrap_or_default(), against, found);
    }
}

fn agreement(document: &Value, against: Against<'_>, found: &mut Vec<Violation>) {
    types(document, against, found);
    if document["document_types"].as_array().is_none_or(Vec::is_empty) {
        found.push(violation(
            "/document_types",
            "required",
            "Acordul numește cel puțin un tip de document",
            "An agreement names at least one document type",
        ));
    }
    for side in ["senders", "recipients"] {
        let selector = &document[side];
        if selector["parties"].as_array().is_none_or(Vec::is_empty) && selector["kind"].is_null() {
            found.push(violation(
                &format!("/{side}"),
                "required",
                format!("În {side} numiți instituții (parties) sau un fel de instituții (kind)"),
                format!("In {side} name institutions (parties) or a kind of them (kind)"),
            ));
        }
        if let Some(code) = selector["county"].as_str() {
            place(&format!("/{side}/county"), code, against, found);
        }
    }
}
