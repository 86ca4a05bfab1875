//! Relaying: one dispatch to the recipient's own service, and what its answer means.
//!
//! The answer is evidence (B.1 or B.2) and is judged before it is believed; what is not believed counts as no answer. The
//! sender is told either way: it is relayed, or it is not and why (B.3).

use std::sync::Arc;

use bytes::Bytes;
use connectors_contract::{Attempt, Body, Consignment, Outcome, Part, PartContent, SideEffect};
use openssl::sha::sha256;

use crate::calls::{self, Heard, Place};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::dead_letters::{Kind, Parked};
use crate::delivery::retry::{self, Next};
use crate::delivery::{Act, Delivery, DeliveryState};
use crate::directory::Party;
use crate::evidence::{self, Course, Event, Evidence, Family, Reason, Reasoned};
use crate::hub::Hub;
use crate::message::{Envelope, PartDescription, Recipient, printable};
use crate::params;
use crate::queue::{Job, JobKind};
use crate::relay::{self, Disbelief, Dispatch, MessageType, NewReceived};

use super::deliver::{Journey, cut_off_rows, facts_of, history, holding_lease, owner, part, words_of};
use super::settle::message_of;
use super::step::{NextJob, Occurrence, Step};

/// What an attempt came to.
enum Answered {
    /// The service took it (B.1).
    Taken(NewReceived),
    /// It did not (B.2), for these reasons.
    Refused(NewReceived, Vec<Reasoned>),
    /// There is no evidence that could be believed; the reason a relay failure would give now.
    Nothing(Reason, Outcome),
}

/// Makes one attempt and records what follows.
pub(super) async fn relay(hub: &Hub, job: Job, journey: Journey, partner: &str) -> Result<(), DbError> {
    let started_at = hub.clock.now();
    let place = hub.directory().channel(&journey.channel).map(|channel| Place::of(&channel.entry));
    let held = match &place {
        Some(place) => super::held::held(hub, place, &journey.message).await?,
        None => None,
    };
    let attempt = match (held, &place) {
        (Some(later), _) => {
            let reason = later.reason.clone();
            let history = history(hub, &job, &journey, SideEffect::Repeatable);
            let next = super::held::next(hub, later, &journey.delivery, history);
            if let Some(step) = super::held::step(hub, &journey.delivery, &journey.message, &next) {
                hub.db.write(&hub.verbs.step, step).await?;
                return Ok(());
            }
            // Its patience is over, and it ends as one that never got through.
            let outcome = Outcome::Unavailable { reason, retry_after: None };
            Attempt { outcome, exchange: connectors_contract::Exchange::default() }
        }
        (None, Some(place)) => {
            let attempt = holding_lease(hub, &job, attempt(hub, &journey, partner)).await;
            calls::heard(hub, place, Heard::of_outcome(&attempt.outcome, &attempt.exchange)).await;
            attempt
        }
        (None, None) => attempt(hub, &journey, partner).await,
    };
    let words = words_of(&attempt.outcome);
    let exchange = attempt.exchange;
    let answered = answered(hub, &journey, partner, attempt.outcome);
    let words = match &answered {
        Answered::Taken(_) => ("delivered", None),
        Answered::Refused(_, reasons) => ("refused", reasons.first().map(|one| one.reason.code().to_owned())),
        Answered::Nothing(_, Outcome::Unknown { reason }) => ("unknown", Some(reason.clone())),
        Answered::Nothing(..) => words,
    };
    let mut step = Step::resting(hub, &journey.delivery, Arc::clone(&journey.message));
    step.change.to.1 = job.claims;
    step.attempts = cut_off_rows(&journey.delivery, &job);
    step.attempts.push(params![
        journey.delivery.id,
        job.claims,
        Act::Deliver.as_str(),
        started_at.0,
        hub.clock.now().0,
        words.0,
        words.1.map(|text| printable(&text).into_owned()),
        exchange.status.map(i64::from),
        exchange.sent_sha256,
    ]);
    let kind = if matches!(answered, Answered::Refused(..)) { Kind::Refused } else { Kind::Exhausted };
    record(hub, (&job, &journey), partner, answered, &mut step);
    step.parked = (step.change.to.0 == DeliveryState::Failed).then(|| Parked {
        delivery: journey.delivery.id,
        message: journey.message.id,
        sender: journey.message.sender.clone(),
        owner: owner(kind, &journey.message),
        system: place.map_or_else(|| journey.channel.clone(), |place| place.system),
        kind,
        // A service knows a dispatch by the message it carries.
        side_effect: SideEffect::Repeatable,
        sent_key: journey.delivery.id.to_string(),
        reason: step.change.reason.clone().unwrap_or_default(),
    });
    hub.db.write(&hub.verbs.step, step).await?;
    Ok(())
}

