//! What the tests of the verifier share: vectors, outside programs, an authority, a log, and a whole matter to pack.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "every test file uses its own part, and a test that cannot go on fails"
)]

pub mod authority;
pub mod matter;
pub mod xml;

use std::path::PathBuf;
use std::process::Command;

/// 1 January 2026, 00:00:00 UTC.
pub const NEW_YEAR_2026: i64 = 1_767_225_600;

/// A folder of the shared vectors; none when it is not here, which is an error on the build server.
pub fn vectors(folder: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors").join(folder);
    if path.is_dir() { Some(path) } else { skip(&format!("{} is not here", path.display())) }
}

/// Whether an outside program can be started; its absence is an error on the build server.
pub fn program(name: &str, version: &str) -> Option<()> {
    let started = Command::new(name).arg(version).output();
    if started.is_ok() { Some(()) } else { skip(&format!("the program {name} is not installed")) }
}

pub fn skip<T>(why: &str) -> Option<T> {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
    eprintln!("skipped: {why}");
    None
}

/// All public evidences with their names.
pub fn evidences() -> Option<Vec<(String, Vec<u8>)>> {
    let mut found: Vec<_> = std::fs::read_dir(vectors("erds-evidence")?)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "xml"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    found.sort();
    Some(found)
}
