//! Hearing: evidence of another service about a message that was relayed to it.
//!
//! It is believed, kept, and moves the delivery as far as the standard lets it. Late evidence is kept beside what was
//! issued here and overwrites nothing.

use bytes::Bytes;

use crate::clock::Timestamp;
use crate::db::{DbError, Tx, WriteVerb};
use crate::delivery::{self, Change, Delivery, DeliveryState};
use crate::evidence::{Course, Event, Reason};
use crate::hub::{Hub, Policy};
use crate::message::{DeliveryId, Message, MessageId, Registration, printable};
use crate::queue::{self, JobKind};
use crate::relay::{self, Disbelief, Kept, MessageType, Metadata, NewReceived, Standing};
use crate::submission;

use super::Desk;
use super::relay::reason_of;

/// Why evidence was not heard.
#[derive(Debug)]
pub enum NotHeard {
    /// The caller is no delivery service of the directory.
    NotAService,
    /// No such message went to that service, or its acceptance has not been recorded yet.
    Unknown,
    /// It is not believed; nothing of it is kept.
    Disbelieved(String),
    /// An evidence of this id is here with other bytes. Both are kept, and somebody must look.
    Contradiction,
    /// The database failed; nothing was kept.
    Unavailable(DbError),
}

impl From<DbError> for NotHeard {
    fn from(error: DbError) -> Self {
        Self::Unavailable(error)
    }
}

impl From<Disbelief> for NotHeard {
    fn from(disbelief: Disbelief) -> Self {
        Self::Disbelieved(disbelief.to_string())
    }
}

/// Hears one evidence with its metadata; answers whether it was heard before.
///
/// # Errors
/// [`NotHeard`] says why not.
pub async fn hear(hub: &Hub, partner: &str, metadata: &Bytes, document: &Bytes) -> Result<bool, NotHeard> {
    let directory = hub.directory();
    let service = directory.service(partner).ok_or(NotHeard::NotAService)?;
    let certificates = relay::certificates(hub, service)?;
    relay::sealed(metadata, &certificates)?;
    let metadata = Metadata::read(metadata).map_err(|error| NotHeard::Disbelieved(error.to_string()))?;
    if metadata.message_type != MessageType::Receipt.as_str() {
        return Err(NotHeard::Disbelieved(format!("nu este receipt, ci {}", metadata.message_type)));
    }
    let evidence = relay::evidence(document, service, &certificates)?;
    let (message, delivery) = find(hub, partner, &metadata).await?.ok_or(NotHeard::Unknown)?;
    let recipient = hub.party_facts(&delivery.recipient);
    relay::about(&evidence, &message.id.to_string(), &hub.subject_of(&message).parts, &recipient)?;
    let event = Event::parse(evidence.event.name()).ok_or(NotHeard::Unknown)?;
    let reason = evidence.reasons.first();
    let told = evidence.disclosed().recipient_registration;
    let heard = Heard {
        received: NewReceived::new(partner, &evidence, (message.id, Some(delivery.id)), document),
        message: message.id,
        delivery: delivery.id,
        event,
        reason: reason.and_then(|told| reason_of(&told.code, event.family())),
        words: reason.map(|told| printable(&told.details.join(": ")).into_owned()),
        registration: told.map(|told| Registration { register: told.register, number: told.number, date: told.date }),
    };
    match hub.db.write(&hub.verbs.hear, heard).await? {
        None => Err(NotHeard::Unknown),
        Some(Kept::New) => Ok(false),
        Some(Kept::Again) => Ok(true),
        Some(Kept::Contradiction) => {
            tracing::error!(
                message = %message.id, partner, evidence = evidence.identifier,
                "ALARM: a service sealed two evidences of one id; both are kept"
            );
            Err(NotHeard::Contradiction)
        }
    }
}

/// The message the metadata speak of, and its delivery to that service.
async fn find(hub: &Hub, partner: &str, metadata: &Metadata) -> Result<Option<(Message, Delivery)>, DbError> {
    let Ok(id) = metadata.identifier.parse::<MessageId>() else { return Ok(None) };
    let Some(message) = submission::load(&hub.db, id).await? else { return Ok(None) };
    let directory = hub.directory();
    let went_there = |delivery: &Delivery| {
        let channel = delivery.route["channel"].as_str().and_then(|channel| directory.channel(channel));
        let recipient = hub.party_facts(&delivery.recipient);
        channel.is_some_and(|channel| channel.entry.partner.as_deref() == Some(partner))
            && recipient.is(metadata.recipient.scheme(), &metadata.recipient.id)
    };
    let deliveries = delivery::of_message(&hub.db, id).await?.into_iter().map(|(delivery, _)| delivery);
    Ok(deliveries.into_iter().find(went_there).map(|delivery| (message, delivery)))
}

