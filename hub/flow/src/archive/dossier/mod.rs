//! Dossiers: institution, year, code and volume; from their opening to the archive's shelf.
//!
//! A dossier is opened when the first document is filed under its code, or by hand. At [`FULL`] pages its volume is full and
//! the next is opened. Closed dossiers are inventoried (Law 16/1996, annex 2) and handed over to the archive in the second
//! year after they were made. Its term is the one of the nomenclator in force when it was opened, and does not change.

mod model;
mod opening;
mod inventory;
mod store;

pub use inventory::{HandingOver, Inventory, Inventorying, inventories, inventory_of};
pub(super) use inventory::{hand_over, inventory};
pub use model::{Dossier, DossierState, FULL, Line, Opening};
pub(super) use opening::{close, open_by_hand, place_for, set_rights, standing};
pub use store::{Choice, find, list};
pub(super) use store::{held, move_to};
