//! The inner structure of an institution (the virtual institution): directions, services and offices in a tree, posts in
//! them, who holds each post, and who stands in for whom.
//!
//! Pure: entries and a day go in, answers come out. The entries are kept with every version by the directory; persons are
//! here by the institution's pseudonym and the name shown, never by CNP.

mod model;
mod tree;

pub use model::{Delegation, Post, Staff, Unit, UnitKind, Validity};
pub use tree::{Structure, StructureFault};
