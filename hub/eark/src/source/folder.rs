//! A package that is a folder. Links and special files are refused, never followed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{Listed, Source};
use crate::finding::{Finding, Problem};

/// Folders inside one another that are looked into.
const DEEPEST: usize = 16;

/// A package in a folder.
#[derive(Debug)]
pub struct FolderSource {
    folder: PathBuf,
    root: String,
    files: Vec<Listed>,
}

impl FolderSource {
    /// The package whose root folder this is.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        let root = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self { folder: folder.to_owned(), root, files: Vec::new() }
    }

    fn walk(&mut self, below: &str, depth: usize, most: usize) -> Result<(), Finding> {
        let unreadable = |error: io::Error| Finding::new(below, Problem::Unreadable(error.to_string()));
        if depth > DEEPEST {
            return Err(Finding::new(below, Problem::TooDeep { limit: DEEPEST }));
        }
        let mut entries: Vec<_> =
            fs::read_dir(self.folder.join(below)).map_err(unreadable)?.collect::<Result<_, _>>().map_err(unreadable)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| Finding::new(below, Problem::Name))?;
            let path = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() {
                self.walk(&path, depth + 1, most)?;
            } else if kind.is_file() {
                let size = entry.metadata().map_err(unreadable)?.len();
                self.files.push(Listed { path, size, stored: size });
            } else {
                return Err(Finding::new(&path, Problem::Link));
            }
            if self.files.len() > most {
                return Err(Finding::new("", Problem::TooMany { limit: most }));
            }
        }
        Ok(())
    }
}

impl Source for FolderSource {
    fn root(&self) -> &str {
        &self.root
    }

    fn list(&mut self, most: usize) -> Result<Vec<Listed>, Finding> {
        self.files.clear();
        self.walk("", 0, most)?;
        Ok(self.files.clone())
    }

    fn open(&mut self, position: usize) -> io::Result<Box<dyn Read + '_>> {
        let listed = &self.files[position];
        let path = self.folder.join(&listed.path);
        // What was a file when it was listed may have become a link since.
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no longer a file"));
        }
        Ok(Box::new(File::open(path)?.take(listed.size + 1)))
    }
}
