//! Reads relay metadata of another service, strictly: names, namespaces and order as the schema has them.
//!
//! It judges no seal. What it does not understand in a critical extension it refuses; other extensions it passes over.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_signatures::DSIG_NAMESPACE;
use hub_signatures::tree::{Limits, Tree};
use roxmltree::Node;

use crate::clock::Timestamp;
use crate::evidence::{NAMESPACE, PartFacts, PartyFacts};
use crate::message::Envelope;

const ERDS: &str = "http://uri.etsi.org/19522/v1#";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// Relay metadata as it stands.
#[derive(Debug, Clone)]
pub struct Metadata {
    /// Identifier of the message (MD11).
    pub identifier: String,
    /// Last segment of the kind of message (MD13).
    pub message_type: String,
    /// Not to be consigned or handed over after this moment (MD03).
    pub expires: Option<Timestamp>,
    /// Nor before this one (MD07).
    pub not_before: Option<Timestamp>,
    /// Who sent it (MD08).
    pub sender: PartyFacts,
    /// To whom it is (MD10).
    pub recipient: PartyFacts,
    /// Its parts (MD14).
    pub parts: Vec<PartFacts>,
    /// Last segment of the assurance the recipient must be known with (MD04).
    pub assurance: Option<String>,
    /// Policies it must travel under (MD05).
    pub policies: Vec<String>,
    /// Last segment of how it is to be made available (MD06).
    pub consignment: Option<String>,
    /// What the sender wrote on it, where the service is one of this program (MD15).
    pub envelope: Option<Envelope>,
}

/// Why a document is not relay metadata that can be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl Metadata {
    /// Reads the document.
    ///
    /// # Errors
    /// [`Unreadable`] names the first thing that is not as the schema has it.
    pub fn read(xml: &[u8]) -> Result<Self, Unreadable> {
        let tree = Tree::parse(xml, &Limits::default()).map_err(|error| Unreadable(error.to_string()))?;
        let root = tree.root();
        if !root.has_tag_name((ERDS, "RelayMetadata")) {
            return Err(Unreadable(format!("the root is {}, not RelayMetadata", root.tag_name().name())));
        }
        let mut children = Children::of(root);
        let identifier = children.one(Some(ERDS), "MessageIdentifier").and_then(text)?;
        let message_type = children.one(None, "ERDMessageType").and_then(text).map(|uri| last(&uri))?;
        children.optional(None, "InReplyTo");
        children.optional(None, "RelayTime");
        let expires = children.optional(None, "ExpirationTime").map(moment).transpose()?;
        let not_before = children.optional(None, "ScheduledDeliveryTime").map(moment).transpose()?;
        let sender = children.one(None, "SenderId").and_then(party)?;
        children.optional(None, "ReplyTo");
        let recipient = children.one(None, "RecipientId").and_then(party)?;
        let parts = children.one(Some(ERDS), "UserContentInfo").and_then(parts)?;
        let assurance = children.optional(None, "RequiredAssuranceLevel").map(|node| {
            let level = node.descendants().find(|one| one.tag_name().name() == "AssuranceLevel");
            level.ok_or_else(|| Unreadable("RequiredAssuranceLevel names no level".to_owned())).and_then(text)
        });
        let policies = children.optional(None, "ApplicablePolicy").map_or(Ok(Vec::new()), |node| {
            node.children().filter(Node::is_element).map(text).collect::<Result<Vec<_>, _>>()
        })?;
        let consignment = children.optional(None, "RequestedConsignmentMode").map(text).transpose()?;
        let envelope = children.optional(Some(ERDS), "Extensions").map_or(Ok(None), envelope)?;
        children.optional(Some(DSIG_NAMESPACE), "Signature");
        children.end()?;
        Ok(Self {
            identifier,
            message_type,
            expires,
            not_before,
            sender,
            recipient,
            parts,
            assurance: assurance.transpose()?.map(|uri| last(&uri)),
            policies,
            consignment: consignment.map(|uri| last(&uri)),
            envelope,
        })
    }
}

/// The children of an element, taken in the order of the schema.
struct Children<'t, 'input> {
    parent: String,
    left: std::iter::Peekable<std::vec::IntoIter<Node<'t, 'input>>>,
}

impl<'t, 'input> Children<'t, 'input> {
    fn of(parent: Node<'t, 'input>) -> Self {
        let children: Vec<_> = parent.children().filter(Node::is_element).collect();
        Self { parent: parent.tag_name().name().to_owned(), left: children.into_iter().peekable() }
    }

