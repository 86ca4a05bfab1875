//! A folder of this machine, or a mounted share.
//!
//! Town halls write into it, so nothing in it is believed: links are not followed, and a file is read only if what was
//! opened is what stood there as a plain file.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::place::{Listed, Place, PlaceError};

/// A folder of this machine.
pub(crate) struct LocalFolder {
    root: PathBuf,
}

impl LocalFolder {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Makes a change of names in the folder of `path` durable.
    fn sync_folder_of(&self, path: &str) -> Result<(), PlaceError> {
        let at = self.at(path);
        let folder = at.parent().unwrap_or(&self.root);
        // Some network shares cannot sync a folder; the file itself is synced, and that is what they offer.
        match File::open(folder).and_then(|folder| folder.sync_all()) {
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
            other => other.map_err(|error| told(path, &error)),
        }
    }
}

impl Place for LocalFolder {
    fn list(&mut self, folder: &str, most: usize) -> Result<Vec<Listed>, PlaceError> {
        let mut listed = Vec::new();
        for entry in fs::read_dir(self.at(folder)).map_err(|error| told(folder, &error))? {
            let entry = entry.map_err(|error| told(folder, &error))?;
            // A name of another character set can be neither shown nor answered; its README tells people so.
            let Ok(name) = entry.file_name().into_string() else { continue };
            // The metadata of the entry itself, not of what a link leads to; it may be gone by now.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file() {
                listed.push(Listed { name, size: metadata.len(), changed: metadata.mtime() });
            }
            if listed.len() == most {
                break;
            }
        }
        Ok(listed)
    }

    fn folders(&mut self, folder: &str) -> Result<Vec<String>, PlaceError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.at(folder)).map_err(|error| told(folder, &error))? {
            let entry = entry.map_err(|error| told(folder, &error))?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            names.extend(entry.file_name().into_string().ok().filter(|_| is_folder));
        }
        Ok(names)
    }

    fn size(&mut self, path: &str) -> Result<u64, PlaceError> {
        plain(&self.at(path)).map(|metadata| metadata.len()).map_err(|error| told(path, &error))
    }

    fn read(&mut self, path: &str, start: u64, most: usize) -> Result<Bytes, PlaceError> {
        let read = || -> io::Result<Vec<u8>> {
            let expected = plain(&self.at(path))?;
            let mut file = File::open(self.at(path))?;
            let opened = file.metadata()?;
            if (opened.dev(), opened.ino()) != (expected.dev(), expected.ino()) {
                return Err(io::Error::new(ErrorKind::NotFound, "the file was exchanged"));
            }
            file.seek(SeekFrom::Start(start))?;
            let mut content = Vec::new();
            file.take(most as u64).read_to_end(&mut content)?;
            Ok(content)
        };
        read().map(Bytes::from).map_err(|error| told(path, &error))
    }

    fn write(&mut self, path: &str, content: &[u8]) -> Result<(), PlaceError> {
        self.remove(path)?;
        let at = self.at(path);
        let write = || -> io::Result<()> {
            // A new file, so that a link somebody planted under this name is not written through.
            let mut file = OpenOptions::new().write(true).create_new(true).open(&at)?;
            file.write_all(content)?;
            file.sync_all()
        };
        write().map_err(|error| {
            // A part of a file helps nobody and takes the room that was missing.
            let _tidied = fs::remove_file(&at);
            told(path, &error)
        })?;
        self.sync_folder_of(path)
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), PlaceError> {
        fs::rename(self.at(from), self.at(to)).map_err(|error| told(from, &error))?;
        self.sync_folder_of(to)?;
        self.sync_folder_of(from)
    }

    fn remove(&mut self, path: &str) -> Result<(), PlaceError> {
        match fs::remove_file(self.at(path)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(told(path, &error)),
            _ => Ok(()),
        }
    }

    fn is_folder(&mut self, path: &str) -> Result<bool, PlaceError> {
        match fs::symlink_metadata(self.at(path)) {
            Ok(metadata) => Ok(metadata.is_dir()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(told(path, &error)),
        }
    }

    fn make_folder(&mut self, path: &str) -> Result<bool, PlaceError> {
        match fs::create_dir(self.at(path)) {
            Ok(()) => self.sync_folder_of(path).map(|()| true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(told(path, &error)),
        }
    }

    fn remove_folder(&mut self, path: &str) -> Result<(), PlaceError> {
        fs::remove_dir(self.at(path)).map_err(|error| told(path, &error))
    }
}

/// What stands at the path, if it is a plain file.
fn plain(path: &Path) -> io::Result<Metadata> {
    let metadata = fs::symlink_metadata(path)?;
    if metadata.is_file() {
        return Ok(metadata);
    }
    Err(io::Error::new(ErrorKind::NotFound, "not a plain file"))
}

fn told(path: &str, error: &io::Error) -> PlaceError {
    let path = path.to_owned();
    let reason = match error.kind() {
        ErrorKind::NotFound => return PlaceError::NotThere { path },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "nu mai este loc pe disc".to_owned(),
        ErrorKind::PermissionDenied => "hubul nu are dreptul asupra dosarului".to_owned(),
        _ => error.to_string(),
    };
    PlaceError::Failed { path, reason }
}
