//! One attempt: send, or ask what became of an earlier sending; then record what follows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connectors_contract::{
    Attempt, Body, Consignment, Exchange, Inquiry, Outbound, Outcome, Part, PartContent, SideEffect,
};

use crate::calls::{self, Call, Heard, Place};
use crate::clock::Timestamp;
use crate::db::{DbError, Value};
use crate::dead_letters::{self, Kind, OPERATOR, Parked, Replaced};
use crate::delivery::retry::{self, History, Next};
use crate::delivery::{self, Act, Change, Delivery, DeliveryState};
use crate::directory::Registry;
use crate::evidence::{Subject, Transformation};
use crate::hub::Hub;
use crate::message::{DeliveryId, Message, Payload, printable};
use crate::params;
use crate::queue::Job;
use crate::submission;
use crate::transformation::Translation;

use super::step::{NextJob, Number, Step, end_of};

/// A delivery with everything an attempt needs.
pub(super) struct Journey {
    pub(super) delivery: Delivery,
    pub(super) message: Arc<Message>,
    pub(super) subject: Arc<Subject>,
    pub(super) channel: String,
    pub(super) translation: Option<Translation>,
}

/// Loads the journey of a job; none when the delivery is gone or has ended.
pub(super) async fn load(hub: &Hub, job: &Job) -> Result<Option<Journey>, DbError> {
    let journey = journey(hub, DeliveryId(job.subject)).await?;
    Ok(journey.filter(|journey| !journey.delivery.state.is_final()))
}

async fn journey(hub: &Hub, id: DeliveryId) -> Result<Option<Journey>, DbError> {
    let Some(delivery) = delivery::load(&hub.db, id).await? else { return Ok(None) };
    let Some(message) = submission::load(&hub.db, delivery.message_id).await? else { return Ok(None) };
    let subject = hub.subject_of(&message);
    let stored = delivery::translation(&hub.db, id).await?;
    let translation = stored.map(|(mapping, version, source_sha256, target_sha256, content_type, content)| {
        Translation { mapping, version, source_sha256, target_sha256, content_type, content }
    });
    let channel = delivery.route["channel"].as_str().unwrap_or_default().to_owned();
    Ok(Some(Journey { delivery, message: Arc::new(message), subject, channel, translation }))
}

/// Makes one attempt and records what follows.
pub(super) async fn deliver(hub: &Hub, job: Job, journey: Journey) -> Result<(), DbError> {
    let directory = hub.directory();
    let channel = directory.channel(&journey.channel);
    if let Some(partner) = channel.and_then(|channel| channel.entry.partner.clone()) {
        return super::relay::relay(hub, job, journey, &partner).await;
    }
    let started_at = hub.clock.now();
    let connector = match channel.map(|channel| (Place::of(&channel.entry), hub.connectors.outbound(channel))) {
        Some((place, Ok(connector))) => Ok((place, connector)),
        Some((_, Err(error))) => Err(error.to_string()),
        None => Err(format!("canalul {} nu mai este în director", journey.channel)),
    };
    let made = match connector {
        Ok((place, connector)) => holding_lease(hub, &job, attempt(hub, &job, &journey, (&place, &*connector))).await?,
        Err(reason) => {
            let outcome = Outcome::Unavailable { reason, retry_after: None };
            let history = history(hub, &job, &journey, SideEffect::Queryable);
            let words = words_of(&outcome);
            let next = retry::after_sending(outcome, history, hub.policy.retry);
            Made { side_effect: SideEffect::Queryable, ..Made::of(Act::Deliver, next, words) }
        }
    };
    let held = made.held.then(|| super::held::step(hub, &journey.delivery, &journey.message, &made.next)).flatten();
    let step = held.unwrap_or_else(|| step(hub, &job, journey, started_at, made));
    hub.db.write(&hub.verbs.step, step).await?;
    Ok(())
}

/// Keeps the job's lease while the attempt is under way; the engine bounds how long that is.
pub(super) async fn holding_lease<T>(hub: &Hub, job: &Job, attempt: impl Future<Output = T>) -> T {
    // Renewed well before it ends: large documents take their time.
    let renewal = Duration::from_secs(hub.policy.lease_seconds.get().into()) / 3;
    tokio::pin!(attempt);
    loop {
        match tokio::time::timeout(renewal, &mut attempt).await {
            Ok(made) => return made,
            Err(_) => {
                let lease_end = hub.policy.lease_end(hub.clock.now());
                if let Err(error) = hub.db.write(&hub.verbs.renew, (job.subject, lease_end)).await {
                    tracing::warn!(job = %job.subject, %error, "a lease could not be renewed");
                }
            }
        }
    }
}

