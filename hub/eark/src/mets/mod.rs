//! The METS files of a package: the root's and one for each representation.

mod write;
mod read;

use jiff::Timestamp;

pub(crate) use read::{Described, Mets, Role};
pub(crate) use write::{Document, FileGroup, Pointer};

/// The program that wrote a package.
pub(crate) const SOFTWARE: &str = "Punte";
/// What the metadata of sheets is called in METS, which has no word for it.
pub(crate) const SHEET_TYPE: &str = "Fișa documentului arhivat (Legea 135/2007)";
/// What the content of packages is called; CSIP has no word for documents of a registry.
pub(crate) const CONTENT_TYPE: &str = "Documente de registratură";

/// A file METS refers to.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    /// Path from the folder of the METS file on.
    pub(crate) path: String,
    pub(crate) size: u64,
    /// SHA-256, hexadecimal.
    pub(crate) digest: String,
    pub(crate) media_type: String,
    pub(crate) created: Timestamp,
}
