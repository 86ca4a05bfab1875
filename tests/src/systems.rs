//! Systems of a test's own: a real manifest with one line changed.

use std::path::{Path, PathBuf};

/// A folder of systems in which the manifest of eSocial is changed: each text in it by another.
///
/// # Panics
/// The real manifest is not there, or does not have one of the texts.
#[must_use]
pub fn changed_esocial(folder: &Path, changes: &[(&str, &str)]) -> PathBuf {
    let real = concat!(env!("CARGO_MANIFEST_DIR"), "/../connectors/systems/esocial/manifest.toml");
    let mut manifest = std::fs::read_to_string(real).expect("the manifest of eSocial is there");
    for (from, to) in changes {
        assert!(manifest.contains(from), "the manifest does not say {from}");
        manifest = manifest.replace(from, to);
    }
    let systems = folder.join("systems");
    std::fs::create_dir_all(systems.join("esocial")).expect("a folder is made");
    std::fs::write(systems.join("esocial/manifest.toml"), manifest).expect("the manifest is written");
    systems
}

/// A folder of systems in which eSocial must answer sooner than in real life.
///
/// # Panics
/// The real manifest is not there, or does not say how long to wait.
#[must_use]
pub fn impatient_esocial(folder: &Path, timeout: &str) -> PathBuf {
    let real = concat!(env!("CARGO_MANIFEST_DIR"), "/../connectors/systems/esocial/manifest.toml");
    let manifest = std::fs::read_to_string(real).expect("the manifest of eSocial is there");
    let patience = manifest.lines().find(|line| line.starts_with("timeout = ")).expect("the manifest has a timeout");
    let systems = folder.join("systems");
    std::fs::create_dir_all(systems.join("esocial")).expect("a folder is made");
    let changed = manifest.replace(patience, &format!("timeout = \"{timeout}\""));
    std::fs::write(systems.join("esocial/manifest.toml"), changed).expect("the manifest is written");
    systems
}
