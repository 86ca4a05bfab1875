//! What is wrong with a package, and where.

use crate::path::PathProblem;

/// Most findings that are told of one package; a package with so many is not going to be mended by hand.
pub(crate) const MOST: usize = 100;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", if path.is_empty() { "the package" } else { path })]
pub struct Finding {
    /// Path from the package's root on; empty for the package as a whole.
    pub path: String,
    /// What.
    pub problem: Problem,
}

impl Finding {
    pub(crate) fn new(path: &str, problem: Problem) -> Self {
        Self { path: path.to_owned(), problem }
    }
}

/// Why a package is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// METS names a file that is not there.
    #[error("METS names it, but it is missing")]
    Missing,
    /// A file is there that no METS names.
    #[error("it is there, but no METS names it")]
    Extra,
    /// Two entries have the same path, apart from capital letters, or METS names a file twice.
    #[error("it is there, or named, more than once")]
    Repeated,
    /// The length is another than METS says.
    #[error("it is {found} bytes long, METS says {told}")]
    Size {
        /// Bytes METS tells.
        told: u64,
        /// Bytes found.
        found: u64,
    },
    /// The content is another than METS says.
    #[error("its content was changed: METS says {told}, it is {found}")]
    Digest {
        /// Digest METS tells.
        told: String,
        /// Digest found.
        found: String,
    },
    /// The digest is of an algorithm that proves nothing any more, or none that is known.
    #[error("its checksum is of the algorithm {0:?}; SHA-256, SHA-384 and SHA-512 are accepted")]
    Algorithm(String),
    /// METS gives no usable checksum or length.
    #[error("METS gives no checksum and length for it")]
    NoChecksum,
    /// The path is not acceptable.
    #[error("{0}")]
    Path(PathProblem),
    /// A name is not UTF-8.
    #[error("a name in it is not UTF-8")]
    Name,
    /// It is a link or a device.
    #[error("it is a link or a special file")]
    Link,
    /// Folders are nested too deep.
    #[error("folders are nested more than {limit} deep")]
    TooDeep {
        /// Folders accepted.
        limit: usize,
    },
    /// Not everything lies in one root folder that is named like the package.
    #[error("it does not lie in the one root folder of the package")]
    NoRoot,
    /// The root folder and METS name the package differently.
    #[error("the root folder is called {root:?}, but METS calls the package {id:?}")]
    OtherId {
        /// Name of the root folder.
        root: String,
        /// OBJID of METS.
        id: String,
    },
    /// There are more files than accepted.
    #[error("it has more than {limit} files")]
    TooMany {
        /// Files accepted.
        limit: usize,
    },
    /// It is longer than accepted.
    #[error("it is longer than {limit} bytes")]
    TooLarge {
        /// Bytes accepted.
        limit: u64,
    },
    /// It is compressed so much that it can only be meant to fill a disk.
    #[error("it is compressed more than {limit} to 1")]
    Bomb {
        /// Ratio accepted.
        limit: u64,
    },
    /// The zip file is not one.
    #[error("the zip file is not acceptable: {0}")]
    Zip(&'static str),
    /// A METS file is not right.
    #[error("the METS file is not right: {0}")]
    Mets(String),
    /// A PREMIS file is not right, or tells another digest than METS.
    #[error("the PREMIS file is not right: {0}")]
    Premis(String),
    /// A record sheet is not right.
    #[error("the record sheet is not right: {0}")]
    Sheet(String),
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

/// A package that is not accepted, with everything that is wrong with it, up to a hundred things.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the package is not accepted: {}", .findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Refused {
    /// What, and where.
    pub findings: Vec<Finding>,
}

impl From<Finding> for Refused {
    fn from(finding: Finding) -> Self {
        Self { findings: vec![finding] }
    }
}
