//! Every sample of the catalogue gives exactly what the file beside it says, in the words a clerk needs.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use schemas::{Catalogue, Date, validation::UnknownDocumentType};
use serde_json::{Value, json};

fn catalogue_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue")
}

fn day() -> Date {
    "2026-06-01".parse().unwrap()
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn samples(name: &str, version: &str, kind: &str) -> Vec<PathBuf> {
    let dir = catalogue_dir().join(name).join(version).join("samples").join(kind);
    let files = fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|path| !path.to_string_lossy().ends_with(".expected.json"));
    files.sort();
    assert!(files.len() >= 2, "{name} {version} needs at least two {kind} samples");
    files
}

#[test]
fn every_valid_sample_keeps_every_rule() {
    let catalogue = Catalogue::builtin().unwrap();
    assert!(catalogue.document_types().count() >= 5);
    for document_type in catalogue.document_types() {
        for path in samples(document_type.name(), document_type.version(), "valid") {
            let violations = document_type.validate(&read(&path), day());
            assert!(violations.is_empty(), "{}: {violations:#?}", path.display());
        }
    }
}

#[test]
fn every_invalid_sample_breaks_exactly_the_rules_it_says() {
    let catalogue = Catalogue::builtin().unwrap();
    for document_type in catalogue.document_types() {
        for path in samples(document_type.name(), document_type.version(), "invalid") {
            let expected = read(&path.with_extension("expected.json"));
            let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
            let expected: BTreeSet<_> =
                expected.as_array().unwrap().iter().map(|rule| (text(rule, "pointer"), text(rule, "rule"))).collect();
            let violations = document_type.validate(&read(&path), day());
            let found: BTreeSet<_> =
                violations.iter().map(|found| (found.pointer.clone(), found.rule.clone())).collect();
            assert_eq!(found, expected, "{}", path.display());
            assert_eq!(found.len(), violations.len(), "{}: a violation is told twice", path.display());
        }
    }
}

#[test]
fn no_violation_repeats_the_value_it_refuses() {
    let catalogue = Catalogue::builtin().unwrap();
    for document_type in catalogue.document_types() {
        for path in samples(document_type.name(), document_type.version(), "invalid") {
            let document = read(&path);
            for violation in document_type.validate(&document, day()) {
                let Some(value) = document.pointer(&violation.pointer).and_then(Value::as_str) else { continue };
                let told =
                    [&violation.ro, &violation.en].into_iter().any(|text| value.len() > 2 && text.contains(value));
                assert!(!told, "{}: {} repeats the value", path.display(), violation.pointer);
            }
        }
    }
}

#[test]
fn a_wrong_cnp_is_told_with_field_rule_and_way_out() {
    let catalogue = Catalogue::builtin().unwrap();
    let inquiry = catalogue.document_type("ancheta-sociala-adult", "1.0").unwrap();
    let mut body = read(&catalogue_dir().join("ancheta-sociala-adult/1.0/samples/valid/completa.json"));
    body["persoana"]["cnp"] = json!("1630615123458");
    let [violation] = &inquiry.validate(&body, day())[..] else { panic!("one violation expected") };
    assert_eq!(
        violation.ro,
        "Câmpul „Codul numeric personal” (/persoana/cnp) nu este valid: cifra de control a CNP-ului nu se potrivește; \
         verificați fiecare cifră."
    );
    assert_eq!(violation.example.as_deref(), Some("1900101400081"));
    assert!(violation.is_error());
}

#[test]
fn a_code_is_judged_by_the_reporting_date() {
    let catalogue = Catalogue::builtin().unwrap();
    let inquiry = catalogue.document_type("ancheta-sociala-adult", "1.0").unwrap();
    let mut body = read(&catalogue_dir().join("ancheta-sociala-adult/1.0/samples/valid/completa.json"));
    body["persoana"]["act_identitate"]["tip"] = json!("CEI");
    assert!(inquiry.validate(&body, day()).is_empty());
    let before = inquiry.validate(&body, "2020-01-01".parse().unwrap());
    assert_eq!(before.iter().map(|found| found.rule.as_str()).collect::<Vec<_>>(), ["code-list.act-identitate"]);
}

#[test]
fn an_unknown_type_and_an_unknown_version_are_told_apart() {
    let catalogue = Catalogue::builtin().unwrap();
    assert!(catalogue.find("document-generic", "1.0").is_ok());
    let Err(UnknownDocumentType::Version { known, .. }) = catalogue.find("document-generic", "9.9") else {
        panic!("the version is unknown")
    };
    assert_eq!(known, ["1.0"]);
    let Err(UnknownDocumentType::Type { known }) = catalogue.find("ordin-de-plata", "1.0") else {
        panic!("the type is unknown")
    };
    assert!(known.contains(&"ancheta-sociala-adult".to_owned()));
}

#[test]
fn a_type_tells_what_may_come_with_it() {
    let catalogue = Catalogue::builtin().unwrap();
    for document_type in catalogue.document_types() {
        assert!(!document_type.title().ro.is_empty() && !document_type.title().en.is_empty());
        assert!(!document_type.legal_basis().is_empty() && !document_type.purposes().is_empty());
        assert!(document_type.parts().max_part_bytes > 0 && !document_type.parts().media_types.is_empty());
        let classes = ["calendar-days", "working-days", "none"];
        assert!(classes.contains(&document_type.deadline().class.as_str()), "{}", document_type.name());
    }
}

#[test]
fn a_folder_on_disk_gives_the_same_catalogue() {
    let builtin = Catalogue::builtin().unwrap();
    let read = Catalogue::from_dir(&catalogue_dir()).unwrap();
    let names = |catalogue: &Catalogue| {
        let types = catalogue.document_types().map(|one| format!("{}/{}", one.name(), one.version()));
        types.collect::<Vec<_>>()
    };
    assert_eq!(names(&builtin), names(&read));
}
