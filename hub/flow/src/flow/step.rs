//! One step of a delivery, recorded: change, register, evidence, attempts, jobs; one transaction.

use std::sync::Arc;

use crate::db::{DbError, Tx, Value, WriteVerb};
use crate::delivery::{self, Change, DeliveryState};
use crate::evidence::{self, Event, NewEvidence, Reasoned, Subject, Transformation};
use crate::hub::Hub;
use crate::message::{DeliveryId, EvidenceId, Message, Registration};
use crate::queue::{self, Job};
use crate::registration::{self, Direction, NewEntry};

use super::Desk;

/// A decided step of one delivery.
pub(super) struct Step {
    pub(super) message: Arc<Message>,
    pub(super) subject: Arc<Subject>,
    pub(super) recipient: String,
    pub(super) position: usize,
    pub(super) change: Change,
    /// The evidence it gives rise to.
    pub(super) event: Option<(Event, Reasoned)>,
    pub(super) number: Number,
    pub(super) transformation: Option<Transformation>,
    pub(super) attempts: Vec<Vec<Value>>,
    /// Whether a job waits for the next act.
    pub(super) reschedule: bool,
}

/// Where the recipient's register number comes from.
#[derive(Clone)]
pub(super) enum Number {
    /// There is none, or not yet.
    None,
    /// It was given before, or the recipient gave it now.
    Known(Registration),
    /// The hub's register for the recipient gives it now.
    Take,
}

/// Writes steps; answers which took effect, and with which register number.
pub(super) struct TakeStep(pub(super) Desk);

impl WriteVerb for TakeStep {
    type Item = Step;
    type Output = Option<Option<Registration>>;
    const ORDER: u16 = 30;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Step]) -> Result<Vec<Self::Output>, DbError> {
        let Self(Desk { seal, clock, ids }) = self;
        let now = clock.now();
        let changes: Vec<Change> = items.iter().map(|step| Change { at: now, ..step.change.clone() }).collect();
        let won = delivery::change(tx, &changes).await?;
        let taken: Vec<&Step> = items.iter().zip(&won).filter(|(_, won)| **won).map(|(step, _)| step).collect();

        let entries: Vec<NewEntry> =
            taken.iter().filter(|step| matches!(step.number, Number::Take)).map(|step| step.entry(now)).collect();
        let mut fresh = registration::register(tx, &entries).await?.into_iter();
        let numbers: Vec<Option<Registration>> = taken
            .iter()
            .map(|step| match &step.number {
                Number::None => None,
                Number::Known(number) => Some(number.clone()),
                Number::Take => fresh.next(),
            })
            .collect();
        let evidence = |(step, number): (&&Step, &Option<Registration>)| {
            let (event, reason) = step.event.clone()?;
            Some(NewEvidence {
                id: EvidenceId(ids.uuid(now)),
                event,
                reasons: vec![reason],
                at: now,
                subject: Arc::clone(&step.subject),
                delivery: Some((step.change.id, step.position)),
                sender_registration: Some(step.message.sender_registration.clone()),
                recipient_registration: number.clone(),
                transformation: step.transformation.clone(),
            })
        };
        let sealing = evidence::seal(seal, taken.iter().zip(&numbers).filter_map(evidence).collect());
        let written: Vec<(DeliveryId, &Registration)> =
            taken.iter().zip(&numbers).filter_map(|(step, number)| Some((step.change.id, number.as_ref()?))).collect();
        delivery::set_registrations(tx, &written).await?;
        delivery::attempts(tx, taken.iter().flat_map(|step| step.attempts.iter().cloned()).collect()).await?;

        let ended = |step: &&&Step| step.change.to.0.is_final();
        queue::finish(tx, &taken.iter().filter(ended).map(|step| step.change.id.0).collect::<Vec<_>>()).await?;
        let later =
            taken.iter().filter_map(|step| Some((step.change.id.0, step.change.due_at.filter(|_| step.reschedule)?)));
        queue::reschedule(tx, &later.collect::<Vec<_>>()).await?;
        let messages: Vec<_> = taken.iter().filter(ended).map(|step| step.message.id).collect();
        delivery::complete(tx, &messages).await?;
        evidence::append(tx, sealing).await?;

        let mut numbers = numbers.into_iter();
        Ok(won.into_iter().map(|won| if won { numbers.next() } else { None }).collect())
    }
}

impl Step {
    fn entry(&self, now: crate::clock::Timestamp) -> NewEntry {
        NewEntry {
            party: self.recipient.clone(),
            direction: Direction::In,
            message: self.message.id,
            delivery: Some(self.change.id),
            counterpart: self.message.sender.clone(),
            counterpart_registration: Some(self.message.sender_registration.clone()),
            subject: self.message.envelope.subject.clone(),
            at: now,
        }
    }
}

/// Drops a job whose subject is gone or already ended.
pub(super) async fn forget(hub: &Hub, job: &Job) -> Result<(), DbError> {
    hub.db.write(&hub.verbs.forget, job.subject).await
}

/// The evidence a final state gives rise to.
pub(super) fn event_of(state: DeliveryState, detail: Option<String>) -> Option<(Event, Reasoned)> {
    use crate::evidence::Reason;
    let (event, reason) = match state {
        DeliveryState::HandedOver => (Event::ContentHandover, Reason::MessageHandedOver),
        DeliveryState::Refused => (Event::ContentHandoverFailure, Reason::HandoverRefused),
        DeliveryState::Failed | DeliveryState::Expired => {
            (Event::ContentHandoverFailure, Reason::MessageHandoverTimeout)
        }
        _ => return None,
    };
    Some((event, Reasoned { reason, detail }))
}
