//! What is wrong with a document, for a program and for a person.

use serde::Serialize;

/// One rule a document breaks, or one place that asks for a second look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// JSON Pointer (RFC 6901) of the field; for a missing field, where it should be; empty for the whole document.
    pub pointer: String,
    /// Stable rule id: `required`, `format.cnp`, `code-list.tip-handicap`, `max-length`, …
    pub rule: String,
    /// What is wrong and the way out, in Romanian, without the value.
    pub ro: String,
    /// What is wrong and the way out, in English, without the value.
    pub en: String,
    /// An invented value that would pass, when the schema gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// Whether the document is refused for it.
    pub severity: Severity,
}

/// Whether a violation refuses the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document is refused.
    Error,
    /// The document passes; a person should look.
    Warning,
}

impl Violation {
    /// Whether the document is refused for it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
