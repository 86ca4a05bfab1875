//! Exchanges: what an institution sent and received, found by who watches over it, and counted for its reports.
//!
//! Pure reading beside the road. It may assume that ids of messages are in the order of time (UUID of version 7), which
//! is how a period is a range of the primary key; it shows an institution nothing but what it is one side of, and never
//! the content of a document.

mod compared;
mod counted;
mod found;
mod model;

pub use compared::{Compared, Finding, compared};
pub use counted::{Kept, State, kept, states};
pub use found::{about, find, numbered, page};
pub use model::{Choice, Exchange, Key, begins};
