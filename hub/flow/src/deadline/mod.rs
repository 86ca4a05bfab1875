//! Deadlines of entries: which rule an incoming document falls under, by when it is due, and what a person must be told.
//!
//! A deadline begins in the transaction that gives the number. It may assume that entries are never changed and that the
//! status of an entry says whether its deadline still runs; it never ends one by itself, and it records nothing about an
//! entry: acts are the verbs' business (`flow/registry`).

mod model;
mod store;
mod notices;
mod list;

pub use list::{Choice, Due, Place, list, overdue};
pub use model::{Deadlines, Held, Running, Step, day_ends};
pub use notices::{Addressee, NewNotice, Notice, ReadNotice, notices, tell};
pub use store::{NewDeadline, Passing, begin, due_looks, find, lock, put};
