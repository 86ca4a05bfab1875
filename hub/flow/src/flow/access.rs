//! Access tracking: the first look at a notification (D.5) and the first opening of the content (D.6).

use std::sync::Arc;

use crate::db::{DbError, Tx, WriteVerb};
use crate::delivery::{self, Delivery};
use crate::evidence::{self, Event, NewEvidence, Subject};
use crate::hub::Hub;
use crate::message::{EvidenceId, Message};
use crate::queue::{self, JobKind};

use super::Desk;
use super::settle::{Actor, acting};
use super::step::Acting;

/// What a recipient looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// At what it was told.
    Notification,
    /// At the content.
    Content,
}

/// Records that a recipient, or its delegate, looked; only the first look of each kind leaves evidence, and only where
/// one may be issued.
///
/// # Errors
/// The database failed; nothing was recorded.
pub async fn look(
    hub: &Hub,
    actor: Actor<'_>,
    (message, delivery): (&Message, &Delivery),
    look: Look,
) -> Result<(), DbError> {
    let event = match look {
        Look::Notification => Event::NotificationAccessTracking,
        Look::Content => Event::ContentAccessTracking,
    };
    if hub.standing.halted().is_some() || delivery.course.after(event, None).is_err() {
        return Ok(());
    }
    let seen = Seen {
        event,
        message: message.clone(),
        delivery: delivery.clone(),
        subject: hub.subject_of(message),
        acting: acting(hub, &delivery.recipient, actor),
    };
    hub.db.write(&hub.verbs.look, seen).await
}

/// A look on its way into the chain.
pub(super) struct Seen {
    event: Event,
    message: Message,
    delivery: Delivery,
    subject: Arc<Subject>,
    acting: Acting,
}

/// Writes first looks.
pub(super) struct RecordLook(pub(super) Desk);

impl WriteVerb for RecordLook {
    type Item = Seen;
    type Output = ();
    const ORDER: u16 = 40;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Seen]) -> Result<Vec<()>, DbError> {
        let Self(Desk { seal, clock, ids, .. }) = self;
        for seen in items {
            // It may have ended since it was looked at.
            let course = delivery::course(tx, seen.delivery.id).await?;
            if course.after(seen.event, None).is_err() {
                continue;
            }
            let which = (seen.message.id, seen.delivery.id);
            let told = [Event::NotificationForAcceptance, Event::ConsignmentNotification];
            let untold = seen.event == Event::NotificationAccessTracking && !evidence::has(tx, which, &told).await?;
            if untold || evidence::has(tx, which, &[seen.event]).await? {
                continue;
            }
            let now = clock.now();
            let happened = (seen.event, Vec::new());
            let mut new = NewEvidence::new(EvidenceId(ids.uuid(now)), happened, now, Arc::clone(&seen.subject));
            new.delivery = Some((seen.delivery.id, usize::try_from(seen.delivery.position).unwrap_or(1)));
            new.sender_registration = Some(seen.message.sender_registration.clone());
            new.recipient_registration = seen.delivery.recipient_registration.clone();
            new.recipient_delegate = seen.acting.delegate.clone();
            evidence::append(tx, evidence::seal(seal, vec![new])).await?;
            if seen.message.relay.is_some() {
                queue::call(tx, &[(seen.message.id.0, JobKind::Report, now)]).await?;
            }
        }
        Ok(vec![(); items.len()])
    }
}
