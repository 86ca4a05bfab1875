//! Lock-down: the hub stops when it cannot guarantee security, says why, and lets administrators back in deliberately.
//!
//! | cause | seen how | ends how |
//! | --- | --- | --- |
//! | log or audit inconsistent | the tree does not lead to the newest signed head; a link of the audit's or the journal's chain is wrong | lifted by an administrator |
//! | database damaged | `pragma quick_check`; page checksums of PostgreSQL | lifted by an administrator |
//! | seal mismatch | a signature of the seal does not verify with its certificate | lifted by an administrator |
//! | audit unwritable | a row beside the audit cannot be written for longer than the grace | by itself |
//! | clock off | it jumped, or is away from the database's clock or behind the newest evidence | by itself |
//!
//! It may assume that reads go on. It never lifts by itself what somebody must have looked at, and never takes anything away.

mod checks;
mod clock;
mod guard;

use std::sync::Arc;
use std::time::Duration;

use hub_flow::audit::{AuditEvent, Kind};
use hub_flow::db::DbError;
use hub_flow::hub::Hub;
use hub_flow::lock_down::{self, RecordTurn, Turn};
use hub_flow::standing::Halt;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::config::LockDownConfig;

pub use checks::Checks;
pub use guard::guard;

/// Looks until told to stop.
pub(crate) async fn run(checks: Arc<Checks>, config: LockDownConfig, mut stop: watch::Receiver<bool>) {
    let hub = Arc::clone(checks.hub());
    if let Err(error) = remember(&hub).await {
        tracing::warn!(%error, "earlier lock-downs could not be read; the next look finds what still stands");
    }
    let mut ticks = interval(Duration::from_millis(config.interval_ms.get().into()));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let integrity = Duration::from_secs(config.integrity_seconds.get().into());
    let mut read: Option<Instant> = None;
    while !*stop.borrow() {
        for cause in [Halt::AuditUnwritable, Halt::ClockOff, Halt::SealMismatch] {
            stand(&hub, cause, checks.find(cause).await).await;
        }
        if read.is_none_or(|at| at.elapsed() >= integrity) {
            for cause in [Halt::LogInconsistent, Halt::DatabaseDamaged] {
                stand(&hub, cause, checks.find(cause).await).await;
            }
            read = Some(Instant::now());
        }
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
    }
}

/// What was not lifted before the last stop still stands, and what two administrators decided still holds.
async fn remember(hub: &Hub) -> Result<(), DbError> {
    for held in lock_down::all(&hub.db).await? {
        hub.standing.halt_for(held.cause, (held.since, &held.detail));
        if held.overridden_by.is_some() {
            hub.standing.ignore(held.cause);
        }
    }
    Ok(())
}

/// Takes a finding over. What cannot be told now changes nothing: the next look is as good.
pub(crate) async fn stand(hub: &Hub, cause: Halt, found: Result<Option<String>, DbError>) {
    match found {
        Ok(Some(detail)) => begin(hub, cause, &detail).await,
        Ok(None) if hub.standing.stands(cause) && !cause.stays() => end(hub, cause).await,
        Ok(None) => {}
        Err(error) => tracing::warn!(cause = cause.as_str(), %error, "whether the hub is safe could not be told"),
    }
}

/// Locks down; a restart does not forget it where the database can still be written.
pub(crate) async fn begin(hub: &Hub, cause: Halt, detail: &str) {
    let now = hub.clock.now();
    if !hub.standing.halt_for(cause, (now, detail)) {
        return;
    }
    tracing::error!(cause = cause.as_str(), detail, "THE HUB IS LOCKED DOWN");
    let event = AuditEvent::of_hub(Kind::LockedDown, now, "lock-down").on(cause.as_str());
    let event = event.with(json!({"detail": detail}));
    let turn = (cause, Turn::Begin { detail: detail.to_owned() }, event);
    if let Err(error) = hub.db.write(&Arc::new(RecordTurn), turn).await {
        tracing::warn!(%error, "the lock-down is not on record; it holds all the same");
    }
}

async fn end(hub: &Hub, cause: Halt) {
    let event = AuditEvent::of_hub(Kind::LockDownEnded, hub.clock.now(), "lock-down").on(cause.as_str());
    match hub.db.write(&Arc::new(RecordTurn), (cause, Turn::End, event)).await {
        Ok(_) => {
            hub.standing.resume(cause);
            hub.wake.ring();
            tracing::info!(cause = cause.as_str(), "the cause of the lock-down has gone");
        }
        Err(error) => {
            tracing::warn!(%error, "the end of the lock-down could not be recorded; the next look tries again")
        }
    }
}
