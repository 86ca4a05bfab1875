//! Selection: what is destroyed when its term is over, and how that is decided, confirmed, done and proven.
//!
//! The due list follows from terms. A commission decides dossier by dossier and writes minutes; the National Archives confirm
//! them; one clerk asks for destruction and another approves it. From then on the bytes are erased in small steps, and only
//! when all are gone the dossiers are said to be destroyed and the proof is sealed. A legal hold stops it at every step
//! before the approval.

mod model;
mod deciding;
mod erasing;
mod lists;
mod proof;
mod store;

pub(super) use deciding::{confirm, destroy, propose};
pub use erasing::{EndDestruction, Ended, EraseRows, Place, Step, destroying, next_step, spared};
pub use lists::{IN_LIST, LARGEST_LIST, List, NotShown, list_of, list_xml, shown};
pub use model::{Confirming, Decided, Decision, Member, Minutes, Selection};
pub use proof::{Destroyed, Proof, destroyed_in, proof_xml};
pub use store::{due, find, list};
