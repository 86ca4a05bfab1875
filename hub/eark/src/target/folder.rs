//! A package as a folder on a disk.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use super::{Put, Target, copy};

/// A package as a folder: the files lie below `<parent>/<id>`, which must not be there yet.
#[derive(Debug)]
pub struct FolderTarget {
    root: PathBuf,
    made: BTreeSet<PathBuf>,
    files: Vec<PathBuf>,
}

impl FolderTarget {
    /// Makes the folder.
    ///
    /// # Errors
    /// It is there already, or cannot be made.
    pub fn create(parent: &Path, id: &str) -> io::Result<Self> {
        fs::create_dir_all(parent)?;
        let root = parent.join(id);
        fs::create_dir(&root)?;
        Ok(Self { root, made: BTreeSet::new(), files: Vec::new() })
    }

    /// The root folder of the package.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl Target for FolderTarget {
    fn put(&mut self, path: &str, size: u64, content: &mut dyn Read) -> io::Result<Put> {
        let file = self.root.join(path);
        let folder = file.parent().expect("a file of the package lies below its root").to_owned();
        if !self.made.contains(&folder) {
            fs::create_dir_all(&folder)?;
            self.made.insert(folder);
        }
        // Never over something that is there: a path that leads back to an earlier file would hide it.
        let mut written = File::create_new(&file)?;
        let put = copy(size, content, |chunk| written.write_all(chunk))?;
        self.files.push(file);
        Ok(put)
    }

    fn finish(&mut self) -> io::Result<()> {
        // At the end and not one by one: most of it went to the disk meanwhile, and nobody believes a package before.
        self.files.iter().try_for_each(|file| File::open(file)?.sync_data())?;
        self.made.iter().chain([&self.root]).try_for_each(|folder| File::open(folder)?.sync_all())
    }
}
