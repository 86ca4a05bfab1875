//! A document that a register gives: told by its first bytes, kept byte for byte.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;

use crate::Document;
use crate::manifest::Pointer;

/// The document these bytes are, if they are one. An HTML page is none, whatever it calls itself.
pub(super) fn sniffed(bytes: &[u8]) -> Option<Document> {
    let beginning = bytes.trim_ascii_start();
    let content_type = if beginning.starts_with(b"%PDF-") {
        "application/pdf"
    } else if bytes.starts_with(b"PK\x03\x04") {
        "application/zip"
    } else {
        return None;
    };
    Some(Document { content_type: content_type.to_owned(), content: Bytes::copy_from_slice(bytes) })
}

/// The document written in base64 at a place of the answer, taken out of it. Line breaks in it are usual. What is neither
/// PDF nor ZIP is kept as bytes: the answer itself said that a document is here.
pub(super) fn taken_out(place: &Pointer, body: &mut Value) -> Option<Document> {
    let text = place.text(body)?;
    let compact: String = text.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(compact).ok().filter(|bytes| !bytes.is_empty())?;
    place.replace(body, Value::Null);
    let xml = bytes.trim_ascii_start().starts_with(b"<");
    let otherwise = if xml { "application/xml" } else { "application/octet-stream" };
    let plain = || Document { content_type: otherwise.to_owned(), content: bytes.clone().into() };
    Some(sniffed(&bytes).unwrap_or_else(plain))
}
