//! Folders of files that never change once they have their name, and the keys beside them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Folders of uploads that have no name yet.
const UNFINISHED: &str = "incoming";
/// What in the data folder is no key: made anew at the start, fetched anew, or copied otherwise.
const NO_KEYS: [&str; 3] = ["lock", "last-backup.json", "service.json"];

/// What is mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Files in folders, each written once.
    Content,
    /// The small files of the data folder itself, which may have changed.
    Keys,
}

/// What a mirroring came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mirrored {
    /// Files in the copy now.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were copied this time.
    pub copied: u64,
    /// Files that were removed, because the source no longer has them.
    pub removed: u64,
}

/// Makes the copy hold what the source holds. A file gets its name in the copy when it is whole.
pub(super) fn mirror(source: &Path, copy: &Path, kind: Kind) -> io::Result<Mirrored> {
    fs::create_dir_all(copy)?;
    let names: BTreeSet<PathBuf> = match kind {
        Kind::Content => files(source)?,
        Kind::Keys => keys_of(source)?.into_iter().map(PathBuf::from).collect(),
    };
    let mut mirrored = Mirrored::default();
    for name in &names {
        let (from, to) = (source.join(name), copy.join(name));
        let length = match fs::metadata(&from) {
            Ok(metadata) => metadata.len(),
            // Destroyed since it was listed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let there = fs::metadata(&to).is_ok_and(|held| held.len() == length);
        if !there || kind == Kind::Keys {
            copied(&from, &to)?;
            mirrored.copied += 1;
        }
        mirrored.files += 1;
        mirrored.bytes += length;
    }
    for name in files(copy)? {
        if !names.contains(&name) {
            fs::remove_file(copy.join(name))?;
            mirrored.removed += 1;
        }
    }
    Ok(mirrored)
}

/// Copies a file and syncs it before it has its name.
pub(super) fn copied(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let beside = folder.join(".copying");
    fs::copy(from, &beside)?;
    File::open(&beside)?.sync_all()?;
    fs::rename(beside, to)
}

/// Every named file below a folder, by its path in it.
pub(super) fn files(root: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(root.join(&folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let name = folder.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() && name != Path::new(UNFINISHED) {
                folders.push(name);
            } else if kind.is_file() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
                found.insert(name);
            }
        }
    }
    Ok(found)
}

/// The files of the data folder itself that are neither database nor made anew at each start: keys and secrets.
pub(super) fn keys_of(data: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(data)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let database = name.starts_with("punte.db");
        if entry.file_type()?.is_file() && !database && !name.starts_with('.') && !NO_KEYS.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
