//! Every folder of the REST engine keeps the promises, and a folder that breaks one is told which.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use connectors_conformance::{Report, Verdict, check};
use connectors_contract::SystemFolder;
use connectors_rest::RestEngine;

fn systems() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems")
}

async fn checked(folder: &SystemFolder) -> Report {
    check(&RestEngine::new(Arc::new(|| 1_772_445_600)).unwrap(), folder).await
}

#[tokio::test]
async fn every_folder_of_the_rest_engine_keeps_the_promises() {
    let mut seen = 0;
    for entry in std::fs::read_dir(systems()).unwrap() {
        let folder = SystemFolder::read(&entry.unwrap().path()).unwrap();
        if folder.manifest.engine == "rest" {
            let report = checked(&folder).await;
            assert!(report.is_clean(), "{report}");
            seen += 1;
        }
    }
    assert!(seen >= 5, "{seen}");
}

/// eSocial's folder with something changed in its manifest.
async fn changed(from: &str, to: &str) -> Report {
    let text = std::fs::read_to_string(systems().join("esocial/manifest.toml")).unwrap();
    assert!(text.contains(from));
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("esocial");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("manifest.toml"), text.replace(from, to)).unwrap();
    let mut changed = SystemFolder::read(&folder).unwrap();
    changed.exchanges = SystemFolder::read(&systems().join("esocial")).unwrap().exchanges;
    checked(&changed).await
}

#[tokio::test]
async fn a_folder_that_breaks_a_promise_is_told_which_one() {
    for (from, to, expected) in [
        ("receipt = \"/numarCaz\"", "receipt = \"/numar\"", "documentul livrat are recipisă"),
        ("equals = \"ES-404\"", "equals = \"ES-405\"", "este luat drept „fără răspuns”"),
        (
            "absent = [{ status = \"404\", body_pointer = \"/cod\", equals = \"ES-404\" }]",
            "absent = [{ }]",
            "strângeți inquire.absent",
        ),
        (
            "absent = [{ status = \"404\", body_pointer = \"/cod\", equals = \"ES-404\" }]",
            "absent = [{ status = \"404\", body_pointer = \"/cod\", equals = \"ES-404\" }, { status = \"200\", body_pointer = \"/eroare\" }]",
            "ar retrimite documentul",
        ),
        ("class = \"refused\"", "class = \"delivered\"", "schimbul error-in-success"),
        (
            "[[outcome.rules]]\n# An",
            "[[outcome.rules]]\nstatus = \"500\"\nclass = \"unavailable\"\n[[outcome.rules]]\n# An",
            "o regulă decide ce nu se poate ști",
        ),
        (
            "[[outcome.rules]]\n# An",
            "[[outcome.rules]]\nstatus = \"401\"\nclass = \"refused\"\n[[outcome.rules]]\n# An",
            "nici un refuz al documentului",
        ),
    ] {
        let report = changed(from, to).await;
        let told = report.to_string();
        let failed = report.findings.iter().any(|finding| matches!(finding.verdict, Verdict::Failed(_)));
        assert!(failed && told.contains(expected), "{to}: {told}");
    }
}

#[tokio::test]
async fn a_folder_without_exchanges_is_told_to_record_some() {
    let mut folder = SystemFolder::read(&systems().join("webhook")).unwrap();
    folder.exchanges.clear();
    let told = checked(&folder).await.to_string();
    assert!(told.contains("punte connector record") && told.contains("class = delivered"), "{told}");
}
