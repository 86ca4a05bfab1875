//! A call that must wait, for a quota or a breaker: the delivery is moved to that moment, with the reason, and no attempt is
//! counted. The bounds hold all the same.

use std::sync::Arc;

use crate::calls::{self, Admission, Call, Later, Place};
use crate::db::DbError;
use crate::delivery::retry::{self, History, Next};
use crate::delivery::{Delivery, DeliveryState};
use crate::hub::Hub;
use crate::message::{Message, printable};

use super::step::{NextJob, Step};

/// What holds a call made for a delivery, where something does.
pub(super) async fn held(hub: &Hub, place: &Place, message: &Message) -> Result<Option<Later>, DbError> {
    let call = Call { place, operation: None, message: Some(message.id), subjects: &[] };
    Ok(match calls::admit(hub, &call).await? {
        Admission::Admitted => None,
        Admission::Later(later) => Some(later),
    })
}

/// What follows for the delivery.
pub(super) fn next(hub: &Hub, later: Later, delivery: &Delivery, history: History) -> Next {
    let asks = delivery.state == DeliveryState::Unknown;
    retry::after_waiting(later.at, later.reason, (asks, history), hub.policy.retry)
}

/// The step that moves the delivery; none where its patience is over, which the caller ends as it ends all others.
pub(super) fn step(hub: &Hub, delivery: &Delivery, message: &Arc<Message>, next: &Next) -> Option<Step> {
    let (Next::SendAgain { at, reason } | Next::Ask { at, reason }) = next else { return None };
    let mut step = Step::resting(hub, delivery, Arc::clone(message));
    if delivery.state == DeliveryState::Pending {
        step.change.to.0 = DeliveryState::Waiting;
    }
    step.change.reason = Some(printable(reason).into_owned());
    step.change.due_at = Some(*at);
    step.next = NextJob::Held(*at);
    Some(step)
}
