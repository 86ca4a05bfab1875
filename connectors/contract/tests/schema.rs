//! The published JSON Schema says what the reader of manifests takes: no key more, no key less.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::collections::BTreeSet;
use std::path::Path;

use connectors_contract::Manifest;
use connectors_contract::manifest::SCHEMA;
use jsonschema::Validator;
use serde_json::Value;

const HEAD: &str = "system = \"proba\"\nengine = \"rest\"\ntitle = { ro = \"Probă\", en = \"Sample\" }\n[endpoint]\n";
const DELIVER: &str = "[deliver]\nside_effect = \"once\"\n";
const LOOKUP: &str = "[lookup.firma]\ntitle = { ro = \"a\", en = \"a\" }\ndiscloses = [\"a\"]\n";

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap()
}

#[test]
fn every_shipped_manifest_and_every_one_shown_keeps_the_schema() {
    let validator = validator();
    let systems = Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems");
    let mut seen = 0;
    for entry in std::fs::read_dir(systems).unwrap() {
        let path = entry.unwrap().path().join("manifest.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let problems: Vec<String> =
            validator.iter_errors(&json(&text)).map(|one| format!("{}: {one}", one.instance_path())).collect();
        assert!(problems.is_empty(), "{}: {problems:#?}", path.display());
        seen += 1;
    }
    assert!(seen > 20, "{seen} manifests");
    let shown = include_str!("../README.md").split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(validator.is_valid(&json(shown)));
}

#[test]
fn what_the_reader_refuses_for_its_form_the_schema_refuses_too() {
    let validator = validator();
    let envelope = "[deliver]\nside_effect = \"once\"\nbody = \"envelope\"\n";
    let broken = [
        HEAD.replace("system = \"proba\"", "system = \"Proba\""),
        HEAD.replace("engine = \"rest\"\n", ""),
        HEAD.replace(", en = \"Sample\"", ""),
        format!("{HEAD}adresa = \"x\"\n"),
        format!("{HEAD}timeout = 30\n"),
        format!("{HEAD}timeout = \"soon\"\n"),
        format!("{HEAD}timeout = \"0s\"\n"),
        format!("{HEAD}base_url = \"ftp://a\"\n"),
        format!("{HEAD}auth = {{ kind = \"oauth\" }}\n"),
        format!("{HEAD}auth = {{ kind = \"header\" }}\n"),
        format!("{HEAD}auth = {{ kind = \"bearer\", user = \"a\" }}\n"),
        format!("{HEAD}[deliver]\n"),
        format!("{HEAD}{DELIVER}culoare = \"rosu\"\n"),
        format!("{HEAD}{DELIVER}method = \"GET\"\n"),
        format!("{HEAD}{DELIVER}receipt = \"id\"\n"),
        format!("{HEAD}{DELIVER}path = \"/{{sender\"\n"),
        format!("{HEAD}{DELIVER}part_href = \"{{hub_address}}\"\n"),
        format!("{HEAD}{envelope}"),
        format!("{HEAD}{envelope}[deliver.envelope]\na = 1\n"),
        format!("{HEAD}[quota]\ncalls = \"many\"\n"),
        format!("{HEAD}[outcome]\nrules = [{{ status = \"6xx\", class = \"refused\" }}]\n"),
        format!("{HEAD}[outcome]\nrules = [{{ status = \"200\", class = \"maybe\" }}]\n"),
        format!("{HEAD}[outcome]\nrules = [{{ status = \"200\", class = \"refused\", retry = \"tomorrow\" }}]\n"),
        format!("{HEAD}[outcome]\nrules = [{{ exists = true, class = \"refused\" }}]\n"),
        format!("{HEAD}[inquire]\npath = \"/x\"\npresent = []\nabsent = []\n"),
        format!("{HEAD}{LOOKUP}fresh_for = \"soon\"\n"),
        format!("{HEAD}{LOOKUP}personal = true\n"),
        format!("{HEAD}{LOOKUP}longest_answer = \"4MB\"\n"),
        format!("{HEAD}{LOOKUP}found = [{{ body_pointer = \"/a\", equals = 1, contains = \"a\" }}]\n"),
        format!("{HEAD}{}", LOOKUP.replace("[\"a\"]", "[]")),
        format!("{HEAD}{}", LOOKUP.replace("firma", "Firma")),
    ];
    for text in broken {
        assert!(Manifest::parse(&text, "proba").is_err(), "the reader takes it:\n{text}");
        assert!(!validator.is_valid(&json(&text)), "the schema takes it:\n{text}");
    }
}

/// Every table of a manifest: where the schema describes it, and a manifest with the key `zzz` in it.
fn tables() -> Vec<(&'static str, String)> {
    let rule = "[outcome]\nrules = [{ class = \"refused\", zzz = 1 }]\n";
    let inquire = "[inquire]\npath = \"/x\"\npresent = []\nabsent = []\n";
    let batch = "batch = { most = 1, items = \"/a\", key = \"/b\", zzz = 1 }\n";
    vec![
        ("", format!("zzz = 1\n{HEAD}")),
        ("/$defs/title", HEAD.replace("en = \"Sample\"", "en = \"Sample\", zzz = 1")),
        ("/$defs/endpoint", format!("{HEAD}zzz = 1\n")),
        ("/$defs/auth", format!("{HEAD}auth = {{ kind = \"none\", zzz = 1 }}\n")),
        ("/$defs/quota", format!("{HEAD}[quota]\nzzz = 1\n")),
        ("/$defs/deliver", format!("{HEAD}{DELIVER}zzz = 1\n")),
        (
            "/$defs/deliver/properties/multipart",
            format!("{HEAD}{DELIVER}multipart = {{ document = \"a\", parts = \"b\", zzz = 1 }}\n"),
        ),
        ("/$defs/inquire", format!("{HEAD}{DELIVER}{inquire}zzz = 1\n")),
        ("/$defs/condition", format!("{HEAD}{LOOKUP}found = [{{ status = \"200\", zzz = 1 }}]\n")),
        ("/$defs/rule", format!("{HEAD}{rule}")),
        ("/$defs/lookup", format!("{HEAD}{LOOKUP}zzz = 1\n")),
        ("/$defs/lookup/properties/batch", format!("{HEAD}{LOOKUP}{batch}")),
        ("/$defs/argument", format!("{HEAD}{LOOKUP}arguments = {{ a = {{ zzz = 1 }} }}\n")),
        ("/$defs/outcome", format!("{HEAD}[outcome]\nzzz = 1\n")),
        ("/$defs/outcome/properties/page", format!("{HEAD}[outcome.page]\nzzz = 1\n")),
    ]
}

/// Every list of words: where the schema describes it, and a manifest with the word `zzz` in its place.
fn words() -> Vec<(&'static str, String)> {
    vec![
        ("/$defs/class", format!("{HEAD}[outcome.page]\n2xx = \"zzz\"\n")),
        ("/$defs/method", format!("{HEAD}{LOOKUP}method = \"zzz\"\n")),
        ("/$defs/deliver/properties/body", format!("{HEAD}{DELIVER}body = \"zzz\"\n")),
        ("/$defs/deliver/properties/side_effect", format!("{HEAD}{}", DELIVER.replace("once", "zzz"))),
        ("/$defs/argument/properties/format", format!("{HEAD}{LOOKUP}arguments = {{ a = {{ format = \"zzz\" }} }}\n")),
        ("/$defs/outcome/properties/reads/items", format!("{HEAD}[outcome]\nreads = [\"zzz\"]\n")),
    ]
}

/// The names the reader says it takes in the place of `zzz`.
fn taken(text: &str) -> BTreeSet<String> {
    let problem = Manifest::parse(text, "proba").unwrap_err().to_string();
    let (_, names) = problem.split_once("expected").unwrap_or_else(|| panic!("{problem}\n{text}"));
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_schema_has_exactly_the_keys_and_words_that_the_reader_takes() {
    let schema = schema();
    for (place, text) in tables() {
        let described: BTreeSet<String> =
            schema.pointer(&format!("{place}/properties")).unwrap().as_object().unwrap().keys().cloned().collect();
        assert_eq!(described, taken(&text), "{place}");
    }
    for (place, text) in words() {
        let described = schema.pointer(&format!("{place}/enum")).unwrap().as_array().unwrap();
        let described: BTreeSet<String> = described.iter().map(|word| word.as_str().unwrap().to_owned()).collect();
        assert_eq!(described, taken(&text), "{place}");
    }
    let described: BTreeSet<&str> = tables().iter().map(|(place, _)| *place).collect();
    let mut closed = Vec::new();
    find_closed("", &schema, &mut closed);
    for place in closed {
        assert!(described.contains(place.as_str()), "the table {place} of the schema is compared with nothing");
    }
}

/// The places in the schema that name all their keys.
fn find_closed(place: &str, schema: &Value, found: &mut Vec<String>) {
    if schema["additionalProperties"] == false {
        found.push(place.to_owned());
    }
    for (name, inner) in schema.as_object().into_iter().flatten() {
        find_closed(&format!("{place}/{name}"), inner, found);
    }
}
