//! Content of entries without a message: what was scanned at the counter, or came by post or e-mail.
//!
//! It is kept beside its entry when it comes, told of in the entry's chain of acts by its hash, and filed like the documents of
//! a message. It may assume that its bytes are settled in the blob store before its row is written. It never refuses a
//! document because of what it is: what is wrong with it is a [`Finding`] that stands beside it.

mod model;
mod finding;
mod store;

pub use finding::{Finding, Found, examine};
pub use model::{EntryPlace, Held, NewContent};
pub use store::{answered, bytes_of, erase, insert, next_position, of_entry, remember};
