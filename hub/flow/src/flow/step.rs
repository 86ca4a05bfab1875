//! One step of a delivery, recorded: change, register, evidence, attempts, jobs; one transaction.

use std::sync::Arc;

use hub_deadlines::Rule;

use crate::clock::Timestamp;
use crate::db::{DbError, Tx, Value, WriteVerb};
use crate::dead_letters::{self, NewAct, Parked};
use crate::delivery::{self, Change, Delivery, DeliveryState};
use crate::directory::Series;
use crate::evidence::{self, Course, Event, NewEvidence, PartyFacts, Reason, Reasoned, Subject, Transformation};
use crate::hub::Hub;
use crate::message::{Authentication, DeliveryId, EvidenceId, Message, Registration};
use crate::queue::{self, Job, JobKind};
use crate::registration::{Direction, NewEntry, Particulars};
use crate::relay::{self, NewReceived, Standing};

use super::Desk;
use super::likeness;
use super::registry::{Entering, enter};

/// A decided step of one delivery.
pub(super) struct Step {
    pub(super) message: Arc<Message>,
    pub(super) subject: Arc<Subject>,
    pub(super) recipient: String,
    /// The register that numbers it for the recipient, if the hub does.
    pub(super) series: Series,
    /// The rule its deadline there follows.
    pub(super) rule: Option<Rule>,
    pub(super) position: usize,
    /// Where its evidence had come to when this was decided.
    pub(super) course: Course,
    pub(super) change: Change,
    /// Evidence of the other service that this step rests on; its events come before ours.
    pub(super) received: Vec<(NewReceived, Event)>,
    /// What happened, in order; each gives rise to an evidence.
    pub(super) occurrences: Vec<Occurrence>,
    /// Who acted on the recipient's side, where somebody did.
    pub(super) acting: Option<Acting>,
    pub(super) number: Number,
    pub(super) transformation: Option<Transformation>,
    pub(super) attempts: Vec<Vec<Value>>,
    /// That it becomes a dead letter, where it does.
    pub(super) parked: Option<Parked>,
    /// What was done about it as a dead letter, where something was.
    pub(super) act: Option<NewAct>,
    /// What is to be done next with this delivery.
    pub(super) next: NextJob,
}

/// Something that happened, to be attested.
#[derive(Clone)]
pub(super) struct Occurrence {
    pub(super) event: Event,
    pub(super) reason: Option<Reasoned>,
    /// The system outside registered delivery, in F events.
    pub(super) external_system: Option<String>,
    /// The other delivery service, in B events.
    pub(super) external_service: Option<PartyFacts>,
}

impl Occurrence {
    pub(super) fn of(event: Event, reason: Reason, detail: Option<String>) -> Self {
        Self { event, reason: Some(Reasoned { reason, detail }), ..Self::plain(event) }
    }

    /// One for which the standard has no reason code.
    pub(super) fn plain(event: Event) -> Self {
        Self { event, reason: None, external_system: None, external_service: None }
    }
}

/// Who acts on the recipient's side: the recipient, or its delegate.
#[derive(Clone)]
pub(super) struct Acting {
    pub(super) authentication: Option<Authentication>,
    pub(super) delegate: Option<PartyFacts>,
}

/// What is to be done next with a delivery.
pub(super) enum NextJob {
    /// Nothing: it has ended.
    None,
    /// The same, at this moment.
    Again(Timestamp),
    /// The same, at this moment, and this start was none: nothing was tried.
    Held(Timestamp),
    /// Something else, at this moment.
    Other(JobKind, Timestamp),
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
        let Self(Desk { seal, clock, ids, deadlines }) = self;
        let now = clock.now();
        let changes = items.iter().map(|step| step.changed(now)).collect::<Result<Vec<_>, _>>()?;
        let won = delivery::change(tx, &changes).await?;
        let taken: Vec<&Step> = items.iter().zip(&won).filter(|(_, won)| **won).map(|(step, _)| step).collect();

