//! The town hall's side, with tools nobody here wrote: the guide's own script, and OpenSSL's command.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::Command;

use connectors_drop::{Limits, looks_whole, open, sha256};

#[test]
fn the_script_of_the_guide_makes_a_package_that_is_taken() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides/town-hall-levels.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let script = guide.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).unwrap();
    put("impacheteaza.py", script.as_bytes());
    put("scrisoare.json", br#"{"subiect":"Invitatie","text":"Va rugam sa participati."}"#);
    put("scanare semnată.pdf", &vec![b'x'; 100_000]);
    put(
        "envelope.json",
        r#"{ "recipients": [{ "party": "dgaspc-mehedinti" }], "document_type": "document-generic", "document_version": "1.0",
             "subject": "Invitație", "purpose": "corespondenta", "legal_basis": "OG nr. 27/2002", "parts": [
               { "name": "scrisoare.json", "role": "body", "content_type": "application/json" },
               { "name": "scanare semnată.pdf", "role": "original", "content_type": "application/pdf" } ] }"#
            .as_bytes(),
    );
    let mut python = Command::new("python3");
    let output = python.args(["impacheteaza.py", "ancheta.zip"]).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = std::fs::read(folder.path().join("ancheta.zip.part")).unwrap();
    assert!(looks_whole(&bytes));
    // A hundred thousand equal bytes are compressed more than is taken; a scan never is.
    let limits = Limits { ratio: 2000, ..Limits::default() };
    let package = open(&bytes, &limits).unwrap();
    let names: Vec<_> = package.parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["scrisoare.json", "scanare semnată.pdf"]);
    assert_eq!(package.parts[1].sha256, sha256(&vec![b'x'; 100_000]));
}
