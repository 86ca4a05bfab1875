//! Chunks of a blob.

use super::cipher::{self, TAG};

/// What every blob begins with.
pub(crate) const MAGIC: &[u8; 8] = b"PNTVLT01";
/// Length of what stands before the first chunk, in bytes.
pub(crate) const HEADER: u64 = MAGIC.len() as u64;
/// Plain bytes in a chunk; only the last may hold fewer.
pub(crate) const CHUNK: usize = 256 * 1024;
const SEALED: u64 = (CHUNK + TAG) as u64;

/// Length of the encrypted form of so many plain bytes. An empty blob has one empty chunk.
pub(crate) fn sealed_len(plain: u64) -> u64 {
    HEADER + plain + plain.div_ceil(CHUNK as u64).max(1) * TAG as u64
}

/// Where a chunk begins, and how long it is, in an encrypted blob of the length. Nothing where it has no such chunk.
pub(crate) fn chunk_at(number: u64, sealed: u64) -> Option<(u64, usize, bool)> {
    let start = HEADER.checked_add(number.checked_mul(SEALED)?)?;
    let left = sealed.checked_sub(start).filter(|left| *left >= TAG as u64)?;
    let length = usize::try_from(left.min(SEALED)).expect("a chunk is small");
    Some((start, length, left <= SEALED))
}

/// Encrypts a blob chunk by chunk.
pub(crate) struct Sealer<'a> {
    key: &'a [u8; 32],
    beside: Vec<u8>,
    number: u64,
}

impl<'a> Sealer<'a> {
    /// For the blob of the name.
    pub(crate) fn new(key: &'a [u8; 32], name: &[u8; 32]) -> Self {
        Self { key, beside: beside(name), number: 0 }
    }

    /// Appends the next chunk: [`CHUNK`] bytes, or fewer in the last.
    pub(crate) fn seal(&mut self, plain: &[u8], last: bool, sealed: &mut Vec<u8>) {
        cipher::seal(self.key, &nonce(self.number, last), &self.beside, plain, sealed);
        self.number += 1;
    }
}

/// The plain bytes of a chunk, or nothing where it is not the one with this number, of this blob, or not as it was.
pub(crate) fn open_chunk(
    key: &[u8; 32],
    name: &[u8; 32],
    (number, last): (u64, bool),
    sealed: &[u8],
) -> Option<Vec<u8>> {
    cipher::open(key, &nonce(number, last), &beside(name), sealed)
}

fn beside(name: &[u8; 32]) -> Vec<u8> {
    [MAGIC.as_slice(), name].concat()
}

fn nonce(number: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[3] = u8::from(last);
    nonce[4..].copy_from_slice(&number.to_be_bytes());
    nonce
}
