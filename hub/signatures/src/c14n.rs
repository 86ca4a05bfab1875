//! Canonical XML 1.0 and Exclusive XML Canonicalization 1.0, with or without comments.
//!
//! It may assume a [`Tree`], hence bounded depth and no DOCTYPE. It never fails and never changes characters: the
//! result is a function of the tree alone.

use std::collections::HashSet;

use roxmltree::{Attribute, Node, NodeId};

use crate::escape;
use crate::tree::Tree;

/// Namespace of the `xml:` prefix, bound by definition (Namespaces in XML 1.0, section 3).
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// A canonicalization algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Exclusive XML Canonicalization 1.0, comments dropped.
    Exclusive,
    /// Exclusive XML Canonicalization 1.0, comments kept.
    ExclusiveWithComments,
    /// Canonical XML 1.0, comments dropped.
    Inclusive,
    /// Canonical XML 1.0, comments kept.
    InclusiveWithComments,
}

impl Algorithm {
    /// Every algorithm, for tables and tests.
    pub const ALL: [Algorithm; 4] = [
        Algorithm::Exclusive,
        Algorithm::ExclusiveWithComments,
        Algorithm::Inclusive,
        Algorithm::InclusiveWithComments,
    ];

    /// The URI that names the algorithm in a signature.
    pub fn uri(self) -> &'static str {
        match self {
            Algorithm::Exclusive => "http://www.w3.org/2001/10/xml-exc-c14n#",
            Algorithm::ExclusiveWithComments => "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
            Algorithm::Inclusive => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
            Algorithm::InclusiveWithComments => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
        }
    }

    /// The algorithm a URI names, if it is one of the four.
    pub fn from_uri(uri: &str) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.uri() == uri)
    }

    fn is_exclusive(self) -> bool {
        matches!(self, Algorithm::Exclusive | Algorithm::ExclusiveWithComments)
    }

    fn keeps_comments(self) -> bool {
        matches!(self, Algorithm::ExclusiveWithComments | Algorithm::InclusiveWithComments)
    }
}

/// An algorithm with its parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// `InclusiveNamespaces/@PrefixList` of the exclusive form; `#default` stands for the empty prefix.
    pub prefix_list: Vec<String>,
}

impl Method {
    /// Exclusive canonicalization without comments and without a PrefixList, the usual one.
    pub const EXCLUSIVE: Method = Method { algorithm: Algorithm::Exclusive, prefix_list: Vec::new() };

    /// The algorithm without parameters.
    pub fn of(algorithm: Algorithm) -> Method {
        Method { algorithm, prefix_list: Vec::new() }
    }
}

/// The part of a document to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apex {
    /// The whole document, comments and processing instructions around the root included.
    Document,
    /// One element with everything inside, ancestors omitted.
    Element(NodeId),
}

/// Writes the canonical form of `apex`, leaving out the elements in `omit` with everything inside them.
///
/// The bytes are those of W3C xml-c14n (2001-03-15) or xml-exc-c14n (2002-07-18). An apex that is not an element of
/// the tree gives an empty result.
pub fn canonicalize(tree: &Tree<'_>, apex: Apex, omit: &[NodeId], method: &Method) -> Vec<u8> {
    let size = match apex {
        Apex::Document => tree.document().input_text().len(),
        Apex::Element(_) => 4 * 1024,
    };
    let mut canonicalizer = Canonicalizer {
        tree,
        method,
        omit: omit.iter().copied().collect(),
        out: String::with_capacity(size),
        rendered: Vec::new(),
    };
    match apex {
        Apex::Document => canonicalizer.document(),
        Apex::Element(id) => {
            if let Some(element) = tree.node(id).filter(Node::is_element) {
                let inherited = if method.algorithm.is_exclusive() { Vec::new() } else { inherited_xml(element) };
                canonicalizer.element(element, &inherited);
            }
        }
    }
    canonicalizer.out.into_bytes()
}

struct Canonicalizer<'t, 'input> {
    tree: &'t Tree<'input>,
    method: &'t Method,
    omit: HashSet<NodeId>,
    out: String,
    /// Declarations written by the open elements, innermost last: a stack, since a prefix may be bound again.
    rendered: Vec<(&'t str, &'t str)>,
}

impl<'t, 'input> Canonicalizer<'t, 'input> {
    fn document(&mut self) {
        let mut root_seen = false;
        for child in self.tree.document().root().children() {
            if child.is_element() {
                self.element(child, &[]);
                root_seen = true;
            } else if child.is_pi() || (child.is_comment() && self.method.algorithm.keeps_comments()) {
                if root_seen {
                    self.out.push('\n');
                }
                self.other(child);
                if !root_seen {
                    self.out.push('\n');
                }
            }
        }
    }

