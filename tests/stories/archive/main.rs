//! What is kept: filing, selection, the vault, full text, and years later.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod filing;
mod later;
mod years;
mod selection;
mod vault;
mod search;
mod preservation;
mod packages;
mod backup;
mod kept_by_lock;
