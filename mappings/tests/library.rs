//! Every mapping of the library gives its golden examples and leaves out nothing in silence.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

use mappings::{Input, Library};
use schemas::Catalogue;
use serde_json::{Value, json};

fn library() -> Library {
    Library::builtin(&Catalogue::builtin().unwrap()).unwrap()
}

fn envelope() -> Value {
    json!({
        "message_id": "01980000-0000-7000-8000-000000000099",
        "sender": { "id": "ro:primaria-exemplu", "name": "Primăria Exemplu" },
        "recipient": { "id": "ro:dgaspc-exemplu", "name": "DGASPC Exemplu" },
        "document_type": "document-generic",
        "version": "1.0",
        "subject": "Subiect",
        "purpose": "corespondenta",
        "legal_basis": "OG nr. 27/2002",
        "sender_registration": { "number": "1", "date": "2026-01-20", "register": "registrul general" },
        "submitted_at": "2026-01-20T09:15:00+02:00",
        "parts": []
    })
}

#[test]
fn every_mapping_gives_its_golden_examples_and_uses_or_declares_every_field() {
    let library = library();
    assert!(library.mappings().count() >= 4);
    for mapping in library.mappings() {
        let report = mapping.check();
        assert!(report.is_clean(), "{}:\n{report}", mapping.id());
    }
}

#[test]
fn a_mapping_is_found_by_its_source_and_target() {
    let library = library();
    let id =
        |source: &str, version: &str, target: &str| library.find(source, version, target).map(mappings::Mapping::id);
    let inquiry = "ancheta-sociala-adult";
    assert_eq!(id(inquiry, "1.0", "esocial.caz-evaluare"), Some("ancheta-sociala-adult-to-esocial"));
    assert_eq!(id(inquiry, "1.0", "esocial.caz-evaluare/1.0"), Some("ancheta-sociala-adult-to-esocial"));
    assert_eq!(id(inquiry, "2.0", "esocial.caz-evaluare"), None);
    assert_eq!(id(inquiry, "1.0", "esocial.caz-evaluare/2.0"), None);
    assert_eq!(id("orice", "7.3", "adresa-inaintare"), Some("transmittal-letter"));
}

#[test]
fn a_translation_says_which_mapping_made_it_and_what_was_left_out() {
    let library = library();
    let letter = library.find("document-generic", "1.0", "adresa-inaintare").unwrap();
    let translation = letter.apply(&Input { envelope: &envelope(), body: &Value::Null }).unwrap();
    assert_eq!((translation.mapping_id.as_str(), translation.mapping_version.as_str()), ("transmittal-letter", "1.0"));
    assert_eq!(translation.content_type, "application/json");
    let inquiry = library.find("ancheta-sociala-adult", "1.0", "esocial.caz-evaluare").unwrap();
    assert!(inquiry.lossy().iter().any(|lost| lost.field == "/persoana/religie" && !lost.reason.is_empty()));
}

#[test]
fn a_missing_field_is_named_with_its_line_and_no_value_is_told() {
    let library = library();
    let mapping = library.find("document-generic", "1.0", "esocial.caz-evaluare").unwrap();
    let body = json!({ "subiect": "Popescu Ion, CNP 1900101400081" });
    let error = mapping.apply(&Input { envelope: &envelope(), body: &body }).unwrap_err().to_string();
    assert!(error.contains("document-generic-to-esocial 1.0, line "), "{error}");
    assert!(error.contains("body.text"), "{error}");
    assert!(!error.contains("1900101400081"), "{error}");
}

#[test]
fn a_code_that_is_not_in_its_list_is_refused_without_being_told() {
    let library = library();
    let mapping = library.find("cerere-evaluare-complexa-adult", "1.0", "esocial.caz-evaluare").unwrap();
    let body = json!({
        "solicitant": { "nume": "Inventata", "prenume": "Elena" },
        "domiciliu": { "uat_siruta": "109773", "localitate_siruta": "999999" },
        "tip_evaluare": "initiala",
        "declaratie": { "date_adevarate": true, "acord_prelucrare": true },
        "data": "2026-01-15"
    });
    let error = mapping.apply(&Input { envelope: &envelope(), body: &body }).unwrap_err().to_string();
    assert!(error.contains("not in the list siruta") && !error.contains("999999"), "{error}");
}

#[test]
fn a_message_without_its_day_of_submission_is_not_translated() {
    let library = library();
    let letter = library.find("document-generic", "1.0", "adresa-inaintare").unwrap();
    let mut envelope = envelope();
    envelope["submitted_at"] = Value::Null;
    let error = letter.apply(&Input { envelope: &envelope, body: &Value::Null }).unwrap_err();
    assert!(matches!(error, mappings::MappingError::SubmittedAt { .. }), "{error}");
}
