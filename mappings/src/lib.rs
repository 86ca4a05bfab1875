//! Translates a message from one document type to another.
//!
//! A mapping is a folder of `library/`: a description, a template, the contract of the target and golden examples. Templates
//! are minijinja with a bounded number of steps and no access to anything but the message and our filters.
//! Pure: reads no clock, file or network when it runs; the date for code lists is the one the message was submitted on.

/// Finding mappings: built in or from a folder.
mod library;
/// One mapping and its run.
mod mapping;
/// The content of `mapping.toml`.
mod description;
/// What templates may call.
mod filters;
/// Checking a mapping: golden examples, unused fields, the target contract.
mod check;
/// Seeing which source fields a template reads.
mod observed;
/// What can go wrong.
mod error;

pub use check::{CheckReport, GoldenOutcome, GoldenResult};
pub use description::{DocumentRef, LossyField};
pub use error::{LibraryError, MappingError};
pub use library::Library;
pub use mapping::{Example, Input, Mapping, Translation};
