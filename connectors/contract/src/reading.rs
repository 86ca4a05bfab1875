//! What an answer of a system means. Pure: an answer and a manifest in, a class out; engines bring the bytes.
//!
//! Where an answer leaves it open whether a document was taken, the class is Unknown, because asking costs a call and
//! guessing costs a second case file or a lost one. A lookup changes nothing, so there a doubt is simply unavailable.
//! Reasons are Romanian, for the clerk who reads them; they never quote a body beyond the places a manifest names.

pub mod body;
pub mod xml;
pub mod retry;
mod status;
mod sending;
mod question;
mod document;

use serde_json::Value;

use crate::manifest::{Answers, Pointer};

pub use question::{answer, answers};
pub use sending::{inquiry, outcome};
pub use status::{class_of_status, in_words};

/// What came back.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status of HTTP. A protocol without one says 200 for what is to be read and 500 for its own errors.
    pub status: u16,
    /// The media type.
    pub content_type: Option<String>,
    /// The `Retry-After`.
    pub retry_after: Option<String>,
    /// The whole body, or why it could not be read to its end.
    pub body: Result<Vec<u8>, String>,
}

/// Code and explanation of a refusal.
fn refusal(answers: &Answers, status: u16, body: Option<&Value>) -> (String, String) {
    let code = found(&answers.code, body).unwrap_or_else(|| format!("HTTP {status}"));
    let reason = found(&answers.reason, body).unwrap_or_else(|| "fără explicație".to_owned());
    (code, reason)
}

/// The status and, where the answer holds one, its explanation.
fn explained(answers: &Answers, status: u16, body: Option<&Value>) -> String {
    match found(&answers.reason, body) {
        Some(explanation) => format!("{}: {explanation}", in_words(status)),
        None => in_words(status),
    }
}

/// The first of the places with a text in it.
fn found<'a>(pointers: impl IntoIterator<Item = &'a Pointer>, body: Option<&Value>) -> Option<String> {
    pointers.into_iter().find_map(|pointer| pointer.text(body?))
}
