//! A read-only XML tree with prefixes, an index of Ids, and limits that hold before anything is parsed.
//!
//! It may be given any bytes, hostile ones included. It never reads a DOCTYPE, never expands an entity, never
//! accepts two elements with one Id, and never recurses on the depth of the input.

use std::collections::HashMap;

use roxmltree::{Attribute, Document, Node, NodeId, ParsingOptions};

use crate::WSU_NAMESPACE;

/// What a document may cost before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the whole document.
    pub bytes: usize,
    /// Most elements inside one another; never more than 512 in effect, since walks use the call stack.
    pub depth: usize,
    /// Most elements in the document.
    pub elements: usize,
    /// Most attributes on one element, namespace declarations included.
    pub attributes: usize,
    /// Most namespace declarations in the document.
    pub namespaces: usize,
    /// Most namespace declarations in force at one element; real documents have under 20.
    pub namespaces_in_scope: usize,
    /// Most bytes of one attribute name.
    pub name_bytes: usize,
    /// Most bytes of the namespace URIs of all elements and attributes together, each counted as often as it is used:
    /// the exclusive canonical form may have to write them out so often, and a long URI is cheap to use a million times.
    pub namespace_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            bytes: 16 * 1024 * 1024,
            depth: 128,
            elements: 200_000,
            attributes: 256,
            namespaces: 10_000,
            namespaces_in_scope: 64,
            name_bytes: 1_024,
            namespace_bytes: 64 * 1024 * 1024,
        }
    }
}

/// Most depth that walks over the tree are prepared for, whatever the limits say.
const HARD_DEPTH: usize = 512;

/// Why bytes are not an acceptable XML document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The document is longer than [`Limits::bytes`].
    #[error("the XML document is {actual} bytes long, more than the {limit} that are accepted")]
    TooLarge {
        /// Bytes of the document.
        actual: usize,
        /// Bytes accepted.
        limit: usize,
    },
    /// The bytes are not UTF-8.
    #[error("the XML document is not UTF-8 text")]
    NotUtf8,
    /// The XML declaration names another encoding than UTF-8; other readers would see other characters.
    #[error("the XML document says that its encoding is {0}, but only UTF-8 is accepted")]
    Encoding(String),
    /// The XML declaration names another version than 1.0.
    #[error("the XML document says that it is XML {0}, but only XML 1.0 is accepted")]
    Version(String),
    /// The document has a DOCTYPE.
    #[error("the XML document has a DOCTYPE, which is never accepted")]
    Doctype,
    /// Elements are nested deeper than [`Limits::depth`].
    #[error("the XML document nests elements more than {0} deep")]
    TooDeep(usize),
    /// There are more elements than [`Limits::elements`].
    #[error("the XML document has more than {0} elements")]
    TooManyElements(usize),
    /// One element has more attributes than [`Limits::attributes`].
    #[error("one element of the XML document has more than {0} attributes")]
    TooManyAttributes(usize),
    /// There are more namespace declarations than [`Limits::namespaces`].
    #[error("the XML document has more than {0} namespace declarations")]
    TooManyNamespaces(usize),
    /// More namespace declarations are in force at one element than [`Limits::namespaces_in_scope`].
    #[error("one element of the XML document has more than {0} namespace declarations in force")]
    TooManyNamespacesInScope(usize),
    /// An attribute name is longer than [`Limits::name_bytes`].
    #[error("the XML document has an attribute name longer than {0} bytes")]
    NameTooLong(usize),
    /// The namespace URIs in use are together longer than [`Limits::namespace_bytes`].
    #[error("the namespaces of the XML document would take more than {0} bytes to write out")]
    NamespacesTooLong(usize),
    /// The document is not well-formed XML with namespaces.
    #[error("the text is not well-formed XML: {0}")]
    NotWellFormed(String),
    /// Two elements carry the same Id, so that a reference to it has no single meaning.
    #[error("two elements of the XML document carry the same Id {0:?}")]
    DuplicateId(String),
}

/// A parsed document.
#[derive(Debug)]
pub struct Tree<'input> {
    document: Document<'input>,
    ids: HashMap<String, NodeId>,
}

impl<'input> Tree<'input> {
    /// Parses `xml` within `limits`.
    ///
    /// # Errors
    /// A [`TreeError`]; the limits are checked by a scan before a tree is built.
    pub fn parse(xml: &'input [u8], limits: &Limits) -> Result<Tree<'input>, TreeError> {
        if xml.len() > limits.bytes {
            return Err(TreeError::TooLarge { actual: xml.len(), limit: limits.bytes });
        }
        let text = std::str::from_utf8(xml).map_err(|_| TreeError::NotUtf8)?;
        check_declaration(text)?;
        check_limits(text, limits)?;
        let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text, options).map_err(|error| match error {
            roxmltree::Error::DtdDetected => TreeError::Doctype,
            other => TreeError::NotWellFormed(other.to_string()),
        })?;
        check_instructions(&document)?;
        check_namespaces(&document, limits)?;
        let ids = index_ids(&document)?;
        Ok(Tree { document, ids })
    }