/// A believed evidence on its way into the database.
pub(super) struct Heard {
    received: NewReceived,
    message: MessageId,
    delivery: DeliveryId,
    event: Event,
    reason: Option<Reason>,
    words: Option<String>,
    registration: Option<Registration>,
}

/// Writes what was heard; answers nothing where the acceptance it follows is not recorded yet.
pub(super) struct HearEvidence {
    pub(super) desk: Desk,
    pub(super) policy: Policy,
}

impl WriteVerb for HearEvidence {
    type Item = Heard;
    type Output = Option<Kept>;
    const ORDER: u16 = 50;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Heard]) -> Result<Vec<Option<Kept>>, DbError> {
        let mut kept = Vec::with_capacity(items.len());
        for heard in items {
            kept.push(self.hear(tx, heard).await?);
        }
        Ok(kept)
    }
}

impl HearEvidence {
    async fn hear(&self, tx: &mut Tx<'_>, heard: &Heard) -> Result<Option<Kept>, DbError> {
        let now = self.desk.clock.now();
        let (state, attempts, course) = delivery::standing(tx, heard.delivery).await?;
        if matches!(state, DeliveryState::Pending | DeliveryState::Waiting | DeliveryState::Unknown) {
            return Ok(None);
        }
        let follows = follows(state, course, heard.event, heard.reason);
        let standing = if follows.is_some() { Standing::Counted } else { Standing::Kept };
        let kept = relay::keep(tx, &heard.received, standing, now).await?;
        let (Kept::New, Some((next, course))) = (kept, follows) else { return Ok(Some(kept)) };
        let due_at = (!next.is_final()).then(|| now.plus_seconds(self.policy.relay.next_seconds));
        let change = Change {
            id: heard.delivery,
            from: (state, attempts),
            to: (next, attempts),
            course,
            reason: heard.words.clone(),
            receipt: None,
            due_at,
            at: now,
        };
        delivery::change(tx, &[change]).await?;
        if let Some(number) = &heard.registration {
            delivery::set_registrations(tx, &[(heard.delivery, number)]).await?;
        }
        self.go_on(tx, heard, due_at).await?;
        Ok(Some(kept))
    }

    async fn go_on(&self, tx: &mut Tx<'_>, heard: &Heard, due_at: Option<Timestamp>) -> Result<(), DbError> {
        match due_at {
            Some(due_at) => queue::replace(tx, &[(heard.delivery.0, JobKind::Expire, due_at)]).await,
            None => {
                queue::finish(tx, &[heard.delivery.0]).await?;
                delivery::complete(tx, &[heard.message]).await
            }
        }
    }
}

/// Where an evidence leads, from where the delivery stands; nowhere where it comes too late or may not follow.
fn follows(
    state: DeliveryState,
    course: Course,
    event: Event,
    reason: Option<Reason>,
) -> Option<(DeliveryState, Course)> {
    if !matches!(state, DeliveryState::Relayed | DeliveryState::Silent) {
        return None;
    }
    let course = course.after(event, reason).ok()?;
    let ended = match event {
        Event::ContentHandover => DeliveryState::HandedOver,
        Event::ContentConsignmentFailure => DeliveryState::NotConsigned,
        Event::ConsignmentRejection => DeliveryState::Refused,
        Event::AcceptanceRejectionExpiry => DeliveryState::Expired,
        Event::ContentHandoverFailure if reason == Some(Reason::MessageHandoverTimeout) => DeliveryState::Expired,
        Event::ContentHandoverFailure => DeliveryState::Refused,
        _ => state,
    };
    Some((ended, course))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_moves_only_what_was_relayed_and_late_words_still_count() {
        use DeliveryState as State;
        let reason = Some(Reason::MessageHandoverTimeout);
        for (state, course, event, expected) in [
            (State::Relayed, Course::Relayed, Event::ContentConsignment, Some((State::Relayed, Course::Consigned))),
            (State::Relayed, Course::Consigned, Event::ContentHandover, Some((State::HandedOver, Course::HandedOver))),
            (State::Relayed, Course::Consigned, Event::ContentHandoverFailure, Some((State::Expired, Course::Ended))),
            (State::Relayed, Course::Announced, Event::ConsignmentRejection, Some((State::Refused, Course::Ended))),
            (State::Silent, Course::Silent, Event::ContentHandover, Some((State::HandedOver, Course::HandedOver))),
            (State::Silent, Course::Silent, Event::ContentConsignment, Some((State::Silent, Course::Consigned))),
            (State::Failed, Course::Ended, Event::ContentHandover, None),
            (State::HandedOver, Course::HandedOver, Event::ContentConsignment, None),
            (State::Consigned, Course::Consigned, Event::ContentHandover, None),
        ] {
            assert_eq!(follows(state, course, event, reason), expected, "{state:?} {event:?}");
        }
    }
}
