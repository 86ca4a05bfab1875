//! Workers: claim what is due, take each job a step further, many at once.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::db::DbError;
use hub_flow::flow;
use hub_flow::hub::Hub;
use hub_flow::message::Message;
use hub_flow::queue::{Claim, ClaimJobs, Job, JobKind, POLL, PostponeJob};
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use crate::telemetry::Metrics;

/// Jobs claimed in one transaction at most.
const SET: usize = 64;
/// Fresh messages that may wait for each turn: work for a second or two, far below a lease.
const WAITING_PER_TURN: usize = 16;
/// Pause after the database failed.
const BREATH: Duration = Duration::from_millis(200);

/// Works until told to stop, then waits for what is under way. Of width zero, it leaves the queue to other nodes.
pub async fn work(hub: Arc<Hub>, metrics: Arc<Metrics>, width: usize, mut stop: watch::Receiver<bool>) {
    let Some(mut fresh) = hub.onward.open(width * WAITING_PER_TURN).filter(|_| width > 0) else { return };
    let turns = Turns { free: Arc::new(Semaphore::new(width)), hub: Arc::clone(&hub), metrics };
    let claim = Arc::new(ClaimJobs { lease_seconds: hub.policy.lease_seconds.get().into() });
    let mut poll = tokio::time::interval(POLL);
    let mut look = true;
    while !*stop.borrow() {
        // While no evidence may be issued, nothing is begun that would need it.
        let halted = turns.hub.halted().is_some();
        if look && !halted {
            look = match due(&turns, &claim).await {
                Ok(jobs) => {
                    let more = !jobs.is_empty();
                    for job in jobs {
                        let hub = Arc::clone(&hub);
                        turns.take(job.subject, job.kind, async move { flow::advance(&hub, job).await }).await;
                    }
                    more
                }
                Err(error) => {
                    tracing::warn!(%error, "no jobs could be claimed; trying again");
                    tokio::time::sleep(BREATH).await;
                    true
                }
            };
        }
        if look && !halted {
            continue;
        }
        tokio::select! {
            Some(message) = fresh.recv(), if !halted => turns.set_off(message).await,
            () = hub.wake.rung() => look = true,
            _ = poll.tick() => look = true,
            _ = stop.changed() => {}
        }
    }
    fresh.close();
    while let Some(message) = fresh.recv().await {
        turns.set_off(message).await;
    }
    // All turns back means nothing is under way.
    let _ = turns.free.acquire_many(u32::try_from(width).unwrap_or(u32::MAX)).await;
}

async fn due(turns: &Turns, claim: &Arc<ClaimJobs>) -> Result<Vec<Job>, DbError> {
    let free = turns.free.available_permits().clamp(1, SET);
    let wanted = Claim { now: turns.hub.clock.now(), limit: i64::try_from(free).unwrap_or(1) };
    turns.hub.db.write(claim, wanted).await
}

/// The work that may be under way at once.
struct Turns {
    free: Arc<Semaphore>,
    hub: Arc<Hub>,
    metrics: Arc<Metrics>,
}

impl Turns {
    /// Takes a fresh message on its way.
    async fn set_off(&self, message: Arc<Message>) {
        let hub = Arc::clone(&self.hub);
        self.take(message.id.0, JobKind::Route, async move { flow::set_off(&hub, message).await }).await;
    }

    /// Waits for a free turn and lets the step run in it.
    async fn take(
        &self,
        subject: Uuid,
        kind: JobKind,
        step: impl Future<Output = Result<(), DbError>> + Send + 'static,
    ) {
        let turn = Arc::clone(&self.free).acquire_owned().await.expect("the turns are never closed");
        let (hub, metrics) = (Arc::clone(&self.hub), Arc::clone(&self.metrics));
        tokio::spawn(async move {
            let result = step.await;
            metrics.job_ended(kind, result.is_ok());
            if let Err(error) = result {
                tracing::warn!(job = %subject, kind = kind.as_str(), %error, "a step could not be recorded; it is taken again");
                give_back(&hub, subject).await;
            }
            drop(turn);
        });
    }
}

/// Makes a job due again soon, instead of when its lease ends. It counts as a start without an end, so that a delivery
/// is asked for before it is sent again. Where even this cannot be written, the lease ends by itself.
async fn give_back(hub: &Hub, subject: Uuid) {
    tokio::time::sleep(BREATH).await;
    let soon = hub.clock.now().plus_seconds(1);
    if let Err(error) = hub.db.write(&Arc::new(PostponeJob), (subject, soon)).await {
        tracing::warn!(job = %subject, %error, "a job could not be given back; its lease will end");
    }
}
