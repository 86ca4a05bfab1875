//! What the operations answer, and what they were sent when they did: schemas and examples as the stories of the tests saw them.
//!
//! The file is written by the stories (`PUNTE_REFERENCE=write`) and held against every answer they see: an answer of another
//! shape fails them. Members of a schema here are never closed: an answer may have more fields one day.

use std::sync::LazyLock;

use serde_json::Value;

/// The file: by operation id, `answers` by status and media type, and `sent` by media type.
pub const FILE: &str = include_str!("answers.json");

/// What is known of an operation.
#[must_use]
pub fn of(operation: &str) -> Option<&'static Value> {
    static KNOWN: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(FILE).expect("the file is JSON: the tests write it"));
    KNOWN.get(operation)
}
