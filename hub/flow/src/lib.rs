//! The road of a message. No HTTP, no engines, no files.
pub mod db;
