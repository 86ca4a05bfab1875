//! The check of a document against its type: all violations at once, in words a clerk understands.
//!
//! A document type is a folder `catalogue/<type>/<version>/`; adding one touches no Rust. Schemas are compiled once; checking
//! is pure and takes the reporting date from the caller. A violation never repeats the value that was refused.

mod violation;
pub use violation::{Severity, Violation};
mod catalogue;
pub use catalogue::{Catalogue, CatalogueError, UnknownDocumentType};
mod document_type;
pub use document_type::{Deadline, DocumentType, Parts, Titles};
mod compiled;
pub use compiled::{CompiledSchema, SchemaError};
mod formats;
mod fields;
mod wording;