/// What the end of an attempt attests, and what is to be done next.
fn record(hub: &Hub, (job, journey): (&Job, &Journey), partner: &str, answered: Answered, step: &mut Step) {
    step.change.due_at = None;
    let failure = |reasoned: Reasoned| Occurrence {
        external_service: Some(hub.party_facts(partner)),
        ..Occurrence::of(Event::RelayFailure, reasoned.reason, reasoned.detail)
    };
    match answered {
        Answered::Taken(received) => {
            let due_at = hub.clock.now().plus_seconds(hub.policy.relay.first_seconds);
            step.change.to.0 = DeliveryState::Relayed;
            step.change.reason = None;
            step.change.receipt = Some(received.identifier.clone());
            step.change.due_at = Some(due_at);
            step.received = vec![(received, Event::RelayAcceptance)];
            step.next = NextJob::Other(JobKind::Expire, due_at);
        }
        Answered::Refused(received, reasons) => {
            let reasoned = reasons.into_iter().next().unwrap_or_else(|| Reason::RelayOther.into());
            step.change.to.0 = DeliveryState::Failed;
            step.change.reason = Some(in_words(&reasoned));
            step.received = vec![(received, Event::RelayRejection)];
            step.occurrences = vec![failure(reasoned)];
        }
        Answered::Nothing(reason, outcome) => {
            let history = history(hub, job, journey, SideEffect::Repeatable);
            let line = |text: String| printable(&text).into_owned();
            match retry::after_sending(outcome, history, hub.policy.retry) {
                Next::SendAgain { at, reason } | Next::Ask { at, reason } => {
                    step.change.to.0 = DeliveryState::Waiting;
                    step.change.reason = Some(line(reason));
                    step.change.due_at = Some(at);
                    step.next = NextJob::Again(at);
                }
                Next::GiveUp { reason: detail } | Next::Refused { reason: detail } => {
                    let reasoned = Reasoned { reason, detail: Some(line(detail)) };
                    step.change.to.0 = DeliveryState::Failed;
                    step.change.reason = Some(in_words(&reasoned));
                    step.occurrences = vec![failure(reasoned)];
                }
                Next::HandedOver { .. } => unreachable!("no success without evidence comes here"),
            }
        }
    }
}

fn in_words(reasoned: &Reasoned) -> String {
    let (code, meaning) = (reasoned.reason.code(), reasoned.reason.in_romanian());
    reasoned
        .detail
        .as_ref()
        .map_or_else(|| format!("{code}: {meaning}"), |detail| format!("{code}: {meaning}: {detail}"))
}

/// Judges the answer; whatever is not the partner's evidence about this very relay is no answer.
fn answered(hub: &Hub, journey: &Journey, partner: &str, outcome: Outcome) -> Answered {
    let nothing = |reason: Reason, told: String| Answered::Nothing(reason, Outcome::Unknown { reason: told });
    match outcome {
        Outcome::Attested { document } => judged(hub, journey, partner, &document).unwrap_or_else(|disbelief| {
            tracing::error!(delivery = %journey.delivery.id, partner, %disbelief, "the answer of a service is not believed");
            let reason = match disbelief {
                Disbelief::Certificate(_) | Disbelief::Seal(_) => Reason::RecipientServiceNotIdentified,
                Disbelief::Form(_) | Disbelief::Matter(_) => Reason::NoRelayAcceptanceInTime,
            };
            nothing(reason, format!("răspunsul nu este crezut: {disbelief}"))
        }),
        Outcome::Unavailable { reason, retry_after } => {
            Answered::Nothing(Reason::RecipientServiceUnreachable, Outcome::Unavailable { reason, retry_after })
        }
        Outcome::Unknown { reason } => nothing(Reason::NoRelayAcceptanceInTime, reason),
        Outcome::Delivered { .. } => {
            nothing(Reason::NoRelayAcceptanceInTime, "serviciul a răspuns fără dovadă".to_owned())
        }
        // Only evidence refuses; anything else may be a proxy, or our own fault, and can be put right.
        Outcome::Refused { code, reason } => Answered::Nothing(
            Reason::RecipientServiceUnreachable,
            Outcome::Unavailable { reason: format!("{code}: {reason}"), retry_after: None },
        ),
    }
}

fn judged(hub: &Hub, journey: &Journey, partner: &str, document: &Bytes) -> Result<Answered, Disbelief> {
    let directory = hub.directory();
    let unknown = || Disbelief::Certificate(format!("serviciul {partner} nu mai este în director"));
    let service = directory.service(partner).ok_or_else(unknown)?;
    let evidence = relay::evidence(document, service, &relay::certificates(hub, service)?)?;
    let recipient = hub.party_facts(&journey.delivery.recipient);
    relay::about(&evidence, &journey.message.id.to_string(), &journey.subject.parts, &recipient)?;
    let of = (journey.message.id, Some(journey.delivery.id));
    let received = NewReceived::new(partner, &evidence, of, document);
    match Event::parse(evidence.event.name()) {
        Some(Event::RelayAcceptance) => Ok(Answered::Taken(received)),
        Some(Event::RelayRejection) => {
            let same = |told: &hub_proofs::evidence::Reason| Reasoned {
                reason: reason_of(&told.code, Family::Relay).unwrap_or(Reason::RelayOther),
                detail: told.details.get(2).map(|text| printable(text).into_owned()),
            };
            Ok(Answered::Refused(received, evidence.reasons.iter().map(same).collect()))
        }
        _ => Err(Disbelief::Matter(format!("este {}", evidence.event.name()))),
    }
}

