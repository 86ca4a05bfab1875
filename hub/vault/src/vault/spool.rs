//! Large blobs on their way: encrypted in a file of their own before any store sees them.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use openssl::sha::Sha256;

use crate::sealing::{CHUNK, MAGIC, Sealer, Secret};
use crate::store::Incoming;

use super::{Name, Source};

/// Blobs up to this length are encrypted in memory, in bytes.
const IN_MEMORY: u64 = 4 * 1024 * 1024;

/// A folder of files under way.
pub(crate) struct Spool {
    folder: PathBuf,
    next: AtomicU64,
}

/// Encrypted bytes before they have a name in a store. Dropped, they leave nothing behind.
pub(crate) enum Sealed {
    Bytes(Vec<u8>),
    File { path: PathBuf, size: u64, sha256: [u8; 32] },
}

impl Spool {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), next: AtomicU64::default() })
    }

    /// A path nobody has; `mark` tells apart what two hubs put into the same folder.
    pub(crate) fn path(&self, mark: u64) -> PathBuf {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.folder.join(format!("{mark:016x}-{number}.sealed"))
    }
}

impl Sealed {
    /// As a store takes it.
    pub(crate) fn incoming(&self) -> Incoming<'_> {
        match self {
            Self::Bytes(bytes) => Incoming::Bytes(bytes),
            Self::File { path, size, sha256 } => Incoming::File { path, size: *size, sha256: *sha256 },
        }
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        if let Self::File { path, .. } = self {
            // What cannot be removed is encrypted, and its key is in no other place.
            let _ = fs::remove_file(path);
        }
    }
}

/// SHA-256 and length of the plain bytes.
pub(super) fn digest(source: &Source<'_>) -> io::Result<([u8; 32], u64)> {
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut reader = reader(source)?;
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            return Ok((hash.finish(), size));
        }
        hash.update(&buffer[..count]);
        size += count as u64;
    }
}

/// Encrypts the bytes; nothing where they are not those of the secret.
pub(super) fn seal(source: &Source<'_>, name: &Name, secret: &Secret, path: PathBuf) -> io::Result<Option<Sealed>> {
    let mut sink = if secret.size <= IN_MEMORY { Sink::Bytes(Vec::new()) } else { Sink::file(path)? };
    let mut reader = reader(source)?;
    let mut sealer = Sealer::new(&secret.key, name);
    let mut hash = Sha256::new();
    let (mut plain, mut sealed) = (Vec::with_capacity(CHUNK), MAGIC.to_vec());
    let mut left = secret.size;
    loop {
        plain.clear();
        reader.by_ref().take(CHUNK as u64).read_to_end(&mut plain)?;
        let Some(rest) = left.checked_sub(plain.len() as u64) else { return Ok(None) };
        if rest > 0 && plain.len() < CHUNK {
            return Ok(None);
        }
        left = rest;
        hash.update(&plain);
        sealer.seal(&plain, left == 0, &mut sealed);
        sink.write(&sealed)?;
        sealed.clear();
        if left == 0 {
            break;
        }
    }
    let whole = reader.read(&mut [0])? == 0 && hash.finish() == secret.sha256;
    let sealed = sink.finish()?;
    Ok(whole.then_some(sealed))
}

fn reader<'a>(source: &'a Source<'_>) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match source {
        Source::Bytes(bytes) => Box::new(bytes.as_ref()),
        Source::File(path) => Box::new(File::open(path)?),
    })
}

enum Sink {
    Bytes(Vec<u8>),
    File { file: File, hash: Sha256, size: u64, path: Unfinished },
}

/// Removes the file unless it was finished.
struct Unfinished(Option<PathBuf>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            let _ = fs::remove_file(path);
        }
    }
}

impl Sink {
    fn file(path: PathBuf) -> io::Result<Self> {
        Ok(Self::File { file: File::create(&path)?, hash: Sha256::new(), size: 0, path: Unfinished(Some(path)) })
    }

    fn write(&mut self, sealed: &[u8]) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => bytes.extend_from_slice(sealed),
            Self::File { file, hash, size, .. } => {
                file.write_all(sealed)?;
                hash.update(sealed);
                *size += sealed.len() as u64;
            }
        }
        Ok(())
    }

    fn finish(self) -> io::Result<Sealed> {
        match self {
            Self::Bytes(bytes) => Ok(Sealed::Bytes(bytes)),
            Self::File { file, hash, size, mut path } => {
                file.sync_all()?;
                let path = path.0.take().expect("taken once, here");
                Ok(Sealed::File { path, size, sha256: hash.finish() })
            }
        }
    }
}
