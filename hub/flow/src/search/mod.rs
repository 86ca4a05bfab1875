//! Search: entries of registers and documents of the archive by what is known of them, newest first.
//!
//! An index of its own, the same on both databases: for each institution every item has a position, and for each term
//! (a word, the first letters of a word, a filter) blocks of bits say which positions have it. A question reads the
//! blocks of its terms from the newest on and keeps what all have: what a word is common or rare for matters little, and
//! what is never together is found out by reading two bits an item.
//!
//! The [`Follower`] keeps the index beside the road, never on it. It may assume that numbers of a series appear in their
//! order and that triggers note what changed; whatever is in the index can be made anew from other tables. Nothing here
//! decides who may search: a question names one institution, and is answered from that one's items.

mod terms;
mod bits;
mod reach;
mod question;
mod facts;
mod imported;
mod text;
mod store;
mod follower;

pub use bits::{BLOCK, Bits};
pub use follower::{Followed, Follower};
pub use question::{Found, Hits, PAGE, Question, search};
pub use reach::NARROWED_BY;
pub use terms::Terms;
pub use text::{ReadText, plain};
