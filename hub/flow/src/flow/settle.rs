//! The inbox: the recipient accepts or rejects what waits for it, or does not come in time.

use std::sync::Arc;

use crate::db::DbError;
use crate::delivery::{self, Change, Delivery, DeliveryState};
use crate::directory::Registry;
use crate::hub::Hub;
use crate::message::{DeliveryId, Message, Registration};
use crate::queue::Job;
use crate::standing::Halt;
use crate::submission;

use super::step::{Number, Step, event_of, forget};

/// What a recipient does with a consigned document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Takes it, with its own register number where it keeps its own register.
    Accept {
        /// The number its registry gave.
        registration: Option<Registration>,
    },
    /// Does not take it.
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
    /// There is no such delivery in this party's inbox.
    NotFound,
    /// It was settled otherwise, or has ended.
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

/// Settles a consigned delivery for its recipient. Settling twice in the same way answers the same.
///
/// # Errors
/// [`Unsettled`] says why not.
pub async fn settle(hub: &Hub, party: &str, id: DeliveryId, settlement: Settlement) -> Result<Settled, Unsettled> {
    let delivery = find(hub, party, id).await?;
    if delivery.state != DeliveryState::Consigned {
        return settled_before(delivery, &settlement);
    }
    if let Some(halt) = hub.standing.halted() {
        return Err(Unsettled::Halted(halt));
    }
    let keeps_own = hub.directory().party(party).is_some_and(|party| party.registry == Registry::Own);
    let (state, number, reason) = match &settlement {
        Settlement::Reject { reason } => {
            (DeliveryState::Refused, known(delivery.recipient_registration.clone()), Some(reason.clone()))
        }
        Settlement::Accept { registration: None } if keeps_own => return Err(Unsettled::NumberMissing),
        Settlement::Accept { registration: Some(_) } if !keeps_own => {
            let number = delivery.recipient_registration.clone();
            return Err(number.map_or(Unsettled::NumberMissing, Unsettled::NumberKeptByHub));
        }
        Settlement::Accept { registration } => {
            let number = registration.clone().or_else(|| delivery.recipient_registration.clone());
            (DeliveryState::HandedOver, known(number), None)
        }
    };
    let message = message_of(hub, &delivery).await?;
    let step = end(hub, delivery, message, Ending { state, number, reason });
    let taken = hub.db.write(&hub.verbs.step, step).await?;
    let delivery = find(hub, party, id).await?;
    if taken.is_none() {
        return settled_before(delivery, &settlement);
    }
    Ok(Settled { delivery, again: false })
}

fn known(number: Option<Registration>) -> Number {
    number.map_or(Number::None, Number::Known)
}

async fn find(hub: &Hub, party: &str, id: DeliveryId) -> Result<Delivery, Unsettled> {
    let delivery = delivery::load(&hub.db, id).await?;
    delivery.filter(|delivery| delivery.recipient == party).ok_or(Unsettled::NotFound)
}

fn settled_before(delivery: Delivery, settlement: &Settlement) -> Result<Settled, Unsettled> {
    let same = match settlement {
        Settlement::Accept { registration } => {
            delivery.state == DeliveryState::HandedOver
                && (registration.is_none() || *registration == delivery.recipient_registration)
        }
        Settlement::Reject { .. } => delivery.state == DeliveryState::Refused,
    };
    if same { Ok(Settled { delivery, again: true }) } else { Err(Unsettled::Conflict(Box::new(delivery))) }
}

async fn message_of(hub: &Hub, delivery: &Delivery) -> Result<Message, DbError> {
    submission::load(&hub.db, delivery.message_id).await?.ok_or_else(|| DbError::Inconsistent {
        column: "delivery.message_id".to_owned(),
        expected: "a stored message",
        found: delivery.message_id.to_string(),
    })
}

/// Ends a delivery nobody came for.
pub(super) async fn expire(hub: &Hub, job: &Job) -> Result<(), DbError> {
    let waiting = delivery::load(&hub.db, DeliveryId(job.subject)).await?;
    let Some(delivery) = waiting.filter(|delivery| delivery.state == DeliveryState::Consigned) else {
        return forget(hub, job).await;
    };
    let message = message_of(hub, &delivery).await?;
    let number = known(delivery.recipient_registration.clone());
    let reason = Some("destinatarul nu a ridicat documentul în termen".to_owned());
    hub.db
        .write(&hub.verbs.step, end(hub, delivery, message, Ending { state: DeliveryState::Expired, number, reason }))
        .await?;
    Ok(())
}

/// How a consigned delivery ends.
struct Ending {
    state: DeliveryState,
    number: Number,
    reason: Option<String>,
}

fn end(hub: &Hub, delivery: Delivery, message: Message, ending: Ending) -> Step {
    let Ending { state, number, reason } = ending;
    Step {
        subject: hub.subject_of(&message),
        message: Arc::new(message),
        event: event_of(state, reason.clone()),
        change: Change {
            id: delivery.id,
            from: (delivery.state, delivery.attempts),
            to: (state, delivery.attempts),
            reason,
            receipt: None,
            due_at: None,
            at: hub.clock.now(),
        },
        recipient: delivery.recipient,
        position: usize::try_from(delivery.position).unwrap_or(1),
        number,
        transformation: None,
        attempts: Vec::new(),
        reschedule: false,
    }
}
