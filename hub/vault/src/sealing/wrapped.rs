//! Data keys under a master key.

use super::cipher;

const MAGIC: &[u8; 8] = b"PNTVKY01";
const NONCE: usize = 12;
/// No wrapped key is longer, in bytes.
pub(crate) const LONGEST: usize = 256;

/// What a wrapped key holds. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    /// The data key of the blob.
    pub key: [u8; 32],
    /// SHA-256 of its plain bytes: whoever may unwrap can tell what a destroyed blob was.
    pub sha256: [u8; 32],
    /// Length of its plain bytes.
    pub size: u64,
}

/// Wraps a secret under the wrapping key its blob has from the master key of the id.
pub(crate) fn wrap(id: &str, wrapping: &[u8; 32], nonce: [u8; NONCE], secret: &Secret) -> Vec<u8> {
    let plain = [secret.key.as_slice(), &secret.sha256, &secret.size.to_be_bytes()].concat();
    let head = head(id);
    let mut wrapped = [head.as_slice(), &nonce].concat();
    cipher::seal(wrapping, &nonce, &head, &plain, &mut wrapped);
    wrapped
}

/// Id of the master key that wrapped it.
pub(crate) fn wrapped_by(wrapped: &[u8]) -> Option<&str> {
    let rest = wrapped.strip_prefix(MAGIC.as_slice())?;
    let (length, rest) = rest.split_first()?;
    std::str::from_utf8(rest.get(..usize::from(*length))?).ok()
}

/// The secret, or nothing where the wrapped key is not as it was, or another key wrapped it.
pub(crate) fn unwrap(wrapping: &[u8; 32], wrapped: &[u8]) -> Option<Secret> {
    let head = head(wrapped_by(wrapped)?);
    let (nonce, sealed) = wrapped[head.len()..].split_first_chunk::<NONCE>()?;
    let plain = cipher::open(wrapping, nonce, &head, sealed)?;
    let (key, rest) = plain.split_first_chunk::<32>()?;
    let (sha256, size) = rest.split_first_chunk::<32>()?;
    Some(Secret { key: *key, sha256: *sha256, size: u64::from_be_bytes(size.try_into().ok()?) })
}

fn head(id: &str) -> Vec<u8> {
    let length = u8::try_from(id.len()).expect("an id has at most 40 letters");
    [MAGIC.as_slice(), &[length], id.as_bytes()].concat()
}
