//! The folder on the disk: written once, read only after every hash was checked.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use hub_eark::path;
use openssl::sha::Sha256;

use super::{SIGNED, SUMS, bytes_path};

/// Files with their hashes, by path.
pub(in super::super) type Listing = BTreeMap<String, [u8; 32]>;

/// An export being written.
pub(in super::super) struct Folder {
    root: PathBuf,
    files: Listing,
}

impl Folder {
    /// Makes the folder, which must not be there or be empty.
    pub(in super::super) fn create(root: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("{} cannot be made", root.display()))?;
        let mut entries = fs::read_dir(root).with_context(|| format!("{} cannot be read", root.display()))?;
        ensure!(entries.next().is_none(), "{} is not empty; an export is never written over something", root.display());
        Ok(Self { root: root.to_owned(), files: BTreeMap::new() })
    }

    /// Writes a file; one that is there with the same content stays.
    pub(in super::super) fn put(&mut self, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let hash = openssl::sha::sha256(bytes);
        if self.files.get(path) == Some(&hash) {
            return Ok(());
        }
        let mut file = self.begin(path)?;
        file.write_all(bytes).and_then(|()| file.flush()).with_context(|| format!("{path} cannot be written"))?;
        self.files.insert(path.to_owned(), hash);
        Ok(())
    }

    /// Keeps bytes under their hash.
    pub(in super::super) fn keep(&mut self, hash: &[u8; 32], bytes: &[u8]) -> anyhow::Result<()> {
        self.put(&bytes_path(hash), bytes)
    }

    /// Whether bytes with this hash are kept.
    pub(in super::super) fn has(&self, hash: &[u8; 32]) -> bool {
        self.files.contains_key(&bytes_path(hash))
    }

    /// Copies a file that is large, under its hash.
    pub(in super::super) fn copy(&mut self, hash: &[u8; 32], from: &Path) -> anyhow::Result<()> {
        let path = bytes_path(hash);
        self.begin(&path)?;
        fs::copy(from, self.root.join(&path)).with_context(|| format!("{} cannot be copied", from.display()))?;
        ensure!(hash_of(&self.root.join(&path))? == *hash, "{} is not what its name says", from.display());
        self.files.insert(path, *hash);
        Ok(())
    }

    /// Begins a file that is written piece by piece, and noted by [`Folder::note`].
    pub(in super::super) fn begin(&mut self, path: &str) -> anyhow::Result<BufWriter<File>> {
        path::check(path).with_context(|| format!("{path:?}"))?;
        let file = self.root.join(path);
        let parent = file.parent().expect("a file of the export lies below its folder");
        fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
        let file = File::create(&file).with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(BufWriter::with_capacity(1 << 18, file))
    }

    /// Hashes a file that was begun, or laid there by somebody else, and takes it into the list.
    pub(in super::super) fn note(&mut self, path: &str) -> anyhow::Result<()> {
        let hash = hash_of(&self.root.join(path))?;
        self.files.insert(path.to_owned(), hash);
        Ok(())
    }

    /// Where a path lies.
    pub(in super::super) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The list of hashes as `sha256sum` writes it, everything on the disk.
    pub(in super::super) fn sums(&self) -> anyhow::Result<String> {
        for path in self.files.keys() {
            File::open(self.root.join(path))
                .and_then(|file| file.sync_data())
                .with_context(|| format!("{path} cannot be synced"))?;
        }
        Ok(self.files.iter().map(|(path, hash)| format!("{}  {path}\n", hex::encode(hash))).collect())
    }
}

/// Checks a folder against its list of hashes: nothing missing, nothing more, nothing else.
pub(in super::super) fn check(root: &Path, sums: &str) -> anyhow::Result<Listing> {
    let mut files = Listing::new();
    for line in sums.lines() {
        let (hash, path) = line.split_once("  ").with_context(|| format!("{SUMS} has the line {line:?}"))?;
        path::check(path).with_context(|| format!("{SUMS} names {path:?}"))?;
        let mut expected = [0; 32];
        hex::decode_to_slice(hash, &mut expected).with_context(|| format!("{SUMS} has the line {line:?}"))?;
        ensure!(files.insert(path.to_owned(), expected).is_none(), "{SUMS} names {path} twice");
    }
    for (path, expected) in &files {
        let file = root.join(path);
        let kind = fs::symlink_metadata(&file).with_context(|| format!("{path} is missing"))?;
        ensure!(kind.is_file(), "{path} is not a file");
        ensure!(hash_of(&file)? == *expected, "{path} was changed: its SHA-256 is not the one in {SUMS}");
    }
    more(root, "", &files)?;
    Ok(files)
}

/// Refuses what the list does not name.
fn more(root: &Path, below: &str, files: &Listing) -> anyhow::Result<()> {
    for entry in fs::read_dir(root.join(below)).with_context(|| format!("{below} cannot be read"))? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| anyhow::anyhow!("{name:?} is no UTF-8"))?;
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            ensure!(path.matches('/').count() < 16, "{path} lies too deep");
            more(root, &path, files)?;
        } else if !kind.is_file() || !(files.contains_key(&path) || path == SUMS || path == SIGNED) {
            bail!("{path} is there, but {SUMS} does not name it");
        }
    }
    Ok(())
}

fn hash_of(path: &Path) -> anyhow::Result<[u8; 32]> {
    let told = || format!("{} cannot be read", path.display());
    let mut file = BufReader::new(File::open(path).with_context(told)?);
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 18]);
    loop {
        match file.read(&mut buffer).with_context(told)? {
            0 => return Ok(hash.finish()),
            read => hash.update(&buffer[..read]),
        }
    }
}
