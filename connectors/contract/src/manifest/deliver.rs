//! How a document is sent.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Envelope, PartTemplate, Pointer, Template};
use crate::SideEffect;

/// How a document is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deliver {
    /// The method, `POST` unless said otherwise.
    #[serde(default = "Method::post")]
    pub method: Method,
    /// What follows the base address; facts in it are percent-encoded.
    #[serde(default)]
    pub path: Template,
    /// Further headers. One whose optional fact is missing is left out.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// The header that carries the idempotency key.
    pub idempotency_header: Option<String>,
    /// What goes out.
    #[serde(default)]
    pub body: BodyShape,
    /// The field names of `body = "multipart"`.
    #[serde(default)]
    pub multipart: MultipartNames,
    /// The object of `body = "envelope"`.
    pub envelope: Option<Envelope>,
    /// Where a recipient of an envelope finds one part.
    pub part_href: Option<PartTemplate>,
    /// Where the target's own reference is in the answer.
    pub receipt: Option<Pointer>,
    /// Whether an answer of success without that reference is an answer at all.
    #[serde(default = "yes")]
    pub receipt_required: bool,
    /// What a second sending does at the target.
    pub side_effect: SideEffect,
}

/// The HTTP method of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Sends.
    Post,
    /// Puts in place.
    Put,
    /// Changes.
    Patch,
}

/// What goes out as the body of a sending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyShape {
    /// The translated body alone; the parts stay at the hub.
    #[default]
    Translated,
    /// The translated body and every part, as `multipart/form-data`.
    Multipart,
    /// An object of the manifest's own, with facts, body and references to the parts.
    Envelope,
}

/// The field names of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultipartNames {
    /// The field of the translated body.
    pub document: String,
    /// The field repeated for every part.
    pub parts: String,
    /// The field repeated for every evidence that goes with the document, before the parts.
    #[serde(default = "evidence")]
    pub evidence: String,
}

fn evidence() -> String {
    "evidence".to_owned()
}

impl Default for MultipartNames {
    fn default() -> Self {
        Self { document: "document".to_owned(), parts: "parts".to_owned(), evidence: evidence() }
    }
}

impl Method {
    /// The method as the protocol writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }

    fn post() -> Self {
        Self::Post
    }
}

fn yes() -> bool {
    true
}
