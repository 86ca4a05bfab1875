//! What an institution received and what it sent, as lists show it, and the work that waits for its people.
//!
//! Ids are in order of time (UUIDs of version 7), so a list goes on by id, and a day is a range of ids. A filter that no
//! index answers looks at [`SCAN`] rows at most: the page then ends there, and its `next` leads on. It only reads.

mod page;
mod came;
mod sent;
mod entries;
mod work;

pub use came::{Came, Coming, came};
pub use entries::{Held, Related, entries_of};
pub use page::{Lines, Page, SCAN};
pub use sent::{Going, Sent, SentTo, sent};
pub use work::{MOST, Open, Whose, Work, taking, work};
