//! What a person does about a dead letter: says what became of it, or sends it again.
//!
//! What may follow is the standard's (EN 319 522-1, table 1): of a message and a recipient, exactly one of handover and
//! handover failure is attested (E.1 or E.2; outside the service F.1 or F.2; towards another service B.1 or B.3). So what
//! is still open goes on as the same delivery, and what has ended stays ended: sent again, it is a **new message** of the
//! same sender with the same content, which refers to the first, has a receipt and a register number of its own, and
//! whose evidence tells what became of it.
//!
//! | a second sending | what replay does |
//! | --- | --- |
//! | repeatable | sends the first delivery's bytes under its idempotency key: a target that has it makes no second document |
//! | queryable | asks for that key first, and sends those bytes only where they are not there |
//! | once | only after a person has said that the document did not arrive |
//!
//! What was refused made no document: it goes out as the new message it is, under a key of its own.

use std::sync::Arc;

use crate::audit::AuditEvent;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::dead_letters::{self, DeadLetter, NewAct, Statement};
use crate::delivery::{self, Delivery, DeliveryState};
use crate::directory::Registry;
use crate::hub::Hub;
use crate::message::{Authentication, DeliveryId, Message, Recipient, Submission, printable};
use crate::standing::Halt;

use super::settle::{Actor, message_of};
use super::step::{NextJob, Number, Step, end_of};
use super::{Acceptance, Refused, accept};

/// What a person found out about a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub statement: Statement,
    /// The recipient's own reference, where it arrived and gave one.
    pub receipt: Option<String>,
    /// How it was found out, for the journal. It is in no evidence.
    pub note: String,
    /// The act as the audit tells it.
    pub audit: AuditEvent,
}

/// A dead letter that was sent again.
#[derive(Debug)]
pub enum Replayed {
    /// The same delivery goes on.
    Resent,
    /// A new message was accepted in its place.
    Anew(Box<Acceptance>),
}

/// Why nothing could be done about a dead letter.
#[derive(Debug)]
pub enum NotReplayed {
    /// There is none that this caller may see.
    NotFound,
    /// Only its sender, or the sender's delegate, may send a new message in its place.
    NotTheSender,
    /// Another service relayed it here: that service sends it again.
    Relayed,
    /// A second sending would make a second document; a person must say first that it did not arrive.
    StatementNeeded,
    /// Nothing is left to be done, or it was decided otherwise.
    Closed(Box<DeadLetter>),
    /// The new message was not accepted.
    Refused(Box<Refused>),
    /// No evidence may be issued now.
    Halted(Halt),
    /// The database failed; nothing was done.
    Unavailable(DbError),
}

impl From<DbError> for NotReplayed {
    fn from(error: DbError) -> Self {
        Self::Unavailable(error)
    }
}

