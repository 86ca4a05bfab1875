//! A mapping added as a folder, without Rust: what the engine gives it and what it refuses.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

use std::{fs, path::Path};

use mappings::{GoldenOutcome, Input, Library, LibraryError, Mapping, MappingError};
use schemas::Catalogue;
use serde_json::{Value, json};
use tempfile::TempDir;

const DESCRIPTION: &str = r#"
id = "proba"
version = "1.0"
output = "json"
source = { type = "document-generic", version = "1.0" }
target = { type = "proba.document", version = "1.0" }
"#;

/// A library of one mapping with this template, which may write any JSON object.
fn library_of(template: &str, more: &[(&str, &str)]) -> Result<Library, LibraryError> {
    let dir = TempDir::new().unwrap();
    let files =
        [("mapping.toml", DESCRIPTION), ("template.json.j2", template), ("target.schema.json", r#"{"type":"object"}"#)];
    for (file, text) in files.iter().chain(more) {
        let path = dir.path().join("proba").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Library::from_dir(dir.path(), &Catalogue::builtin().unwrap())
}

fn apply(library: &Library, body: Value) -> Result<Value, MappingError> {
    let envelope = json!({ "submitted_at": "2026-01-20T09:15:00Z" });
    let translation = only(library).apply(&Input { envelope: &envelope, body: &body })?;
    Ok(serde_json::from_slice(&translation.bytes).unwrap())
}

fn only(library: &Library) -> &Mapping {
    library.mappings().next().unwrap()
}

#[test]
fn filters_turn_identifiers_codes_and_dates_into_what_the_target_wants() {
    let template = r#"{
        "nascut": {{ body.cnp | cnp_birthdate }}, "sex": {{ body.cnp | cnp_sex }}, "strain": {{ body.strain | cnp_birthdate }},
        "data": {{ body.data | ro_date }}, "astazi": {{ reporting_date }}, "cautare": {{ body.nume | fold }},
        "tip": {{ body.tip | lookup("tip-handicap") }}, "uat": {{ body.loc | uat_of }}, "judet": {{ body.loc | county_of }},
        "gol": {{ body.lipsa | default(none) | lookup("siruta") }}
    }"#;
    let body = json!({
        "cnp": "1630615123457", "strain": "8850101400011", "data": "2026-01-31T10:00:00Z", "nume": "Țurcanu ȘTEFAN",
        "tip": "10", "loc": "109782"
    });
    let expected = json!({
        "nascut": "1963-06-15", "sex": "M", "strain": null, "data": "31.01.2026", "astazi": "2026-01-20",
        "cautare": "turcanu stefan", "tip": "surdocecitate", "uat": "109773", "judet": "252", "gol": null
    });
    assert_eq!(apply(&library_of(template, &[]).unwrap(), body).unwrap(), expected);
}

#[test]
fn no_text_of_a_message_can_write_json_of_its_own() {
    let library = library_of(r#"{ "text": {{ body.text }}, "lista": {{ body.lista }} }"#, &[]).unwrap();
    for text in ["\", \"admin\": true, \"x\": \"", "{{ envelope }}", "\u{0}\u{1f}\u{2028}\\", "</script>"] {
        let body = json!({ "text": text, "lista": [text, { text: 1 }] });
        assert_eq!(apply(&library, body.clone()).unwrap(), body);
    }
}

#[test]
fn a_template_cannot_mark_text_as_json() {
    assert!(matches!(
        apply(&library_of(r#"{ "a": {{ body.a | safe }} }"#, &[]).unwrap(), json!({ "a": "1" })),
        Err(MappingError::Template { .. })
    ));
}

#[test]
fn a_template_that_would_run_for_ever_is_stopped() {
    let template = "[{% for a in range(9999) %}{% for b in range(9999) %}{{ a }},{% endfor %}{% endfor %}0]";
    let error = apply(&library_of(template, &[]).unwrap(), json!({})).unwrap_err();
    assert!(matches!(error, MappingError::TooManySteps { .. }), "{error}");
}

#[test]
fn a_refused_value_is_told_by_rule_and_line_never_by_value() {
    let error =
        apply(&library_of("{\n\"a\": {{ body.cnp | cnp_sex }} }", &[]).unwrap(), json!({ "cnp": "1630615123458" }));
    let error = error.unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("check digit") && !error.contains("1630615123458"), "{error}");
}

#[test]
fn an_output_that_breaks_the_contract_does_not_leave() {
    let schema = r#"{ "type": "object", "properties": { "cod": { "type": "string", "format": "cui" } } }"#;
    let library = library_of(r#"{ "cod": {{ body.cod }} }"#, &[("target.schema.json", schema)]).unwrap();
    assert!(apply(&library, json!({ "cod": "90000006" })).is_ok());
    let Err(MappingError::Contract { violations, .. }) = apply(&library, json!({ "cod": "90000007" })) else {
        panic!("the contract is broken")
    };
    assert_eq!((violations[0].pointer.as_str(), violations[0].rule.as_str()), ("/cod", "format.cui"));
    let library = library_of("{ \"a\": }", &[]).unwrap();
    assert!(matches!(apply(&library, json!({})), Err(MappingError::NotJson { .. })));
}

#[test]
fn a_check_tells_wrong_examples_unused_fields_and_wrong_losses() {
    let lossy = format!(
        "{DESCRIPTION}\n[[lossy]]\nfield = \"/data\"\nreason = \"x\"\n[[lossy]]\nfield = \"/subiect\"\nreason = \"x\"\n"
    );
    let input =
        json!({ "envelope": { "submitted_at": "2026-01-20" }, "body": { "subiect": "S", "text": "T" } }).to_string();
    let broken = json!({ "envelope": { "submitted_at": "2026-01-20" }, "body": { "subiect": "S" } }).to_string();
    let files = [
        ("mapping.toml", lossy.as_str()),
        ("golden/altul.input.json", input.as_str()),
        ("golden/altul.output.json", r#"{ "s": "altceva" }"#),
        ("golden/bun.input.json", input.as_str()),
        ("golden/bun.output.json", r#"{ "s": "S" }"#),
        ("golden/gresit.input.json", broken.as_str()),
        ("golden/gresit.output.json", r#"{ "s": "S" }"#),
    ];
    let library = library_of(r#"{ "s": {{ body.subiect }} }"#, &files).unwrap();
    let report = only(&library).check();
    let outcomes: Vec<bool> = report.golden.iter().map(|golden| golden.outcome == GoldenOutcome::Same).collect();
    assert_eq!(outcomes, [false, true, true]);
    assert_eq!(report.unused, ["/text", "/referinta"]);
    assert_eq!(report.wrong_losses, ["/subiect"]);
    let invalid: Vec<_> =
        report.input_violations.iter().map(|(name, found)| (name.as_str(), found.pointer.as_str())).collect();
    assert_eq!(invalid, [("gresit", "/text")]);
    assert!(!report.is_clean() && report.to_string().contains("/referinta is not used"));
}

#[test]
fn a_folder_that_cannot_be_used_is_refused_with_its_reason() {
    let error = |template: &str, more: &[(&str, &str)]| library_of(template, more).unwrap_err();
    assert!(matches!(error("{\n{{ }}", &[]), LibraryError::Template { line: 2, .. }));
    assert!(matches!(error("{}", &[("mapping.toml", "id = 1")]), LibraryError::Description { .. }));
    let renamed = DESCRIPTION.replace("\"proba\"", "\"altceva\"");
    assert!(matches!(error("{}", &[("mapping.toml", &renamed)]), LibraryError::Id { .. }));
    let unknown = DESCRIPTION.replace("document-generic", "ordin-de-plata");
    assert!(matches!(error("{}", &[("mapping.toml", &unknown)]), LibraryError::UnknownType { .. }));
    assert!(matches!(error("{}", &[("target.schema.json", r#"{"type":"obiect"}"#)]), LibraryError::Schema { .. }));
    assert!(matches!(error("{}", &[("golden/a.input.json", "{}")]), LibraryError::Missing { .. }));
    assert!(matches!(
        Library::from_dir(Path::new("/nicaieri"), &Catalogue::builtin().unwrap()),
        Err(LibraryError::Folder(_))
    ));
}
