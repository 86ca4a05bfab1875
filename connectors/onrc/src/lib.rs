//! The trade register: its open dataset, what other registers add, and its signed documents.
//!
//! No public machine contract of the register exists (contract sheet recom, section 11), so everything here can be
//! replaced: the view of a company does not depend on which road it came by. Nothing here retries, and nothing here knows
//! the hub.

pub mod key;
pub mod company;
pub mod open_data;
pub mod snapshot;
pub mod document;
pub mod engines;

pub use key::RegisterKey;