/// Records what a person found out. Where the delivery is still open and arrived, that ends it, with evidence.
///
/// # Errors
/// [`NotReplayed`] says why not.
pub async fn state(
    hub: &Hub,
    (actor, operator): (Actor<'_>, bool),
    id: DeliveryId,
    finding: Finding,
) -> Result<DeadLetter, NotReplayed> {
    let (letter, delivery) = find(hub, actor, operator, id).await?;
    if letter.statement == Some(finding.statement) {
        return Ok(letter);
    }
    if letter.closed_at.is_some() {
        return Err(NotReplayed::Closed(Box::new(letter)));
    }
    let arrived = finding.statement == Statement::Arrived;
    let audit = finding.audit.on(id.to_string()).because(Some(printable(&finding.note).into_owned()));
    let act = NewAct {
        act: finding.statement.as_str(),
        note: Some(printable(&finding.note).into_owned()),
        statement: Some(finding.statement),
        closes: arrived,
        audit: Some(audit),
        ..NewAct::of(id, actor.party)
    };
    if arrived && !delivery.state.is_final() {
        if let Some(halt) = hub.halted() {
            return Err(NotReplayed::Halted(halt));
        }
        let message = Arc::new(message_of(hub, &delivery).await?);
        let step = arrival(hub, &delivery, message, (&letter, actor.party), (act, finding.receipt));
        if hub.db.write(&hub.verbs.step, step).await?.is_none() {
            return Err(closed(hub, letter).await);
        }
    } else if !hub.db.write(&hub.verbs.act, (act, hub.clock.now())).await? {
        return Err(closed(hub, letter).await);
    }
    dead_letters::load(&hub.db, id).await?.ok_or(NotReplayed::NotFound)
}

/// A delivery that arrived by a person's word: the course its evidence takes is that of an answer that came late.
fn arrival(
    hub: &Hub,
    delivery: &Delivery,
    message: Arc<Message>,
    (letter, party): (&DeadLetter, &str),
    (act, receipt): (NewAct, Option<String>),
) -> Step {
    let directory = hub.directory();
    let recipient = directory.party(&delivery.recipient);
    let outside = recipient.is_some_and(|party| party.external).then_some(letter.system.as_str());
    let hub_registers = recipient.is_none_or(|party| party.registry == Registry::Hub);
    let state = if outside.is_some() { DeliveryState::Left } else { DeliveryState::HandedOver };
    // Institution, never a clerk.
    let name = directory.party(party).map_or(party, |party| party.name.as_str());
    let detail = format!("răspunsul s-a pierdut; primirea a fost confirmată hubului de {name}");
    let mut step = Step::resting(hub, delivery, message);
    step.occurrences = end_of(state, Some(printable(&detail).into_owned()), outside).into_iter().collect();
    step.change.to.0 = state;
    step.change.reason = None;
    step.change.due_at = None;
    step.change.receipt = receipt.map(|receipt| printable(&receipt).into_owned());
    if state == DeliveryState::HandedOver && hub_registers && matches!(step.number, Number::None) {
        step.number = Number::Take;
    }
    step.act = Some(act);
    step
}

/// Sends a dead letter again.
///
/// # Errors
/// [`NotReplayed`] says why not.
pub async fn replay(
    hub: &Hub,
    (actor, operator): (Actor<'_>, bool),
    (id, audit): (DeliveryId, AuditEvent),
) -> Result<Replayed, NotReplayed> {
    let (letter, delivery) = find(hub, actor, operator, id).await?;
    let asked_before = letter.replaced_by.is_some();
    if letter.statement == Some(Statement::Arrived) || (letter.closed_at.is_some() && !asked_before) {
        return Err(NotReplayed::Closed(Box::new(letter)));
    }
    if letter.needs_statement() {
        return Err(NotReplayed::StatementNeeded);
    }
    let message = message_of(hub, &delivery).await?;
    let audit = Some(audit.on(id.to_string()));
    let act = NewAct { act: "replayed", audit, ..NewAct::of(id, actor.party) };
    if !delivery.state.is_final() {
        let step = resend(hub, &delivery, message, NewAct { closes: true, ..act });
        if hub.db.write(&hub.verbs.step, step).await?.is_none() {
            return Err(closed(hub, letter).await);
        }
        hub.wake.ring();
        return Ok(Replayed::Resent);
    }
    if message.relay.is_some() {
        return Err(NotReplayed::Relayed);
    }
    if !hub.directory().acts_for(actor.party, &letter.sender) {
        return Err(NotReplayed::NotTheSender);
    }
    let submission = anew(hub, &message, &delivery, actor).await?;
    if !asked_before {
        // Before the message is there, so that its first attempt knows what it replaces.
        let asked = NewAct { replay_key: Some(submission.idempotency_key.clone()), ..act };
        if !hub.db.write(&hub.verbs.act, (asked, hub.clock.now())).await? {
            return Err(closed(hub, letter).await);
        }
    }
    let acceptance = accept(hub, submission).await.map_err(|refused| NotReplayed::Refused(Box::new(refused)))?;
    if letter.closed_at.is_none() {
        let ended = NewAct { closes: true, note: Some(acceptance.message.id.to_string()), ..NewAct::of(id, "hub") };
        hub.db.write(&hub.verbs.act, (ended, hub.clock.now())).await?;
    }
    Ok(Replayed::Anew(Box::new(acceptance)))
}

/// The same delivery, at once, under the same key.
fn resend(hub: &Hub, delivery: &Delivery, message: Message, act: NewAct) -> Step {
    let now: Timestamp = hub.clock.now();
    let mut step = Step::resting(hub, delivery, Arc::new(message));
    step.change.to.0 = DeliveryState::Waiting;
    step.change.reason = Some("se trimite din nou: instituția destinatară a spus că nu are documentul".to_owned());
    step.change.due_at = Some(now);
    step.act = Some(act);
    step.next = NextJob::Again(now);
    step
}

/// The message that is sent in place of one that has ended: same content, one recipient, and a reference to the first.
async fn anew(hub: &Hub, message: &Message, delivery: &Delivery, actor: Actor<'_>) -> Result<Submission, NotReplayed> {
    let unreadable = |error: String| NotReplayed::Unavailable(DbError::Unavailable(error));
    let body = hub.body(message).await.map_err(|error| unreadable(error.to_string()))?;
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
    let body = serde_json::from_slice(text).map_err(|error| unreadable(error.to_string()))?;
    let mut envelope = message.envelope.clone();
    envelope.recipients = vec![Recipient { party: delivery.recipient.clone() }];
    if !envelope.references.contains(&message.sender_registration) {
        envelope.references.push(message.sender_registration.clone());
    }
    let delegate = (actor.party != message.sender).then(|| actor.party.to_owned());
    Ok(Submission {
        found: Vec::new(),
        sender: message.sender.clone(),
        authentication: Authentication { delegate, ..actor.authentication.clone() },
        idempotency_key: format!("replay-{}", delivery.id),
        envelope,
        payloads: message.payloads.clone(),
        staged: Vec::new(),
        body,
        relay: None,
    })
}

async fn find(
    hub: &Hub,
    actor: Actor<'_>,
    operator: bool,
    id: DeliveryId,
) -> Result<(DeadLetter, Delivery), NotReplayed> {
    let letter = dead_letters::load(&hub.db, id).await?;
    let seen = |letter: &DeadLetter| operator || hub.directory().acts_for(actor.party, &letter.sender);
    let letter = letter.filter(seen).ok_or(NotReplayed::NotFound)?;
    let delivery = delivery::load(&hub.db, id).await?.ok_or(NotReplayed::NotFound)?;
    Ok((letter, delivery))
}

/// Somebody else was faster.
async fn closed(hub: &Hub, letter: DeadLetter) -> NotReplayed {
    match dead_letters::load(&hub.db, letter.delivery).await {
        Ok(now) => NotReplayed::Closed(Box::new(now.unwrap_or(letter))),
        Err(error) => error.into(),
    }
}
