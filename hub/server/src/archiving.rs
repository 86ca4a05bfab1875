//! The loop that files what has ended and destroys what was selected. Not on the way of a document.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::flow::{Archivist, Turn};
use hub_flow::hub::Hub;
use hub_flow::log::Lease;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// From one look to the next, where there is nothing to do.
const EVERY: Duration = Duration::from_millis(500);

/// Files until told to stop; what is under way then is taken up again at the next start.
pub async fn run(hub: Arc<Hub>, lease: Arc<Lease>, mut stop: watch::Receiver<bool>) {
    let archivist = Archivist::new(hub, lease);
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        let turn = tokio::select! {
            turn = archivist.pass() => turn,
            _ = stop.changed() => return,
        };
        match turn {
            // The road takes its turn at the writer between two of these.
            Ok(Turn::More) => {
                tokio::task::yield_now().await;
                continue;
            }
            Ok(Turn::Idle | Turn::Elsewhere) => {}
            Err(error) => tracing::error!(%error, "THE ARCHIVE IS NOT KEPT; trying again"),
        }
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
    }
}
