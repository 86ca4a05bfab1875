//! The examination of the vault: every archived document is read and checked, again and again, and what is not as it was
//! stays visible until it is mended or somebody acts.
//!
//! It keeps the place it has reached, so that a restart goes on there, and runs on one node at a time. It never changes a
//! document: the vault mends a copy from the other, and nothing else.

mod examiner;
mod store;

pub use examiner::{Examined, Examiner, NotExamined, flaw_word};
pub use store::{CloseFinding, Closing, Finding, findings, open_findings};
