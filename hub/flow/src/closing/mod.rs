//! The closing of a register's year, and the proof that a register is whole.
//!
//! A year is closed after it ended in Romania, by two clerks, in one transaction: what was kept and never used is struck
//! out, the act is sealed over all numbers, and the series gives no number any more. A proof is read while registrations go
//! on: it covers the numbers there were when it began. It may assume that entries are appended and linked by registration;
//! it changes no entry, and puts no person into what it seals.

mod model;
mod store;
mod sealing;
mod prove;

pub use model::{Closed, NotClosed, Proposal, SeriesRow, Unused};
pub use prove::{Prover, prove};
pub use sealing::{Sealed, seal};
pub use store::{
    Propose, STRUCK, Withdraw, annulled, annulments, close, closed, closed_in, gather, lock, proposal, proposal_in,
    series, standing_annulments, standing_unused, unused,
};
