//! The loop that watches the terms of entries: warnings, overdue, escalation, and where redirected documents were registered.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::flow;
use hub_flow::hub::Hub;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// Watches until told to stop. Any number of nodes may: what one recorded the others find recorded.
pub async fn run(hub: Arc<Hub>, every: Duration, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        match flow::watch(&hub).await {
            Ok(0) => {}
            Ok(acts) => tracing::info!(acts, "steps of terms are recorded"),
            Err(error) => tracing::error!(%error, "TERMS ARE NOT WATCHED; trying again"),
        }
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
    }
}
