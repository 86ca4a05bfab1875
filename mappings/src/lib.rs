//! mappings.
