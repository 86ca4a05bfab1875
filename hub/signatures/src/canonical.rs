//! A writer whose output is already in Exclusive XML Canonicalization form (W3C xml-exc-c14n, section 3).
//!
//! It may assume that element and attribute names are literals of the program and that the whole vocabulary fits a
//! fixed table of prefixes. It declares a prefix where it is first visibly used, orders attributes, escapes values and
//! refuses characters XML 1.0 cannot carry. It never writes comments, processing instructions, a default namespace or
//! an XML declaration, so that the digest of its bytes is the digest of the canonical document.

use crate::escape::{self, IllegalCharacter};

/// Most prefixes one table may hold.
const MAX_NAMESPACES: usize = 32;
/// Most attributes one element may carry.
const MAX_ATTRIBUTES: usize = 16;

/// Why a document could not be written; the first mistake wins and is told by [`Writer::finish`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A value holds a character outside the `Char` production (XML 1.0, section 2.2).
    #[error("the value of {name} holds the character U+{:04X}, which XML cannot carry", *.character as u32)]
    IllegalCharacter {
        /// The element or attribute that was being written.
        name: &'static str,
        /// The refused character.
        character: char,
    },
    /// A name uses a prefix that is not in the table of the writer.
    #[error("the name {0} uses a namespace prefix that is not in the table of the writer")]
    UnknownPrefix(&'static str),
    /// The table is not sorted by prefix, or has more than 32 rows.
    #[error("the namespace table of the writer is not sorted by prefix, or is longer than 32 rows")]
    BadNamespaceTable,
    /// One element has more than 16 attributes or one attribute twice.
    #[error("the element {0} has more than 16 attributes, or one attribute twice")]
    BadAttributes(&'static str),
    /// Start and end tags do not match, or there is not exactly one root element.
    #[error("the elements of the document are not properly opened and closed")]
    Unbalanced,
}

/// Writes one XML document in canonical form, from the root's start tag to its end tag.
///
/// Mistakes are remembered and told once, by [`Writer::finish`], so that callers read like the document they write.
#[derive(Debug)]
pub struct Writer {
    out: String,
    namespaces: &'static [(&'static str, &'static str)],
    open: Vec<Open>,
    declared: u32,
    roots: usize,
    error: Option<CanonicalError>,
}

/// One element that is open, and the prefixes (bits, by table row) declared before it.
#[derive(Debug)]
struct Open {
    name: &'static str,
    declared_before: u32,
}

impl Writer {
    /// Starts a document whose names use the given `(prefix, namespace URI)` rows, sorted by prefix, at most 32.
    pub fn with_namespaces(namespaces: &'static [(&'static str, &'static str)]) -> Writer {
        let sorted = namespaces.windows(2).all(|pair| pair[0].0 < pair[1].0) && namespaces.len() <= MAX_NAMESPACES;
        Writer {
            out: String::with_capacity(8 * 1024),
            namespaces,
            open: Vec::with_capacity(16),
            declared: 0,
            roots: 0,
            error: if sorted { None } else { Some(CanonicalError::BadNamespaceTable) },
        }
    }

    /// Writes a start tag. Attributes may come in any order; at most 16.
    pub fn open(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) -> &mut Writer {
        if self.open.is_empty() {
            self.roots += 1;
        }
        let declared_before = self.declared;
        let mut used = self.prefix_bit(name);
        for (attribute, _) in attributes {
            if attribute.contains(':') {
                used |= self.prefix_bit(attribute);
            }
        }
        self.out.push('<');
        self.out.push_str(name);
        let mut missing = used & !self.declared;
        self.declared |= used;
        while missing != 0 {
            let (prefix, uri) = self.namespaces[missing.trailing_zeros() as usize];
            missing &= missing - 1;
            self.out.push_str(" xmlns:");
            self.out.push_str(prefix);
            self.out.push_str("=\"");
            self.attribute_value(prefix, uri);
            self.out.push('"');
        }
        self.write_attributes(name, attributes);
        self.out.push('>');
        self.open.push(Open { name, declared_before });
        self
    }

    /// Writes text inside the open element.
    pub fn text(&mut self, value: &str) -> &mut Writer {
        let Some(name) = self.open.last().map(|open| open.name) else {
            return self.fail(CanonicalError::Unbalanced);
        };
        if let Err(IllegalCharacter(character)) = escape::text(&mut self.out, value) {
            self.fail(CanonicalError::IllegalCharacter { name, character });
        }
        self
    }

    /// Writes the end tag of the innermost open element.
    pub fn close(&mut self) -> &mut Writer {
        let Some(open) = self.open.pop() else {
            return self.fail(CanonicalError::Unbalanced);
        };
        self.out.push_str("</");
        self.out.push_str(open.name);
        self.out.push('>');
        self.declared = open.declared_before;
        self
    }

    /// Writes an element that holds only text.
    pub fn leaf(&mut self, name: &'static str, value: &str) -> &mut Writer {
        self.leaf_with(name, &[], value)
    }

    /// Writes an element with attributes that holds only text.
    pub fn leaf_with(&mut self, name: &'static str, attributes: &[(&'static str, &str)], value: &str) -> &mut Writer {
        self.open(name, attributes).text(value).close()
    }

    /// Ends the document and returns its bytes.
    ///
    /// # Errors
    /// The first mistake made while writing, or [`CanonicalError::Unbalanced`] when the document is not complete.
    pub fn finish(self) -> Result<String, CanonicalError> {
        match self.error {
            Some(error) => Err(error),
            None if !self.open.is_empty() || self.roots != 1 => Err(CanonicalError::Unbalanced),
            None => Ok(self.out),
        }
    }

    fn fail(&mut self, error: CanonicalError) -> &mut Writer {
        self.error.get_or_insert(error);
        self
    }

    /// The bit of the prefix of `name` in the table; none for names without prefix and for `xml:`.
    fn prefix_bit(&mut self, name: &'static str) -> u32 {
        let Some((prefix, _)) = name.split_once(':') else { return 0 };
        match self.namespaces.iter().take(MAX_NAMESPACES).position(|(known, _)| *known == prefix) {
            Some(row) => 1 << row,
            None if prefix == "xml" => 0,
            None => {
                self.fail(CanonicalError::UnknownPrefix(name));
                0
            }
        }
    }

    fn write_attributes(&mut self, element: &'static str, attributes: &[(&'static str, &str)]) {
        if attributes.len() > MAX_ATTRIBUTES {
            self.fail(CanonicalError::BadAttributes(element));
            return;
        }
        // Insertion sort over positions: elements have one to three attributes, nearly always in order.
        let mut order = [0_usize; MAX_ATTRIBUTES];
        for next in 0..attributes.len() {
            let mut at = next;
            while at > 0 && self.attribute_key(attributes[order[at - 1]].0) > self.attribute_key(attributes[next].0) {
                order[at] = order[at - 1];
                at -= 1;
            }
            order[at] = next;
        }
        for position in 0..attributes.len() {
            let (name, value) = attributes[order[position]];
            if position > 0
                && self.attribute_key(attributes[order[position - 1]].0)
                    == self.attribute_key(attributes[order[position]].0)
            {
                self.fail(CanonicalError::BadAttributes(element));
            }
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.attribute_value(name, value);
            self.out.push('"');
        }
    }

    fn attribute_value(&mut self, name: &'static str, value: &str) {
        if let Err(IllegalCharacter(character)) = escape::attribute(&mut self.out, value) {
            self.fail(CanonicalError::IllegalCharacter { name, character });
        }
    }

    /// Canonical order of attributes: namespace URI first, then local name (Canonical XML 1.0, section 2.2).
    fn attribute_key(&self, name: &'static str) -> (&'static str, &'static str) {
        match name.split_once(':') {
            None => ("", name),
            Some(("xml", local)) => ("http://www.w3.org/XML/1998/namespace", local),
            Some((prefix, local)) => {
                let uri = self.namespaces.iter().find(|(known, _)| *known == prefix).map_or("", |(_, uri)| uri);
                (uri, local)
            }
        }
    }
}
