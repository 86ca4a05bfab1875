//! Workers: claim what is due, take each job a step further, many at once.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::flow;
use hub_flow::hub::Hub;
use hub_flow::queue::{Claim, ClaimJobs};
use tokio::sync::{Semaphore, watch};

use crate::telemetry::Metrics;

/// Jobs claimed in one transaction at most.
const SET: usize = 64;
/// Pause after the database failed.
const BREATH: Duration = Duration::from_millis(200);

/// Works until told to stop, then waits for what is under way. Of width zero, it leaves the queue to other nodes.
pub async fn work(hub: Arc<Hub>, metrics: Arc<Metrics>, width: usize, mut stop: watch::Receiver<bool>) {
    if width == 0 {
        return;
    }
    let turns = Arc::new(Semaphore::new(width));
    let claim = Arc::new(ClaimJobs);
    while !*stop.borrow() {
        let Ok(first) = Arc::clone(&turns).acquire_owned().await else { return };
        let free = (turns.available_permits() + 1).min(SET);
        let wanted = Claim { now: hub.clock.now(), limit: i64::try_from(free).unwrap_or(1) };
        drop(first);
        let jobs = match hub.db.write(&claim, wanted).await {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::warn!(%error, "no jobs could be claimed; trying again");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        if jobs.is_empty() {
            tokio::select! {
                () = hub.wake.wait() => {}
                _ = stop.changed() => {}
            }
            continue;
        }
        for job in jobs {
            let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
            let (hub, metrics) = (Arc::clone(&hub), Arc::clone(&metrics));
            tokio::spawn(async move {
                let (id, kind) = (job.id, job.kind);
                let result = flow::advance(&hub, job).await;
                metrics.job_ended(kind, result.is_ok());
                if let Err(error) = result {
                    tracing::warn!(job = %id, kind = kind.as_str(), %error, "a job could not be recorded; its lease will end");
                }
                drop(turn);
            });
        }
    }
    // All turns back means nothing is under way.
    let _ = turns.acquire_many(u32::try_from(width).unwrap_or(u32::MAX)).await;
}
