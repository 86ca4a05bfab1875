//! Accepting: receive, register, evidence, keep, enqueue; one transaction for all that wait.

use std::sync::Arc;

use crate::access_journal;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, WriteVerb};
use crate::directory::Series;
use crate::evidence::{self, Event, Evidence, NewEvidence, PartyFacts, Reason, Subject};
use crate::hub::{Hub, Policy};
use crate::message::{EvidenceId, Message, MessageId, MessageState, Submission};
use crate::queue::{self, Job, JobKind};
use crate::registration::{self, Direction, NewEntry, Particulars};
use crate::relay::{self, NewReceived, Standing};
use crate::submission::{self, Key, Received};

use super::Desk;

/// A checked submission on its way into the database.
pub(super) struct Accepting {
    id: MessageId,
    content_hash: [u8; 32],
    idempotency_key: String,
    message: Message,
    subject: Subject,
    /// The register that numbers it for its sender, unless the sender does.
    series: Series,
    /// A worker of this process will take it at once: its job is written as claimed.
    claimed: bool,
    /// The evidence that came with it, where another service relays it here.
    received: Vec<NewReceived>,
    /// That service, as evidence names it (M05).
    service: Option<PartyFacts>,
    /// Keyed digests of the persons its body names.
    persons: Vec<[u8; 32]>,
}

impl Accepting {
    pub(super) fn new(hub: &Hub, id: MessageId, submission: Submission, claimed: bool) -> Self {
        let content_hash = submission.content_hash();
        let subject = hub.subject_to_be(id, &submission);
        let registration = submission.envelope.sender_registration.clone();
        let persons = access_journal::persons_in(&submission.body);
        let persons = persons.iter().map(|cnp| hub.journal_key.subject(cnp)).collect();
        let series = hub.directory().series_for(&submission.sender, &submission.envelope.document_type);
        let message = Message {
            id,
            sender: submission.sender,
            submitted_at: Timestamp::default(),
            sender_registration: registration.unwrap_or_else(|| crate::message::Registration {
                register: String::new(),
                number: String::new(),
                date: String::new(),
            }),
            envelope: submission.envelope,
            authentication: submission.authentication,
            payloads: submission.payloads,
            state: MessageState::Accepted,
            relay: submission.relay,
        };
        let service = message.relay.as_ref().map(|relay| hub.party_facts(&relay.partner));
        let idempotency_key = submission.idempotency_key;
        Self {
            id,
            content_hash,
            idempotency_key,
            message,
            subject,
            series,
            claimed,
            received: Vec::new(),
            service,
            persons,
        }
    }

    /// With the evidence another service sent along.
    pub(super) fn with(mut self, received: Vec<NewReceived>) -> Self {
        self.received = received;
        self
    }

    /// How the message enters: taken from its sender (A.1), or from the service that relays it (B.1).
    fn entrance(&self) -> (Event, Reason) {
        match self.message.relay {
            None => (Event::SubmissionAcceptance, Reason::MessageAccepted),
            Some(_) => (Event::RelayAcceptance, Reason::MessageSuccessfullyRelayed),
        }
    }

    fn key(&self) -> Key<'_> {
        Key {
            sender: &self.message.sender,
            idempotency_key: &self.idempotency_key,
            content_hash: self.content_hash,
            id: self.id,
        }
    }

    fn entry(&self, salt: [u8; 16], at: Timestamp) -> NewEntry {
        let recipients = &self.message.envelope.recipients;
        NewEntry {
            direction: Direction::Out,
            counterpart: recipients.iter().map(|one| one.party.as_str()).collect::<Vec<_>>().join(", "),
            particulars: Particulars::brief(&self.message.envelope.subject),
            references: self.message.envelope.references.clone(),
            ..NewEntry::of_message(&self.message.sender, self.series.clone(), (self.id, salt), at)
        }
    }
}

/// What became of a submission.
pub(super) enum Accepted {
    New(Arc<Message>, Box<Evidence>),
    Again(MessageId),
    Conflict(MessageId),
}

