//! The roads by which the hub asks about companies, one engine each.

mod question;
mod snapshot;
mod document;
mod chain;

pub use chain::{ChainLookup, Road, Way};
pub use document::DocumentEngine;
pub use snapshot::SnapshotEngine;
