//! Copies for keeping.
