//! The court pack: one ASiC-E file with the evidences of a message and everything that proves them (EN 319 162-1).
//!
//! [`prepare`] lays the files out and seals them, [`Prepared::finish`] adds the time-stamp that was asked for outside;
//! [`verify_package`] judges such a file, or any other ASiC-E. The pack verifies after the contents were erased, because
//! evidences bind digests. The same input and the same signature value make the same bytes.

mod layout;
mod pack;
mod readme;
mod verify;

pub use pack::{NamedFile, Pack, PackError, PackedEvidence, PackedHead, PayloadDigest, Prepared, prepare};
pub use verify::{Unreadable, verify_package, verify_package_within};
