//! What a document may contain: identifiers, code lists, document types and their rules.
//!
//! Pure: everything is data inside the program or in a folder named by the caller. Nothing here opens a socket, reads a
//! clock or knows a message; the reporting date is always given.
//! Personal values never appear in an error text: a message names the field and the rule, not what stood in it.

/// Identifiers of Romanian persons, firms, places and accounts, parsed once at the door.
pub mod identifiers;
/// Published code lists, versioned, looked up at a date.
pub mod code_lists;
/// Text: search form, cedilla letters, old encodings.
pub mod text;
/// A folder of data files, embedded or on disk.
pub mod data_folder;
/// Document types and the check of a document against its type.
pub mod validation;

pub use code_lists::CodeLists;
pub use identifiers::{Caen, Cnp, Cui, Euid, Iban, IdentifierError, Siruta, TradeRegisterNumber};
pub use jiff::civil::Date;
pub use validation::{Catalogue, CatalogueError, DocumentType, Severity, Violation};
