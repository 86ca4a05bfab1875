//! Everything of one institution, out of a hub and into another: no lock-in.
//!
//! What is carried is a list of tables, each with the rows that are the institution's; every column of a row travels, so
//! a column that is added later is not lost, and `tests/stories/archive/packages.rs` fails when a table is on no list. It may
//! assume that nobody writes for the institution meanwhile (the command says so and looks whether it held). It reads and
//! writes rows; files, manifests and their signature are the command's. It never carries keys, leases or the log itself:
//! what the log proves travels with the evidence, as court packs.

mod tables;
mod store;
mod reader;

pub use reader::{Frozen, Reader};
pub use store::{CarryRows, Cells, Lot, Mark, blobs, deliveries, mark, messages, present, vaulted};
pub use tables::{LEFT, TABLES, Table};
