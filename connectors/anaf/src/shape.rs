//! What an answer is, found by looking into it: neither its status nor its content type can be trusted for that.

use bytes::Bytes;
use hub_signatures::tree::{Limits, Tree};
use serde_json::Value;

/// What an answer is.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A page for people: the firewall, a log-in, an ended session.
    Page(String),
    /// JSON; a surplus brace behind it, as in an official sample, is overlooked.
    Json(Value),
    /// The `header` element of e-Factura.
    Header(Header),
    /// An archive.
    Zip,
    /// A printed page.
    Pdf,
    /// Nothing at all.
    Empty,
    /// Something else, or half of something.
    Other,
}

/// The root element of an XML answer: its name, attributes, and the messages of its children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) errors: Vec<String>,
}

impl Header {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Reads the root of a document; nothing when it is not well-formed within the limits.
    pub(crate) fn read(xml: &[u8]) -> Option<Self> {
        let limits = Limits { bytes: 16 * 1024 * 1024, ..Limits::default() };
        let tree = Tree::parse(xml, &limits).ok()?;
        let root = tree.root();
        let attributes = root.attributes().map(|one| (one.name().to_owned(), one.value().to_owned())).collect();
        let is_error = |name: &str| matches!(name, "Errors" | "Error");
        let errors = root.children().filter(|node| node.is_element() && is_error(node.tag_name().name()));
        let errors = errors.filter_map(|node| node.attribute("errorMessage")).map(str::to_owned).collect();
        let name = root.tag_name().name().to_owned();
        Some(Self { name, namespace: root.tag_name().namespace().unwrap_or_default().to_owned(), attributes, errors })
    }
}

/// Looks into a body.
pub(crate) fn shape(body: &Bytes, content_type: &str) -> Shape {
    if body.starts_with(b"PK\x03\x04") {
        return Shape::Zip;
    }
    if body.starts_with(b"%PDF") {
        return Shape::Pdf;
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Shape::Empty;
    }
    let begins: String = text.chars().take(15).collect::<String>().to_ascii_lowercase();
    if begins.starts_with("<!doctype html") || begins.starts_with("<html") || content_type.starts_with("text/html") {
        return Shape::Page(title(text));
    }
    if text.starts_with(['{', '[']) {
        let first = serde_json::Deserializer::from_str(text).into_iter::<Value>().next();
        return first.and_then(Result::ok).map_or(Shape::Other, Shape::Json);
    }
    if text.starts_with('<') { Header::read(text.as_bytes()).map_or(Shape::Other, Shape::Header) } else { Shape::Other }
}

/// The title of a page and the number the firewall gives, cut to what a line holds.
fn title(page: &str) -> String {
    let between =
        |from: &str, to: &str| page.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map(|(in_, _)| in_);
    let title = between("<title>", "</title>").unwrap_or("pagină fără titlu").trim();
    let support = between("support ID is:", "<").map(str::trim).filter(|id| !id.is_empty());
    let said = support.map_or_else(|| title.to_owned(), |id| format!("{title}, support ID {id}"));
    said.chars().take(120).collect()
}
