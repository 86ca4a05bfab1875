//! What proves what happened: seals, receipts, the log and those who watch it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod push;
mod feed;
mod papers;
mod seal;
mod long_term;
mod log;
mod log_outages;
mod log_tampering;
mod log_monitor;
mod oracles;
mod histories;
