//! `docs/verify-a-receipt.md` as its reader follows it, and `punte verify` with every kind of file.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../proofs/tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use support::matter::{CONTENT, Matter};
use support::program;

/// The pack of the usual matter, with what its reader got from the operator by another way.
fn folder(matter: &Matter) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("pachet.asice", &matter.sealed(&matter.pack()));
    write("sigiliu.pem", &matter.seal_pem);
    write("tsa.pem", &matter.authority.pem());
    write("jurnal.txt", matter.log_keys.as_bytes());
    write("anexa-1.pdf", CONTENT);
    folder
}

fn verify(folder: &Path, arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_punte"));
    command.current_dir(folder).arg("verify").args(arguments.split(' ')).output().unwrap()
}

fn code(folder: &Path, arguments: &str) -> Option<i32> {
    verify(folder, arguments).status.code()
}

#[test]
fn every_command_of_the_document_does_what_it_says() {
    let Some(matter) = Matter::new() else { return };
    for (name, version) in
        [("xmlsec1", "--version"), ("xmllint", "--version"), ("unzip", "-v"), ("python3", "--version")]
    {
        if program(name, version).is_none() {
            return;
        }
    }
    let document = include_str!("../../../docs/verify-a-receipt.md");
    let blocks: Vec<&str> = document.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 8, "the commands of the document are found");
    let folder = folder(&matter);
    let script = format!("set -uo pipefail\ntrap 'exit 1' ERR\nset -E\n{}", blocks.join("\n"));
    let punte = Path::new(env!("CARGO_BIN_EXE_punte")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(punte.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let output = Command::new("bash")
        .current_dir(folder.path())
        .env("PATH", path.unwrap())
        .args(["-c", &script])
        .output()
        .unwrap();
    let told = [output.stdout.clone(), output.stderr.clone()].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(output.status.success(), "{told}");
    assert!(!told.contains("nu este sub sigiliu"), "{told}");
    assert_eq!(told.matches("(ok/all): 2/2").count(), 3, "{told}");
    assert_eq!(told.matches("in the log of hub.example.ro/evidence among 9").count(), 3, "{told}");
    assert_eq!(told.matches("Signature Verified Successfully").count(), 3, "{told}");
    assert_eq!(told.matches("Verification: OK").count(), 2, "{told}");
    assert!(told.contains("anexa-1.pdf: OK") && told.contains("DOVEDIT"), "{told}");
    let verdict: Value = serde_json::from_slice(&std::fs::read(folder.path().join("verdict.json")).unwrap()).unwrap();
    assert_eq!(verdict["format"], "urn:punte:verdict:1");
    for field in ["verdict", "verified", "checked_at", "evidences", "claims"] {
        assert!(!verdict[field].is_null(), "{field}");
    }
    for claim in hub_proofs::Kind::ALL {
        assert!(document.contains(&format!("`{}`", claim.name())), "the document says nothing of {}", claim.name());
    }
}

#[test]
fn the_program_of_the_document_refuses_a_wrong_place_and_a_foreign_key() {
    let (Some(matter), Some(())) = (Matter::new(), program("python3", "--version")) else { return };
    let document = include_str!("../../../docs/verify-a-receipt.md");
    let lines = document.split("<<'PYTHON'\n").nth(1).unwrap().split("PYTHON\n").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("includere.py", lines.as_bytes());
    write("proof", matter.proofs[0].as_bytes());
    write("moved", matter.proofs[0].replace("index 4", "index 5").as_bytes());
    write("evidence", &matter.evidences[0]);
    write("other", &matter.evidences[1]);
    write("key", matter.log_keys.as_bytes());
    write("foreign", matter.log_keys.replace("hub.example.ro", "alt.example.ro").as_bytes());
    let accepts = |proof: &str, evidence: &str, key: &str| {
        let mut python = Command::new("python3");
        python
            .current_dir(folder.path())
            .args(["includere.py", proof, evidence, key])
            .output()
            .unwrap()
            .status
            .success()
    };
    assert!(accepts("proof", "evidence", "key"));
    assert!(!accepts("moved", "evidence", "key"));
    assert!(!accepts("proof", "other", "key"));
    assert!(!accepts("proof", "evidence", "foreign"));
}

#[test]
fn every_kind_of_file_has_its_verdict_and_exit_code() {
    let Some(matter) = Matter::new() else { return };
    let folder = folder(&matter);
    let (path, write) =
        (folder.path(), |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap());
    for (number, xml) in matter.evidences.iter().enumerate() {
        write(&format!("{number}.xml"), xml);
        write(&format!("{number}.proof"), matter.proofs[number].as_bytes());
        write(&format!("{number}.ers"), &matter.records[number]);
    }
    write("cap.checkpoint", matter.heads[0].0.as_bytes());
    write("cap.tst", &matter.heads[0].1);
    write("altceva.txt", b"altceva");
    write("stricat.asice", b"PK\x03\x04 nu");
    let mut changed = std::fs::read(path.join("pachet.asice")).unwrap();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    write("schimbat.asice", &changed);

    let trust = "--certificate sigiliu.pem --tsa-certificate tsa.pem --log-key jurnal.txt";
    for (arguments, expected) in [
        ("pachet.asice --require log,head-time-stamp,record,content,complete,chain,witness", 0),
        ("pachet.asice --require revocation", 3),
        ("0.xml", 0),
        ("0.xml --require log", 3),
        ("0.xml 0.proof --require log,witness", 0),
        ("0.xml 1.proof", 3),
        ("0.proof --evidence 0.xml --require log", 0),
        ("0.proof --evidence 1.xml", 3),
        ("0.proof", 0),
        ("cap.tst --data cap.checkpoint --require head-time-stamp,head", 0),
        ("cap.tst --data altceva.txt", 3),
        ("cap.tst --data 0.xml", 3),
        ("cap.checkpoint", 0),
        ("0.ers --data 0.xml --require record", 0),
        ("2.ers --data 0.xml", 3),
        ("0.xml --content anexa-1.pdf --require content", 0),
        ("0.xml --content altceva.txt", 3),
        ("0.xml 1.xml 2.xml --require complete,chain", 0),
        ("0.xml 2.xml --require complete", 0),
        ("1.xml --require complete", 3),
        ("pachet.asice --witnesses 2", 3),
        ("altceva.txt", 1),
        ("stricat.asice", 1),
        ("schimbat.asice", 1),
        ("nu-exista.xml", 1),
        ("0.xml --require nimic", 2),
    ] {
        let output = verify(path, &format!("{trust} {arguments}"));
        assert_eq!(output.status.code(), Some(expected), "{arguments}: {}", String::from_utf8_lossy(&output.stdout));
    }
    assert_eq!(code(path, "--integrity-only pachet.asice"), Some(0));
    assert_eq!(code(path, "--certificate tsa.pem pachet.asice"), Some(3));
    assert_eq!(code(path, "0.xml"), Some(2), "whom to believe is asked");
    let output = verify(path, &format!("{trust} --json pachet.asice stricat.asice"));
    let lines: Vec<Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!((&lines[0]["verdict"], &lines[1]["verdict"]), (&"partial".into(), &"unreadable".into()));
}
