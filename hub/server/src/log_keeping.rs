//! The two loops that keep the log: one appends and signs heads, one asks for time-stamps, so that an authority that is
//! slow to answer delays no head. Neither is on the way of a document.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::hub::Hub;
use hub_flow::log::{KeepError, Keeper, Lease, Pass, Stamper, verify};
use hub_flow::standing::Halt;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::lockdown;

/// How often a trouble that stays is told again, in passes.
const TELL_AGAIN: u32 = 600;

/// Starts both loops; they end after one last pass each when told to stop.
pub fn start(hub: &Arc<Hub>, lease: &Arc<Lease>, every: Duration, stop: &watch::Receiver<bool>) -> JoinHandle<()> {
    let keep = keep(Arc::clone(hub), Arc::clone(lease), every, stop.clone());
    let stamp = stamp(Arc::clone(hub), Arc::clone(lease), every, stop.clone());
    tokio::spawn(async move {
        tokio::join!(keep, stamp);
    })
}

async fn keep(hub: Arc<Hub>, lease: Arc<Lease>, every: Duration, mut stop: watch::Receiver<bool>) {
    let mut keeper = Keeper::new(Arc::clone(&hub), lease);
    let mut told = Told::default();
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let last = *stop.borrow();
        let pass = if last { keeper.pass_out_of_turn().await } else { keeper.pass().await };
        let more = matches!(pass, Ok(Pass::Kept { more: true, .. }));
        let error = pass.err();
        if error.as_ref().is_some_and(KeepError::is_inconsistent) {
            // Another node may have appended while this one read: only what is still so is a finding.
            if let Err(found) = verify(&hub).await
                && found.is_inconsistent()
            {
                lockdown::begin(&hub, Halt::LogInconsistent, &found.to_string()).await;
            }
        }
        let trouble = error.map(|error| error.to_string());
        told.tell(trouble.as_deref());
        let troubled = trouble.is_some();
        hub.log.note_trouble(trouble);
        match (last, more) {
            (true, true) | (false, true) if !troubled => continue,
            (true, _) => return,
            _ => {}
        }
        tokio::select! {
            _ = ticks.tick() => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

async fn stamp(hub: Arc<Hub>, lease: Arc<Lease>, every: Duration, mut stop: watch::Receiver<bool>) {
    if hub.log.stamping().is_none() {
        return;
    }
    let mut stamper = Stamper::new(hub, lease);
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        // An answer that is under way when the hub stops is asked for again at its next start.
        let passed = tokio::select! {
            passed = stamper.pass() => passed,
            _ = stop.changed() => return,
        };
        if let Err(error) = passed {
            tracing::warn!(%error, "the log's time-stamps could not be looked after; trying again");
        }
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
    }
}

/// What was told last, so that a trouble is told when it comes, when it goes, and now and then while it stays.
#[derive(Default)]
struct Told {
    trouble: Option<String>,
    passes: u32,
}

impl Told {
    fn tell(&mut self, trouble: Option<&str>) {
        self.passes = self.passes.wrapping_add(1);
        if trouble != self.trouble.as_deref() {
            self.passes = 0;
            if trouble.is_none() {
                tracing::warn!("the log of evidence is kept again");
            }
            self.trouble = trouble.map(str::to_owned);
        }
        if let Some(trouble) = trouble.filter(|_| self.passes.is_multiple_of(TELL_AGAIN)) {
            tracing::error!(trouble, "THE LOG OF EVIDENCE IS NOT KEPT");
        }
    }
}
