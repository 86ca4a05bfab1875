//! What a status alone means.

use http::StatusCode;

use crate::manifest::Class;

/// The class of a status that no rule of a manifest decides.
#[must_use]
pub fn class_of_status(status: u16) -> Class {
    match status {
        200..=299 => Class::Delivered,
        // Moved: the document went nowhere until somebody corrects the address.
        301 | 307 | 308 => Class::Unavailable,
        // Our credentials, our slowness or our haste; the document was not looked at.
        401 | 407 | 408 | 425 | 429 | 503 => Class::Unavailable,
        400..=499 => Class::Refused,
        // A 500 after the case was made looks like one before, and a gateway does not know which it was.
        _ => Class::Unknown,
    }
}

/// A status as people know it.
#[must_use]
pub fn in_words(status: u16) -> String {
    let words = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    words.map_or_else(|| status.to_string(), |words| format!("{status} {words}"))
}
