//! Where a package is laid out: a folder, or a zip file.

mod folder;
mod zip;

use std::io::{self, Read};

use openssl::sha::Sha256;

pub use folder::FolderTarget;
pub use zip::ZipTarget;

/// Bytes that are copied at a time.
const CHUNK: usize = 256 * 1024;

/// What was written of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Put {
    /// Length in bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}

/// A place for the files of one package. Paths were checked and are different from each other.
pub trait Target {
    /// Writes one file, which is `size` bytes long.
    ///
    /// # Errors
    /// The place refused it, the content could not be read, or it has another length.
    fn put(&mut self, path: &str, size: u64, content: &mut dyn Read) -> io::Result<Put>;

    /// Ends the package; what was put is complete and on its disk when this returns.
    ///
    /// # Errors
    /// The place refused it.
    fn finish(&mut self) -> io::Result<()>;
}

/// Copies exactly `size` bytes, hashing them and showing each chunk to `write`.
fn copy(size: u64, content: &mut dyn Read, mut write: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<Put> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    let mut copied = 0;
    loop {
        let read = match content.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        copied += read as u64;
        if copied > size {
            break;
        }
        hash.update(&buffer[..read]);
        write(&buffer[..read])?;
    }
    if copied != size {
        let told = format!("the content is not the {size} bytes that were told");
        return Err(io::Error::new(io::ErrorKind::InvalidData, told));
    }
    Ok(Put { size, sha256: hash.finish() })
}
