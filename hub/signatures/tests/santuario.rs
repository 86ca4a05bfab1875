//! Apache Santuario, the XML signature library of Java, over our seals, the public evidences and changed copies.
//!
//! One start of Java judges all files. Where Java or the library is missing the test says that it was skipped; the build
//! server that has Java must have the library too.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use hub_signatures::certificate::Certificate;
use hub_signatures::signer::FileSigner;
use hub_signatures::trust::Trust;
use hub_signatures::xades::{attach_time_stamp, seal, time_stamp_imprint, verify};
use support::SIGNING_TIME;
use support::authority::Authority;

/// Where Debian puts the library and what it needs.
const JARS: [&str; 5] = ["xmlsec", "slf4j-api", "commons-codec", "woodstox-core", "stax2-api"];

/// The class path; none when Java or the library is not here.
fn class_path() -> Option<String> {
    if Command::new("javac").arg("-version").output().is_err() {
        // Java is a quarter of a gigabyte: a machine that is without may stay without, the build server too.
        eprintln!("skipped: Java is not installed, so Apache Santuario was not asked");
        return None;
    }
    let paths = JARS.map(|jar| format!("/usr/share/java/{jar}.jar"));
    if paths.iter().all(|path| Path::new(path).is_file()) {
        return Some(paths.join(":"));
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "libxml-security-java is not installed");
    eprintln!("skipped: libxml-security-java is not installed, so Apache Santuario was not asked");
    None
}

/// Documents with their certificates and with what Santuario must say.
struct Cases {
    folder: tempfile::TempDir,
    expected: BTreeMap<PathBuf, bool>,
    arguments: Vec<PathBuf>,
}

impl Cases {
    fn add(&mut self, name: &str, certificate: &Certificate, xml: &[u8], holds: bool) {
        let number = self.expected.len();
        let [document, pem] = ["xml", "pem"].map(|end| self.folder.path().join(format!("{number:03}-{name}.{end}")));
        std::fs::write(&document, xml).unwrap();
        let x509 = openssl::x509::X509::from_der(certificate.der()).unwrap();
        std::fs::write(&pem, x509.to_pem().unwrap()).unwrap();
        self.arguments.extend([document.clone(), pem]);
        self.expected.insert(document, holds);
    }

    /// The document, and copies in which one covered thing is changed.
    fn add_with_changes(&mut self, name: &str, xml: &str, changes: &[(&str, &str)]) {
        let verified = verify(xml.as_bytes(), &Trust::IntegrityOnly, &Trust::IntegrityOnly).unwrap();
        self.add(name, &verified.certificate, xml.as_bytes(), true);
        for (from, to) in changes {
            assert!(xml.contains(from), "{name}: {from}");
            self.add(name, &verified.certificate, xml.replacen(from, to, 1).as_bytes(), false);
        }
    }
}

#[test]
fn apache_santuario_accepts_what_we_accept_and_refuses_changed_copies() {
    let Some(class_path) = class_path() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut cases = Cases { folder, expected: BTreeMap::new(), arguments: Vec::new() };
    let authority = Authority::new();
    let of_properties = ("<xades:SigningTime>2026", "<xades:SigningTime>2025");
    for (name, key, certificate) in support::every_kind_of_seal() {
        let signer = FileSigner::from_pem(&key, &certificate).unwrap();
        let sealed = seal(&support::body(), &signer, SIGNING_TIME).unwrap();
        let changes = [("urn:uuid:1", "urn:uuid:2"), of_properties, ("#enveloped-signature", "#base64")];
        cases.add_with_changes(name, &sealed, &changes);
        if let Some(authority) = &authority {
            let token = authority.stamp(&time_stamp_imprint(&sealed).unwrap());
            cases.add_with_changes(&format!("{name}-stamped"), &attach_time_stamp(&sealed, &token).unwrap(), &changes);
        }
    }
    for (name, xml) in support::evidences().into_iter().flatten() {
        let changes = [("<EventTime>2", "<EventTime>1"), ("<xades:SigningTime>2", "<xades:SigningTime>1")];
        cases.add_with_changes(&name, std::str::from_utf8(&xml).unwrap(), &changes);
    }
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/santuario/Verify.java");
    let output = Command::new("java").args(["-cp", &class_path, program]).args(&cases.arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: BTreeMap<PathBuf, &str> =
        said.lines().map(|line| line.split_once('\t').unwrap()).map(|(path, said)| (path.into(), said)).collect();
    assert_eq!(answers.len(), cases.expected.len(), "{said}");
    let wrong: Vec<_> = answers.iter().filter(|(path, said)| cases.expected[*path] != (**said == "holds")).collect();
    assert!(wrong.is_empty(), "{} of {}: {:#?}", wrong.len(), answers.len(), &wrong[..wrong.len().min(5)]);
}
