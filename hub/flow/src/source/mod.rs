//! Receiving: what waits at a system is fetched, taken through the same door as everything else, and answered.
//!
//! For each source, one node at a time: fetch, accept (with source and arrival as idempotency key), write down the verdict,
//! then tell the system, again and again until it hears. A node that falls anywhere in between loses nothing and doubles
//! nothing: what was not told comes again, and what comes again is known. It never deletes anything at a system, and never
//! tells a verdict that is not committed.

mod model;
mod inspection;
mod reading;
mod store;
mod receiver;

pub use inspection::{Inspect, NotInspected};
pub use model::{Limits, Passed, Refusal, Standing};
pub use receiver::{Explain, Receiver};
pub use store::standings;
