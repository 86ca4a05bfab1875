//! Assignment (repartizare): which units and clerks have a document, since when, and which had it before.
//!
//! It keeps the path; what an assignment means for the entry is recorded as an act by the verbs. Rows are closed, never
//! removed: the path is the answer to „unde este documentul?”.

mod store;

pub use store::{Leg, LegState, NewLeg, enter, leave, path, path_in, take_up};
