//! Payloads too large for the database: files named by their SHA-256, synced before the commit that names them.
//!
//! An upload is written beside its final place, hashed as it streams and synced; it gets its name only when its
//! document is accepted, so that a refused one leaves nothing. The same content is kept once. It may assume one hub per
//! folder, and never deletes what a message names.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use openssl::sha::{Sha256, sha256};
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use crate::clock::Timestamp;

/// Payloads up to this size live in the database.
pub const INLINE_LIMIT: usize = 64 * 1024;

/// The blob store: one folder.
#[derive(Debug, Clone)]
pub struct BlobStore {
    folder: PathBuf,
}

/// A payload while it streams in: small ones stay in memory, larger ones go to the disk.
pub struct Upload<'a> {
    store: &'a BlobStore,
    id: Uuid,
    size: u64,
    hash: Sha256,
    small: Vec<u8>,
    spilled: Option<(File, PathBuf)>,
}

/// A payload that arrived completely.
#[derive(Debug)]
pub struct Stored {
    /// Length in bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// The bytes, when they are small enough for the database.
    pub content: Option<Bytes>,
    /// The file of a larger one, until it is settled.
    pub staged: Option<Staged>,
}

/// A synced file that has no name in the store yet. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Staged {
    file: PathBuf,
    sha256: [u8; 32],
}

impl Staged {
    /// Where the payload with this SHA-256 is until it is settled.
    #[must_use]
    pub fn path_of(&self, sha256: &[u8; 32]) -> Option<&Path> {
        (self.sha256 == *sha256).then_some(self.file.as_path())
    }
}

impl BlobStore {
    /// Opens the folder, makes it where it is missing, and clears what uploads left unfinished.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub async fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder.join("incoming")).await?;
        let mut left = fs::read_dir(folder.join("incoming")).await?;
        while let Some(entry) = left.next_entry().await? {
            fs::remove_file(entry.path()).await?;
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// Begins an upload; `id` names the temporary file.
    #[must_use]
    pub fn upload(&self, id: Uuid) -> Upload<'_> {
        Upload { store: self, id, size: 0, hash: Sha256::new(), small: Vec::new(), spilled: None }
    }

    /// Keeps bytes that are already in memory.
    ///
    /// # Errors
    /// The disk refused them.
    pub async fn keep(&self, id: Uuid, content: Bytes) -> io::Result<Stored> {
        if content.len() <= INLINE_LIMIT {
            let (size, sha256) = (content.len() as u64, sha256(&content));
            return Ok(Stored { size, sha256, content: Some(content), staged: None });
        }
        let mut upload = self.upload(id);
        upload.write(&content).await?;
        upload.finish().await
    }

    /// Gives files their names in the store. They are as durable as their bytes when this returns.
    ///
    /// # Errors
    /// The disk refused it.
    pub async fn settle(&self, staged: Vec<Staged>) -> io::Result<()> {
        for one in staged {
            let to = self.path(&one.sha256);
            let parent = to.parent().expect("a blob lies in a folder").to_owned();
            fs::create_dir_all(&parent).await?;
            fs::rename(&one.file, &to).await?;
            for folder in [&parent, &self.folder] {
                File::open(folder).await?.sync_all().await?;
            }
        }
        Ok(())
    }

    /// Removes the file with this hash, which no message names any more. Answers `false`, and leaves it, where it was
    /// written within the last hour: the same content is coming in again, and its message may not be committed yet.
    ///
    /// # Errors
    /// The disk refused it.
    pub async fn forget(&self, sha256: &[u8; 32], now: Timestamp) -> io::Result<bool> {
        let path = self.path(sha256);
        let written = match fs::metadata(&path).await {
            Ok(found) => found.modified()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(error),
        };
        let written = written.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_micros();
        if i64::try_from(written).unwrap_or(i64::MAX) > now.plus_seconds(-3600).0 {
            return Ok(false);
        }
        fs::remove_file(&path).await?;
        let parent = path.parent().expect("a blob lies in a folder");
        File::open(parent).await?.sync_all().await?;
        Ok(true)
    }

    /// The file that holds the bytes with this hash.
    #[must_use]
    pub fn path(&self, sha256: &[u8; 32]) -> PathBuf {
        let name = hex::encode(sha256);
        self.folder.join(&name[..2]).join(name)
    }
}

impl Upload<'_> {
    /// How much arrived so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// The disk refused them.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        self.hash.update(bytes);
        if self.spilled.is_none() && self.small.len() + bytes.len() <= INLINE_LIMIT {
            self.small.extend_from_slice(bytes);
            return Ok(());
        }
        if self.spilled.is_none() {
            let path = self.store.folder.join("incoming").join(self.id.to_string());
            let mut file = File::create(&path).await?;
            file.write_all(&std::mem::take(&mut self.small)).await?;
            self.spilled = Some((file, path));
        }
        match &mut self.spilled {
            Some((file, _)) => file.write_all(bytes).await,
            None => Ok(()),
        }
    }

    /// Ends the upload. A large payload is synced when this returns, and still without a name in the store.
    ///
    /// # Errors
    /// The disk refused it.
    pub async fn finish(mut self) -> io::Result<Stored> {
        let hash = std::mem::replace(&mut self.hash, Sha256::new()).finish();
        let Some((mut file, path)) = self.spilled.take() else {
            let content = Some(std::mem::take(&mut self.small).into());
            return Ok(Stored { size: self.size, sha256: hash, content, staged: None });
        };
        let staged = Staged { file: path, sha256: hash };
        file.flush().await?;
        file.sync_all().await?;
        Ok(Stored { size: self.size, sha256: hash, content: None, staged: Some(staged) })
    }
}

impl Stored {
    /// The bytes, wherever they are until they are settled.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub async fn bytes(&self) -> io::Result<Bytes> {
        match (&self.content, &self.staged) {
            (Some(content), _) => Ok(content.clone()),
            (None, Some(staged)) => Ok(fs::read(&staged.file).await?.into()),
            (None, None) => Err(io::Error::other("the payload is settled")),
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Settled, it is no longer there; left-overs are also cleared when the store opens.
        let _ = std::fs::remove_file(&self.file);
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        if let Some((_, path)) = self.spilled.take() {
            // Left-overs are also cleared when the store opens.
            let _ = std::fs::remove_file(path);
        }
    }
}