    /// The underlying document.
    pub fn document(&self) -> &Document<'input> {
        &self.document
    }

    /// The root element.
    pub fn root(&self) -> Node<'_, 'input> {
        self.document.root_element()
    }

    /// The node with this position in the tree.
    pub fn node(&self, id: NodeId) -> Option<Node<'_, 'input>> {
        self.document.get_node(id)
    }

    /// The one element whose `Id` or `wsu:Id` is `id`.
    pub fn by_id(&self, id: &str) -> Option<Node<'_, 'input>> {
        self.ids.get(id).and_then(|node| self.document.get_node(*node))
    }

    /// The name of an element as written, prefix included.
    pub fn qualified_name(&self, element: Node<'_, 'input>) -> &'input str {
        // The tree keeps no prefixes, and looking one up by URI could pick another prefix of the same namespace.
        let tag = &self.document.input_text()[element.range().start + 1..];
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let end = tag.as_bytes().iter().position(ends).unwrap_or(tag.len());
        &tag[..end]
    }

    /// The prefix of an element as written, empty when there is none.
    pub fn prefix(&self, element: Node<'_, 'input>) -> &'input str {
        prefix_of(self.qualified_name(element))
    }

    /// The name of an attribute as written, prefix included.
    pub fn qualified_attribute_name(&self, attribute: Attribute<'_, 'input>) -> &'input str {
        &self.document.input_text()[attribute.range_qname()]
    }

    /// The prefix of an attribute as written, empty when there is none.
    pub fn attribute_prefix(&self, attribute: Attribute<'_, 'input>) -> &'input str {
        prefix_of(self.qualified_attribute_name(attribute))
    }
}

/// The part before the colon, empty when there is none.
fn prefix_of(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

/// Holds processing instructions to the standard, where the parser is lenient: white space ends the target, and no
/// instruction looks like an XML declaration (XML 1.0, section 2.6). Other readers would not see this document at all.
fn check_instructions(document: &Document<'_>) -> Result<(), TreeError> {
    for node in document.descendants() {
        let Some(instruction) = node.pi() else { continue };
        let after = &document.input_text()[node.range().start + 2 + instruction.target.len()..];
        let ends = after.starts_with([' ', '\t', '\r', '\n']) || after.starts_with("?>");
        if !ends || instruction.target.eq_ignore_ascii_case("xml") {
            return Err(TreeError::NotWellFormed("a processing instruction has a target that it must not".to_owned()));
        }
    }
    Ok(())
}

/// Counts what the canonical form may have to repeat, before anybody asks for it.
fn check_namespaces(document: &Document<'_>, limits: &Limits) -> Result<(), TreeError> {
    let mut bytes = 0;
    for element in document.descendants().filter(Node::is_element) {
        let attributes = element.attributes().filter_map(|attribute| attribute.namespace());
        bytes += element.tag_name().namespace().into_iter().chain(attributes).map(str::len).sum::<usize>();
        if bytes > limits.namespace_bytes {
            return Err(TreeError::NamespacesTooLong(limits.namespace_bytes));
        }
    }
    Ok(())
}

fn index_ids(document: &Document<'_>) -> Result<HashMap<String, NodeId>, TreeError> {
    let mut ids = HashMap::new();
    for element in document.descendants().filter(Node::is_element) {
        for attribute in element.attributes() {
            let is_id = attribute.name() == "Id" && matches!(attribute.namespace(), None | Some(WSU_NAMESPACE));
            if is_id
                && let Some(earlier) = ids.insert(attribute.value().to_owned(), element.id())
                && earlier != element.id()
            {
                return Err(TreeError::DuplicateId(attribute.value().to_owned()));
            }
        }
    }
    Ok(ids)
}

/// Accepts no XML declaration, or one that says version 1.0 and nothing else than UTF-8.
fn check_declaration(text: &str) -> Result<(), TreeError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let Some(declaration) = text.strip_prefix("<?xml").filter(|rest| rest.starts_with([' ', '\t', '\r', '\n'])) else {
        return Ok(());
    };
    let end = declaration
        .find("?>")
        .ok_or_else(|| TreeError::NotWellFormed("the XML declaration does not end".to_owned()))?;
    let declaration = &declaration[..end];
    if let Some(version) = pseudo_attribute(declaration, "version")
        && version != "1.0"
    {
        return Err(TreeError::Version(version.to_owned()));
    }
    match pseudo_attribute(declaration, "encoding") {
        Some(encoding) if !encoding.eq_ignore_ascii_case("utf-8") && !encoding.eq_ignore_ascii_case("us-ascii") => {
            Err(TreeError::Encoding(encoding.to_owned()))
        }
        _ => Ok(()),
    }
}

