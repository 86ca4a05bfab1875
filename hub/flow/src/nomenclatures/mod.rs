//! Nomenclatures as a versioned service: SIRUTA, streets and other lists, each version whole in itself and never changed.
//!
//! A version is named by its first day in force. The lists that come with the program ([`schemas::CodeLists`]) are shown
//! through the same words; a list that is imported under the name of one of them adds versions to it. Documents and the
//! directory are checked against the version in force on their day, whichever of the two it is of ([`merged`]).

mod model;
mod rows;
mod store;
mod builtin;

pub use builtin::{builtin_entries, builtin_entry, builtin_versions};
pub use model::{Difference, Entry, Page, Version, differences};
pub use rows::{Complaint, Read, read};
pub use store::{
    ImportNomenclature, NewVersion, NotImported, NotMerged, codes, count, entry, merged, page, versions, with,
};