    fn optional(&mut self, namespace: Option<&str>, name: &str) -> Option<Node<'t, 'input>> {
        self.left.next_if(|node| node.tag_name().name() == name && node.tag_name().namespace() == namespace)
    }

    fn one(&mut self, namespace: Option<&str>, name: &str) -> Result<Node<'t, 'input>, Unreadable> {
        let missing =
            || Unreadable(format!("{name} is missing in {}, or in the wrong place or namespace", self.parent));
        self.left
            .next_if(|node| node.tag_name().name() == name && node.tag_name().namespace() == namespace)
            .ok_or_else(missing)
    }

    fn end(mut self) -> Result<(), Unreadable> {
        self.left.next().map_or(Ok(()), |node| {
            Err(Unreadable(format!("{} cannot stand where it does in {}", node.tag_name().name(), self.parent)))
        })
    }
}

/// The whole text of a leaf; an element or comment inside it could hide a second reading.
fn text(node: Node<'_, '_>) -> Result<String, Unreadable> {
    let text: String = node.children().filter_map(|child| child.text().filter(|_| child.is_text())).collect();
    if text.is_empty() || node.children().any(|child| !child.is_text()) {
        return Err(Unreadable(format!("{} holds no text, or more than text", node.tag_name().name())));
    }
    Ok(text)
}

fn last(uri: &str) -> String {
    uri.rsplit('/').next().unwrap_or_default().to_owned()
}

fn moment(node: Node<'_, '_>) -> Result<Timestamp, Unreadable> {
    let not_one = || Unreadable(format!("{} is not a moment with a zone", node.tag_name().name()));
    Timestamp::parse_utc(&text(node)?).ok_or_else(not_one)
}

fn party(node: Node<'_, '_>) -> Result<PartyFacts, Unreadable> {
    let scheme = node.attribute("IdentifierSchemeName").map(str::to_owned);
    let scheme = scheme.ok_or_else(|| Unreadable(format!("{} has no scheme", node.tag_name().name())))?;
    Ok(PartyFacts { id: text(node)?, scheme: Some(scheme), ..PartyFacts::default() })
}

fn parts(node: Node<'_, '_>) -> Result<Vec<PartFacts>, Unreadable> {
    let mut children = Children::of(node);
    children.optional(None, "AppLayerIdentifier");
    let count = children.optional(None, "ComposingParts").map(text).transpose()?;
    let info = children.one(Some(ERDS), "PartsInfo")?;
    children.end()?;
    let parts = info.children().filter(Node::is_element).map(part).collect::<Result<Vec<_>, _>>()?;
    if count.is_some_and(|count| count.parse() != Ok(parts.len())) {
        return Err(Unreadable("ComposingParts does not count the parts".to_owned()));
    }
    Ok(parts)
}

fn part(node: Node<'_, '_>) -> Result<PartFacts, Unreadable> {
    let mut children = Children::of(node);
    let name = children.one(None, "Identifier").and_then(text)?;
    let content_type = children.one(None, "ContentType").and_then(text)?;
    let method = children.one(Some(DSIG_NAMESPACE), "DigestMethod")?.attribute("Algorithm");
    let digest = children.one(Some(DSIG_NAMESPACE), "DigestValue").and_then(text)?;
    children.end()?;
    let digest = BASE64.decode(digest.trim()).ok().and_then(|digest| <[u8; 32]>::try_from(digest).ok());
    match digest.filter(|_| method == Some(SHA256)) {
        Some(sha256) => Ok(PartFacts { name, content_type, sha256 }),
        None => Err(Unreadable(format!("the part {name} has no SHA-256"))),
    }
}

fn envelope(node: Node<'_, '_>) -> Result<Option<Envelope>, Unreadable> {
    let mut found = None;
    for extension in node.children().filter(Node::is_element) {
        let ours = extension.children().find(|child| child.has_tag_name((NAMESPACE, "Envelope")));
        let critical = matches!(extension.attribute("isCritical").map(str::trim), Some("true" | "1"));
        match ours {
            Some(written) => {
                let read = serde_json::from_str(&text(written)?);
                found = Some(read.map_err(|error| Unreadable(format!("the envelope cannot be read: {error}")))?);
            }
            None if critical => return Err(Unreadable("a critical extension is not understood".to_owned())),
            None => {}
        }
    }
    Ok(found)
}
