//! Who sent, who receives, who acts for them, and how each was known (components I01 to I13).

use std::borrow::Cow;

use hub_signatures::canonical::Writer;

use crate::message::{Authentication, printable};

use super::super::Event;
use super::super::event::Family;
use super::super::model::{NewEvidence, PartyFacts};

/// Scheme of what a system outside registered delivery calls its sender.
const OUTSIDE_SCHEME: &str = "urn:punte:party:outside";
const LEGAL_PERSON: &str = "http://eidas.europa.eu/attributes/legalperson/";

/// The sender, or in F.3 what the system outside says of it; then the sender's delegate.
pub(super) fn sender(xml: &mut Writer, evidence: &NewEvidence) {
    let subject = &*evidence.subject;
    xml.open("erds:SenderDetails", &[]);
    if evidence.event == Event::ReceivedFromNonERDS {
        // Nothing vouches for it: no identity, no assurance, no delegate.
        if let Some(sender) = subject.origin.as_ref().and_then(|origin| origin.sender.as_ref()) {
            xml.leaf_with("Identifier", &[("IdentifierSchemeName", OUTSIDE_SCHEME)], &named(sender));
        }
        xml.close();
        return;
    }
    party(xml, &subject.sender, true);
    let known = || {
        let at = subject.authenticated_at.clone().unwrap_or_else(|| subject.submitted_at.to_utc());
        subject.authentication.as_ref().map(|authentication| (authentication, at))
    };
    if let (None, Some((authentication, at))) = (&subject.sender_delegate, known()) {
        assurance(xml, authentication, &at);
    }
    xml.close();
    if let Some(delegate) = &subject.sender_delegate {
        xml.open("erds:SenderDelegateDetails", &[]);
        party(xml, delegate, true);
        if let Some((authentication, at)) = known() {
            assurance(xml, authentication, &at);
        }
        xml.close();
    }
}

/// The recipients in the order of the envelope; then the delegate of the one this evidence is about.
pub(super) fn recipients(xml: &mut Writer, evidence: &NewEvidence) {
    let event = evidence.event;
    // Recipient attributes come from the recipient's service only: not in evidence of submission.
    let with_names = event.family() != Family::Submission;
    let delegate = evidence.recipient_delegate.as_ref().filter(|_| event.concerns_one_recipient());
    let authentication = evidence.recipient_authentication.as_ref().filter(|_| event.tells_recipient_authentication());
    for (recipient, position) in evidence.subject.recipients.iter().zip(1..) {
        xml.open("erds:RecipientDetails", &[]);
        party(xml, recipient, with_names);
        let own = evidence.delivery.is_some_and(|(_, concerned)| concerned == position) && delegate.is_none();
        if let (true, Some(authentication)) = (own, authentication) {
            assurance(xml, authentication, &evidence.at.to_utc());
        }
        xml.close();
    }
    if let (Some(delegate), Some((_, position))) = (delegate, evidence.delivery) {
        xml.open("erds:RecipientsDelegateDetails", &[]);
        party(xml, delegate, true);
        if let Some(authentication) = authentication {
            assurance(xml, authentication, &evidence.at.to_utc());
        }
        xml.leaf("DelegatingRecipients", &position.to_string()).close();
    }
}

fn party(xml: &mut Writer, party: &PartyFacts, with_name: bool) {
    if let (true, Some(name)) = (with_name, &party.name) {
        identity(xml, name, party.cui.as_deref());
    }
    xml.leaf_with("Identifier", &[("IdentifierSchemeName", party.scheme())], &named(&party.id));
}

fn assurance(xml: &mut Writer, authentication: &Authentication, at: &str) {
    xml.open("AssuranceLevelsDetails", &[]).open("GlobalAssuranceLevel", &[]);
    xml.leaf("AssuranceLevel", &format!("http://eidas.europa.eu/LoA/{}", authentication.assurance)).close();
    xml.open("erds:AuthenticationDetails", &[]);
    xml.leaf("AuthenticationTime", at);
    xml.leaf("AuthenticationMethod", &authentication.method);
    xml.close().close();
}

/// An identity as eIDAS attributes of a legal person; institutions only, never a clerk.
pub(super) fn identity(xml: &mut Writer, name: &str, cui: Option<&str>) {
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

/// A name as the schema wants it, also of what was sent without one.
pub(super) fn named(name: &str) -> Cow<'_, str> {
    if name.is_empty() { Cow::Borrowed("-") } else { printable(name) }
}
