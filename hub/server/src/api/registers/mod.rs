//! The registers of an institution: one file per verb.

pub mod list;
