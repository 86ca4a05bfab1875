//! Walks the children of an element in the order of the schema, and tells qualified names from bare ones.
//!
//! The schema has no `elementFormDefault`: global elements are in the namespace, local ones in none (EN 319 522-3, schema
//! file). A wrong choice is the commonest mistake of writers, so it has messages of its own.

use hub_signatures::DSIG_NAMESPACE;
use roxmltree::Node;

use super::EvidenceError;

pub(super) const ERDS: &str = "http://uri.etsi.org/19522/v1#";
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";

/// A name of the schema with where it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// Declared globally: in the ERDS namespace.
    Global(&'static str),
    /// Declared locally: in no namespace.
    Local(&'static str),
    /// Of XML Signature.
    Ds(&'static str),
    /// Of SAML 2.0 assertions.
    Saml(&'static str),
}

impl Name {
    fn local(self) -> &'static str {
        match self {
            Name::Global(name) | Name::Local(name) | Name::Ds(name) | Name::Saml(name) => name,
        }
    }

    fn is(self, node: Node<'_, '_>) -> bool {
        let namespace = match self {
            Name::Global(_) => Some(ERDS),
            Name::Local(_) => None,
            Name::Ds(_) => Some(DSIG_NAMESPACE),
            Name::Saml(_) => Some(SAML),
        };
        node.tag_name().name() == self.local() && node.tag_name().namespace() == namespace
    }
}

/// The element children that are still to be read.
pub(super) struct Children<'t, 'input> {
    parent: &'input str,
    rest: std::vec::IntoIter<Node<'t, 'input>>,
}

impl<'t, 'input> Children<'t, 'input> {
    /// The children of an element that holds elements only.
    pub(super) fn of(parent: Node<'t, 'input>) -> Result<Children<'t, 'input>, EvidenceError> {
        let has_text = parent.children().any(|node| node.is_text() && !node.text().unwrap_or("").trim().is_empty());
        if has_text {
            return Err(EvidenceError::value(parent, "holds text where only elements may stand"));
        }
        let elements: Vec<_> = parent.children().filter(Node::is_element).collect();
        Ok(Children { parent: parent.tag_name().name(), rest: elements.into_iter() })
    }

    /// The next child, when it has this name.
    pub(super) fn optional(&mut self, name: Name) -> Result<Option<Node<'t, 'input>>, EvidenceError> {
        match self.rest.as_slice().first() {
            Some(next) if name.is(*next) => Ok(self.rest.next()),
            Some(next) if next.tag_name().name() == name.local() => Err(match name {
                Name::Local(element) => EvidenceError::MustBeBare { element },
                Name::Global(element) => EvidenceError::MustBeQualified { element },
                Name::Ds(element) | Name::Saml(element) => EvidenceError::ForeignNamespace { element },
            }),
            _ => Ok(None),
        }
    }

    /// The next child, which must have this name.
    pub(super) fn one(&mut self, name: Name) -> Result<Node<'t, 'input>, EvidenceError> {
        let found = self.optional(name)?;
        found.ok_or_else(|| EvidenceError::Missing { element: name.local(), parent: self.parent.to_owned() })
    }

    /// All next children with this name.
    pub(super) fn many(&mut self, name: Name) -> Result<Vec<Node<'t, 'input>>, EvidenceError> {
        let mut found = Vec::new();
        while let Some(node) = self.optional(name)? {
            found.push(node);
        }
        Ok(found)
    }

    /// All next children with this name, of which there must be one.
    pub(super) fn some(&mut self, name: Name) -> Result<Vec<Node<'t, 'input>>, EvidenceError> {
        let first = self.one(name)?;
        let mut found = vec![first];
        found.extend(self.many(name)?);
        Ok(found)
    }

    /// Nothing may be left.
    pub(super) fn end(mut self) -> Result<(), EvidenceError> {
        match self.rest.next() {
            None => Ok(()),
            Some(node) => Err(EvidenceError::Unexpected {
                element: node.tag_name().name().to_owned(),
                parent: self.parent.to_owned(),
            }),
        }
    }
}

/// The text of an element without children, without the space around it.
pub(super) fn text(node: Node<'_, '_>) -> Result<String, EvidenceError> {
    let mut value = String::new();
    for child in node.children() {
        match child.text() {
            Some(text) if child.is_text() => value.push_str(text),
            _ => return Err(EvidenceError::value(node, "holds something else than text")),
        }
    }
    Ok(value.trim().to_owned())
}

/// The same, which must not be empty.
pub(super) fn some_text(node: Node<'_, '_>) -> Result<String, EvidenceError> {
    let value = text(node)?;
    if value.is_empty() { Err(EvidenceError::value(node, "is empty")) } else { Ok(value) }
}

/// All text inside an element of any content, as it reads.
pub(super) fn source(node: Node<'_, '_>) -> String {
    node.document().input_text()[node.range()].to_owned()
}
