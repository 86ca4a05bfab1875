//! The inbox: the recipient consents to, accepts or rejects what waits for it, or does not come in time.

use std::sync::Arc;

use crate::db::DbError;
use crate::delivery::{self, Delivery, DeliveryState};
use crate::directory::Registry;
use crate::evidence::{Course, Event, Reason};
use crate::hub::Hub;
use crate::message::{Authentication, DeliveryId, Message, Registration, printable};
use crate::queue::{Job, JobKind};
use crate::standing::Halt;
use crate::submission;

use super::step::{Acting, NextJob, Number, Occurrence, Step, end_of, forget};

/// What a recipient does with a document in its inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Wants to receive a document it was asked about; its content is shown from now on.
    Consent,
    /// Takes it, with its own register number where it keeps its own register.
    Accept {
        /// The number its registry gave.
        registration: Option<Registration>,
    },
    /// Does not take it, or does not want to receive it.
    Reject {
        /// Why, in words.
        reason: String,
    },
}

/// A settled delivery.
#[derive(Debug, Clone)]
pub struct Settled {
    /// The delivery as it stands now.
    pub delivery: Delivery,
    /// Whether it had been settled in the same way before.
    pub again: bool,
}

/// Why a delivery cannot be settled so.
#[derive(Debug)]
pub enum Unsettled {
    /// There is no such delivery in an inbox this party may open.
    NotFound,
    /// It was settled otherwise, has ended, or waits for another word first.
    Conflict(Box<Delivery>),
    /// The party keeps its own register and must give its number.
    NumberMissing,
    /// The hub keeps the party's register; a number cannot be given.
    NumberKeptByHub(Registration),
    /// No evidence may be issued now, so nothing is settled.
    Halted(Halt),
    /// The database failed; nothing was settled.
    Unavailable(DbError),
}

impl From<DbError> for Unsettled {
    fn from(error: DbError) -> Self {
        Self::Unavailable(error)
    }
}

/// Who settles: a party at its own inbox, or at that of one it is the delegate of.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// The acting party.
    pub party: &'a str,
    /// How it was known.
    pub authentication: &'a Authentication,
}

/// Settles a delivery for its recipient. Settling twice in the same way answers the same.
///
/// # Errors
/// [`Unsettled`] says why not.
pub async fn settle(hub: &Hub, actor: Actor<'_>, id: DeliveryId, settlement: Settlement) -> Result<Settled, Unsettled> {
    let delivery = find(hub, actor.party, id).await?;
    let awaited = matches!(
        (delivery.state, &settlement),
        (DeliveryState::Announced, Settlement::Consent | Settlement::Reject { .. })
            | (DeliveryState::Consigned, Settlement::Accept { .. } | Settlement::Reject { .. })
    );
    if !awaited {
        return settled_before(delivery, &settlement);
    }
    if let Some(halt) = hub.halted() {
        return Err(Unsettled::Halted(halt));
    }
    let ending = decide(hub, &delivery, &settlement)?;
    let message = Arc::new(message_of(hub, &delivery).await?);
    let mut step = ending.step(hub, &delivery, message);
    step.act(acting(hub, &delivery.recipient, actor));
    let taken = hub.db.write(&hub.verbs.step, step).await?;
    let delivery = find(hub, actor.party, id).await?;
    if taken.is_none() {
        return settled_before(delivery, &settlement);
    }
    Ok(Settled { delivery, again: false })
}

fn decide(hub: &Hub, delivery: &Delivery, settlement: &Settlement) -> Result<Ending, Unsettled> {
    let keeps_own = hub.directory().party(&delivery.recipient).is_some_and(|party| party.registry == Registry::Own);
    let number = delivery.recipient_registration.clone();
    Ok(match settlement {
        Settlement::Consent => Ending {
            state: DeliveryState::Consigned,
            number: if keeps_own { Number::None } else { Number::Take },
            reason: None,
        },
        Settlement::Reject { reason } => {
            Ending { state: DeliveryState::Refused, number: known(number), reason: Some(reason.clone()) }
        }
        Settlement::Accept { registration: None } if keeps_own => return Err(Unsettled::NumberMissing),
        Settlement::Accept { registration: Some(_) } if !keeps_own => {
            return Err(number.map_or(Unsettled::NumberMissing, Unsettled::NumberKeptByHub));
        }
        Settlement::Accept { registration } => {
            Ending { state: DeliveryState::HandedOver, number: known(registration.clone().or(number)), reason: None }
        }
    })
}

fn known(number: Option<Registration>) -> Number {
    number.map_or(Number::None, Number::Known)
}

/// Who acts, as evidence names it.
pub(super) fn acting(hub: &Hub, recipient: &str, actor: Actor<'_>) -> Acting {
    let delegate = (actor.party != recipient).then(|| hub.party_facts(actor.party));
    Acting { authentication: Some(actor.authentication.clone()), delegate }
}

/// The delivery, where this party may open the inbox it lies in.
pub(super) async fn find(hub: &Hub, party: &str, id: DeliveryId) -> Result<Delivery, Unsettled> {
    let delivery = delivery::load(&hub.db, id).await?;
    delivery.filter(|delivery| hub.directory().acts_for(party, &delivery.recipient)).ok_or(Unsettled::NotFound)
}