/// Writes accepted messages.
pub(super) struct Accept {
    pub(super) desk: Desk,
    pub(super) policy: Policy,
}

impl WriteVerb for Accept {
    type Item = Accepting;
    type Output = Accepted;
    const ORDER: u16 = 10;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Accepting]) -> Result<Vec<Accepted>, DbError> {
        let Desk { seal, clock, ids, .. } = &self.desk;
        let now = clock.now();
        let keys: Vec<Key<'_>> = items.iter().map(Accepting::key).collect();
        let received = submission::receive(tx, &keys).await?;
        let new: Vec<&Accepting> = items
            .iter()
            .zip(&received)
            .filter(|(_, received)| **received == Received::New)
            .map(|(item, _)| item)
            .collect();

        // A sender with a registry of its own brings its number; the others get one here.
        let unnumbered = new.iter().filter(|item| item.message.envelope.sender_registration.is_none());
        let entries: Vec<NewEntry> = unnumbered.map(|item| item.entry(ids.salt(), now)).collect();
        let mut numbers = registration::register(tx, &entries).await?.into_iter();

        let mut messages = Vec::with_capacity(new.len());
        let mut evidences = Vec::with_capacity(new.len());
        for item in &new {
            let mut message = item.message.clone();
            message.submitted_at = now;
            if message.envelope.sender_registration.is_none() {
                let number = numbers.next().expect("one number was taken for each unnumbered message");
                message.sender_registration = number.registration;
            }
            // What was relayed here was submitted elsewhere, when its service says.
            let submitted_at = message.relay.as_ref().map_or(now, |relay| relay.submitted_at.unwrap_or_default());
            let subject = Arc::new(Subject { submitted_at, ..item.subject.clone() });
            let evidence = |(event, reason): (Event, Reason)| NewEvidence {
                sender_registration: Some(message.sender_registration.clone()),
                external_service: item.service.clone(),
                ..NewEvidence::new(EvidenceId(ids.uuid(now)), (event, vec![reason.into()]), now, Arc::clone(&subject))
            };
            let mut events = vec![item.entrance()];
            if subject.origin.is_some() && message.relay.is_none() {
                events.push((Event::ReceivedFromNonERDS, Reason::MessageReceivedFromNonErds));
            }
            debug_assert!(evidence::may_enter(&events.iter().map(|(event, _)| *event).collect::<Vec<_>>()));
            evidences.extend(events.into_iter().map(evidence));
            messages.push(Arc::new(message));
        }
        let sealing = evidence::seal(seal, evidences);
        let kept: Vec<_> = new.iter().zip(&messages).map(|(item, message)| (item.key(), &**message)).collect();
        submission::keep(tx, &kept).await?;
        let persons: Vec<_> = new.iter().flat_map(|item| item.persons.iter().map(|one| (item.id, *one))).collect();
        access_journal::keep_persons(tx, &persons).await?;
        let job = |item: &&Accepting| Job {
            kind: JobKind::Route,
            subject: item.id.0,
            due_at: if item.claimed { self.policy.lease_end(now) } else { now },
            claims: i64::from(item.claimed),
        };
        let jobs: Vec<Job> = new.iter().map(job).collect();
        queue::enqueue(tx, &jobs).await?;
        for received in new.iter().flat_map(|item| &item.received) {
            relay::keep(tx, received, Standing::Counted, now).await?;
        }
        let evidences = evidence::append(tx, sealing).await?;
        let entrances = [Event::SubmissionAcceptance.as_str(), Event::RelayAcceptance.as_str()];
        let taken = evidences.into_iter().filter(|one| entrances.contains(&one.event.as_str()));

        let mut accepted = messages.into_iter().zip(taken);
        let output = |received: Received| match received {
            Received::New => {
                let (message, evidence) = accepted.next().expect("every new submission became a message");
                Accepted::New(message, Box::new(evidence))
            }
            Received::Again(first) => Accepted::Again(first),
            Received::Conflict(first) => Accepted::Conflict(first),
        };
        Ok(received.into_iter().map(output).collect())
    }
}
