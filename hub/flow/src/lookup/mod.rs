//! Questions to registers: what may be asked and how, whether an earlier answer will do, when to ask again, and the
//! journal of who asked what, about whom, why and on what basis.
//!
//! A question is in the journal before the register is asked, and its end after; what happens between is seen by the
//! entry without an end. Nothing here calls a register, and nothing personal is in an error, a log or a metric. The
//! order is in `flow/ask.rs`.

mod model;
pub mod question;
pub mod reasons;
pub mod freshness;
pub mod patience;
pub mod decision;
mod key;
mod flights;
mod store;
mod journal;

pub use flights::Flights;
pub use journal::{JournalFilter, JournalRow, search};
pub use key::JournalKey;
pub use model::{
    About, Act, Answered, Asked, Content, Copy, DocumentFacts, Ending, Entry, Lookup, Outcome, Reasons, Standing,
    Subject, Waiting, Wish,
};
pub use patience::LookupPolicy;
pub use question::identifier;
pub use store::{EraseDue, Resumed, copy, document, end, enter, load, resumed, wait};
