//! Telling a recipient, over its channel for notices, that a document waits in its inbox.
//!
//! The notice names sender, type and number, never content. That it was sent, or could not be, is attested (C.1, C.2,
//! D.3, D.4), and that the recipient's system took it (C.6).

use std::sync::Arc;

use connectors_contract::{Attempt, Body, Consignment, Outcome, SideEffect};
use serde_json::json;

use crate::calls::{self, Heard, Place};
use crate::db::DbError;
use crate::delivery::retry::{self, History, Next};
use crate::delivery::{self, Act, Delivery, DeliveryState};
use crate::evidence::{Course, Event, Reason};
use crate::hub::Hub;
use crate::message::{DeliveryId, Message, printable};
use crate::params;
use crate::queue::{Job, JobKind};

use super::deliver::{facts_of, holding_lease, words_of};
use super::settle::message_of;
use super::step::{NextJob, Occurrence, Step, forget};

/// Makes one attempt at telling and records what follows.
pub(super) async fn notify(hub: &Hub, job: Job) -> Result<(), DbError> {
    let waiting = delivery::load(&hub.db, DeliveryId(job.subject)).await?;
    let Some(delivery) = waiting.filter(|delivery| !delivery.state.is_final()) else { return forget(hub, &job).await };
    let message = Arc::new(message_of(hub, &delivery).await?);
    let started_at = hub.clock.now();
    let place = place(hub, &delivery);
    let history = |now| History {
        side_effect: SideEffect::Repeatable,
        attempts: job.claims,
        since: message.submitted_at,
        now,
        spread: job.subject.as_u64_pair().1,
    };
    let held = match &place {
        Some(place) => super::held::held(hub, place, &message).await?,
        None => None,
    };
    let outcome = match held {
        Some(later) => {
            let reason = later.reason.clone();
            let next = super::held::next(hub, later, &delivery, history(started_at));
            if let Some(step) = super::held::step(hub, &delivery, &message, &next) {
                hub.db.write(&hub.verbs.step, step).await?;
                return Ok(());
            }
            Outcome::Unavailable { reason, retry_after: None }
        }
        None => holding_lease(hub, &job, tell(hub, &delivery, &message, place.as_ref())).await,
    };
    let words = words_of(&outcome);
    let history = history(hub.clock.now());
    let next = retry::after_sending(outcome, history, hub.policy.retry);
    let mut step = Step::resting(hub, &delivery, message);
    step.change.to.1 += 1;
    let line = |text: Option<String>| text.map(|text| printable(&text).into_owned());
    step.attempts.push(params![
        delivery.id,
        step.change.to.1,
        Act::Notify.as_str(),
        started_at.0,
        hub.clock.now().0,
        words.0,
        line(words.1),
        None::<i64>,
        None::<[u8; 32]>,
    ]);
    record(hub, &delivery, &job, next, &mut step);
    hub.db.write(&hub.verbs.step, step).await?;
    Ok(())
}

/// What the end of an attempt attests, and what is to be done next.
fn record(hub: &Hub, delivery: &Delivery, job: &Job, next: Next, step: &mut Step) {
    let asked = delivery.state != DeliveryState::Consigned;
    let sent = |multiple: bool, detail: Option<String>| match (asked, multiple) {
        (true, false) => {
            Occurrence::of(Event::NotificationForAcceptance, Reason::NotificationForAcceptanceSent, detail)
        }
        (true, true) => Occurrence::of(
            Event::NotificationForAcceptanceFailure,
            if job.claims > 1 {
                Reason::NotificationForAcceptanceMultipleError
            } else {
                Reason::NotificationForAcceptanceError
            },
            detail,
        ),
        (false, false) => Occurrence::plain(Event::ConsignmentNotification),
        (false, true) => Occurrence::of(Event::ConsignmentNotificationFailure, Reason::ConsignmentOther, detail),
    };
    match next {
        Next::HandedOver { .. } => {
            step.occurrences = vec![sent(false, None), Occurrence::plain(Event::NotificationDelivered)];
        }
        Next::Refused { reason } | Next::GiveUp { reason } => {
            step.occurrences = vec![sent(true, Some(printable(&reason).into_owned()))];
        }
        Next::SendAgain { at, reason } | Next::Ask { at, reason } => {
            if asked {
                step.change.to.0 = DeliveryState::Waiting;
            }
            step.change.reason = Some(printable(&reason).into_owned());
            step.change.due_at = Some(at);
            step.next = NextJob::Again(at);
            return;
        }
    }
    if asked && delivery.course == Course::Taken {
        step.change.to.0 = DeliveryState::Announced;
    }
    let due_at = hub.policy.inbox_end(hub.clock.now());
    step.change.due_at = Some(due_at);
    step.next = NextJob::Other(JobKind::Expire, due_at);
}

/// Where the recipient is told, where it can be.
fn place(hub: &Hub, delivery: &Delivery) -> Option<Place> {
    let directory = hub.directory();
    let channel = directory.channel(directory.party(&delivery.recipient)?.notify.as_deref()?)?;
    Some(Place::of(&channel.entry))
}

async fn tell(hub: &Hub, delivery: &Delivery, message: &Message, place: Option<&Place>) -> Outcome {
    let directory = hub.directory();
    let unavailable = |reason: String| Outcome::Unavailable { reason, retry_after: None };
    let channel = directory.party(&delivery.recipient).and_then(|party| directory.channel(party.notify.as_deref()?));
    let Some(channel) = channel else {
        return Outcome::Refused {
            code: "notice".to_owned(),
            reason: "canalul de înștiințare nu mai este în director".to_owned(),
        };
    };
    let connector = match hub.connectors.outbound(channel) {
        Ok(connector) => connector,
        Err(error) => return unavailable(error.to_string()),
    };
    let subject = hub.subject_of(message);
    let mut facts = facts_of(hub, delivery, message, &subject);
    let asked = delivery.state != DeliveryState::Consigned;
    let notice = if asked { "document.announced" } else { "document.available" };
    facts.insert("notice".to_owned(), notice.to_owned());
    let body = json!({"inbox": format!("/v1/inbox/{}", delivery.id), "acceptance_required": asked});
    let consignment = Consignment {
        idempotency_key: format!("{}-notice", delivery.id),
        facts,
        body: Body { content_type: "application/json".to_owned(), content: body.to_string().into() },
        parts: Vec::new(),
        evidence: Vec::new(),
    };
    let Attempt { outcome, exchange } = connector.deliver(&consignment).await;
    if let Some(place) = place {
        calls::heard(hub, place, Heard::of_outcome(&outcome, &exchange)).await;
    }
    outcome
}
