//! The JSON receipt: what was taken, under which numbers, with which hash, what happens next and by when.

use hub_flow::evidence::{Event, Evidence};
use hub_flow::flow::Acceptance;
use hub_flow::log::Place;
use hub_flow::message::{DeliveryId, EvidenceId, Message, MessageId, Payload, Recipient, Registration};
use schemas::{DocumentType, Violation};
use serde::Serialize;

use crate::api::App;

/// The first answer to a sender.
#[derive(Serialize)]
pub(crate) struct Receipt<'a> {
    message_id: MessageId,
    state: &'static str,
    submitted_at: String,
    submitted_at_local: String,
    sender: &'a str,
    sender_registration: &'a Registration,
    recipients: &'a [Recipient],
    document_type: &'a str,
    document_version: &'a str,
    parts: Vec<DescribedPart<'a>>,
    next: NextSteps,
    warnings: &'a [Violation],
    evidence: DescribedEvidence<'a>,
    tracking: Tracking,
    links: Links,
}

/// A part as both sides see it.
#[derive(Serialize)]
pub(crate) struct DescribedPart<'a> {
    name: &'a str,
    role: &'a str,
    content_type: &'a str,
    size: u64,
    sha256: String,
}

#[derive(Serialize)]
struct NextSteps {
    what: &'static str,
    what_en: &'static str,
    delivered_or_reported_by: String,
    deadline: Option<Deadline>,
}

#[derive(Serialize)]
struct Deadline {
    days: u16,
    class: String,
    /// What it is counted from.
    from: &'static str,
    basis: String,
}

/// By which anybody who has it asks where the document is.
#[derive(Serialize)]
struct Tracking {
    code: String,
    page: String,
}

#[derive(Serialize)]
struct Links {
    #[serde(rename = "self")]
    own: String,
    evidence: String,
}

/// An evidence with its sealed document.
#[derive(Serialize)]
pub(crate) struct DescribedEvidence<'a> {
    id: EvidenceId,
    event: &'a str,
    meaning: Option<&'static str>,
    event_time: String,
    delivery_id: Option<DeliveryId>,
    sha256: String,
    href: String,
    /// Where it stands in the log; null while it waits for the next head.
    log: Option<DescribedPlace>,
    document: &'a str,
}

/// Where an evidence stands in the log.
#[derive(Serialize)]
struct DescribedPlace {
    index: u64,
    size: u64,
    stamped_at: Option<String>,
    href: String,
}

impl DescribedEvidence<'_> {
    /// The same, with its place in the log.
    pub(super) fn logged(mut self, place: Option<&Place>) -> Self {
        self.log = place.map(|place| DescribedPlace {
            index: place.index,
            size: place.size,
            stamped_at: place.stamped_at.map(|at| at.to_utc()),
            href: format!("{}/log-proof", self.href),
        });
        self
    }
}

pub(crate) fn receipt<'a>(app: &App, acceptance: &'a Acceptance) -> Receipt<'a> {
    let message = &*acceptance.message;
    Receipt {
        message_id: message.id,
        state: "accepted",
        submitted_at: message.submitted_at.to_utc(),
        submitted_at_local: message.submitted_at.to_romanian(),
        sender: &message.sender,
        sender_registration: &message.sender_registration,
        recipients: &message.envelope.recipients,
        document_type: &message.envelope.document_type,
        document_version: &message.envelope.document_version,
        parts: message.payloads.iter().map(part).collect(),
        next: next(app, message),
        warnings: &acceptance.warnings,
        evidence: described(&acceptance.evidence),
        tracking: tracking(app, message),
        links: Links {
            own: format!("/v1/messages/{}", message.id),
            evidence: format!("/v1/messages/{}/evidence", message.id),
        },
    }
}

fn tracking(app: &App, message: &Message) -> Tracking {
    let code = hub_flow::tracking::of(&app.hub.journal_key, message.id);
    Tracking { page: format!("/track/{code}"), code }
}

pub(super) fn part(payload: &Payload) -> DescribedPart<'_> {
    DescribedPart {
        name: &payload.name,
        role: &payload.role,
        content_type: &payload.content_type,
        size: payload.size,
        sha256: hex::encode(payload.sha256),
    }
}

fn next(app: &App, message: &Message) -> NextSteps {
    let (name, version) = (&message.envelope.document_type, &message.envelope.document_version);
    let stated = app.hub.catalogue.document_type(name, version).map(DocumentType::deadline);
    let give_up = app.hub.policy.retry.give_up_after.as_micros();
    let delivered_by = message.submitted_at.plus_micros(i64::try_from(give_up).unwrap_or(i64::MAX));
    NextSteps {
        what: "Hubul livrează documentul fiecărui destinatar și emite câte o dovadă pentru fiecare pas",
        what_en: "The hub delivers the document to every recipient and issues an evidence for each step",
        delivered_or_reported_by: delivered_by.to_utc(),
        // Its last day is not known before the receiver has registered the document.
        deadline: stated.filter(|stated| stated.days > 0).map(|stated| Deadline {
            days: stated.days,
            class: stated.class.clone(),
            from: "registration",
            basis: stated.basis.clone(),
        }),
    }
}

pub(crate) fn described(evidence: &Evidence) -> DescribedEvidence<'_> {
    DescribedEvidence {
        id: evidence.id,
        event: &evidence.event,
        meaning: Event::parse(&evidence.event).map(Event::in_romanian),
        event_time: evidence.at.to_utc(),
        delivery_id: evidence.delivery,
        sha256: hex::encode(evidence.sha256),
        href: format!("/v1/messages/{}/evidence/{}", evidence.message, evidence.id),
        log: None,
        document: &evidence.document,
    }
}
