//! The SOAP door of the twins that speak it: document/literal, versions 1.1 and 1.2 (W3C Note SOAP 1.1; SOAP 1.2 Part 1).
//!
//! Reads a bounded request without DTD and entities, and writes answers and faults. What it writes is already in the
//! exclusive canonical form, so that a twin may sign the very bytes. It knows no institution.

pub(crate) mod envelope;
pub(crate) mod answer;
pub(crate) mod username;
pub(crate) mod signing;

pub(crate) use answer::{Fault, Party, answer, fault};
pub(crate) use envelope::{Envelope, Version, child_text, receive};

/// Namespaces of the envelope, version 1.1 and 1.2.
pub(crate) const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// The envelope of SOAP 1.2.
pub(crate) const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
/// `wsse` (OASIS Web Services Security 1.0).
pub(crate) const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// `wsu`.
pub(crate) const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// Text with what XML would read as markup escaped, as the canonical form writes it.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\r' => escaped.push_str("&#xD;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// An element without attributes.
pub(crate) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}
