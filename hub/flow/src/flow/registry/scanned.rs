//! A document from the counter on its way to the competent institution: a generic letter with the scans a clerk made.
//!
//! It may assume that the entry came in without a message. What the institution has on paper alone goes by paper.

use bytes::Bytes;
use openssl::sha::sha256;
use serde_json::json;

use crate::hub::Hub;
use crate::message::{BODY, ConsignmentMode, Envelope, PartDescription, Payload, Recipient, Registration, Submission};
use crate::registration::Entry;

use super::super::Actor;
use super::redirect::{BASIS, Redirection, key_of, number};

/// A page or file of a document that was brought on paper.
#[derive(Debug, Clone)]
pub struct Scan {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// The bytes.
    pub content: Bytes,
}

/// The message that takes the scans there; none where the competent institution is no party here, or nothing was scanned.
pub(super) fn forwarding(hub: &Hub, entry: &Entry, actor: Actor<'_>, redirection: &Redirection) -> Option<Submission> {
    let directory = hub.directory();
    directory.party(&redirection.competent)?;
    if redirection.scans.is_empty() {
        return None;
    }
    let particulars = &entry.state.particulars;
    let own = number(entry);
    let theirs = particulars
        .external_number
        .clone()
        .zip(particulars.external_date)
        .map(|(number, date)| Registration { register: String::new(), number, date: date.to_string() });
    let mut body = json!({
        "subiect": particulars.subject,
        "text": format!(
            "Documentul alăturat, primit pe hârtie și înregistrat cu {}, este de competența dumneavoastră ({BASIS}). Motivul: {}.",
            own.in_romanian(), redirection.reason
        ),
        "data": hub.clock.now().romanian_date().to_string(),
    });
    if let Some(theirs) = &theirs {
        body["referinta"] = format!("{}/{}", theirs.number, theirs.date).into();
    }
    let letter = payload("redirectionare.json", BODY, "application/json", Bytes::from(body.to_string()));
    let scans = redirection.scans.iter();
    let scans = scans.map(|scan| payload(&scan.name, "original", &scan.content_type, scan.content.clone()));
    let payloads: Vec<Payload> = std::iter::once(letter).chain(scans).collect();
    let part = |one: &Payload| PartDescription {
        name: one.name.clone(),
        role: one.role.clone(),
        content_type: one.content_type.clone(),
        sha256: None,
    };
    let envelope = Envelope {
        recipients: vec![Recipient { party: redirection.competent.clone() }],
        document_type: "document-generic".to_owned(),
        document_version: "1.0".to_owned(),
        subject: particulars.subject.clone(),
        purpose: "corespondenta".to_owned(),
        legal_basis: BASIS.to_owned(),
        territory: None,
        sender_registration: Some(own),
        references: Vec::new(),
        consignment: ConsignmentMode::default(),
        on_behalf_of: None,
        origin: None,
        parts: payloads.iter().map(part).collect(),
    };
    Some(Submission {
        sender: entry.key.party.clone(),
        authentication: actor.authentication.clone(),
        idempotency_key: key_of(entry, "document", &redirection.competent),
        envelope,
        payloads,
        staged: Vec::new(),
        body,
        relay: None,
        found: Vec::new(),
    })
}

fn payload(name: &str, role: &str, content_type: &str, content: Bytes) -> Payload {
    Payload {
        name: name.to_owned(),
        role: role.to_owned(),
        content_type: content_type.to_owned(),
        size: content.len() as u64,
        sha256: sha256(&content),
        content: Some(content),
    }
}
