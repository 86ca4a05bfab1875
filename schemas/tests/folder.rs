//! A document type or a code list added as a folder, without Rust.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

use std::{fs, path::Path};

use schemas::{Catalogue, CatalogueError, CodeLists, Date, code_lists::CodeListError};
use serde_json::json;
use tempfile::TempDir;

const TYPE: &str = r#"
title = { ro = "Probă", en = "Trial" }
legal_basis = ["OG nr. 27/2002"]
purposes = ["corespondenta"]
retention_class = "corespondenta"
deadline = { class = "none", days = 0, basis = "nu cere răspuns" }
parts = { required_roles = [], optional_roles = [], media_types = ["application/pdf"], max_part_bytes = 1, max_parts = 1 }
"#;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (file, text) in files {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn catalogue(schema: &str) -> Result<Catalogue, CatalogueError> {
    let dir = folder(&[("proba/1.0/type.toml", TYPE), ("proba/1.0/schema.json", schema)]);
    Catalogue::from_dir(dir.path())
}

fn day() -> Date {
    "2026-01-01".parse().unwrap()
}

#[test]
fn a_new_folder_is_a_new_document_type() {
    let schema = r##"{ "type": "object", "properties": { "l": { "type": "array", "items": { "$ref": "#/$defs/c" } } },
        "$defs": { "c": { "allOf": [{ "type": "string" }, { "codeList": "studii" }] } } }"##;
    let catalogue = Catalogue::builtin().unwrap().extended_by(catalogue(schema).unwrap());
    assert!(catalogue.document_type("ancheta-sociala-adult", "1.0").is_some());
    let proba = catalogue.document_type("proba", "1.0").unwrap();
    assert!(proba.validate(&json!({ "l": ["medii", "primare"] }), day()).is_empty());
    let found = proba.validate(&json!({ "l": ["medii", "doctorale"] }), day());
    assert_eq!((found[0].pointer.as_str(), found[0].rule.as_str()), ("/l/1", "code-list.studii"));
    assert_eq!(proba.leaf_fields(), ["/l/*"]);
}

#[test]
fn a_schema_that_would_check_less_than_it_says_is_refused() {
    let refused = [
        (r#"{ "properties": { "a": { "codeList": "nicio-lista" } } }"#, "the code list nicio-lista does not exist"),
        (r#"{ "anyOf": [{ "properties": { "a": { "codeList": "studii" } } }] }"#, "must stand under"),
        (r#"{ "properties": { "a": { "format": "cuii" } } }"#, "cuii"),
        (r##"{ "properties": { "a": { "$ref": "#" } } }"##, "ring"),
        (r#"{ "$ref": "https://exemplu.ro/schema.json" }"#, ""),
        (r#"{ "type": "obiect" }"#, ""),
    ];
    for (schema, reason) in refused {
        let Err(CatalogueError::Schema { source, .. }) = catalogue(schema) else { panic!("{schema}") };
        assert!(source.to_string().contains(reason), "{source}");
    }
}

#[test]
fn a_folder_that_cannot_be_used_is_refused_with_its_reason() {
    assert!(matches!(catalogue("{"), Err(CatalogueError::Json { .. })));
    let error = |files: &[(&str, &str)]| Catalogue::from_dir(folder(files).path()).unwrap_err();
    assert!(matches!(error(&[("proba/1.0/type.toml", TYPE)]), CatalogueError::Json { .. }));
    assert!(matches!(error(&[("proba/type.toml", TYPE)]), CatalogueError::Place { .. }));
    assert!(matches!(error(&[("proba/1.0/type.toml", "titlu = 1")]), CatalogueError::Description { .. }));
    assert!(matches!(Catalogue::from_dir(Path::new("/nicaieri")), Err(CatalogueError::Folder(_))));
}

#[test]
fn a_newer_version_of_a_list_holds_from_its_first_day() {
    let dir = folder(&[
        ("culori/2020-01-01.csv", "code;ro\nr;roșu\na;albastru\n"),
        ("culori/2024-06-01.csv", "code;ro\nr;roșu aprins\n"),
    ]);
    let lists = CodeLists::builtin().extended_by(CodeLists::from_dir(dir.path()).unwrap());
    let on = |day: &str| lists.get("culori").unwrap().at(day.parse().unwrap());
    assert_eq!((on("2024-05-31").label("r"), on("2024-06-01").label("r")), (Some("roșu"), Some("roșu aprins")));
    assert!(on("2024-05-31").contains("a") && !on("2024-06-01").contains("a"));
    assert!(on("1990-01-01").contains("a"), "before the first version the oldest stands in");
    assert!(lists.get("siruta").is_some());
}

#[test]
fn a_list_with_a_wrong_row_is_refused_with_its_line() {
    let refused = [
        ("code;ro\na\n", 2),
        ("code;ro\na;x\na;y\n", 3),
        ("cod;ro\n", 1),
        ("code;ro;parent\na;x;b\n", 2),
        ("code;ro;parent\na;x;b\nb;y;a\n", 2),
        ("code;ro;valid_from\na;x;ieri\n", 2),
    ];
    for (text, expected) in refused {
        let dir = folder(&[("culori/2020-01-01.csv", text)]);
        let Err(CodeListError::Row { line, .. }) = CodeLists::from_dir(dir.path()) else { panic!("{text}") };
        assert_eq!(line, expected, "{text}");
    }
    let dir = folder(&[("culori/v1.csv", "code;ro\n")]);
    assert!(matches!(CodeLists::from_dir(dir.path()), Err(CodeListError::Version { .. })));
}
