//! Filing: what belongs together is put into a dossier together, exactly once.
//!
//! Each message that has ended is filed once for each institution that sent or received it: its documents, every evidence
//! that institution may see, and what validates it. An entry without a message is filed with its contents, or as a record of a
//! paper. What comes to be later is added, and what was filed is not touched. Under which code is said by the entry in its register, by a clerk, or by
//! a rule of the nomenclator; what nobody knows waits for a clerk and is never lost. It may assume that the bytes of
//! what it is given are in the vault. It never files anything twice.

mod model;
mod sheet;
mod due;
mod filed;
mod addition;
mod look;
mod conversion;
mod store;

pub use conversion::{Conversion, CopyEnded, MadeCopy, ToCopy, conversions, copies_due};
pub use due::{Due, TakeUp, Taken, due, entry_of, unfiled};
pub(super) use due::{classify, look_again};
pub use filed::{Filed, Outcome, told, write_down};
pub use look::{
    EntryLook, Looked, MessageLook, TakeUpEntry, entries_to_look_at, filed_of_message, filing_of_entry, known,
    looked_batches, messages_to_look_at,
};
pub use model::{Archived, NewAddition, NewDocument, NewFiling, Role, Subject};
pub use sheet::{Sheet, SheetFacts};
pub use store::{Access, RecordAccess, Standing, archived, archived_in, filings, is_erased};

use jiff::civil::Date;

use crate::db::{Db, DbError};

use super::nomenclator;

/// The code the rules of an institution give a document; none where no rule fits or no nomenclator is in force.
///
/// # Errors
/// The database does not answer.
pub async fn code_by_rule(
    db: &Db,
    party: &str,
    (document_type, register, direction): (&str, &str, &str),
    day: Date,
) -> Result<Option<String>, DbError> {
    nomenclator::resolve(db, party, nomenclator::Facts { document_type, register, direction }, day).await
}
