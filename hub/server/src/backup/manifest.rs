//! What a copy says of itself, and what a hub remembers of its last one.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::folders::Mirrored;

/// Written last: a copy without it was broken off the first time.
const MANIFEST: &str = "backup.json";
/// In the data folder of the hub.
const LAST: &str = "last-backup.json";
/// Says that a copy was begun here.
pub(super) const MARK: &str = "punte-backup";

/// What a copy says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// When it was made, RFC 3339 in UTC.
    pub made_at: String,
    /// Of the program that made it.
    pub version: String,
    /// The database.
    pub database: DatabaseCopy,
    /// The folders beside it.
    pub folders: Vec<FolderCopy>,
    /// What must be kept elsewhere, in Romanian.
    pub left_out: Vec<String>,
}

/// The database in a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseCopy {
    /// `sqlite` or `postgres`.
    pub engine: String,
    /// Its file in the copy.
    pub file: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A folder in a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderCopy {
    /// Its name in the copy.
    pub name: String,
    /// Files in it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were new this time.
    pub copied: u64,
    /// Files that the hub no longer has and that were removed.
    pub removed: u64,
}

impl FolderCopy {
    pub(super) fn of(name: &str, mirrored: Mirrored) -> Self {
        let Mirrored { files, bytes, copied, removed } = mirrored;
        Self { name: name.to_owned(), files, bytes, copied, removed }
    }
}

impl Manifest {
    /// Bytes of everything in the copy.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.database.bytes + self.folders.iter().map(|folder| folder.bytes).sum::<u64>()
    }

    /// Reads the manifest of a copy.
    ///
    /// # Errors
    /// There is none, or it is not one.
    pub fn read(copy: &Path) -> anyhow::Result<Self> {
        let path = copy.join(MANIFEST);
        let text = std::fs::read(&path)
            .with_context(|| format!("{} cannot be read: there is no whole copy there", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not the manifest of a copy", path.display()))
    }

    pub(super) fn keep(&self, copy: &Path) -> anyhow::Result<()> {
        written(&copy.join(MANIFEST), self).context("the manifest of the copy cannot be written")
    }
}

/// What a hub remembers of its last copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    /// When it was made, RFC 3339 in UTC.
    pub made_at: String,
    /// Bytes of everything in it.
    pub bytes: u64,
    /// How long it took.
    pub seconds: u64,
}

impl Last {
    /// The last copy of the hub with this data folder; none where there was none.
    #[must_use]
    pub fn of(data: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(data.join(LAST)).ok()?).ok()
    }

    pub(super) fn keep(&self, data: &Path) -> anyhow::Result<()> {
        written(&data.join(LAST), self).context("the hub cannot be told of its copy")
    }
}

/// Whether a copy was begun in a folder.
pub(super) fn is_copy(folder: &Path) -> bool {
    folder.join(MANIFEST).exists() || folder.join(MARK).exists()
}

/// Writes a file so that a crash leaves the old one or the new one.
fn written(path: &Path, content: &impl Serialize) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(&serde_json::to_vec_pretty(content)?)?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}
