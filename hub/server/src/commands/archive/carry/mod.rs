//! The folder of an export: rows as JSON lines, bytes as files, a list of hashes, and its signed manifest.
//!
//! Every form is plain: `sha256sum -c SHA256SUMS` checks the folder, any ASiC-E program the signature, any JSON reader the
//! rows. `docs/guides/packages.md` describes it for people who write another program.

mod cells;
mod folder;
mod manifest;

pub(super) use cells::{Digest, decode, encode};
pub(super) use folder::{Folder, Listing};
pub(super) use manifest::{Counted, Manifest, open, seal};

/// The list of hashes, as `sha256sum` writes it.
pub(super) const SUMS: &str = "SHA256SUMS";
/// The signed manifest, with the list of hashes in it.
pub(super) const SIGNED: &str = "manifest.asice";
/// What an export is called in its manifest.
pub(super) const FORMAT: &str = "punte-institution";

/// Where bytes with this hash lie.
pub(super) fn bytes_path(sha256: &[u8; 32]) -> String {
    let name = hex::encode(sha256);
    format!("bytes/{}/{name}", &name[..2])
}

/// Where the rows of a table lie.
pub(super) fn table_path(table: &str) -> String {
    format!("tables/{table}.jsonl")
}
