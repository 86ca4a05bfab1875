//! Writes the evidence document, already canonical (ETSI EN 319 522-3 V1.2.1, schema order).
//!
//! The schema has no `elementFormDefault`: what it declares globally is in the `erds` namespace, everything local is in
//! none. The same table decides both here, so the names below carry their prefix or not exactly as the schema wants.
//! Which event carries what is EN 319 522-2, table 13. What others wrote is put on printable lines: a rejection must be
//! sealed whatever was sent. Identity attributes carry no `xsi:type`: exclusive canonicalization would not protect the
//! prefix inside it.

mod parties;
mod extensions;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_signatures::canonical::{CanonicalError, Writer};

use crate::clock::Timestamp;
use crate::message::printable;

use super::event::Family;
use super::model::{NewEvidence, PartFacts};
use super::{Event, Reasoned, Seal};

/// Namespace of the hub's own evidence extensions: register numbers, terms and transformation disclosure.
pub const NAMESPACE: &str = "urn:punte:evidence:1";

const NAMESPACES: &[(&str, &str)] = &[
    ("ds", "http://www.w3.org/2000/09/xmldsig#"),
    ("erds", "http://uri.etsi.org/19522/v1#"),
    ("punte", NAMESPACE),
    ("rem", "http://uri.etsi.org/19532/v1#"),
    ("saml", "urn:oasis:names:tc:SAML:2.0:assertion"),
];
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// The evidence without its signature, in exclusive canonical form.
pub(super) fn write(evidence: &NewEvidence, seal: &Seal) -> Result<String, CanonicalError> {
    let subject = &*evidence.subject;
    let mut xml = Writer::with_namespaces(NAMESPACES);
    let id = format!("ev-{}", evidence.id);
    xml.open("erds:Evidence", &[("Id", &id), ("version", "EN319522v1.1.1")]);
    xml.leaf("erds:EvidenceIdentifier", &format!("urn:uuid:{}", evidence.id));
    xml.leaf("erds:ERDSEventId", &format!("http://uri.etsi.org/19522/Event/{}", evidence.event.as_str()));
    reasons(&mut xml, &evidence.reasons);
    xml.leaf("EventTime", &evidence.at.to_utc());
    xml.open("erds:EvidenceIssuerPolicyID", &[]);
    xml.leaf("PolicyID", &seal.issuer.policy).leaf("PolicyID", &seal.issuer.delivery_policy).close();
    xml.open("erds:EvidenceIssuerDetails", &[]);
    parties::identity(&mut xml, &seal.issuer.name, seal.issuer.cui.as_deref());
    xml.close();
    parties::sender(&mut xml, evidence);
    parties::recipients(&mut xml, evidence);
    if subject.submitted_at != Timestamp::default() {
        xml.leaf("erds:SubmissionTime", &subject.submitted_at.to_utc());
    }
    if let Some((_, position)) = evidence.delivery.filter(|_| evidence.event.concerns_one_recipient()) {
        xml.leaf("EvidenceRefersToRecipient", &position.to_string());
    }
    xml.leaf("erds:MessageIdentifier", &subject.identifier.clone().unwrap_or_else(|| subject.message.to_string()));
    content(&mut xml, &subject.parts);
    surroundings(&mut xml, evidence);
    extensions::write(&mut xml, evidence);
    xml.close();
    xml.finish()
}

fn reasons(xml: &mut Writer, reasons: &[Reasoned]) {
    if reasons.is_empty() {
        return;
    }
    xml.open("erds:EventReasons", &[]);
    for Reasoned { reason, detail } in reasons {
        xml.open("erds:EventReason", &[]);
        xml.leaf("Code", &format!("http://uri.etsi.org/19522/EventReason/{}", reason.segment()));
        xml.leaf("Details", reason.code());
        xml.leaf("Details", reason.in_romanian());
        if let Some(detail) = detail {
            xml.leaf("Details", &printable(detail));
        }
        xml.close();
    }
    xml.close();
}

/// The parts with their digests (component M02); relay metadata tells them in the same form.
pub(crate) fn content(xml: &mut Writer, parts: &[PartFacts]) {
    if parts.is_empty() {
        return;
    }
    xml.open("erds:UserContentInfo", &[]);
    xml.leaf("ComposingParts", &parts.len().to_string());
    xml.open("erds:PartsInfo", &[]);
    for part in parts {
        xml.open("erds:PartInfo", &[]);
        xml.leaf("Identifier", &printable(&part.name));
        xml.leaf("ContentType", &printable(&part.content_type));
        xml.leaf_with("ds:DigestMethod", &[("Algorithm", SHA256)], "");
        xml.leaf("ds:DigestValue", &BASE64.encode(part.sha256));
        xml.close();
    }
    xml.close().close();
}

/// What lies beyond this service: the other service in B events (M05), the foreign system in F events (M04), and what
/// the transport told (G06).
fn surroundings(xml: &mut Writer, evidence: &NewEvidence) {
    if let (Family::Relay, Some(service)) = (evidence.event.family(), &evidence.external_service) {
        xml.open("erds:ExternalERDSDetails", &[]);
        parties::identity(xml, service.name.as_deref().unwrap_or(&service.id), service.cui.as_deref());
        xml.close();
    }
    if evidence.event.family() == Family::Outside {
        let origin = evidence.subject.origin.as_ref().map(|origin| origin.system.as_str());
        let system = match evidence.event {
            Event::ReceivedFromNonERDS => origin,
            _ => evidence.external_system.as_deref(),
        };
        xml.leaf("ForwardedToExternalSystem", &parties::named(system.unwrap_or_default()));
    }
    if !evidence.transaction_log.is_empty() {
        xml.open("erds:TransactionLogInformation", &[]);
        for told in &evidence.transaction_log {
            xml.leaf("erds:TransactionLog", &printable(told));
        }
        xml.close();
    }
}
