//! Every documented or observed answer of RO e-Factura, as it was collected, is understood as what it is.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::path::{Path, PathBuf};

use connectors_anaf::{Reply, classify};
use connectors_contract::{Answer, Outcome};
use serde_json::Value;

/// 15 January 2026, 10:00 in Bucharest.
const MORNING: i64 = 1_768_464_000;

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/efactura/responses");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").is_err(), "the collected answers are missing: {}", folder.display());
    eprintln!("SKIPPED: the collected answers are not here: {}", folder.display());
    None
}

fn reply(folder: &Path, entry: &Value) -> Reply {
    let body = std::fs::read(folder.join(entry["file"].as_str().unwrap())).unwrap();
    let status = u16::try_from(entry["http_status"].as_u64().unwrap()).unwrap();
    let content_type = entry["content_type"].as_str().unwrap().to_owned();
    Reply { status, content_type, retry_after: None, body: body.into() }
}

/// The class and, where there is one, the code.
fn said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Delivered { receipt } => format!("delivered {}", receipt.as_deref().unwrap_or("-")),
        Outcome::Refused { code, .. } => format!("refused {code}"),
        Outcome::Unavailable { retry_after, .. } => format!("unavailable {:?}", retry_after.map(|wait| wait.as_secs())),
        Outcome::Unknown { .. } => "unknown".to_owned(),
        Outcome::Attested { .. } => "attested".to_owned(),
    }
}

#[test]
fn every_answer_to_an_upload_has_its_class() {
    let Some(folder) = folder() else { return };
    let table = [
        ("upload-ok.xml", "delivered 5001234567"),
        ("upload-eroare-standard.xml", "refused efactura.standard"),
        ("upload-eroare-prea-mare.xml", "refused efactura.marime"),
        ("upload-eroare-cif-nenumeric.xml", "refused efactura.cif"),
        ("upload-eroare-fara-drepturi.xml", "refused efactura.drepturi"),
        ("upload-eroare-fara-drept-cif.xml", "refused efactura.drepturi"),
        ("upload-eroare-xsd.xml", "refused efactura.xsd"),
        ("upload-eroare-extern.xml", "refused efactura.parametri"),
        ("upload-eroare-executare.xml", "refused efactura.executari"),
        ("upload-eroare-rasp-limita.xml", "unavailable Some(50400)"),
        ("upload-eroare-tehnica.xml", "unknown"),
        ("upload-eroare-multipla.xml", "refused efactura.standard"),
        ("upload-400-parametri.json", "refused anaf.400"),
        ("upload-400-fara-fisier.json", "refused anaf.400"),
        ("waf-blocat.html", "unknown"),
    ];
    let index: Vec<Value> = serde_json::from_slice(&std::fs::read(folder.join("index.json")).unwrap()).unwrap();
    for entry in index.iter().filter(|entry| matches!(entry["operation"].as_str(), Some("upload" | "any"))) {
        let file = entry["file"].as_str().unwrap();
        let (_, expected) = table.iter().find(|(name, _)| *name == file).unwrap_or_else(|| panic!("{file} is new"));
        assert_eq!(said(&classify::filed(reply(&folder, entry), MORNING)), *expected, "{file}");
    }
    // No answer of another operation is taken for a delivery.
    for entry in index.iter().filter(|entry| entry["file"] != "upload-ok.xml" && entry["http_status"] != 0) {
        let outcome = classify::filed(reply(&folder, entry), MORNING);
        assert!(!matches!(outcome, Outcome::Delivered { .. }), "{}: {outcome:?}", entry["file"]);
    }
}

#[test]
fn every_answer_about_a_state_has_its_meaning() {
    let Some(folder) = folder() else { return };
    let table = [
        ("stare-ok.xml", "ok"),
        ("stare-nok.xml", "nok"),
        ("stare-in-prelucrare.xml", "pending"),
        ("stare-xml-cu-erori.xml", "XML cu erori nepreluat de sistem"),
        ("stare-eroare-fara-drept.xml", "refused"),
        ("stare-eroare-fara-cif.xml", "refused"),
        ("stare-eroare-id-nenumeric.xml", "refused"),
        ("stare-eroare-inexistent.xml", "absent"),
        ("stare-eroare-limita.xml", "unavailable 50400"),
        ("stare-400.json", "refused"),
        ("waf-blocat.html", "unavailable"),
    ];
    let index: Vec<Value> = serde_json::from_slice(&std::fs::read(folder.join("index.json")).unwrap()).unwrap();
    for entry in index.iter().filter(|entry| matches!(entry["operation"].as_str(), Some("stareMesaj" | "any"))) {
        let file = entry["file"].as_str().unwrap();
        let (_, expected) = table.iter().find(|(name, _)| *name == file).unwrap_or_else(|| panic!("{file} is new"));
        let said = match classify::processed(reply(&folder, entry), MORNING) {
            Answer::Found { value, .. } => value["stare"].as_str().unwrap().to_owned(),
            Answer::Pending { .. } => "pending".to_owned(),
            Answer::Absent => "absent".to_owned(),
            Answer::Refused { .. } => "refused".to_owned(),
            Answer::Unavailable { retry_after: Some(wait), .. } => format!("unavailable {}", wait.as_secs()),
            Answer::Unavailable { .. } => "unavailable".to_owned(),
        };
        assert_eq!(said, *expected, "{file}");
    }
}
