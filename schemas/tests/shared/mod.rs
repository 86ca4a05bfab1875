//! Files of the shared reference data, which lie beside the repository.

use std::{fs, path::Path};

/// The text of a shared data file. Where it is missing the test is skipped, except on the build server, which must have it.
pub fn read(file: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(file);
    match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if std::env::var("CI").as_deref() == Ok("true") => panic!("{}: {error}", path.display()),
        Err(error) => {
            eprintln!("skipped: {}: {error}", path.display());
            None
        }
    }
}
