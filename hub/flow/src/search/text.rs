//! The text of a document, as far as the hub reads it itself.
//!
//! What needs a foreign program is read by one outside, given as [`ReadText`]; here is nothing but text, JSON and XML,
//! and what cannot be read has no text: a search index refuses nobody's document.

use async_trait::async_trait;
use bytes::Bytes;
use roxmltree::ParsingOptions;
use serde_json::Value as Json;

/// Documents up to this size are read, in bytes.
pub(super) const LARGEST: u64 = 32 * 1024 * 1024;
/// Nodes of an XML document that are read.
const MOST_NODES: u32 = 2_000_000;

/// Reads the text of documents by other means than this package.
#[async_trait]
pub trait ReadText: Send + Sync {
    /// The text, or nothing where it cannot be read. It never takes longer than its own bound.
    async fn read(&self, content_type: &str, bytes: &Bytes) -> Option<String>;
}

/// The text of plain text, JSON and XML.
#[must_use]
pub fn plain(content_type: &str, bytes: &[u8]) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let kind = kind.trim().to_ascii_lowercase();
    if kind == "application/json" || kind.ends_with("+json") {
        let mut text = String::new();
        strings(&serde_json::from_slice(bytes).ok()?, &mut text);
        return Some(text);
    }
    let read = schemas::text::decode(bytes, charset(parameters)).ok()?;
    if kind.ends_with("/xml") || kind.ends_with("+xml") {
        let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
        let document = roxmltree::Document::parse_with_options(&read, options).ok()?;
        let texts = document.descendants().filter_map(|node| node.text().filter(|_| node.is_text()));
        return Some(texts.collect::<Vec<_>>().join(" "));
    }
    (kind == "text/plain" || kind == "text/csv").then_some(read)
}

/// Every text in a JSON value, and its numbers; not the names of members.
pub(super) fn strings(value: &Json, text: &mut String) {
    match value {
        Json::String(one) => {
            text.push_str(one);
            text.push(' ');
        }
        Json::Number(one) => {
            text.push_str(&one.to_string());
            text.push(' ');
        }
        Json::Array(many) => many.iter().for_each(|one| strings(one, text)),
        Json::Object(members) => members.values().for_each(|one| strings(one, text)),
        Json::Null | Json::Bool(_) => {}
    }
}

fn charset(parameters: &str) -> &str {
    let named = parameters.split(';').find_map(|one| one.trim().strip_prefix("charset="));
    named.map_or("utf-8", |charset| charset.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_json_and_xml_are_read_and_nothing_else() {
        assert_eq!(plain("text/plain; charset=windows-1250", b"Pite\xbati").unwrap(), "Pitești");
        assert_eq!(plain("application/json", br#"{"nume":["Ana",{"an":2026}]}"#).unwrap(), "Ana 2026 ");
        assert_eq!(plain("application/xml", b"<a b='c'>unu<d>doi</d></a>").unwrap(), "unu doi");
        let entities = b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>";
        for (kind, bytes) in [("application/xml", &entities[..]), ("image/png", b"unu"), ("application/json", b"{")] {
            assert_eq!(plain(kind, bytes), None, "{kind}");
        }
    }
}
