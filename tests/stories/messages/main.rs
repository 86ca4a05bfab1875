//! A document's way from one institution to another, and everything that can happen to it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod road;
mod bad_input;
mod idempotency;
mod faults;
mod hard_times;
mod courses;
mod promises;
mod permits;
mod sources;
mod relay;
mod relay_refused;
mod redirect;
mod sealed;
mod public_page;
mod social_aid;
mod onrc;
mod lookups;
mod lookups_hard_times;
