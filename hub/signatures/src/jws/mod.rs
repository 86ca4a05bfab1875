//! JSON Web Signatures (RFC 7515) in compact form, JSON Web Keys (RFC 7517) and nothing more.
//!
//! The algorithm belongs to the key and is never taken from the token; a token may only agree with it. Keys never come
//! with a token. Symmetric algorithms and `none` do not exist here. Names that occur twice are refused (RFC 8725, 2.4).

mod compact;
mod json;
mod key;

pub use compact::{Compact, LONGEST, Refused, sign};
pub use json::{NotStrict, object};
pub use key::{Algorithm, Key, WrongKey, keys};
