//! Telling the service that relayed a message here what evidence there is of it (ERDS receipt, EN 319 522-1).
//!
//! One evidence at a time, in the order they were issued, until the service has them all. What it cannot be told within
//! the bounds stays where it may fetch it: at the message.

use std::sync::Arc;

use connectors_contract::{Attempt, Body, Consignment, Outcome, SideEffect};

use crate::clock::Timestamp;
use crate::db::{DbError, Tx, WriteVerb};
use crate::delivery::retry::{self, History, Next};
use crate::evidence::{self, Evidence};
use crate::hub::Hub;
use crate::message::{EvidenceId, Message, MessageId, Relay};
use crate::queue::{self, Job};
use crate::relay::{self, Answer, Dispatch, MessageType};
use crate::submission;

use super::Desk;
use super::deliver::holding_lease;
use super::relay::evidence_part;
use super::step::forget;

/// Tells what is untold, and records how far it came.
pub(super) async fn report(hub: &Hub, job: Job) -> Result<(), DbError> {
    let Some(message) = submission::load(&hub.db, MessageId(job.subject)).await? else {
        return forget(hub, &job).await;
    };
    let Some(relay) = message.relay.clone() else { return forget(hub, &job).await };
    let untold = relay::untold(&hub.db, evidence::list(&hub.db, message.id).await?).await?;
    let message = Arc::new(message);
    let mut told = Vec::new();
    let mut again = None;
    for evidence in &untold {
        let outcome = holding_lease(hub, &job, tell(hub, &message, &relay, evidence)).await;
        let history = History {
            side_effect: SideEffect::Repeatable,
            attempts: job.claims,
            since: evidence.at,
            now: hub.clock.now(),
            spread: job.subject.as_u64_pair().1,
        };
        match retry::after_sending(outcome, history, hub.policy.retry) {
            Next::HandedOver { .. } => told.push((evidence.id, Answer::Taken)),
            Next::Refused { reason } => {
                tracing::error!(evidence = %evidence.id, partner = relay.partner, reason, "a service refuses evidence");
                told.push((evidence.id, Answer::Refused));
            }
            Next::GiveUp { reason } => {
                tracing::error!(evidence = %evidence.id, partner = relay.partner, reason, "a service could not be told");
                told.push((evidence.id, Answer::GivenUp));
            }
            // Those that follow would overtake it.
            Next::SendAgain { at, reason } | Next::Ask { at, reason } => {
                tracing::info!(evidence = %evidence.id, partner = relay.partner, reason, "a service is told later");
                again = Some(at);
                break;
            }
        }
    }
    hub.db.write(&hub.verbs.told, Told { message: message.id, claims: job.claims, told, again }).await
}

async fn tell(hub: &Hub, message: &Message, relay: &Relay, evidence: &Evidence) -> Outcome {
    let unavailable = |reason: String| Outcome::Unavailable { reason, retry_after: None };
    let directory = hub.directory();
    let channel = directory.party(&relay.partner).and_then(|party| directory.channel(party.notify.as_deref()?));
    let Some(channel) = channel else {
        return unavailable(format!("serviciul {} nu are canal pentru dovezi în director", relay.partner));
    };
    let connector = match hub.connectors.outbound(channel) {
        Ok(connector) => connector,
        Err(error) => return unavailable(error.to_string()),
    };
    let subject = hub.subject_of(message);
    let metadata = Dispatch {
        message_type: MessageType::Receipt,
        identifier: &relay.identifier,
        relayed_at: hub.clock.now(),
        sender: &relay.sender,
        recipient: &relay.recipient,
        parts: &subject.parts,
        envelope: None,
    };
    let metadata = match metadata.sealed(&*hub.seal.signer()) {
        Ok(metadata) => metadata,
        Err(error) => return unavailable(error),
    };
    let facts = [("message_id", relay.identifier.clone())].map(|(name, value)| (name.to_owned(), value)).into();
    let consignment = Consignment {
        idempotency_key: evidence.id.to_string(),
        facts,
        body: Body { content_type: "application/xml".to_owned(), content: metadata.into() },
        parts: Vec::new(),
        evidence: vec![evidence_part(evidence)],
    };
    let Attempt { outcome, .. } = connector.deliver(&consignment).await;
    outcome
}

/// What came of telling, on its way into the database.
pub(super) struct Told {
    message: MessageId,
    claims: i64,
    told: Vec<(EvidenceId, Answer)>,
    /// When to go on, where something is left.
    again: Option<Timestamp>,
}

/// Writes what was told, and when to go on.
pub(super) struct RecordTold(pub(super) Desk);

impl WriteVerb for RecordTold {
    type Item = Told;
    type Output = ();
    const ORDER: u16 = 60;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Told]) -> Result<Vec<()>, DbError> {
        let now = self.0.clock.now();
        for item in items {
            let subject = item.message.0;
            relay::tell(tx, &item.told, now).await?;
            match item.again {
                Some(at) => queue::reschedule(tx, &[(subject, at)]).await?,
                // What was issued meanwhile called for this job again, and is told next.
                None if relay::told_all(tx, item.message).await? => {
                    queue::finish_unless_called(tx, subject, item.claims).await?;
                }
                None => queue::reschedule(tx, &[(subject, now)]).await?,
            }
        }
        Ok(vec![(); items.len()])
    }
}
