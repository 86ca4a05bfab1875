//! The loop that preserves evidence: closes batches and renews them. Not on the way of a document, nor of the log.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::hub::Hub;
use hub_flow::log::Lease;
use hub_flow::preservation::{Preservation, Preserver, Turn};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// Preserves until told to stop; what is under way then is asked for again at the next start.
pub async fn run(
    (hub, preservation): (Arc<Hub>, Arc<Preservation>),
    lease: Arc<Lease>,
    every: Duration,
    mut stop: watch::Receiver<bool>,
) {
    if !preservation.is_on() {
        return;
    }
    let mut preserver = Preserver::new(hub, Arc::clone(&preservation), lease);
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failed = false;
    while !*stop.borrow() {
        let turn = tokio::select! {
            turn = preserver.pass() => turn,
            _ = stop.changed() => return,
        };
        if turn.is_ok() && std::mem::take(&mut failed) {
            preserver.recovered();
        }
        match turn {
            Ok(Turn::Closed { batch, evidences }) => {
                tracing::info!(batch, evidences, "a batch of evidence is preserved");
                continue;
            }
            Ok(Turn::Renewed { batch, kind }) => {
                tracing::info!(batch, kind = kind.as_str(), "a batch of evidence is renewed");
                continue;
            }
            Ok(Turn::Damaged { .. }) => continue,
            Ok(Turn::Idle | Turn::Elsewhere | Turn::Waiting) => {}
            Err(error) => {
                tracing::error!(%error, "EVIDENCE IS NOT PRESERVED");
                preservation.note_trouble(Some(error.to_string()));
                failed = true;
            }
        }
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
    }
}
