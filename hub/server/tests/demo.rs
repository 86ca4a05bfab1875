//! The demo leaves a court pack, and an outsider verifies it: with `punte verify`, and with programs that are not ours.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn punte(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_punte")).current_dir(folder).args(arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn has(program: &str, argument: &str) -> bool {
    let there = Command::new(program).arg(argument).output().is_ok();
    if !there {
        assert!(std::env::var_os("CI").is_none(), "{program} is missing");
        println!("skipped: {program} is not installed");
    }
    there
}

#[test]
fn the_demo_leaves_a_court_pack_that_an_outsider_verifies_claim_by_claim() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let demo = punte(folder, &["demo", "--once", "--out", "left"]);
    assert!(demo.status.success(), "{}", told(&demo));
    let files = |below: &str| -> Vec<PathBuf> {
        let mut files: Vec<_> =
            std::fs::read_dir(folder.join("left").join(below)).unwrap().map(|one| one.unwrap().path()).collect();
        files.sort();
        files
    };
    let (packages, receipts) = (files("packages"), files("receipts"));
    assert_eq!(packages.len(), 2, "{packages:?}");
    assert!(receipts.iter().filter(|path| path.extension().is_some_and(|kind| kind == "pdf")).count() >= 5);
    for pack in &packages {
        let pack = pack.to_str().unwrap();
        let whom =
            ["--certificate", "left/seal.pem", "--tsa-certificate", "left/tsa.pem", "--log-key", "left/log-key.txt"];
        let asked = ["verify", "--require", "package,seal,log,head-time-stamp,chain,complete", pack];
        let verdict = punte(folder, &[&asked[..], &whom[..]].concat());
        assert_eq!(verdict.status.code(), Some(0), "{}", told(&verdict));
        // One changed byte anywhere in an evidence, and the pack is refused.
        let mut bytes = std::fs::read(pack).unwrap();
        let at = bytes.windows(14).position(|window| window == b"<erds:Evidence").unwrap();
        bytes[at + 200] ^= 1;
        std::fs::write(folder.join("changed.asice"), bytes).unwrap();
        let verdict = punte(folder, &[&["verify", "changed.asice"][..], &whom[..]].concat());
        assert_ne!(verdict.status.code(), Some(0), "{}", told(&verdict));
    }
    outsider(folder, packages.iter().find(|path| !path.to_string_lossy().contains("documente")).unwrap());
}

/// Follows docs/verify-a-receipt.md to the letter, in a folder with nothing but what an outsider gets.
fn outsider(folder: &Path, pack: &Path) {
    let programs = [
        ("xmlsec1", "--version"),
        ("xmllint", "--version"),
        ("unzip", "-v"),
        ("python3", "--version"),
        ("openssl", "version"),
    ];
    if !programs.iter().all(|(program, argument)| has(program, argument)) {
        return;
    }
    let desk = folder.join("desk");
    std::fs::create_dir(&desk).unwrap();
    let annex = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/documents/anexa-1.pdf");
    let given = [
        (pack.to_owned(), "pachet.asice"),
        (folder.join("left/seal.pem"), "sigiliu.pem"),
        (folder.join("left/tsa.pem"), "tsa.pem"),
        (folder.join("left/log-key.txt"), "jurnal.txt"),
        (annex.into(), "anexa-1.pdf"),
    ];
    for (from, name) in given {
        std::fs::copy(from, desk.join(name)).unwrap();
    }
    let document = include_str!("../../../docs/verify-a-receipt.md");
    let blocks = document.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    // Nobody witnesses the log of a demo.
    let script = blocks.collect::<Vec<_>>().join("\n").replace("--witnesses 1", "--witnesses 0");
    let script = format!("set -uo pipefail\ntrap 'exit 1' ERR\nset -E\n{script}");
    let own = Path::new(env!("CARGO_BIN_EXE_punte")).parent().unwrap().to_owned();
    let path = std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect::<Vec<_>>();
    let path = std::env::join_paths([vec![own], path].concat()).unwrap();
    let output = Command::new("bash").current_dir(&desk).env("PATH", path).args(["-c", &script]).output().unwrap();
    let told = told(&output);
    assert!(output.status.success(), "{told}");
    assert!(!told.contains("nu este sub sigiliu"), "{told}");
    assert_eq!(told.matches("(ok/all): 2/2").count(), 5, "{told}");
    assert_eq!(told.matches("Signature Verified Successfully").count(), 5, "{told}");
    assert!(told.contains("Verification: OK") && told.contains("anexa-1.pdf: OK"), "{told}");
}
