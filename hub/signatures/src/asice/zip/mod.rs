//! The part of the zip format that packages use (PKWARE APPNOTE 6.3.3): a writer that stores, a reader that trusts nothing.
//!
//! Own code, because a verifier needs refusals that a general library does not offer: both headers of an entry must
//! agree, names must be unique, and every byte must belong to exactly one entry. No encryption, no zip64, no volumes.
//! Public, because packages that are no containers (a folder's, a mail's) are to be read just as strictly.

mod write;
mod read;
pub mod checksum;

pub use read::{Entry, read};
pub use write::write;

const LOCAL_HEADER: u32 = 0x0403_4B50;
const CENTRAL_HEADER: u32 = 0x0201_4B50;
const END_RECORD: u32 = 0x0605_4B50;
const DESCRIPTOR: u32 = 0x0807_4B50;

/// Flag: sizes and checksum follow the data.
const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// Flag: the name is UTF-8.
const FLAG_UTF8: u16 = 1 << 11;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
