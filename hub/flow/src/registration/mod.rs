//! Stage 3: registers, gapless per institution, register and year.
//!
//! Numbers are taken in the transaction that first shows them: a rolled-back item gives its number back, and a number
//! once shown is never reused, deleted or back-dated (Instructions of the National Archives 217/1996, art. 9). An entry is
//! never changed; what happens to it later is an [`NewAct`], and [`State`] is how it stands after all of them. Entries of a
//! year and acts on an entry are linked (`hub_proofs::register`). It may assume that definitions were checked.

mod entry;
mod particulars;
mod number;
mod acting;
mod act;
mod find;
mod list;
mod check;
mod correspondents;
mod duplicates;
mod requests;
mod series;
mod ties;
mod references;

pub use act::act;
pub use acting::{Acted, Author, Effect, Filling, LONGEST_PSEUDONYM, NewAct, NotActed, Pending, is_pseudonym};
pub use check::check;
pub use correspondents::{
    Correspondent, Known, Within, acquaint, anonymise, correspondent, correspondents, likeness_of, named_within,
};
pub use duplicates::{Earlier, Likeness, duplicate_key, earlier};
pub use entry::{CLOSED, Direction, EntryKey, Kind, NewEntry, Registered, Relation, State, Status, Tie};
pub use find::{Act, Entry, find};
pub use list::{Filter, Leaf, Listed, list, pattern};
pub use number::{register, tie};
pub use particulars::Particulars;
pub use requests::{Run, answered, remember};
pub use series::{Year, years};
pub use ties::settled;

pub use crate::directory::GENERAL;
