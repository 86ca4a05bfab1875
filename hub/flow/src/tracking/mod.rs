//! Tracking codes: short texts by which anybody asks where a document is, without an account.
//!
//! ```text
//! 100 bits in 20 letters and a check letter:  [ tag, 60 ][ moment of the id, 40, hidden by the tag ]
//! ```
//!
//! A code is made of the message's id with a secret of the hub and is kept nowhere: the moment leads to the few messages of
//! that millisecond, and the tag tells which of them it is. Without the secret nobody can make one; whoever tries has a chance
//! of 1 in 2^60 at a message he knows the millisecond of. It tells nothing by itself. It says nothing of what is shown: that
//! is its door's.

mod code;

pub use code::{find, of};
