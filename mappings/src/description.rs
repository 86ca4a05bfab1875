//! The content of `mapping.toml`: what is translated into what, and what is lost on purpose.

use serde::{Deserialize, Serialize};

/// A document type and version; `*` in both means any.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentRef {
    /// Name of the type, e.g. `ancheta-sociala-adult` or `esocial.caz-evaluare`.
    #[serde(rename = "type")]
    pub name: String,
    /// Version, e.g. `1.0`.
    pub version: String,
}

impl DocumentRef {
    /// Whether this is the mark for any type.
    pub fn is_any(&self) -> bool {
        self.name == "*"
    }
}

/// A source field the target has no place for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossyField {
    /// Pointer in the source body, `*` for the index of a list; what is below it is covered too.
    pub field: String,
    /// Why it is left out, in Romanian, for the disclosure to the sender.
    pub reason: String,
}

impl LossyField {
    /// Whether the loss covers a source field.
    pub(crate) fn covers(&self, pointer: &str) -> bool {
        pointer.strip_prefix(&*self.field).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// What a mapping writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OutputForm {
    /// One JSON value.
    Json,
}

impl OutputForm {
    /// Media type of the bytes.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
        }
    }
}

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Description {
    pub id: String,
    pub version: String,
    pub source: DocumentRef,
    pub target: DocumentRef,
    pub output: OutputForm,
    #[serde(default)]
    pub lossy: Vec<LossyField>,
}
