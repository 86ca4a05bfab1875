//! The journal of access to personal data: who, on whose behalf, about whom, why, on what basis, for which case, and what
//! came of it (law 242/2022 and GDPR article 30; five verbs as MLog has them, contract sheet A8).
//!
//! Entries are appended in the transaction of what they tell of, or before the data leave: no entry, no data. They are
//! chains of hashes, one per run of a node. It may assume that identifiers come to it as keyed digests; it never keeps one
//! in the clear. Questions to registers have their own shape (`lookup`), and a place in the same chains.

mod model;
mod persons;
mod purpose;
mod store;
mod recording;

pub use model::{AccessEntry, AccessFilter, AccessKind, AccessResult, Reasons};
pub use persons::persons_in;
pub use purpose::{Rule, Said, decide};
pub use recording::Journaled;
pub use store::{
    About, EnterAccess, about, append, archived, broken, cite, find, keep_persons, link, list, reasons_of,
};
