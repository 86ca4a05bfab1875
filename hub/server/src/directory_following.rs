//! The loop by which a node sees what another wrote into the directory: one number is read every second, and the entries
//! only where it is another one.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::directory;
use hub_flow::hub::Hub;
use tokio::sync::watch;

/// From one look to the next.
const EVERY: Duration = Duration::from_secs(1);

/// Follows until told to stop. A directory that does not hang together is not taken; the node goes on with the one it has.
pub async fn run(hub: Arc<Hub>, mut stop: watch::Receiver<bool>) {
    let mut refused = None;
    while !*stop.borrow() {
        match directory::number(&hub.db).await {
            Ok(number) if number != hub.directory().ledger().number && refused != Some(number) => {
                match directory::load(&hub.db).await {
                    Ok(loaded) => {
                        tracing::info!(number, "the directory was changed elsewhere, and is read again");
                        hub.replace_directory(loaded);
                    }
                    Err(error) => {
                        refused = Some(number);
                        tracing::error!(%error, "THE DIRECTORY WAS CHANGED AND CANNOT BE USED; the former one stays");
                    }
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "whether the directory was changed cannot be seen now"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => return,
        }
    }
}
