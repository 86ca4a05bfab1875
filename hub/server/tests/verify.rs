//! `punte verify` as somebody runs it who has only a file and a certificate.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hub_flow::flow::{self, Refused};
use hub_flow::message::{Authentication, Submission};
use hub_server::assembly::assemble;
use hub_server::config::Config;
use serde_json::{Value, json};

/// A sealed evidence and the certificate of its seal, made by a hub that is gone by then.
async fn evidence(folder: &Path) -> (PathBuf, PathBuf) {
    let config = Config { data: folder.join("data"), ..Config::default() };
    let assembled = assemble(&config).await.unwrap();
    let envelope = json!({
        "recipients": [{"party": "uat-109773"}], "document_type": "necunoscut", "document_version": "1.0",
        "subject": "Fără urmări", "purpose": "corespondenta", "legal_basis": "OG nr. 27/2002", "parts": []
    });
    let submission = Submission {
        found: Vec::new(),
        relay: None,
        sender: "uat-113625".to_owned(),
        authentication: Authentication { method: "urn:test".to_owned(), assurance: "low".to_owned(), delegate: None },
        idempotency_key: "1".to_owned(),
        envelope: serde_json::from_value(envelope).unwrap(),
        payloads: Vec::new(),
        staged: Vec::new(),
        body: Value::Null,
    };
    let Err(Refused::Rejected { evidence, .. }) = flow::accept(&assembled.hub, submission).await else {
        panic!("an unknown document type is refused");
    };
    let (file, certificate) = (folder.join("evidence.xml"), folder.join("seal.pem"));
    std::fs::write(&file, evidence.document).unwrap();
    std::fs::write(&certificate, assembled.seal_certificate).unwrap();
    (file, certificate)
}

fn verify(arguments: &[&str], files: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_punte")).arg("verify").args(arguments).args(files).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn a_receipt_verifies_with_nothing_but_its_file_and_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let (file, certificate) = evidence(folder.path()).await;
    let certificate = certificate.to_str().unwrap();
    let output = verify(&["--certificate", certificate], &[&file]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(told(&output).contains("VERIFICAT") && told(&output).contains("SubmissionRejection"), "{}", told(&output));

    let output = verify(&["--json", "--certificate", certificate], &[&file]);
    let verdict: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&verdict["verified"], &verdict["verdict"]), (&json!(true), &json!("partial")));
    assert_eq!(verdict["evidences"][0]["sender"]["id"], "uat-113625");
    let seal = verdict["claims"].as_array().unwrap().iter().find(|claim| claim["claim"] == "seal").unwrap();
    assert_eq!((&seal["status"], &seal["details"]["trust"]), (&json!("proven"), &json!("pinned")));
}

#[tokio::test]
async fn a_receipt_with_one_other_byte_is_refused_with_its_own_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let (file, certificate) = evidence(folder.path()).await;
    let certificate = certificate.to_str().unwrap();
    let sealed = std::fs::read_to_string(&file).unwrap();
    let flipped = folder.path().join("flipped.xml");
    std::fs::write(&flipped, sealed.replacen("uat-113625", "uat-113626", 1)).unwrap();
    for way in [&["--certificate", certificate][..], &["--integrity-only"]] {
        let output = verify(way, &[&flipped]);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(told(&output).contains("NU SE VERIFICĂ"), "{}", told(&output));
    }
    let output = verify(&["--certificate", certificate], &[&file, &flipped]);
    assert_eq!(output.status.code(), Some(3), "one that fails among many is enough");
}

#[tokio::test]
async fn a_receipt_of_another_seal_is_not_trusted() {
    let (mine, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (file, _) = evidence(mine.path()).await;
    let (_, certificate) = evidence(other.path()).await;
    let output = verify(&["--certificate", certificate.to_str().unwrap()], &[&file]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
}

#[test]
fn the_evidences_of_other_services_verify_by_integrity() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/erds-evidence");
    let Ok(entries) = std::fs::read_dir(&vectors) else {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "CI runs every test, but {} is missing",
            vectors.display()
        );
        eprintln!("skipped: the public evidences are not here");
        return;
    };
    let files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    let files: Vec<&Path> =
        files.iter().map(PathBuf::as_path).filter(|path| path.extension().is_some_and(|one| one == "xml")).collect();
    assert_eq!(files.len(), 104);
    for file in files {
        let output = verify(&["--integrity-only"], &[file]);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        assert!(
            told(&output).contains("VERIFICAT") && told(&output).contains("rămâne de judecat"),
            "{}",
            told(&output)
        );
    }
}
