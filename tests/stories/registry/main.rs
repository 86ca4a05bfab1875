//! Registers of an institution: numbers, deadlines, closing, import, and the counter where people stand.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod registers;
mod rules;
mod concurrent;
mod deadlines;
mod counter;
mod closing;
mod import;
