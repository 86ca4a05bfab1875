//! Where the files are: a folder of this machine, or one behind SFTP.
//!
//! Every call may block, and is made where that is allowed. Paths are relative to the channel's folder, with `/`; names in
//! them are checked by whoever asks. Nothing here decides.

use bytes::Bytes;

/// A file in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its name, without a separator.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was changed, in seconds since 1970, as its machine says.
    pub changed: i64,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    /// There is no such file: somebody else took it, or it never was.
    #[error("{path}: nu există")]
    NotThere {
        /// The path.
        path: String,
    },
    /// The place is there, but it refuses or cannot do this one thing.
    #[error("{path}: {reason}")]
    Failed {
        /// The path.
        path: String,
        /// What it said.
        reason: String,
    },
    /// The place cannot be reached, does not prove who it is, or does not know us.
    #[error("{reason}")]
    Unreachable {
        /// What happened, without secrets.
        reason: String,
    },
    /// The connection broke while something was done: it may have been done.
    #[error("{reason}")]
    Cut {
        /// What happened.
        reason: String,
    },
}

/// A folder with what the engine needs of it.
pub(crate) trait Place {
    /// The plain files of a folder, without links and folders; never more than `most`, in no order.
    fn list(&mut self, folder: &str, most: usize) -> Result<Vec<Listed>, PlaceError>;

    /// The names of the folders in a folder.
    fn folders(&mut self, folder: &str) -> Result<Vec<String>, PlaceError>;

    /// The size of a plain file.
    fn size(&mut self, path: &str) -> Result<u64, PlaceError>;

    /// The bytes of a plain file from `start`, at most `most`.
    fn read(&mut self, path: &str, start: u64, most: usize) -> Result<Bytes, PlaceError>;

    /// Makes a file of exactly these bytes in place of any of that name, durable when it returns.
    fn write(&mut self, path: &str, content: &[u8]) -> Result<(), PlaceError>;

    /// Moves a file in one step, durably; replaces a file that is there.
    fn rename(&mut self, from: &str, to: &str) -> Result<(), PlaceError>;

    /// Removes a file; one that is not there is no error.
    fn remove(&mut self, path: &str) -> Result<(), PlaceError>;

    /// Whether a folder, and not a link to one, is there.
    fn is_folder(&mut self, path: &str) -> Result<bool, PlaceError>;

    /// Makes a folder; says whether it is new.
    fn make_folder(&mut self, path: &str) -> Result<bool, PlaceError>;

    /// Removes an empty folder.
    fn remove_folder(&mut self, path: &str) -> Result<(), PlaceError>;
}
