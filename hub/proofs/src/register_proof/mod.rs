//! Register proofs: that a register is gapless from its first number, unchanged since it was written, and what its hub
//! sealed about it. Offline, from one file, without personal data.
//!
//! [`Gathering`] sums up a series as the hub seals it; [`Document`] is the sealed statement or closing act; [`Line`] and
//! [`ProofFile`] are the file; [`verify`] judges it and names the number where something is wrong. It never reads a clock,
//! a file or the network.

mod numbers;
mod gathering;
mod document;
mod file;
mod check;
mod sealed;

pub use check::verify;
pub use document::{Document, DocumentError, Nature, persons_digest};
pub use file::{Closing, FORMAT, Header, Line, LineError, ProofFile, Series, SeriesProof, State, is_proof};
pub use gathering::{Gathering, Standing, acts_at};
pub use numbers::Numbers;