fn pseudo_attribute<'t>(declaration: &'t str, name: &str) -> Option<&'t str> {
    let after = &declaration[declaration.find(name)? + name.len()..];
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    value[1..].split_once(quote).map(|(inside, _)| inside)
}

/// Walks over the mark-up without building anything, so that a hostile document costs one pass and no memory.
fn check_limits(text: &str, limits: &Limits) -> Result<(), TreeError> {
    let max_depth = limits.depth.min(HARD_DEPTH);
    let (mut at, mut elements, mut namespaces, mut in_scope) = (0, 0, 0, 0);
    // How many declarations each open element made.
    let mut open: Vec<usize> = Vec::new();
    while let Some(found) = text[at..].find('<') {
        let start = at + found;
        check_references(&text[at..start])?;
        let markup = &text[start..];
        at = if markup.starts_with("<!--") {
            skip(text, start + 4, "-->")?
        } else if markup.starts_with("<![CDATA[") {
            skip(text, start + 9, "]]>")?
        } else if markup.starts_with("<!") {
            return Err(TreeError::Doctype);
        } else if markup.starts_with("<?") {
            skip(text, start + 2, "?>")?
        } else if markup.starts_with("</") {
            in_scope -= open.pop().unwrap_or(0);
            skip(text, start + 2, ">")?
        } else {
            let tag = scan_tag(text, start + 1, limits)?;
            elements += 1;
            namespaces += tag.namespaces;
            if elements > limits.elements {
                return Err(TreeError::TooManyElements(limits.elements));
            }
            if namespaces > limits.namespaces {
                return Err(TreeError::TooManyNamespaces(limits.namespaces));
            }
            if in_scope + tag.namespaces > limits.namespaces_in_scope {
                return Err(TreeError::TooManyNamespacesInScope(limits.namespaces_in_scope));
            }
            if open.len() == max_depth {
                return Err(TreeError::TooDeep(max_depth));
            }
            if !tag.empty {
                open.push(tag.namespaces);
                in_scope += tag.namespaces;
            }
            tag.end
        };
    }
    Ok(())
}

fn skip(text: &str, from: usize, terminator: &str) -> Result<usize, TreeError> {
    let rest = text.get(from..).unwrap_or_default();
    // One byte is looked for without the preparation that a longer needle takes.
    let found = match terminator.as_bytes() {
        [one] => rest.find(char::from(*one)),
        _ => rest.find(terminator),
    };
    match found {
        Some(found) => Ok(from + found + terminator.len()),
        None => Err(TreeError::NotWellFormed(format!("a mark-up does not end with {terminator:?}"))),
    }
}

/// Refuses references to characters that do not exist, which the parser reads as U+FFFD (XML 1.0, section 4.1).
fn check_references(text: &str) -> Result<(), TreeError> {
    // Looked for by one byte: a search for two is made ready anew for each of many short texts, and costs more than it finds.
    for (at, _) in text.match_indices('&').filter(|(at, _)| text[at + 1..].starts_with('#')) {
        let (number, _) = text[at + 2..].split_once(';').unwrap_or_default();
        let code = match number.strip_prefix('x') {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
            None => number.parse(),
        };
        if code.ok().and_then(char::from_u32).is_none() {
            return Err(TreeError::NotWellFormed("a reference names a character that does not exist".to_owned()));
        }
    }
    Ok(())
}

/// What the scan learned from one start tag.
struct Tag {
    end: usize,
    empty: bool,
    namespaces: usize,
}

fn scan_tag(text: &str, from: usize, limits: &Limits) -> Result<Tag, TreeError> {
    let bytes = text.as_bytes();
    let (mut attributes, mut namespaces, mut declares_prefix) = (0, 0, false);
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'>' => return Ok(Tag { end: at + 1, empty: bytes[at - 1] == b'/', namespaces }),
            b'=' => {
                let before = text[from..at].trim_end();
                let parts = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'');
                let start = before.as_bytes().iter().rposition(parts).map_or(0, |found| found + 1);
                let name = &before[start..];
                if name == "xmlns:xmlns" {
                    return Err(TreeError::NotWellFormed("the prefix xmlns must not be declared".to_owned()));
                }
                declares_prefix = name.starts_with("xmlns:");
                attributes += 1;
                namespaces += usize::from(name.starts_with("xmlns"));
                if attributes > limits.attributes {
                    return Err(TreeError::TooManyAttributes(limits.attributes));
                }
                if name.len() > limits.name_bytes {
                    return Err(TreeError::NameTooLong(limits.name_bytes));
                }
            }
            b'"' | b'\'' => {
                let end = skip(text, at + 1, if *byte == b'"' { "\"" } else { "'" })? - 1;
                if declares_prefix && end == at + 1 {
                    // Namespaces in XML 1.0, section 5; the parser would take it for a namespace without a name.
                    return Err(TreeError::NotWellFormed("a prefix must not be declared empty".to_owned()));
                }
                check_references(&text[at + 1..end])?;
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    Err(TreeError::NotWellFormed("a start tag does not end".to_owned()))
}