    /// Writes an element; `inherited` are the `xml:` attributes that an inclusive apex takes from its ancestors.
    fn element(&mut self, element: Node<'t, 'input>, inherited: &[Attribute<'t, 'input>]) {
        if self.omit.contains(&element.id()) {
            return;
        }
        let mark = self.rendered.len();
        let name = self.tree.qualified_name(element);
        self.out.push('<');
        self.out.push_str(name);
        self.namespaces(element);
        self.attributes(element, inherited);
        self.out.push('>');
        for child in element.children() {
            if child.is_element() {
                self.element(child, &[]);
            } else {
                self.other(child);
            }
        }
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        self.rendered.truncate(mark);
    }

    fn namespaces(&mut self, element: Node<'t, 'input>) {
        for (prefix, uri) in self.candidates(element) {
            let shown = self.rendered.iter().rev().find(|(known, _)| *known == prefix).map_or("", |(_, uri)| uri);
            if uri == shown {
                continue;
            }
            self.rendered.push((prefix, uri));
            self.out.push_str(" xmlns");
            if !prefix.is_empty() {
                self.out.push(':');
                self.out.push_str(prefix);
            }
            self.value(uri);
        }
    }

    /// The prefixes that may have to be declared on an element, in canonical order, with what they mean there.
    fn candidates(&self, element: Node<'t, 'input>) -> Vec<(&'t str, &'t str)> {
        let mut candidates: Vec<(&'t str, &'t str)> = Vec::new();
        if self.method.algorithm.is_exclusive() {
            let mut prefixes = vec![self.tree.prefix(element)];
            let used = element.attributes().map(|attribute| self.tree.attribute_prefix(attribute));
            prefixes.extend(used.filter(|prefix| !prefix.is_empty()));
            let listed = self.method.prefix_list.iter().map(String::as_str);
            prefixes.extend(listed.map(|prefix| if prefix == "#default" { "" } else { prefix }));
            prefixes.sort_unstable();
            prefixes.dedup();
            // "Not declared" and the empty URI are the same thing.
            let uri = |prefix: &str| element.lookup_namespace_uri(Some(prefix).filter(|p| !p.is_empty())).unwrap_or("");
            candidates.extend(prefixes.into_iter().map(|prefix| (prefix, uri(prefix))));
        } else {
            candidates.extend(element.namespaces().map(|ns| (ns.name().unwrap_or(""), ns.uri())));
            if candidates.iter().all(|(prefix, _)| !prefix.is_empty()) {
                candidates.push(("", ""));
            }
            candidates.sort_unstable();
        }
        candidates.retain(|(prefix, _)| *prefix != "xml");
        candidates
    }

    fn attributes(&mut self, element: Node<'t, 'input>, inherited: &[Attribute<'t, 'input>]) {
        let mut attributes: Vec<Attribute<'t, 'input>> =
            element.attributes().chain(inherited.iter().copied()).collect();
        attributes.sort_unstable_by(|a, b| {
            (a.namespace().unwrap_or(""), a.name()).cmp(&(b.namespace().unwrap_or(""), b.name()))
        });
        for attribute in attributes {
            self.out.push(' ');
            self.out.push_str(self.tree.qualified_attribute_name(attribute));
            self.value(attribute.value());
        }
    }

    fn value(&mut self, value: &str) {
        self.out.push_str("=\"");
        escape::attribute(&mut self.out, value).expect("the parser accepts only characters of XML 1.0");
        self.out.push('"');
    }

    /// Writes text, a comment or a processing instruction.
    fn other(&mut self, node: Node<'t, 'input>) {
        if node.is_text() {
            let text = node.text().unwrap_or("");
            escape::text(&mut self.out, text).expect("the parser accepts only characters of XML 1.0");
        } else if let Some(instruction) = node.pi() {
            self.out.push_str("<?");
            self.out.push_str(instruction.target);
            if let Some(value) = instruction.value.filter(|value| !value.is_empty()) {
                self.out.push(' ');
                self.line_ends(value);
            }
            self.out.push_str("?>");
        } else if node.is_comment() && self.method.algorithm.keeps_comments() {
            self.out.push_str("<!--");
            self.line_ends(node.text().unwrap_or(""));
            self.out.push_str("-->");
        }
    }

    /// Copies with line ends as XML 1.0 section 2.11 reads them; the parser does so for text only.
    fn line_ends(&mut self, value: &str) {
        let mut rest = value;
        while let Some(at) = rest.find('\r') {
            self.out.push_str(&rest[..at]);
            self.out.push('\n');
            rest = rest[at + 1..].strip_prefix('\n').unwrap_or(&rest[at + 1..]);
        }
        self.out.push_str(rest);
    }
}

/// `xml:` attributes of omitted ancestors, nearest first, without those the element has itself (xml-c14n 2.4).
fn inherited_xml<'t, 'input>(element: Node<'t, 'input>) -> Vec<Attribute<'t, 'input>> {
    let mut inherited: Vec<Attribute<'t, 'input>> = Vec::new();
    for ancestor in element.ancestors().skip(1) {
        for attribute in ancestor.attributes().filter(|attribute| attribute.namespace() == Some(XML_NAMESPACE)) {
            let own = element.has_attribute((XML_NAMESPACE, attribute.name()));
            if !own && inherited.iter().all(|known| known.name() != attribute.name()) {
                inherited.push(attribute);
            }
        }
    }
    inherited
}
