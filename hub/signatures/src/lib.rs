//! hub-signatures.
