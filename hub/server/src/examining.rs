//! The loop that examines the vault in the background.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::examination::{Examined, Examiner};
use hub_flow::hub::Hub;
use hub_flow::log::Lease;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::config::AuditConfig;

/// From one look whether it is time to the next.
const EVERY: Duration = Duration::from_secs(3);

/// Examines until told to stop; the next start goes on where it was.
pub(crate) async fn run(hub: Arc<Hub>, lease: Arc<Lease>, config: AuditConfig, mut stop: watch::Receiver<bool>) {
    if !config.on {
        return;
    }
    let pace = u64::from(config.megabytes_per_second) * 1_000_000;
    let pause = Duration::try_from_secs_f64(config.pause_hours * 3600.0).unwrap_or(Duration::MAX);
    let examiner = Examiner::new(hub, lease, Some(pace), pause);
    while !*stop.borrow() {
        let step = tokio::select! {
            step = examiner.step() => step,
            _ = stop.changed() => return,
        };
        match step {
            Ok(Examined::Sound | Examined::Lost) => continue,
            Ok(Examined::Ended) => tracing::info!("every archived document was examined"),
            Ok(Examined::Idle | Examined::Elsewhere) => {}
            Err(error) => tracing::warn!(%error, "the archive is not examined; trying again"),
        }
        tokio::select! {
            () = sleep(EVERY) => {}
            _ = stop.changed() => return,
        }
    }
}
