//! The loop that erases what registers said when its time is over. The journal stays.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::hub::Hub;
use hub_flow::lookup::EraseDue;
use tokio::sync::watch;

/// From one look to the next.
const EVERY: Duration = Duration::from_secs(60);

/// Erases until told to stop. Any number of nodes may do it at once.
pub async fn run(hub: Arc<Hub>, mut stop: watch::Receiver<bool>) {
    let verb = Arc::new(EraseDue);
    while !*stop.borrow() {
        match hub.db.write(&verb, hub.clock.now()).await {
            Ok(0) => {}
            Ok(answers) => tracing::info!(answers, "answers of registers are erased, their time is over"),
            Err(error) => tracing::error!(%error, "ANSWERS OF REGISTERS ARE KEPT BEYOND THEIR TIME"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => return,
        }
    }
}
