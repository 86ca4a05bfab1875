//! Opens a package within limits, and hands out its files.
//!
//! It may be given any bytes. What it hands out is only what the container holds: whether somebody signed it is told by
//! [`Container::verify`].

use std::borrow::Cow;

use super::name::NameProblem;
use super::zip::{self, Entry};
use super::{MEDIA_TYPE, MIMETYPE, is_data};

/// What a container may cost before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the container.
    pub container_bytes: usize,
    /// Most entries, folders included.
    pub entries: usize,
    /// Most bytes of one file.
    pub file_bytes: usize,
    /// Most bytes of all files together.
    pub total_bytes: usize,
    /// Most times a file of more than 64 KiB may be larger than what it was compressed to.
    pub ratio: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        const MEBIBYTE: usize = 1024 * 1024;
        Limits {
            container_bytes: 256 * MEBIBYTE,
            entries: 2_000,
            file_bytes: 256 * MEBIBYTE,
            total_bytes: 512 * MEBIBYTE,
            ratio: 200,
        }
    }
}

/// Why bytes are not an acceptable ASiC-E container.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The container is longer than [`Limits::container_bytes`].
    #[error("the package is longer than the {limit} bytes that are accepted")]
    TooLarge {
        /// Bytes accepted.
        limit: usize,
    },
    /// There are more entries than [`Limits::entries`].
    #[error("the package has {count} entries, more than the {limit} that are accepted")]
    TooManyEntries {
        /// Entries it says it has.
        count: usize,
        /// Entries accepted.
        limit: usize,
    },
    /// A file is longer than [`Limits::file_bytes`].
    #[error("the file {name:?} in the package is longer than the {limit} bytes that are accepted")]
    FileTooLarge {
        /// Name of the file.
        name: String,
        /// Bytes accepted.
        limit: usize,
    },
    /// All files together are longer than [`Limits::total_bytes`].
    #[error("the files in the package are together longer than the {limit} bytes that are accepted")]
    TooMuch {
        /// Bytes accepted.
        limit: usize,
    },
    /// A file is compressed more than [`Limits::ratio`] times.
    #[error("the file {name:?} in the package is compressed more than {limit} times, as bombs are")]
    Bomb {
        /// Name of the file.
        name: String,
        /// Ratio accepted.
        limit: usize,
    },
    /// A name that could leave the folder it is extracted to, or stands twice.
    #[error("the package names a file {name:?}, which is not accepted: {problem}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: NameProblem,
    },
    /// One entry is not as it must be.
    #[error("the entry {name:?} of the package {problem}")]
    Entry {
        /// Its name.
        name: String,
        /// What is wrong.
        problem: EntryProblem,
    },
    /// There is no end record at the end: not a zip file, or one that was cut.
    #[error("the data is not a zip file as packages are made of: it does not end like a zip file")]
    Truncated,
    /// The bytes are not a zip file, or one that uses extensions.
    #[error("the data is not a zip file as packages are made of: {0}")]
    Malformed(&'static str),
    /// Bytes that belong to no entry, or to two.
    #[error("the package has bytes that belong to no entry, or to two of them")]
    Gap,
    /// The first entry is not what it must be (EN 319 162-1, annex A.1).
    #[error("the first entry of the package is not a plain one named mimetype, as ASiC asks")]
    NoMimetype,
    /// It is a container of another type.
    #[error("the package says that it is {0:?} and not ASiC-E")]
    OtherType(String),
}

/// What is wrong with one entry, as the end of a sentence that begins with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryProblem {
    /// A folder has bytes of its own.
    #[error("is a folder with content")]
    FolderWithContent,
    /// It needs a password.
    #[error("is encrypted")]
    Encrypted,
    /// A flag asks for something beyond storing and deflating.
    #[error("uses a feature that is not accepted")]
    Feature,
    /// Stored, with a compressed size that differs.
    #[error("is stored, but with two sizes")]
    TwoSizes,
    /// Stored, with its size behind the data: where it ends would be a guess.
    #[error("is stored, but its size stands after it")]
    SizeAfter,
    /// A symbolic link.
    #[error("is a link and not a file")]
    Link,
    /// An extra field gives it another size or name, or it is on another volume.
    #[error("has another size, name or volume beside")]
    Beside,
    /// Neither stored nor deflated.
    #[error("is compressed in a way that is not accepted")]
    Method,
    /// The directory and the header before the data differ.
    #[error("is described in two different ways")]
    TwoDescriptions,
    /// The data inflates to another length.
    #[error("does not inflate to the size it tells")]
    WrongSize,
    /// The data has another checksum.
    #[error("is damaged: its checksum is another")]
    Checksum,
}

/// An opened container.
#[derive(Debug)]
pub struct Container<'c> {
    entries: Vec<Entry<'c>>,
}

impl<'c> Container<'c> {
    /// Opens a container.
    ///
    /// # Errors
    /// An [`OpenError`] that tells the first thing that is not acceptable.
    pub fn open(bytes: &'c [u8], limits: &Limits) -> Result<Container<'c>, OpenError> {
        let entries = zip::read(bytes, limits)?;
        match entries.first() {
            Some(first) if first.name == MIMETYPE && first.plain => {}
            _ => return Err(OpenError::NoMimetype),
        }
        if entries[0].content != MEDIA_TYPE.as_bytes() {
            let told: String = String::from_utf8_lossy(&entries[0].content).chars().take(80).collect();
            return Err(OpenError::OtherType(told));
        }
        Ok(Container { entries })
    }

    /// The sender's files with their names, in the order of the container.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries().filter(|(name, _)| is_data(name))
    }

    /// Every entry but folders, META-INF included.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries.iter().map(|entry| (entry.name.as_str(), &*entry.content))
    }

    /// The content of one entry.
    pub fn entry(&self, name: &str) -> Option<&[u8]> {
        self.entries().find(|(known, _)| *known == name).map(|(_, content)| content)
    }

    pub(super) fn take(self) -> impl Iterator<Item = (String, Cow<'c, [u8]>)> {
        self.entries.into_iter().map(|entry| (entry.name, entry.content))
    }
}