        let entries: Vec<Entering> = taken
            .iter()
            .filter(|step| matches!(step.number, Number::Take))
            .map(|step| step.entry(ids.salt(), now))
            .collect();
        let mut fresh = enter(tx, deadlines, entries).await?.into_iter();
        let numbers: Vec<Option<Registration>> = taken
            .iter()
            .map(|step| match &step.number {
                Number::None => None,
                Number::Known(number) => Some(number.clone()),
                Number::Take => fresh.next().map(|taken| taken.registration),
            })
            .collect();
        let evidences = taken.iter().zip(&numbers).flat_map(|(step, number)| {
            step.occurrences.iter().map(move |one| step.evidence(one, EvidenceId(ids.uuid(now)), now, number.as_ref()))
        });
        let sealing = evidence::seal(seal, evidences.collect());
        let written: Vec<(DeliveryId, &Registration)> =
            taken.iter().zip(&numbers).filter_map(|(step, number)| Some((step.change.id, number.as_ref()?))).collect();
        delivery::set_registrations(tx, &written).await?;
        delivery::attempts(tx, taken.iter().flat_map(|step| step.attempts.iter().cloned()).collect()).await?;
        dead_letters::park(tx, &taken.iter().filter_map(|step| step.parked.as_ref()).collect::<Vec<_>>(), now).await?;
        dead_letters::record(tx, &taken.iter().filter_map(|step| step.act.clone()).collect::<Vec<_>>(), now).await?;
        schedule(tx, &taken).await?;
        for (received, _) in taken.iter().flat_map(|step| &step.received) {
            relay::keep(tx, received, Standing::Counted, now).await?;
        }
        evidence::append(tx, sealing).await?;
        // The service that relayed a message here is told what became of it.
        let told = taken.iter().filter(|step| step.message.relay.is_some() && !step.occurrences.is_empty());
        let calls: Vec<_> = told.map(|step| (step.message.id.0, JobKind::Report, now)).collect();
        queue::call(tx, &calls).await?;

        let mut numbers = numbers.into_iter();
        Ok(won.into_iter().map(|won| if won { numbers.next() } else { None }).collect())
    }
}

/// The jobs that follow, and the messages whose last delivery ended.
async fn schedule(tx: &mut Tx<'_>, taken: &[&Step]) -> Result<(), DbError> {
    let (mut ended, mut again, mut held, mut other) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for step in taken {
        let subject = step.change.id.0;
        match step.next {
            NextJob::None => ended.push(subject),
            NextJob::Again(due_at) => again.push((subject, due_at)),
            NextJob::Held(due_at) => held.push((subject, due_at)),
            NextJob::Other(kind, due_at) => other.push((subject, kind, due_at)),
        }
    }
    queue::finish(tx, &ended).await?;
    queue::reschedule(tx, &again).await?;
    queue::hold(tx, &held).await?;
    queue::replace(tx, &other).await?;
    let messages = taken.iter().filter(|step| step.change.to.0.is_final()).map(|step| step.message.id);
    delivery::complete(tx, &messages.collect::<Vec<_>>()).await
}

impl Step {
    /// The change with the course its evidence leads to; an event the standard does not allow there is a fault.
    fn changed(&self, now: Timestamp) -> Result<Change, DbError> {
        let heard = self.received.iter().map(|(_, event)| (*event, None));
        let ours = self.occurrences.iter().map(|one| (one.event, one.reason.as_ref().map(|reasoned| reasoned.reason)));
        let course = heard.chain(ours).try_fold(self.course, |course, (event, reason)| course.after(event, reason));
        let course = course.map_err(|forbidden| DbError::Inconsistent {
            column: "delivery.course".to_owned(),
            expected: "a course in which this may happen",
            found: forbidden.to_string(),
        })?;
        Ok(Change { at: now, course, ..self.change.clone() })
    }

    fn evidence(
        &self,
        occurrence: &Occurrence,
        id: EvidenceId,
        now: Timestamp,
        number: Option<&Registration>,
    ) -> NewEvidence {
        let happened = (occurrence.event, occurrence.reason.clone().into_iter().collect());
        let mut evidence = NewEvidence::new(id, happened, now, Arc::clone(&self.subject));
        evidence.delivery = Some((self.change.id, self.position));
        evidence.sender_registration = Some(self.message.sender_registration.clone());
        evidence.recipient_registration = number.cloned();
        evidence.transformation = self.transformation.clone();
        evidence.external_system = occurrence.external_system.clone();
        evidence.external_service = occurrence.external_service.clone();
        if let Some(acting) = &self.acting {
            evidence.recipient_delegate = acting.delegate.clone();
            evidence.recipient_authentication = acting.authentication.clone();
        }
        evidence
    }

