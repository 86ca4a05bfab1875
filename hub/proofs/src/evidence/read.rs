//! Reads the document in the order of `EvidenceType`.

use hub_signatures::instant;
use hub_signatures::tree::{Limits, Tree};
use roxmltree::Node;

use super::children::{Children, ERDS, Name, some_text, source, text};
use super::{Content, Delegate, Entity, Evidence, EvidenceError, Extension, Instant, Party, Reason, VERSION};
use crate::event::Event;

use Name::{Ds, Global, Local};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

impl Evidence {
    /// Reads an evidence, signed or without its signature. The signature is not looked at.
    ///
    /// # Errors
    /// An [`EvidenceError`] that names the first thing that is not as the schema has it.
    pub fn read(xml: &[u8]) -> Result<Evidence, EvidenceError> {
        let tree = Tree::parse(xml, &Limits::default())?;
        let root = tree.root();
        if !root.has_tag_name((ERDS, "Evidence")) {
            return Err(EvidenceError::NotEvidence(root.tag_name().name().chars().take(80).collect()));
        }
        check_attributes(root)?;
        let version = root.attribute("version").unwrap_or_default().to_owned();
        if version != VERSION {
            return Err(EvidenceError::Version(version));
        }
        let mut children = Children::of(root)?;
        let identifier = some_text(children.one(Global("EvidenceIdentifier"))?)?;
        let uri = text(children.one(Global("ERDSEventId"))?)?;
        let event = Event::from_uri(&uri).ok_or(EvidenceError::UnknownEvent(uri))?;
        let reasons = read_optional(&mut children, Global("EventReasons"), reasons)?.unwrap_or_default();
        let time = time(children.one(Local("EventTime"))?)?;
        let policies = read_optional(&mut children, Global("EvidenceIssuerPolicyID"), policies)?.unwrap_or_default();
        let issuer = Entity::read(children.one(Global("EvidenceIssuerDetails"))?)?;
        let sender = Party::read(children.one(Global("SenderDetails"))?)?;
        let sender_delegate = read_optional(&mut children, Global("SenderDelegateDetails"), Party::read)?;
        let recipients = read_all(children.some(Global("RecipientDetails"))?, Party::read)?;
        let recipient_delegates = read_all(children.many(Global("RecipientsDelegateDetails"))?, Delegate::read)?;
        let submission_time = read_optional(&mut children, Global("SubmissionTime"), self::time)?;
        let concerns = read_optional(&mut children, Local("EvidenceRefersToRecipient"), position)?;
        let message = read_optional(&mut children, Global("MessageIdentifier"), some_text)?;
        let content = read_optional(&mut children, Global("UserContentInfo"), Content::read)?;
        let external_service = read_optional(&mut children, Global("ExternalERDSDetails"), Entity::read)?;
        let external_system = read_optional(&mut children, Local("ForwardedToExternalSystem"), text)?;
        let transaction_log =
            read_optional(&mut children, Global("TransactionLogInformation"), logs)?.unwrap_or_default();
        let extensions = read_optional(&mut children, Global("Extensions"), extensions)?.unwrap_or_default();
        children.optional(Ds("Signature"))?;
        children.end()?;
        Ok(Evidence {
            identifier,
            version,
            event,
            reasons,
            time,
            transaction_log,
            policies,
            issuer,
            sender,
            sender_delegate,
            recipients,
            recipient_delegates,
            concerns,
            message,
            content,
            submission_time,
            external_system,
            external_service,
            extensions,
        })
    }
}

/// Only what the schema declares, and the attributes that point to a schema.
fn check_attributes(root: Node<'_, '_>) -> Result<(), EvidenceError> {
    let known = |attribute: roxmltree::Attribute<'_, '_>| match attribute.namespace() {
        None => matches!(attribute.name(), "version" | "Id"),
        Some(namespace) => namespace == XSI,
    };
    if root.attributes().all(known) {
        Ok(())
    } else {
        Err(EvidenceError::value(root, "has an attribute that the schema does not know"))
    }
}

/// What `read` makes of the next child, when it has this name.
pub(super) fn read_optional<'t, 'input, T>(
    children: &mut Children<'t, 'input>,
    name: Name,
    read: impl FnOnce(Node<'t, 'input>) -> Result<T, EvidenceError>,
) -> Result<Option<T>, EvidenceError> {
    children.optional(name)?.map(read).transpose()
}

/// What `read` makes of each.
pub(super) fn read_all<'t, 'input, T>(
    nodes: Vec<Node<'t, 'input>>,
    read: impl Fn(Node<'t, 'input>) -> Result<T, EvidenceError>,
) -> Result<Vec<T>, EvidenceError> {
    nodes.into_iter().map(read).collect()
}

/// `xs:dateTime` with a zone: without one it names no instant.
pub(super) fn time(node: Node<'_, '_>) -> Result<Instant, EvidenceError> {
    let text = text(node)?;
    let unix = instant::from_date_time(&text)
        .ok_or_else(|| EvidenceError::value(node, "is not a date and time with a zone"))?;
    Ok(Instant { text, unix })
}

fn reasons(node: Node<'_, '_>) -> Result<Vec<Reason>, EvidenceError> {
    let mut children = Children::of(node)?;
    let all = read_all(children.some(Global("EventReason"))?, |node| {
        let mut children = Children::of(node)?;
        let code = text(children.one(Local("Code"))?)?;
        let details = read_all(children.many(Local("Details"))?, text)?;
        children.end()?;
        Ok(Reason { code, details })
    })?;
    children.end()?;
    Ok(all)
}

fn policies(node: Node<'_, '_>) -> Result<Vec<String>, EvidenceError> {
    let mut children = Children::of(node)?;
    let all = read_all(children.some(Local("PolicyID"))?, text)?;
    children.end()?;
    Ok(all)
}

/// A position counted from one; whether there is such a recipient is a matter of the rules.
pub(super) fn position(node: Node<'_, '_>) -> Result<u32, EvidenceError> {
    text(node)?.parse().map_err(|_| EvidenceError::value(node, "is not the position of a recipient"))
}

fn logs(node: Node<'_, '_>) -> Result<Vec<String>, EvidenceError> {
    let mut children = Children::of(node)?;
    let all = read_all(children.some(Global("TransactionLog"))?, |node| Ok(source(node)))?;
    children.end()?;
    Ok(all)
}

fn extensions(node: Node<'_, '_>) -> Result<Vec<Extension>, EvidenceError> {
    let mut children = Children::of(node)?;
    let all = read_all(children.some(Global("Extension"))?, Extension::read)?;
    children.end()?;
    Ok(all)
}
