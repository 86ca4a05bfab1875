//! Dead letters: deliveries that ended without reaching the recipient's system, or of which nobody but a person can say
//! whether they did. Each has an owner, a reason and a next act, and a journal of who did what about it.
//!
//! It keeps and tells; what an act does to a delivery is the flow's (`flow/replay.rs`). A delivery is parked in the
//! transaction that ends it.

mod model;
mod store;

pub use model::{DeadLetter, Kind, NextAct, OPERATOR, Statement, effect};
pub use store::{Acted, NewAct, Parked, RecordAct, Replaced, acts, list, load, open_counts, park, record, replaced_by};
