//! How to ask what became of a sending whose answer was lost.

use serde::Deserialize;

use super::{Condition, Method, Pointer, Template};

/// How to ask, and which answers mean what. An answer that fits nothing here is no answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inquire {
    /// The method, `GET` unless said otherwise.
    #[serde(default = "get")]
    pub method: Method,
    /// What follows the base address; facts in it are percent-encoded.
    pub path: Template,
    /// Where the target's own reference is in the answer.
    pub receipt: Option<Pointer>,
    /// The document is there; looked at first.
    pub present: Vec<Condition>,
    /// The target refused it; looked at second.
    #[serde(default)]
    pub refused: Vec<Condition>,
    /// The document is not there: sending again is safe.
    pub absent: Vec<Condition>,
}

fn get() -> Method {
    Method::Get
}
