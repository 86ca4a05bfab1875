//! What stands between the hub and every call to a system: its circuit breaker, then its quotas. What a call came to is
//! told back, so that the breaker knows.
//!
//! [`admit`] is asked before the network, [`heard`] is told after it. Neither is called while a transaction is open, and
//! neither calls a system. A call that must wait is no attempt: whoever makes it comes again at the moment it is told.

mod model;
mod further;

use crate::breaker::{self, Entry, Event, Moved};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::delivery;
use crate::hub::Hub;
use crate::message::printable;
use crate::quota::{self, Wanted};

pub use further::counted;
pub use model::{Admission, Call, Cause, Heard, Later, Place};

/// Asks whether a call may be made now. Admitted, it is counted: a call that is then not made wastes its permit.
///
/// # Errors
/// The database does not answer; then the call must not be made.
pub async fn admit(hub: &Hub, call: &Call<'_>) -> Result<Admission, DbError> {
    let now = hub.clock.now();
    let trial = match breaker::entry(hub, call.place, now).await? {
        Entry::Wait { at, reason } => return Ok(Admission::Later(Later::open(hub, call, at, reason.as_deref()))),
        Entry::Try => {
            let moved = moved(hub, call.place, Event::Trial, now).await?;
            if let Err(at) = hub.breakers.began(call.place, moved, now) {
                return Ok(Admission::Later(Later::open(hub, call, at, None)));
            }
            true
        }
        Entry::Go => false,
    };
    let rates = quota::rates(hub, call);
    if !rates.is_empty() {
        let wanted = Wanted { rates, now };
        if let Err(full) = hub.db.write(&hub.verbs.permits, wanted.clone()).await? {
            if trial {
                // Somebody else, who has a permit, may make it.
                let moved = moved(hub, call.place, Event::Untried, now).await?;
                hub.breakers.see(call.place, moved.condition);
            }
            return Ok(Admission::Later(Later::full(hub, call, &wanted, full)));
        }
    }
    Ok(Admission::Admitted)
}

async fn moved(hub: &Hub, place: &Place, event: Event, now: Timestamp) -> Result<Moved, DbError> {
    hub.db.write(&hub.verbs.breaker, (place.clone(), event, now, hub.policy.breaker)).await
}

/// Tells what a call came to. A database that does not answer now loses no more than one count.
pub async fn heard(hub: &Hub, place: &Place, heard: Heard) {
    let now = hub.clock.now();
    let event = match heard {
        Heard::Answer if hub.breakers.is_healthy(place) => return,
        Heard::Answer => Event::Answer,
        Heard::Silence { reason, retry_after } => {
            // A system's words may hold what no database can carry.
            Event::Silence { reason: printable(&reason).chars().take(300).collect(), retry_after }
        }
    };
    match moved(hub, place, event, now).await {
        Ok(moved) => hub.breakers.see(place, moved.condition),
        Err(error) => tracing::warn!(system = place.system, %error, "what a call came to could not be noted"),
    }
}

/// Closes the breaker of a system at a person's word; answers whether any was open.
///
/// # Errors
/// The database does not answer.
pub async fn resume(hub: &Hub, system: &str) -> Result<bool, DbError> {
    let now = hub.clock.now();
    let mut open = false;
    for (place, condition) in breaker::all(&hub.db).await? {
        if place.system == system && !condition.is_closed() {
            let moved = moved(hub, &place, Event::Resume, now).await?;
            hub.breakers.see(&place, moved.condition);
            open = true;
        }
    }
    Ok(open)
}

/// Makes the deliveries that wait for a system due at once; answers how many there are.
///
/// # Errors
/// The database does not answer.
pub async fn call_waiting(hub: &Hub, system: &str) -> Result<usize, DbError> {
    let directory = hub.directory();
    let leads_there = |channel: &str| directory.channel(channel).is_some_and(|channel| channel.entry.system == system);
    let waiting = delivery::waiting_for_systems(&hub.db).await?;
    let now = hub.clock.now();
    let theirs = waiting.into_iter().filter(|(_, channel)| leads_there(channel));
    let calls = theirs.map(|(id, _)| hub.db.write(&hub.verbs.forward, (id.0, now)));
    let called = futures_util::future::try_join_all(calls).await?;
    Ok(called.into_iter().filter(|called| *called).count())
}
