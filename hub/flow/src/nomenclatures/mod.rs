//! Nomenclatures as a versioned service: SIRUTA, streets and other lists, each version whole in itself and never changed.
//!
//! A version is named by its first day in force. The lists that come with the program ([`schemas::CodeLists`]) are shown
//! through the same words; a list that is imported under the name of one of them adds versions to it. Documents are checked
//! against the lists of the program.

mod model;
mod rows;
mod store;
mod builtin;

pub use builtin::{builtin_entries, builtin_entry, builtin_versions};
pub use model::{Difference, Entry, Page, Version, differences};
pub use rows::{Complaint, Read, read};
pub use store::{ImportNomenclature, NewVersion, NotImported, codes, entry, page, versions};
