//! The drop package: a document as one file that a person can put into a folder or attach to a mail.
//!
//! A zip file with `manifest.json`, the envelope of `POST /v1/messages` in which every part has its `sha256`, and the
//! parts beside it. One shape for folder, SFTP and mail, in both directions. What comes from outside is read within
//! [`Limits`] by the strict reader of `hub_signatures`; every refusal names the file and the rule in Romanian. This
//! package writes no file, opens no connection and knows nothing of the hub.

mod reason;
mod opening;
mod packing;
mod answer;
mod name;

pub use answer::{DropAnswer, answer};
pub use name::{NAME_KEY_LETTERS, outgoing_name, shown_name};
pub use opening::{DropPackage, DropPart, Limits, looks_whole, open};
pub use packing::{PackError, Packed, pack};
pub use reason::{Reason, Rule};

/// The file of every package that says what the others are.
pub const MANIFEST: &str = "manifest.json";

/// The same hash everywhere: what names a package, and what its manifest says of a part.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    openssl::sha::sha256(bytes)
}
