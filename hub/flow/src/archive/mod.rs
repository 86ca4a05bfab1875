//! The archive of an institution: what is filed where, for how long, and how it ends (Law 16/1996; Law 135/2007).
//!
//! A nomenclator says which groups of dossiers there are and how long each is kept; documents are filed into dossiers with
//! their evidence and with what validates it; closed dossiers are inventoried and handed over to the archive; when their
//! term is over a commission selects what is destroyed, the National Archives confirm it, and two clerks destroy it. It may
//! assume that a document's bytes are in the vault before its row is written. It never changes an act, never destroys what
//! is held, permanent or not yet due, and never says that something is destroyed before all of its bytes are gone.

pub mod nomenclator;
pub mod dossier;
pub mod content;
pub mod filing;
pub mod selection;
pub mod hold;
mod acting;
mod office;

pub use acting::{ActOnArchive, Answered, Order, Wish};
pub use office::{ArchiveAct, NotDone, acts};
