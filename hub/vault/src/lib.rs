//! The vault: documents kept for decades, encrypted, under the SHA-256 of their bytes.
//!
//! A blob is written once and never changed. Its bytes are encrypted under a data key of its own; data keys are wrapped
//! by a master key that stands in a file outside every store. Stores are folders or S3 buckets; a vault has one and
//! may have a replica. The vault knows no document, institution or database: who may read or erase a blob, and whether
//! another document has the same bytes, is decided before it is asked.
//!
//! It never answers bytes that were not authenticated, and never takes bytes for kept before every store call it
//! rests on was synced.

mod world;
mod keys;
mod sealing;
mod store;
mod vault;
mod reading;
mod rotation;
mod examination;

pub use examination::{Examination, Examined, Fault, Flaw};
pub use keys::{KeyFileError, MasterKeys};
pub use reading::Reading;
pub use rotation::{Rotated, Rotation};
pub use store::{Folder, Lock, S3, S3Place, Store, StoreError};
pub use vault::{Address, Erasure, Kept, Source, Vault, VaultError};
pub use world::World;
