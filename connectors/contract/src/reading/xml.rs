//! XML as JSON, by one convention, so that a manifest points into both alike.
//!
//! The value is an object with one member, the root element. Elements have their local name, attributes their local name
//! after an `@`; namespaces are left out, and so are attributes of XML Schema instances, but an element with `xsi:nil` is
//! null. An element with neither attributes nor elements is its text, one with them has its text as `#text`; white space
//! around a text is cut off, and a text of white space alone is none. An element that comes more than once among its
//! siblings is a list, and only then. Comments and processing instructions are left out.
//!
//! ```xml
//! <s:header xmlns:s="urn:a" ExecutionStatus="1"><s:Errors errorMessage="a"/><s:Errors errorMessage="b"/></s:header>
//! ```
//! is `{"header": {"@ExecutionStatus": "1", "Errors": [{"@errorMessage": "a"}, {"@errorMessage": "b"}]}}`.
//!
//! It may be given any bytes, hostile ones included: no DTD, no entities, bounded nesting, elements, attributes and
//! namespaces, looked at in one pass before anything is built.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value};

/// The deepest nesting of elements.
const DEEPEST: usize = 64;
/// The most elements.
const MOST_ELEMENTS: usize = 200_000;
/// The most attributes of one element, namespace declarations included.
const MOST_ATTRIBUTES: usize = 256;
/// The most namespace declarations.
const MOST_NAMESPACES: usize = 4_000;

const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Why bytes are not XML that can be read here. The words never quote the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Not UTF-8.
    #[error("textul nu este UTF-8")]
    NotUtf8,
    /// It has a document type declaration.
    #[error("are o declarație DOCTYPE, care nu se acceptă")]
    Doctype,
    /// It is nested deeper, or has more elements, attributes or namespaces than any answer needs.
    #[error("are o structură peste limite: {0}")]
    TooMuch(&'static str),
    /// It is not well formed.
    #[error("nu este bine format la linia {line}, coloana {column}")]
    NotWellFormed {
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
}

/// Reads a whole document.
///
/// # Errors
/// See [`XmlError`].
pub fn value(bytes: &[u8]) -> Result<Value, XmlError> {
    let text = std::str::from_utf8(bytes).map_err(|_| XmlError::NotUtf8)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    within_limits(text.as_bytes())?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 1_000_000, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => XmlError::Doctype,
        other => XmlError::NotWellFormed { line: other.pos().row, column: other.pos().col },
    })?;
    let root = document.root_element();
    Ok(Value::Object(Map::from_iter([(root.tag_name().name().to_owned(), element(root))])))
}

fn element(node: Node<'_, '_>) -> Value {
    let nil = node.attribute((INSTANCE, "nil")).map(str::trim);
    if matches!(nil, Some("true" | "1")) {
        return Value::Null;
    }
    let mut members = Map::new();
    for attribute in node.attributes().filter(|attribute| attribute.namespace() != Some(INSTANCE)) {
        members.insert(format!("@{}", attribute.name()), Value::from(attribute.value()));
    }
    for child in node.children().filter(Node::is_element) {
        add(&mut members, child.tag_name().name(), element(child));
    }
    let text: String = node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
    let text = text.trim();
    if members.is_empty() {
        return Value::from(text);
    }
    if !text.is_empty() {
        members.insert("#text".to_owned(), Value::from(text));
    }
    Value::Object(members)
}

fn add(members: &mut Map<String, Value>, name: &str, value: Value) {
    match members.get_mut(name) {
        None => {
            members.insert(name.to_owned(), value);
        }
        // An element of the convention is never a list itself, so this list was made here.
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

/// Walks over the mark-up without building anything, so that a hostile document costs one pass and no memory.
fn within_limits(text: &[u8]) -> Result<(), XmlError> {
    let (mut at, mut depth, mut elements, mut namespaces) = (0, 0_usize, 0, 0);
    while let Some(open) = text[at..].iter().position(|byte| *byte == b'<') {
        at += open;
        let rest = &text[at..];
        if rest.starts_with(b"<!--") {
            at += 4 + past(&rest[4..], b"-->");
        } else if rest.starts_with(b"<![CDATA[") {
            at += 9 + past(&rest[9..], b"]]>");
        } else if rest.starts_with(b"<!") {
            return Err(XmlError::Doctype);
        } else if rest.starts_with(b"<?") {
            at += 2 + past(&rest[2..], b"?>");
        } else if rest.starts_with(b"</") {
            depth = depth.saturating_sub(1);
            at += 2 + past(&rest[2..], b">");
        } else {
            let tag = Tag::scan(rest);
            elements += 1;
            namespaces += tag.namespaces;
            depth += usize::from(!tag.empty);
            at += tag.length;
            let too_much = [
                (depth > DEEPEST, "prea multe niveluri"),
                (elements > MOST_ELEMENTS, "prea multe elemente"),
                (tag.attributes > MOST_ATTRIBUTES, "prea multe atribute"),
                (namespaces > MOST_NAMESPACES, "prea multe spații de nume"),
            ];
            if let Some((_, what)) = too_much.into_iter().find(|(beyond, _)| *beyond) {
                return Err(XmlError::TooMuch(what));
            }
        }
    }
    Ok(())
}

/// How far the end of the piece that ends with `end` is; the whole rest where it does not end.
fn past(rest: &[u8], end: &[u8]) -> usize {
    rest.windows(end.len()).position(|window| window == end).map_or(rest.len(), |position| position + end.len())
}

struct Tag {
    length: usize,
    attributes: usize,
    namespaces: usize,
    empty: bool,
}

impl Tag {
    fn scan(rest: &[u8]) -> Self {
        let (mut quote, mut attributes, mut namespaces, mut name) = (None, 0, 0, 1);
        for (position, byte) in rest.iter().enumerate().skip(1) {
            match (quote, byte) {
                (Some(open), byte) if open == *byte => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(*byte),
                (None, b'=') => {
                    attributes += 1;
                    namespaces += usize::from(rest[name..position].starts_with(b"xmlns"));
                }
                (None, b' ' | b'\t' | b'\r' | b'\n') => name = position + 1,
                (None, b'>') => {
                    let empty = rest[position - 1] == b'/';
                    return Self { length: position + 1, attributes, namespaces, empty };
                }
                (None, _) => {}
            }
        }
        Self { length: rest.len(), attributes, namespaces, empty: false }
    }
}
