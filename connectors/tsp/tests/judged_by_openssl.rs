//! What the twin answers, fault by fault, in the eyes of the openssl program: its good tokens are good, and its faults
//! are real faults and not only ones that our own client sees.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::process::Command;
use std::sync::Arc;

use sandbox::{Fault, FaultKind, Tsa};

/// 2 March 2026, 10:00:00 UTC.
const NOW: i64 = 1_772_445_600;

#[tokio::test]
async fn good_tokens_are_good_and_every_fault_is_a_fault_for_openssl_too() {
    if Command::new("openssl").arg("version").output().is_err() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "the program openssl is not installed");
        eprintln!("skipped: the program openssl is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| {
        let output = Command::new("openssl").current_dir(folder.path()).args(arguments.split(' ')).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (twin, root) = Tsa::start(([127, 0, 0, 1], 0).into(), Arc::new(|| NOW)).await.unwrap();
    std::fs::write(folder.path().join("root.pem"), &root).unwrap();
    std::fs::write(folder.path().join("data"), "head of the log").unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let table = [
        (None, "sha256", true, "Verification: OK"),
        (None, "sha384", true, "Verification: OK"),
        (None, "sha512", true, "Verification: OK"),
        (Some(FaultKind::WrongNonce), "sha256", false, "nonce mismatch"),
        (Some(FaultKind::WrongImprint), "sha256", false, "message imprint mismatch"),
        (Some(FaultKind::WrongPolicy), "sha256", false, "policy mismatch"),
        (Some(FaultKind::ExpiredCertificate), "sha256", false, "certificate has expired"),
        (Some(FaultKind::Rejection), "sha256", false, "status code: rejection"),
    ];
    for (fault, digest, expected, word) in table {
        if let Some(fault) = fault {
            twin.faults.plan(Fault::once(fault));
        }
        let query = format!("ts -query -data data -{digest} -cert -tspolicy 2.999.3161.2 -out query.tsq");
        assert!(openssl(&query).0);
        let query = std::fs::read(folder.path().join("query.tsq")).unwrap();
        let post = http.post(twin.url()).header("content-type", "application/timestamp-query").body(query);
        let reply = post.send().await.unwrap().bytes().await.unwrap();
        std::fs::write(folder.path().join("reply.tsr"), reply).unwrap();
        let verify = "ts -verify -queryfile query.tsq -in reply.tsr -CAfile root.pem";
        let (verified, said) = openssl(&format!("{verify} -attime {NOW}"));
        assert!(verified == expected && said.to_lowercase().contains(&word.to_lowercase()), "{fault:?}: {said}");
    }
}
