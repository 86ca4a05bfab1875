//! The loop that says that this node lives.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::hub::Hub;
use hub_flow::nodes::{Node, SayAlive};
use tokio::sync::watch;

/// From one word to the next.
const EVERY: Duration = Duration::from_secs(15);

/// Says so until told to stop, and then that it was stopped in order.
pub async fn run(hub: Arc<Hub>, mut stop: watch::Receiver<bool>) {
    let now = hub.clock.now();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let mut node = Node { id: hub.ids.uuid(now), version, started_at: now, seen_at: now, stopped_at: None };
    loop {
        node.seen_at = hub.clock.now();
        node.stopped_at = stop.borrow().then_some(node.seen_at);
        if let Err(error) = hub.db.write(&Arc::new(SayAlive), node.clone()).await {
            tracing::warn!(%error, "this node cannot say that it lives");
        }
        if node.stopped_at.is_some() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}