fn settled_before(delivery: Delivery, settlement: &Settlement) -> Result<Settled, Unsettled> {
    let same = match settlement {
        // Whoever consented and then went further has consented.
        Settlement::Consent => {
            delivery.state == DeliveryState::Consigned || delivery.state == DeliveryState::HandedOver
        }
        Settlement::Accept { registration } => {
            delivery.state == DeliveryState::HandedOver
                && (registration.is_none() || *registration == delivery.recipient_registration)
        }
        Settlement::Reject { .. } => delivery.state == DeliveryState::Refused,
    };
    if same { Ok(Settled { delivery, again: true }) } else { Err(Unsettled::Conflict(Box::new(delivery))) }
}

pub(super) async fn message_of(hub: &Hub, delivery: &Delivery) -> Result<Message, DbError> {
    submission::load(&hub.db, delivery.message_id).await?.ok_or_else(|| DbError::Inconsistent {
        column: "delivery.message_id".to_owned(),
        expected: "a stored message",
        found: delivery.message_id.to_string(),
    })
}

/// Ends a delivery nobody came for.
pub(super) async fn expire(hub: &Hub, job: &Job) -> Result<(), DbError> {
    let waiting = delivery::load(&hub.db, DeliveryId(job.subject)).await?;
    if let Some(delivery) = waiting.as_ref().filter(|delivery| delivery.state == DeliveryState::Relayed) {
        return super::relay::fall_silent(hub, delivery).await;
    }
    let waits = |state| matches!(state, DeliveryState::Announced | DeliveryState::Consigned);
    let Some(delivery) = waiting.filter(|delivery| waits(delivery.state)) else {
        return forget(hub, job).await;
    };
    let message = Arc::new(message_of(hub, &delivery).await?);
    let (state, reason) = match delivery.course {
        // Whoever was never told cannot be said to have stayed silent.
        Course::Untold => (DeliveryState::NotConsigned, "destinatarul nu a putut fi înștiințat"),
        Course::Announced => (DeliveryState::Expired, "destinatarul nu a răspuns în termen"),
        _ => (DeliveryState::Expired, "destinatarul nu a ridicat documentul în termen"),
    };
    let ending =
        Ending { state, number: known(delivery.recipient_registration.clone()), reason: Some(reason.to_owned()) };
    hub.db.write(&hub.verbs.step, ending.step(hub, &delivery, message)).await?;
    Ok(())
}

/// How the waiting of a delivery ends.
struct Ending {
    state: DeliveryState,
    number: Number,
    reason: Option<String>,
}

impl Ending {
    fn step(self, hub: &Hub, delivery: &Delivery, message: Arc<Message>) -> Step {
        let Self { state, number, reason } = self;
        let reason = reason.map(|text| printable(&text).into_owned());
        let occurrences = occurrences(delivery.course, state, reason.clone());
        let mut step = Step::resting(hub, delivery, message);
        step.change.to = (state, delivery.attempts);
        step.change.reason = reason;
        step.change.due_at = None;
        step.number = number;
        step.occurrences = occurrences;
        if !state.is_final() {
            let due_at = hub.policy.inbox_end(hub.clock.now());
            step.change.due_at = Some(due_at);
            step.next = NextJob::Other(JobKind::Expire, due_at);
        }
        step
    }
}

/// What a settlement attests, from where the evidence had come to.
fn occurrences(course: Course, state: DeliveryState, detail: Option<String>) -> Vec<Occurrence> {
    let told = || {
        let detail = Some("înștiințarea a fost văzută în căsuța din hub".to_owned());
        Occurrence::of(Event::NotificationForAcceptance, Reason::SubsequentNotificationForAcceptanceSent, detail)
    };
    // One who answers has been told, by the inbox if by nothing else.
    let mut all: Vec<Occurrence> =
        (course == Course::Untold && state != DeliveryState::NotConsigned).then(told).into_iter().collect();
    let asked = matches!(course, Course::Announced | Course::Untold);
    match state {
        DeliveryState::Consigned => all.extend([
            Occurrence::of(Event::ConsignmentAcceptance, Reason::MessageAcceptedByRecipient, None),
            Occurrence::of(Event::ContentConsignment, Reason::MessageConsignedToRecipient, None),
        ]),
        DeliveryState::Refused if asked => {
            all.push(Occurrence::of(Event::ConsignmentRejection, Reason::MessageRejectedByRecipient, detail));
        }
        DeliveryState::Expired if asked => {
            let reason = Reason::MessageNotAcceptedInTimeByRecipient;
            all.push(Occurrence::of(Event::AcceptanceRejectionExpiry, reason, detail));
        }
        DeliveryState::NotConsigned => {
            let reason = Reason::MessageNotConsignedForMalfunction;
            all.push(Occurrence::of(Event::ContentConsignmentFailure, reason, detail));
        }
        _ => all.extend(end_of(state, detail, None)),
    }
    all
}
