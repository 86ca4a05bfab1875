//! The folder engine: documents as files in a watched folder, local or over SFTP.
//!
//! Under the address of a channel there are `in/` and `out/`, made by whoever set the channel up; the engine makes the
//! rest: `in/.work` (claims), `out/.work` and `out/.sent` (sendings), `verdicts/`, `done/`, `rejected/`. What comes is
//! claimed by a rename and handed over until it is acknowledged; what goes appears whole, under a name that follows from
//! the idempotency key. The engine never trusts a host key it was not given, never follows a link, never deletes what a
//! town hall put down, and never makes `in/` or `out/` itself: a share that is not mounted is an empty folder too.
//!
//! SFTP is libssh2 through `ssh2`, built against the same OpenSSL as everything else. The pure Rust client of the field
//! brings a second cryptographic library, and the `sftp` program of OpenSSH as a child tells failures only in words for
//! people, so that a full disk and a lost connection could not be told apart.

mod settings;
mod place;
mod local;
mod sftp;
mod pins;
mod work;
mod claims;
mod settling;
mod pickup;
mod inbound;
mod sending;
mod confirmation;
mod outbound;
mod engine;

pub use engine::{Clock, FolderEngine};
