//! What answers mean: of institutions as they are documented, and of nobody one should trust.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use connectors_contract::Manifest;
use connectors_contract::reading::Response;

mod anaf;
mod documents;
mod hostile;
mod lookups;
mod tables;

/// 2 March 2026, 10:00:00 UTC: noon in Romania.
const NOW: i64 = 1_772_445_600;

fn manifest(rest: &str) -> Manifest {
    let head = "system = \"proba\"\nengine = \"rest\"\ntitle = { ro = \"Probă\", en = \"Sample\" }\n[endpoint]\n";
    Manifest::parse(&format!("{head}{rest}"), "proba").unwrap()
}

fn response(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
    Response { status, content_type: Some(content_type.to_owned()), retry_after: None, body: Ok(body.into()) }
}

/// A recorded answer of the shared collection, where it is present.
fn recorded(name: &str) -> Option<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/efactura/responses");
    if folder.exists() {
        return Some(std::fs::read(folder.join(name)).unwrap());
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "CI runs every test, but {} is missing", folder.display());
    eprintln!("skipped: {} is missing", folder.display());
    None
}
