//! Parts that may be absent on a stranger's machine: skipped aloud there, required in CI.

use std::path::PathBuf;
use std::process::Command;

/// Says that a test is skipped and why; fails instead where `CI=true`.
///
/// # Panics
/// With `CI=true`.
pub fn skip(why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "CI runs every test, but {why}");
    eprintln!("skipped: {why}");
}

/// A path in the shared folder of public vectors, where it is present.
#[must_use]
pub fn vectors(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors").join(path);
    if path.exists() {
        return Some(path);
    }
    skip(&format!("the public vectors {} are not here", path.display()));
    None
}

/// A program, where it is installed.
#[must_use]
pub fn program(name: &str) -> Option<Command> {
    let found = Command::new(name).arg("--version").output().is_ok();
    if !found {
        skip(&format!("the program {name} is not installed"));
    }
    found.then(|| Command::new(name))
}

/// A temporary folder that nobody else may look into: secrets can lie in it.
///
/// # Panics
/// It cannot be made.
#[must_use]
pub fn own_folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let closed = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().permissions(closed).tempdir().expect("a folder is made")
}