/// The reason a URI names within a family; none for one this program does not know.
pub(super) fn reason_of(uri: &str, family: Family) -> Option<Reason> {
    let segment = uri.strip_prefix("http://uri.etsi.org/19522/EventReason/")?;
    let fits = |reason: &&Reason| {
        let of_family = Event::ALL.into_iter().any(|event| event.family() == family && event.may_be_for(**reason));
        reason.segment() == segment && of_family
    };
    Reason::ALL.iter().find(fits).copied()
}

/// Sends once.
async fn attempt(hub: &Hub, journey: &Journey, partner: &str) -> Attempt {
    let unavailable = |reason: String| Attempt {
        outcome: Outcome::Unavailable { reason, retry_after: None },
        exchange: connectors_contract::Exchange::default(),
    };
    let directory = hub.directory();
    let connector = match directory.channel(&journey.channel).map(|channel| hub.connectors.outbound(channel)) {
        Some(Ok(connector)) => connector,
        Some(Err(error)) => return unavailable(error.to_string()),
        None => return unavailable(format!("canalul {} nu mai este în director", journey.channel)),
    };
    let sender = directory.party(&journey.message.sender);
    match dispatch(hub, journey, sender).await {
        Ok(consignment) => connector.deliver(&consignment).await,
        Err(error) => unavailable(format!("transmiterea către {partner} nu poate fi pregătită: {error}")),
    }
}

/// The ERD dispatch: metadata, the evidence of submission, and the parts byte for byte.
async fn dispatch(hub: &Hub, journey: &Journey, sender: Option<&Party>) -> Result<Consignment, String> {
    let Journey { delivery, message, subject, .. } = journey;
    let recipient = hub.party_facts(&delivery.recipient);
    let envelope = Envelope {
        recipients: vec![Recipient { party: recipient.id.clone() }],
        // The sender's own territory is not known there.
        territory: message.envelope.territory.clone().or_else(|| sender.and_then(|party| party.siruta.clone())),
        sender_registration: Some(message.sender_registration.clone()),
        on_behalf_of: None,
        parts: described(&message.envelope.parts, message),
        ..message.envelope.clone()
    };
    let metadata = Dispatch {
        message_type: MessageType::Dispatch,
        identifier: &message.id.to_string(),
        relayed_at: hub.clock.now(),
        sender: &subject.sender,
        recipient: &recipient,
        parts: &subject.parts,
        envelope: Some(&envelope),
    };
    let metadata = metadata.sealed(&*hub.seal.signer())?;
    let chain = evidence::list(&hub.db, message.id).await.map_err(|error| error.to_string())?;
    let of_submission = chain.iter().filter(|one| one.delivery.is_none());
    let mut facts = facts_of(hub, delivery, message, subject);
    facts.insert("recipient".to_owned(), recipient.id.clone());
    Ok(Consignment {
        idempotency_key: delivery.id.to_string(),
        facts,
        body: Body { content_type: "application/xml".to_owned(), content: metadata.into() },
        parts: message.payloads.iter().map(|payload| part(hub, payload)).collect(),
        evidence: of_submission.map(evidence_part).collect(),
    })
}

/// The parts with the digests that were computed here.
fn described(parts: &[PartDescription], message: &crate::message::Message) -> Vec<PartDescription> {
    let hash = |name: &str| message.payloads.iter().find(|one| one.name == name).map(|one| hex::encode(one.sha256));
    parts.iter().map(|part| PartDescription { sha256: hash(&part.name), ..part.clone() }).collect()
}

/// An evidence on its way to another service.
pub(super) fn evidence_part(evidence: &Evidence) -> Part {
    let content = Bytes::from(evidence.document.clone());
    Part {
        name: format!("{}.xml", evidence.event),
        content_type: "application/xml".to_owned(),
        size: content.len() as u64,
        sha256: sha256(&content),
        content: PartContent::Inline(content),
    }
}

/// Ends the waiting for another service's word. Where it had told nothing that ends its duty, the sender is told so
/// (D.2, RD03); where it had made the document available, nothing more is owed, and the waiting ends without a word.
pub(super) async fn fall_silent(hub: &Hub, delivery: &Delivery) -> Result<(), DbError> {
    let message = Arc::new(message_of(hub, delivery).await?);
    let mut step = Step::resting(hub, delivery, message);
    let since: Option<Timestamp> = delivery.changed_at;
    let detail = since.map(|since| format!("ultima veste: {}", since.to_utc()));
    step.change.to.0 = DeliveryState::Silent;
    step.change.due_at = None;
    step.change.reason = Some(Reason::NoDeliveryInformationInTime.in_romanian().to_owned());
    if delivery.course != Course::Consigned {
        let reason = Reason::NoDeliveryInformationInTime;
        step.occurrences = vec![Occurrence::of(Event::ContentConsignmentFailure, reason, detail)];
    }
    hub.db.write(&hub.verbs.step, step).await?;
    Ok(())
}
