//! The nomenclator: which groups of dossiers an institution has, and how long each is kept (Law 16/1996, annex 1).
//!
//! Terms differ per institution and change in time, so a nomenclator is versioned: approved by the head, confirmed by the
//! county service of the National Archives, in force from a day on. The term that applies to a dossier is the one in force
//! when it was opened. It never changes a version, and takes over none with a row that is wrong.

mod code;
mod model;
mod reading;
mod store;
mod confirmation;

pub use code::Code;
pub use confirmation::{Confirming, Deciding, Proposed, confirmations, subject};
pub(super) use confirmation::{decide, propose};
pub use model::{Approval, Confirmation, Group, Nomenclator, Rule, Term};
pub use reading::{Unread, Verdict, check, groups_of_csv};
pub(super) use store::{Facts, group_in_force, import, resolve, version_on};
pub use store::{InForce, Version, archive_unit, in_force, list, versions};