    /// Names who acts on the recipient's side; what a delegate receives is attested as such.
    pub(super) fn act(&mut self, acting: Acting) {
        if acting.delegate.is_some() {
            for reasoned in self.occurrences.iter_mut().filter_map(|one| one.reason.as_mut()) {
                reasoned.reason = match reasoned.reason {
                    Reason::MessageConsignedToRecipient => Reason::MessageConsignedToDelegate,
                    Reason::MessageHandedOver => Reason::MessageHandedOverToDelegate,
                    other => other,
                };
            }
        }
        self.acting = Some(acting);
    }

    fn entry(&self, salt: [u8; 16], now: Timestamp) -> Entering {
        let message = &self.message;
        let entry = NewEntry {
            direction: Direction::In,
            delivery: Some(self.change.id),
            counterpart: message.counterpart(),
            counterpart_registration: Some(message.sender_registration.clone()),
            particulars: Particulars::brief(&message.envelope.subject),
            references: message.envelope.references.clone(),
            duplicate_key: likeness::of_message(message),
            ..NewEntry::of_message(&self.recipient, self.series.clone(), (message.id, salt), now)
        };
        Entering { entry, rule: self.rule.clone() }
    }

    /// A step that leaves the delivery as it is; what happens is set by the caller.
    pub(super) fn resting(hub: &Hub, delivery: &Delivery, message: Arc<Message>) -> Self {
        let series = hub.directory().series_for(&delivery.recipient, &message.envelope.document_type);
        Self {
            subject: hub.subject_of(&message),
            rule: hub.rule_for(&series, &message.envelope),
            series,
            message,
            recipient: delivery.recipient.clone(),
            position: usize::try_from(delivery.position).unwrap_or(1),
            course: delivery.course,
            change: Change {
                id: delivery.id,
                from: (delivery.state, delivery.attempts),
                to: (delivery.state, delivery.attempts),
                course: delivery.course,
                reason: None,
                receipt: None,
                due_at: delivery.due_at,
                at: hub.clock.now(),
            },
            received: Vec::new(),
            occurrences: Vec::new(),
            acting: None,
            number: delivery.recipient_registration.clone().map_or(Number::None, Number::Known),
            transformation: None,
            attempts: Vec::new(),
            parked: None,
            act: None,
            next: NextJob::None,
        }
    }
}

/// Drops a job whose subject is gone or already ended.
pub(super) async fn forget(hub: &Hub, job: &Job) -> Result<(), DbError> {
    hub.db.write(&hub.verbs.forget, job.subject).await
}

/// What a delivery's end attests: inside registered delivery an E event, outside it an F event.
pub(super) fn end_of(state: DeliveryState, detail: Option<String>, outside: Option<&str>) -> Option<Occurrence> {
    let (event, reason) = match (state, outside.is_some()) {
        (DeliveryState::HandedOver, _) => (Event::ContentHandover, Reason::MessageHandedOver),
        (DeliveryState::Left, _) => (Event::RelayToNonERDS, Reason::MessageRelayedToNonErds),
        (DeliveryState::Refused, false) => (Event::ContentHandoverFailure, Reason::HandoverOther),
        (DeliveryState::Refused, true) => (Event::RelayToNonERDSFailure, Reason::MessageRejectedByExternalSystem),
        (DeliveryState::Failed, true) => (Event::RelayToNonERDSFailure, Reason::ExternalSystemUnreachable),
        (DeliveryState::Failed | DeliveryState::Expired, _) => {
            (Event::ContentHandoverFailure, Reason::MessageHandoverTimeout)
        }
        _ => return None,
    };
    Some(Occurrence { external_system: outside.map(str::to_owned), ..Occurrence::of(event, reason, detail) })
}
