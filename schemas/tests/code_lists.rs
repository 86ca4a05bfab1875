//! The code lists: what they hold, and that the places agree with the published list.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

use std::collections::BTreeMap;

use schemas::{CodeLists, Date};

mod shared;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn every_list_of_the_catalogue_is_there_and_has_labels() {
    let lists = CodeLists::builtin();
    let names: Vec<&str> = lists.names().collect();
    let expected = [
        "act-identitate",
        "forma-juridica",
        "grad-handicap",
        "siruta",
        "stare-civila",
        "studii",
        "tip-evaluare",
        "tip-handicap",
        "tip-institutie",
    ];
    assert_eq!(names, expected);
    let types = lists.get("tip-handicap").unwrap().at(day("2026-01-01"));
    assert_eq!(
        (types.entries().count(), types.label("10"), types.label_en("8")),
        (10, Some("surdocecitate"), Some("HIV/AIDS"))
    );
    assert!(!types.contains("11") && types.label("").is_none());
}

#[test]
fn a_code_may_be_used_only_in_its_time() {
    let lists = CodeLists::builtin();
    let documents = lists.get("act-identitate").unwrap();
    assert!(documents.at(day("2021-08-02")).contains("CEI") && !documents.at(day("2021-08-01")).contains("CEI"));
}

#[test]
fn a_place_leads_to_its_unit_and_county() {
    let lists = CodeLists::builtin();
    let places = lists.get("siruta").unwrap().at(day("2026-01-01"));
    let named =
        |code: &str| (places.uat_of(code).map(|unit| &*unit.ro), places.county_of(code).map(|county| &*county.ro));
    let severin = Some("Municipiul Drobeta-Turnu Severin");
    assert_eq!(named("109782"), (severin, Some("Județul Mehedinți")));
    assert_eq!(named("109773"), (severin, Some("Județul Mehedinți")));
    assert_eq!(named("252"), (None, Some("Județul Mehedinți")));
    assert_eq!(named("179141").0, Some("Municipiul București"));
    assert_eq!(named("1"), (None, None));
    let kind = |code: &str| places.entry(code).unwrap().kind.as_deref();
    assert_eq!((kind("109773"), kind("252"), kind("179141")), (Some("municipiu"), Some("judet"), Some("sector")));
}

#[test]
fn the_places_are_those_of_the_published_list() {
    let Some(published) = shared::read("siruta.csv") else { return };
    let lists = CodeLists::builtin();
    let ours: BTreeMap<&str, _> = {
        let places = lists.get("siruta").unwrap().at(day("2026-01-01"));
        places.entries().map(|entry| (&*entry.code, entry)).collect()
    };
    let mut lines = published.lines();
    let heading: Vec<&str> = lines.next().unwrap().split(';').collect();
    let [code, name, parent, level] =
        ["SIRUTA", "DENLOC", "SIRSUP", "NIV"].map(|column| heading.iter().position(|one| *one == column).unwrap());
    let mut rows = 0;
    for line in lines.filter(|line| !line.is_empty()) {
        let fields: Vec<&str> = line.split(';').collect();
        let place = ours.get(fields[code]).unwrap_or_else(|| panic!("{line}"));
        // Eight published names have two blanks.
        let published_name = fields[name].split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(place.ro.to_lowercase(), published_name.to_lowercase(), "{line}");
        assert!(!place.ro.contains(['ş', 'ţ', 'Ş', 'Ţ']), "{line}");
        let expected_parent = (fields[level] != "1").then_some(fields[parent]);
        assert_eq!(place.parent.as_deref(), expected_parent, "{line}");
        rows += 1;
    }
    assert_eq!((rows, ours.len()), (16_978, 16_978));
}

#[test]
fn names_of_places_are_spelled_as_in_the_published_extracts() {
    let lists = CodeLists::builtin();
    let places = lists.get("siruta").unwrap().at(day("2026-01-01"));
    for file in ["mehedinti-uat.csv", "prahova-uat.csv"] {
        let Some(extract) = shared::read(file) else { return };
        for line in extract.lines().skip(1).filter(|line| !line.is_empty()) {
            let fields: Vec<&str> = line.split(';').collect();
            let ours = places.label(fields[0]).unwrap();
            let bare = ours.trim_start_matches("Municipiul ").trim_start_matches("Oraș ");
            assert_eq!(bare, fields[1], "{line}");
        }
    }
}
