//! The open dataset of the trade register as a file of our own: imported in stages, looked up without a database.
//!
//! An import never changes what is being looked up: it stages a new file, compares it with the one before, and puts it in
//! its place at once. It may assume that the source files lie in a local folder; fetching them is [`crate::open_data`].

mod records;
mod columns;
mod folding;
mod firm;
mod sorting;
mod entries;
mod container;
mod facts;
mod import;
mod firms;
mod tables;
mod joining;
mod changes;
mod current;
mod store;
mod search;

pub use changes::{Change, Event};
pub use current::{current_file, events_after};
pub use facts::{CaenClass, Counts, Facts, Purpose, SourceFile};
pub use firm::{COLUMNS, Firm};
pub use folding::{county, folded, repaired};
pub use import::{ImportError, Order, Progress, Report, Stage, import};
pub use records::{Record, Records, Refusal, Step};
pub use search::{NamePage, NameQuestion};
pub use store::{Activity, Found, Person, Store, StoreError};
