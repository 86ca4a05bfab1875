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
    register_proof(folder);
    five_years_later(folder, &packages);
    outsider(folder, packages.iter().find(|path| !path.to_string_lossy().contains("documente")).unwrap());
}

/// The demo's registers are proven from the data it leaves, and a touched number is told.
fn register_proof(folder: &Path) {
    let proof = punte(folder, &["register", "proof", "--all", "--data", "left/data", "--out", "registers.jsonl"]);
    assert!(proof.status.success(), "{}", told(&proof));
    let verify = |file: &str| {
        let asked = ["verify", "--require", "gapless,links,statement,seal", "--certificate", "left/seal.pem", file];
        punte(folder, &asked)
    };
    let verdict = verify("registers.jsonl");
    assert_eq!(verdict.status.code(), Some(0), "{}", told(&verdict));
    let whole = std::fs::read_to_string(folder.join("registers.jsonl")).unwrap();
    let place = whole.lines().position(|line| line.starts_with("{\"number\":1,")).unwrap();
    let without: String =
        whole.lines().enumerate().filter(|(line, _)| *line != place).map(|(_, line)| format!("{line}\n")).collect();
    std::fs::write(folder.join("touched.jsonl"), without).unwrap();
    let verdict = verify("touched.jsonl");
    assert_eq!(verdict.status.code(), Some(3), "{}", told(&verdict));
    assert!(told(&verdict).contains("numărul 1 lipsește") || told(&verdict).contains("din cele"), "{}", told(&verdict));
    let nowhere = punte(folder, &["register", "proof", "--all", "--data", "nowhere", "--out", "none.jsonl"]);
    assert_eq!(nowhere.status.code(), Some(1), "{}", told(&nowhere));
    for (verb, file) in [("print", "r.pdf"), ("export", "r.csv"), ("export", "r.xlsx")] {
        let series: serde_json::Value = serde_json::from_str(whole.lines().nth(1).unwrap()).unwrap();
        let (party, year) = (series["party"].as_str().unwrap(), series["year"].to_string());
        let asked = ["register", verb, "--party", party, "--year", &year, "--data", "left/data", "--out", file];
        let written = punte(folder, &asked);
        assert!(written.status.success(), "{}", told(&written));
        assert!(std::fs::metadata(folder.join(file)).unwrap().len() > 300);
    }
}

/// When seal and authority have expired, the same files prove the same; what no time-stamp holds says so.
fn five_years_later(folder: &Path, packages: &[PathBuf]) {
    if !has("faketime", "--version") {
        return;
    }
    let later = |arguments: &[&str]| {
        let asked = [&["+5 years", env!("CARGO_BIN_EXE_punte"), "verify", "--certificate", "left/seal.pem"], arguments];
        Command::new("faketime").current_dir(folder).args(asked.concat()).output().unwrap()
    };
    for pack in packages {
        let required = "package,seal,log,head-time-stamp,chain,complete";
        let whom = ["--tsa-certificate", "left/tsa.pem", "--log-key", "left/log-key.txt", "--require", required];
        let verdict = later(&[&whom[..], &[pack.to_str().unwrap()]].concat());
        assert_eq!(verdict.status.code(), Some(0), "{}", told(&verdict));
    }
    let verdict = later(&["--require", "gapless,links,statement,seal", "registers.jsonl"]);
    assert_eq!(verdict.status.code(), Some(0), "{}", told(&verdict));
    assert!(told(&verdict).contains("a expirat la"), "the clock did not move: {}", told(&verdict));
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
