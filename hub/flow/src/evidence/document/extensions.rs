//! The hub's own extensions, none of them critical: register numbers, terms, transformation (component E01).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_signatures::canonical::Writer;

use crate::message::{Registration, printable};

use super::super::Event;
use super::super::event::Family;
use super::super::model::{NewEvidence, Transformation};
use super::SHA256;

pub(super) fn write(xml: &mut Writer, evidence: &NewEvidence) {
    let starts_terms = matches!(
        evidence.event,
        Event::SubmissionAcceptance | Event::NotificationForAcceptance | Event::ContentConsignment
    );
    let registered = evidence.sender_registration.is_some() || evidence.recipient_registration.is_some();
    let relayed = relayed_to(evidence);
    if !registered && !starts_terms && evidence.transformation.is_none() && relayed.is_none() {
        return;
    }
    xml.open("erds:Extensions", &[]);
    if registered {
        registrations(xml, evidence);
    }
    if starts_terms {
        terms(xml, evidence);
    }
    if let Some(made) = &evidence.transformation {
        transformation(xml, made);
    }
    if let Some(position) = relayed {
        // Which of several recipients it is about: component I09 is not there in B events (EN 319 532-4, table C.27).
        xml.open("erds:Extension", &[("isCritical", "false")]).open("rem:RelayEvidenceInfo", &[]);
        xml.leaf("rem:RelayEvidenceRefersTo", &position.to_string()).close().close();
    }
    xml.close();
}

fn relayed_to(evidence: &NewEvidence) -> Option<usize> {
    let (_, position) = evidence.delivery?;
    let among_several = evidence.event.family() == Family::Relay && evidence.subject.recipients.len() > 1;
    among_several.then_some(position)
}

fn registrations(xml: &mut Writer, evidence: &NewEvidence) {
    xml.open("erds:Extension", &[("isCritical", "false")]).open("punte:Registrations", &[]);
    for (name, held) in [
        ("punte:SenderRegistration", &evidence.sender_registration),
        ("punte:RecipientRegistration", &evidence.recipient_registration),
    ] {
        if let Some(Registration { register, number, date }) = held {
            let [date, number, register] = [date, number, register].map(|text| printable(text));
            xml.open(name, &[("date", &date), ("number", &number), ("register", &register)]).close();
        }
    }
    xml.close().close();
}

/// The terms that begin with this event: how long the service tries or waits, and the receiver's deadline.
fn terms(xml: &mut Writer, evidence: &NewEvidence) {
    let terms = &evidence.subject.terms;
    xml.open("erds:Extension", &[("isCritical", "false")]);
    let (give_up, days) = (format!("PT{}S", terms.give_up_after_seconds), format!("P{}D", terms.inbox_days));
    xml.open("punte:Terms", &[("giveUpAfter", &give_up), ("inboxWait", &days)]);
    if let Some(deadline) = &terms.deadline {
        // It runs from the registration at the receiver: an event before that has no last day to state.
        let by = deadline.by(evidence.recipient_registration.as_ref()).map(|by| by.to_string());
        let days = deadline.days.to_string();
        let attributes = [
            ("by", by.as_deref().unwrap_or_default()),
            ("class", deadline.class.as_str()),
            ("days", days.as_str()),
            ("from", "registration"),
        ];
        let stated = usize::from(by.is_none());
        xml.open("punte:Deadline", &attributes[stated..]);
        xml.leaf("punte:Basis", &printable(&deadline.basis)).close();
    }
    xml.close().close();
}

fn transformation(xml: &mut Writer, made: &Transformation) {
    xml.open("erds:Extension", &[("isCritical", "false")]);
    xml.open("punte:Transformation", &[("mapping", &made.mapping), ("version", &made.version)]);
    for (name, digest) in [("punte:Source", made.source_sha256), ("punte:Target", made.target_sha256)] {
        xml.open(name, &[]);
        xml.leaf_with("ds:DigestMethod", &[("Algorithm", SHA256)], "");
        xml.leaf("ds:DigestValue", &BASE64.encode(digest)).close();
    }
    xml.close().close();
}
