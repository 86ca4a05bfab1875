//! A transparency log: an append-only Merkle tree over evidence, its signed heads, and proofs that travel with receipts.
//!
//! Pure: nodes are read through a trait, time and keys are given. It never stores anything and never fetches anything.

pub mod tree;
pub mod inclusion;
pub mod consistency;
pub mod key;
pub mod note;
pub mod checkpoint;
pub mod proof;
mod text;
