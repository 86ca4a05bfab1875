//! The systems there are: one folder each, found by looking, listed nowhere.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{Manifest, ManifestError};

/// Reads the manifest of every system below a folder, in the order of their names.
///
/// # Errors
/// A folder or file cannot be read, or a manifest cannot be used.
pub fn from_dir(folder: &Path) -> Result<Vec<Manifest>, ManifestError> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|source| unreadable(folder, source))? {
        let path = entry.map_err(|source| unreadable(folder, source))?.path();
        if path.is_dir() {
            let manifest = path.join("manifest.toml");
            let text = std::fs::read_to_string(&manifest).map_err(|source| unreadable(&manifest, source))?;
            texts.push((manifest.display().to_string(), text));
        }
    }
    let mut manifests = from_embedded(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())))?;
    // By name, not by path: `hub` comes before `hub-evidence`, `hub/` does not.
    manifests.sort_by(|one, other| one.system.cmp(&other.system));
    Ok(manifests)
}

/// Reads manifests out of `(path, text)` pairs, for folders inside a program. A path that does not end in
/// `<system>/manifest.toml` is passed over.
///
/// # Errors
/// A manifest cannot be used, is not in the folder of its name, or is there twice.
pub fn from_embedded<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Vec<Manifest>, ManifestError> {
    let mut seen = BTreeSet::new();
    let mut manifests = Vec::new();
    for (path, text) in files {
        let mut names = path.rsplit(['/', '\\']);
        if names.next() != Some("manifest.toml") {
            continue;
        }
        let folder = names.next().unwrap_or_default();
        let manifest = Manifest::parse(text, path)?;
        let refuse = |problem: String| ManifestError::Folder { origin: path.to_owned(), problem };
        if manifest.system != folder {
            return Err(refuse(format!(
                "system = {:?} stands in the folder {folder:?}, rename one of them",
                manifest.system
            )));
        }
        if !seen.insert(manifest.system.clone()) {
            return Err(refuse(format!("the system {:?} is there twice, remove one", manifest.system)));
        }
        manifests.push(manifest);
    }
    Ok(manifests)
}

fn unreadable(path: &Path, source: std::io::Error) -> ManifestError {
    ManifestError::Read { origin: path.display().to_string(), source }
}
