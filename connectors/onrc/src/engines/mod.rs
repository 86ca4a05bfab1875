//! The roads by which the hub asks about companies, one engine each.

mod question;
mod snapshot;

pub use snapshot::SnapshotEngine;
