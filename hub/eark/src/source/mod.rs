//! Where a package is read from: a folder, or a zip file. Neither is believed.

mod folder;
mod zip;
mod inflate;

use std::io::{self, Read};

pub use folder::FolderSource;
pub use zip::ZipSource;

use crate::finding::Finding;

/// A file of a package as its place lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Path from the package's root on.
    pub path: String,
    /// Length in bytes when it is read.
    pub size: u64,
    /// Bytes it takes where it lies; much fewer than `size` means much compressed.
    pub stored: u64,
}

/// A place that holds the files of one package.
pub trait Source {
    /// The name of the root folder.
    fn root(&self) -> &str;

    /// Every file, and what the place itself found wrong.
    ///
    /// # Errors
    /// The place cannot be read at all.
    fn list(&mut self, most: usize) -> Result<Vec<Listed>, Finding>;

    /// The content of the file with this position in the list, never longer than was listed.
    ///
    /// # Errors
    /// It cannot be read.
    fn open(&mut self, position: usize) -> io::Result<Box<dyn Read + '_>>;
}
