//! What was sent: parts and their digests (component M02).

use hub_signatures::digest::{self, DigestAlgorithm};
use roxmltree::Node;

use super::EvidenceError;
use super::children::{Children, Name, text};
use super::party::base64;
use super::read::{read_all, read_optional};

use Name::{Ds, Global, Local};

/// The user content that an evidence is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What the applications call it.
    pub application_identifier: Option<String>,
    /// How many parts it is said to have.
    pub composing_parts: Option<u32>,
    /// Its parts; at least one.
    pub parts: Vec<Part>,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// File name or other identifier.
    pub identifier: String,
    /// Media type.
    pub content_type: String,
    /// Digest algorithm (URI) and digest of the bytes.
    pub digest: Option<(String, Vec<u8>)>,
}

impl Part {
    /// Whether these are the bytes of the part; none when the evidence does not tell in a way that is understood.
    pub fn matches(&self, bytes: &[u8]) -> Option<bool> {
        let (uri, value) = self.digest.as_ref()?;
        let algorithm = DigestAlgorithm::from_uri(uri)?;
        Some(digest::same(&algorithm.digest(bytes), value))
    }

    fn read(node: Node<'_, '_>) -> Result<Part, EvidenceError> {
        let mut children = Children::of(node)?;
        let identifier = text(children.one(Local("Identifier"))?)?;
        let content_type = text(children.one(Local("ContentType"))?)?;
        let method = children.optional(Ds("DigestMethod"))?;
        let value = read_optional(&mut children, Ds("DigestValue"), base64)?;
        children.end()?;
        let digest = match (method, value) {
            (Some(method), Some(value)) => Some((method.attribute("Algorithm").unwrap_or_default().to_owned(), value)),
            (None, None) => None,
            _ => return Err(EvidenceError::value(node, "has a digest without its algorithm, or the reverse")),
        };
        Ok(Part { identifier, content_type, digest })
    }
}

impl Content {
    pub(super) fn read(node: Node<'_, '_>) -> Result<Content, EvidenceError> {
        let mut children = Children::of(node)?;
        let application_identifier = read_optional(&mut children, Local("AppLayerIdentifier"), text)?;
        let composing_parts = read_optional(&mut children, Local("ComposingParts"), |node| {
            text(node)?.parse().map_err(|_| EvidenceError::value(node, "is not a number of parts"))
        })?;
        let mut inner = Children::of(children.one(Global("PartsInfo"))?)?;
        children.end()?;
        let parts = read_all(inner.some(Global("PartInfo"))?, Part::read)?;
        inner.end()?;
        Ok(Content { application_identifier, composing_parts, parts })
    }
}
