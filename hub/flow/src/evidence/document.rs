//! Writes the evidence document, already canonical (ETSI EN 319 522-3 V1.2.1, schema order).
//!
//! The schema has no `elementFormDefault`: what it declares globally is in the `erds` namespace, everything local is in
//! none. The same table decides both here, so the names below carry their prefix or not exactly as the schema wants.
//! What others wrote is put on printable lines: a rejection must be sealed whatever was sent.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_signatures::canonical::{CanonicalError, Writer};

use crate::message::{Registration, printable};

use super::Seal;
use super::model::{NewEvidence, PartyFacts, Reasoned, Subject};

/// Namespace of the hub's own evidence extensions: register numbers and transformation disclosure.
pub const NAMESPACE: &str = "urn:punte:evidence:1";

const NAMESPACES: &[(&str, &str)] = &[
    ("ds", "http://www.w3.org/2000/09/xmldsig#"),
    ("erds", "http://uri.etsi.org/19522/v1#"),
    ("punte", NAMESPACE),
    ("saml", "urn:oasis:names:tc:SAML:2.0:assertion"),
];
const PARTY_SCHEME: &str = "urn:oasis:names:tc:ebcore:partyid-type:unregistered:punte";
const LEGAL_PERSON: &str = "http://eidas.europa.eu/attributes/legalperson/";
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
    xml.open("erds:EvidenceIssuerPolicyID", &[]).leaf("PolicyID", &seal.policy).close();
    xml.open("erds:EvidenceIssuerDetails", &[]);
    identity(&mut xml, &seal.issuer, None);
    xml.close();
    sender(&mut xml, subject);
    for recipient in &subject.recipients {
        xml.open("erds:RecipientDetails", &[]);
        // Recipient attributes come from the recipient's service only: not yet in evidence of submission.
        if let (true, Some(name)) = (evidence.event.concerns_one_recipient(), &recipient.name) {
            identity(&mut xml, name, recipient.cui.as_deref());
        }
        identifier(&mut xml, recipient);
        xml.close();
    }
    xml.leaf("erds:SubmissionTime", &subject.submitted_at.to_utc());
    if let Some((_, position)) = evidence.delivery {
        xml.leaf("EvidenceRefersToRecipient", &position.to_string());
    }
    xml.leaf("erds:MessageIdentifier", &subject.message.to_string());
    content(&mut xml, subject);
    extensions(&mut xml, evidence);
    xml.close();
    xml.finish()
}

fn reasons(xml: &mut Writer, reasons: &[Reasoned]) {
    if reasons.is_empty() {
        return;
    }
    xml.open("erds:EventReasons", &[]);
    for Reasoned { reason, detail } in reasons {
        let (code, segment, meaning) = reason.facts();
        xml.open("erds:EventReason", &[]);
        xml.leaf("Code", &format!("http://uri.etsi.org/19522/EventReason/{segment}"));
        xml.leaf("Details", code);
        xml.leaf("Details", meaning);
        if let Some(detail) = detail {
            xml.leaf("Details", &printable(detail));
        }
        xml.close();
    }
    xml.close();
}

fn sender(xml: &mut Writer, subject: &Subject) {
    xml.open("erds:SenderDetails", &[]);
    if let Some(name) = &subject.sender.name {
        identity(xml, name, subject.sender.cui.as_deref());
    }
    identifier(xml, &subject.sender);
    xml.open("AssuranceLevelsDetails", &[]).open("GlobalAssuranceLevel", &[]);
    xml.leaf("AssuranceLevel", &format!("http://eidas.europa.eu/LoA/{}", subject.authentication.assurance)).close();
    xml.open("erds:AuthenticationDetails", &[]);
    xml.leaf("AuthenticationTime", &subject.submitted_at.to_utc());
    xml.leaf("AuthenticationMethod", &subject.authentication.method);
    xml.close().close().close();
}

fn identity(xml: &mut Writer, name: &str, cui: Option<&str>) {
    xml.open("erds:Identity", &[]);
    attribute(xml, "LegalName", name);
    if let Some(cui) = cui {
        // Form of the eIDAS attribute profile: nationality / destination / value.
        attribute(xml, "LegalPersonIdentifier", &format!("RO/RO/{cui}"));
    }
    xml.close();
}

fn attribute(xml: &mut Writer, name: &'static str, value: &str) {
    let attributes = [
        ("FriendlyName", name),
        ("Name", &format!("{LEGAL_PERSON}{name}")),
        ("NameFormat", "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"),
    ];
    xml.open("saml:Attribute", &attributes).leaf("saml:AttributeValue", value).close();
}

fn identifier(xml: &mut Writer, party: &PartyFacts) {
    xml.leaf_with("Identifier", &[("IdentifierSchemeName", PARTY_SCHEME)], &named(&party.id));
}

/// A name as the schema wants it, also of what was sent without one.
fn named(name: &str) -> Cow<'_, str> {
    if name.is_empty() { Cow::Borrowed("-") } else { printable(name) }
}

fn content(xml: &mut Writer, subject: &Subject) {
    if subject.parts.is_empty() {
        return;
    }
    xml.open("erds:UserContentInfo", &[]);
    xml.leaf("ComposingParts", &subject.parts.len().to_string());
    xml.open("erds:PartsInfo", &[]);
    for part in &subject.parts {
        xml.open("erds:PartInfo", &[]);
        xml.leaf("Identifier", &printable(&part.name));
        xml.leaf("ContentType", &printable(&part.content_type));
        xml.leaf_with("ds:DigestMethod", &[("Algorithm", SHA256)], "");
        xml.leaf("ds:DigestValue", &BASE64.encode(part.sha256));
        xml.close();
    }
    xml.close().close();
}

fn extensions(xml: &mut Writer, evidence: &NewEvidence) {
    let registrations = [
        ("punte:SenderRegistration", &evidence.sender_registration),
        ("punte:RecipientRegistration", &evidence.recipient_registration),
    ];
    let registered = registrations.iter().any(|(_, held)| held.is_some());
    if !registered && evidence.transformation.is_none() {
        return;
    }
    xml.open("erds:Extensions", &[]);
    if registered {
        xml.open("erds:Extension", &[("isCritical", "false")]).open("punte:Registrations", &[]);
        for (name, held) in registrations {
            if let Some(Registration { register, number, date }) = held {
                let [date, number, register] = [date, number, register].map(|text| printable(text));
                xml.open(name, &[("date", &date), ("number", &number), ("register", &register)]).close();
            }
        }
        xml.close().close();
    }
    if let Some(made) = &evidence.transformation {
        xml.open("erds:Extension", &[("isCritical", "false")]);
        xml.open("punte:Transformation", &[("mapping", &made.mapping), ("version", &made.version)]);
        for (name, digest) in [("punte:Source", made.source_sha256), ("punte:Target", made.target_sha256)] {
            xml.open(name, &[]);
            xml.leaf_with("ds:DigestMethod", &[("Algorithm", SHA256)], "");
            xml.leaf("ds:DigestValue", &BASE64.encode(digest)).close();
        }
        xml.close().close();
    }
    xml.close();
}
