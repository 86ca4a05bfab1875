//! Files that institutions push as they have them: a table, an archive or one paper becomes rows, and each row a document.
//!
//! A file is kept whole before it is answered; then it is read into rows, and each row is sent by itself, with a verdict. A
//! row has a key of its own, so that no interruption loses or doubles it. It may assume that the file was bounded at the
//! door. It reads no archive and no spreadsheet itself ([`Hands`] does), and never sends: the verb in `flow/` puts it
//! together with the road.

pub mod columns;
pub mod compose;
pub mod headings;
mod model;
mod store;

pub use columns::Column;
pub use compose::{Composed, compose};
pub use model::{
    Batch, BatchState, Begun, Bundled, Correction, Counts, FileFault, Form, Hands, NewBatch, Opened, Outcome, ReadRow,
    Row, RowState, Source, Taken, Verdict,
};
pub use store::{Change, Keep, Kept, file, find, list, next_open, rows, sent_before, waiting};

/// Most bytes of a file that is pushed.
pub const LARGEST: usize = 64 * 1024 * 1024;
/// Most rows of a push.
pub const MOST_ROWS: usize = 20_000;
/// Bytes of a file that are written in one transaction.
pub const CHUNK: usize = 512 * 1024;