struct Made {
    act: Act,
    next: Next,
    /// Outcome and reason, for the list of attempts.
    words: (&'static str, Option<String>),
    exchange: Exchange,
    side_effect: SideEffect,
    /// The engine hands over to a carrier, not to the recipient.
    leaves: bool,
    /// The idempotency key it was sent under.
    sent_key: String,
    /// The translation that was sent, where it is not the delivery's own.
    sent_translation: Option<Translation>,
    /// A quota or a breaker held it: no attempt was made.
    held: bool,
}

impl Made {
    fn of(act: Act, next: Next, words: (&'static str, Option<String>)) -> Self {
        let (exchange, side_effect) = (Exchange::default(), SideEffect::Once);
        let (sent_key, sent_translation) = (String::new(), None);
        Self { act, next, words, exchange, side_effect, leaves: false, sent_key, sent_translation, held: false }
    }
}

async fn attempt(
    hub: &Hub,
    job: &Job,
    journey: &Journey,
    (place, connector): (&Place, &dyn Outbound),
) -> Result<Made, DbError> {
    let policy = hub.policy.retry;
    let side_effect = connector.side_effect();
    let replaced = replaced(hub, journey).await?;
    let must_ask = must_ask(job, journey, side_effect, replaced.as_ref());
    let first = match replaced.filter(|replaced| replaced.kind != Kind::Refused) {
        Some(replaced) => first_sending(hub, &replaced).await?,
        None => None,
    };
    let sent = first.as_ref().unwrap_or(journey);
    let made = |made: Made| Made {
        side_effect,
        leaves: connector.leaves_registered_delivery(),
        sent_key: sent.delivery.id.to_string(),
        sent_translation: first.as_ref().and_then(|first| first.translation.clone()),
        ..made
    };
    let consignment = match consignment(hub, sent).await {
        Ok(consignment) => consignment,
        Err(error) => {
            let outcome =
                Outcome::Unavailable { reason: format!("conținutul nu poate fi citit: {error}"), retry_after: None };
            let words = words_of(&outcome);
            let next = retry::after_sending(outcome, history(hub, job, journey, side_effect), policy);
            return Ok(made(Made::of(Act::Deliver, next, words)));
        }
    };
    if must_ask && side_effect != SideEffect::Queryable {
        let reason = "răspunsul s-a pierdut, iar destinatarul nu poate fi întrebat".to_owned();
        let words = ("unknown", Some(reason.clone()));
        let next = retry::after_lost_answer(reason, history(hub, job, journey, side_effect), policy);
        return Ok(made(Made::of(Act::Inquire, next, words)));
    }
    if let Some(later) = super::held::held(hub, place, &journey.message).await? {
        let words = ("held", Some(later.reason.clone()));
        let next = super::held::next(hub, later, &journey.delivery, history(hub, job, journey, side_effect));
        return Ok(made(Made { held: true, ..Made::of(Act::Deliver, next, words) }));
    }
    let call = Call { place, operation: None, message: Some(journey.message.id), subjects: &[] };
    if !must_ask {
        let Attempt { outcome, exchange } = calls::counted(hub, &call, true, connector.deliver(&consignment)).await;
        calls::heard(hub, place, Heard::of_outcome(&outcome, &exchange)).await;
        let words = words_of(&outcome);
        let next = retry::after_sending(outcome, history(hub, job, journey, side_effect), policy);
        return Ok(made(Made { exchange, ..Made::of(Act::Deliver, next, words) }));
    }
    let inquiry = calls::counted(hub, &call, true, connector.inquire(&consignment)).await;
    calls::heard(hub, place, Heard::of_inquiry(&inquiry)).await;
    let words = match &inquiry {
        Inquiry::Present { .. } => ("delivered", None),
        Inquiry::Absent => ("absent", None),
        Inquiry::Refused { reason, .. } => ("refused", Some(reason.clone())),
        Inquiry::Unanswered { reason, .. } => ("unavailable", Some(reason.clone())),
    };
    let next = retry::after_inquiry(inquiry, history(hub, job, journey, side_effect), policy);
    Ok(made(Made::of(Act::Inquire, next, words)))
}

/// Whether the target must be asked before anything is sent to it.
fn must_ask(job: &Job, journey: &Journey, side_effect: SideEffect, replaced: Option<&Replaced>) -> bool {
    let delivery = &journey.delivery;
    // More starts than ends: an earlier attempt was cut off, and nobody knows how far it came.
    let cut_off = job.claims > delivery.attempts + 1;
    // What it replaces was sent before, and may have arrived.
    let sent_before = replaced.is_some_and(|replaced| replaced.kind != Kind::Refused) && delivery.attempts == 0;
    delivery.state == DeliveryState::Unknown
        || (cut_off && side_effect != SideEffect::Repeatable)
        || (sent_before && side_effect == SideEffect::Queryable)
}

/// The delivery whose sending may have arrived. What is sent in its place goes under its key with its bytes: a target that
/// knows keys takes it for the same document, and would refuse other content under the same key.
async fn first_sending(hub: &Hub, replaced: &Replaced) -> Result<Option<Journey>, DbError> {
    match replaced.sent_key.parse() {
        Ok(id) => journey(hub, id).await,
        Err(_) => Ok(None),
    }
}

/// The dead letter this message was sent in place of, where it was.
async fn replaced(hub: &Hub, journey: &Journey) -> Result<Option<Replaced>, DbError> {
    // A message that replaces another refers to it; the others are spared the look.
    if journey.message.envelope.references.is_empty() {
        return Ok(None);
    }
    dead_letters::replaced_by(&hub.db, journey.message.id).await
}

pub(super) fn words_of(outcome: &Outcome) -> (&'static str, Option<String>) {
    match outcome {
        Outcome::Delivered { .. } => ("delivered", None),
        Outcome::Attested { .. } => ("attested", None),
        Outcome::Refused { code, reason } => ("refused", Some(format!("{code}: {reason}"))),
        Outcome::Unavailable { reason, .. } => ("unavailable", Some(reason.clone())),
        Outcome::Unknown { reason } => ("unknown", Some(reason.clone())),
    }
}

pub(super) fn history(hub: &Hub, job: &Job, journey: &Journey, side_effect: SideEffect) -> History {
    History {
        side_effect,
        attempts: job.claims,
        since: journey.message.submitted_at,
        now: hub.clock.now(),
        spread: job.subject.as_u64_pair().1,
    }
}

fn step(hub: &Hub, job: &Job, journey: Journey, started_at: Timestamp, made: Made) -> Step {
    let Journey { delivery, message, subject, channel, translation } = journey;
    let refused = matches!(made.next, Next::Refused { .. });
    let (state, reason, receipt, due_at) = match made.next {
        Next::HandedOver { receipt } => (DeliveryState::HandedOver, None, receipt, None),
        Next::Refused { reason } => (DeliveryState::Refused, Some(reason), None, None),
        Next::SendAgain { at, reason } => (DeliveryState::Waiting, Some(reason), None, Some(at)),
        Next::Ask { at, reason } => (DeliveryState::Unknown, Some(reason), None, Some(at)),
        Next::GiveUp { reason } => (DeliveryState::Failed, Some(reason), None, None),
    };
    // A target's words may hold what no evidence and not every database can carry.
    let on_a_line = |text: Option<String>| text.map(|text| printable(&text).into_owned());
    let (reason, receipt) = (on_a_line(reason), on_a_line(receipt));
    let directory = hub.directory();
    let party = directory.party(&delivery.recipient);
    let hub_registers = party.is_none_or(|party| party.registry == Registry::Hub);
    // What is handed to a party without an account, or to a carrier, has left registered delivery.
    let outside = made.leaves || party.is_some_and(|party| party.external);
    let state = if outside && state == DeliveryState::HandedOver { DeliveryState::Left } else { state };
    let mut attempts = cut_off_rows(&delivery, job);
    if !made.held {
        attempts.push(params![
            delivery.id,
            job.claims,
            made.act.as_str(),
            started_at.0,
            hub.clock.now().0,
            made.words.0,
            on_a_line(made.words.1),
            made.exchange.status.map(i64::from),
            made.exchange.sent_sha256,
        ]);
    }
    let system = directory.channel(&channel).map(|channel| channel.entry.system.clone());
    let system = system.unwrap_or_else(|| channel.clone());
    let kind = match state {
        _ if refused => Some(Kind::Refused),
        DeliveryState::Failed => Some(Kind::Exhausted),
        DeliveryState::Unknown if made.side_effect == SideEffect::Once => Some(Kind::Uncertain),
        _ => None,
    };
    let parked = kind.map(|kind| Parked {
        delivery: delivery.id,
        message: message.id,
        sender: message.sender.clone(),
        owner: owner(kind, &message),
        system: system.clone(),
        kind,
        side_effect: made.side_effect,
        sent_key: made.sent_key,
        reason: reason.clone().unwrap_or_default(),
    });
    let outside = outside.then_some(system);
    let series = directory.series_for(&delivery.recipient, &message.envelope.document_type);
    Step {
        occurrences: end_of(state, reason.clone(), outside.as_deref()).into_iter().collect(),
        number: match (state, &delivery.recipient_registration) {
            (_, Some(number)) => Number::Known(number.clone()),
            (DeliveryState::HandedOver, None) if hub_registers => Number::Take,
            _ => Number::None,
        },
        change: Change {
            id: delivery.id,
            from: (delivery.state, delivery.attempts),
            to: (state, job.claims - i64::from(made.held)),
            course: delivery.course,
            reason,
            receipt,
            due_at,
            at: started_at,
        },
        rule: hub.rule_for(&series, &message.envelope),
        series,
        course: delivery.course,
        recipient: delivery.recipient,
        position: usize::try_from(delivery.position).unwrap_or(1),
        message,
        subject,
        received: Vec::new(),
        acting: None,
        transformation: made.sent_translation.or(translation).map(|made| Transformation {
            mapping: made.mapping,
            version: made.version,
            source_sha256: made.source_sha256,
            target_sha256: made.target_sha256,
        }),
        attempts,
        parked,
        act: None,
        next: due_at.map_or(NextJob::None, NextJob::Again),
    }
}

/// Who must act: those who run the hub ask a system that cannot be asked by it; whether a document that has ended is sent
/// again is for its sender to say, since it becomes a new message of the sender's. What another service relayed here is its
/// own to send again, and ours to look after.
pub(super) fn owner(kind: Kind, message: &Message) -> String {
    match kind {
        Kind::Uncertain => OPERATOR.to_owned(),
        _ if message.relay.is_some() => OPERATOR.to_owned(),
        Kind::Exhausted | Kind::Refused => message.sender.clone(),
    }
}

/// Attempts that began and whose end nobody saw.
pub(super) fn cut_off_rows(delivery: &Delivery, job: &Job) -> Vec<Vec<Value>> {
    let reason = "hubul s-a oprit în timpul încercării";
    let row = |number: i64| {
        let began = delivery.changed_at.unwrap_or_default().0;
        params![
            delivery.id,
            number,
            Act::Deliver.as_str(),
            began,
            None::<i64>,
            "unknown",
            reason,
            None::<i64>,
            None::<[u8; 32]>,
        ]
    };
    (delivery.attempts + 1..job.claims).map(row).collect()
}

async fn consignment(hub: &Hub, journey: &Journey) -> std::io::Result<Consignment> {
    let Journey { delivery, message, translation, .. } = journey;
    let body = match translation {
        Some(made) => Body { content_type: made.content_type.clone(), content: made.content.clone().into() },
        None => Body { content_type: "application/json".to_owned(), content: hub.body(message).await? },
    };
    Ok(Consignment {
        idempotency_key: delivery.id.to_string(),
        facts: facts_of(hub, delivery, message, &journey.subject),
        body,
        parts: message.payloads.iter().map(|payload| part(hub, payload)).collect(),
        evidence: Vec::new(),
    })
}

/// A payload as it was received, wherever its bytes are.
pub(super) fn part(hub: &Hub, payload: &Payload) -> Part {
    let kept = || PartContent::File(hub.blobs.path(&payload.sha256));
    Part {
        name: payload.name.clone(),
        content_type: payload.content_type.clone(),
        size: payload.size,
        sha256: payload.sha256,
        content: payload.content.clone().map_or_else(kept, PartContent::Inline),
    }
}

/// The named facts a manifest may select.
pub(super) fn facts_of(
    hub: &Hub,
    delivery: &Delivery,
    message: &Message,
    subject: &Subject,
) -> BTreeMap<String, String> {
    let envelope = &message.envelope;
    let unit = delivery.route["unit"].as_str().unwrap_or_default();
    [
        ("message_id", message.id.to_string()),
        ("delivery_id", delivery.id.to_string()),
        ("sender", subject.sender.id.clone()),
        ("sender_name", subject.sender.name.clone().unwrap_or_default()),
        ("sender_number", message.sender_registration.number.clone()),
        ("sender_date", message.sender_registration.date.clone()),
        ("recipient", delivery.recipient.clone()),
        ("recipient_unit", unit.to_owned()),
        ("document_type", envelope.document_type.clone()),
        ("document_version", envelope.document_version.clone()),
        ("subject", envelope.subject.clone()),
        ("submitted_at", message.submitted_at.to_utc()),
        ("hub_address", hub.connectors.hub_address().to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
