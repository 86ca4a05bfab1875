//! The strict notations that checkpoints and proofs share: one spelling for each value, so that a text that was read
//! is the text that is written.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::log::tree::Hash;

/// Base64 with padding (RFC 4648, section 4).
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of base64 with padding and without stray bits at the end.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A base64 hash.
pub(super) fn hash(text: &str) -> Option<Hash> {
    from_base64(text)?.try_into().ok()
}

/// A decimal number without sign or leading zeroes, up to 2^63 - 1, which is where other programs stop.
pub(super) fn number(text: &str) -> Option<u64> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || text.len() > 1 && text.starts_with('0') {
        return None;
    }
    text.parse().ok().filter(|number| *number <= i64::MAX as u64)
}
