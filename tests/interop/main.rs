//! Clients, fuzzers and browsers that others wrote, at the real doors.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod network;
mod anaf;
mod registers;
mod soap;
mod openapi;
mod people;
