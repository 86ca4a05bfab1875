//! Stage 1: idempotent receiver. What arrived, whether it arrived before, and keeping it byte for byte.
//!
//! It may assume an authenticated sender and complete payloads. It never judges content, and never answers two
//! sendings of one document with two messages.

mod store;
mod browsing;

pub use browsing::{Brief, Chunk, Window, numbered, walk};
pub use store::{Key, Received, accepted, keep, load, receive, reject, rejected_sender};
