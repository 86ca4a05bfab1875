//! Who may do what, why, and who saw it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod institution;
mod directory;
mod directory_rules;
mod permissions;
mod people_matrix;
mod roles;
mod narrowed;
mod people;
mod people_guarded;
mod machines;
mod machine_tokens;
mod access_journal;
mod audit;
mod audit_acts;
mod audit_coverage;
