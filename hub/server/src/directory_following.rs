//! The loop by which a node sees what another wrote into the directory: one number is read every second, and the entries
//! only where it is another one.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::directory;
use hub_flow::hub::Hub;
use hub_flow::nomenclatures;
use tokio::sync::watch;

/// From one look to the next.
const EVERY: Duration = Duration::from_secs(1);

/// Follows until told to stop. A directory that does not hang together is not taken; the node goes on with the one it has.
pub async fn run(hub: Arc<Hub>, mut stop: watch::Receiver<bool>) {
    let mut refused = None;
    let mut versions = 0;
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
        follow_nomenclatures(&hub, &mut versions).await;
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => return,
        }
    }
}

/// The same with nomenclatures, whose versions never go. Those that make no list leave the former ones in place.
async fn follow_nomenclatures(hub: &Hub, known: &mut i64) {
    let read = async {
        let count = nomenclatures::count(&hub.db).await?;
        if count == *known {
            return Ok(None);
        }
        let merged = nomenclatures::merged(&hub.db, hub.catalogue.code_lists()).await;
        Ok::<_, nomenclatures::NotMerged>(Some((count, merged)))
    };
    match read.await {
        Ok(None) => {}
        Ok(Some((count, Ok(merged)))) => {
            hub.replace_code_lists(merged);
            *known = count;
        }
        Ok(Some((count, Err(error)))) => {
            *known = count;
            tracing::error!(%error, "AN IMPORTED NOMENCLATURE CANNOT BE USED; the lists as they were stay");
        }
        Err(error) => tracing::warn!(%error, "whether nomenclatures were imported cannot be seen now"),
    }
}
