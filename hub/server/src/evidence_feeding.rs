//! The two loops that bring evidence to its parties: one puts it into their feeds, one tells their systems. Neither is on
//! the way of a document or of the log.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use hub_flow::db::DbError;
use hub_flow::feed::{Fed, Feeder, Pushed, Pusher};
use hub_flow::hub::Hub;
use hub_flow::log::Lease;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// Parties told at once; one that answers slowly holds one place for an attempt, and then waits for its next.
const AT_ONCE: usize = 32;

/// Starts both loops; they end when told to stop. Whoever is to be told is on the list before this returns.
///
/// # Errors
/// The database does not answer.
pub async fn start(
    hub: &Arc<Hub>,
    lease: Arc<Lease>,
    every: Duration,
    stop: &watch::Receiver<bool>,
) -> Result<JoinHandle<()>, DbError> {
    let pusher = Arc::new(Pusher::new(Arc::clone(hub), hub.ids.uuid(hub.clock.now())));
    pusher.enlist().await?;
    let feed = feed(Feeder::new(Arc::clone(hub), lease), every, stop.clone());
    let push = push(pusher, every, stop.clone());
    Ok(tokio::spawn(async move {
        tokio::join!(feed, push);
    }))
}

async fn feed(mut feeder: Feeder, every: Duration, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        match feeder.pass().await {
            Ok(Fed::More) => continue,
            Ok(Fed::Idle | Fed::Elsewhere) => {}
            Err(error) => tracing::warn!(%error, "evidence could not be put into feeds; trying again"),
        }
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
    }
}

async fn push(pusher: Arc<Pusher>, every: Duration, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turns = Turns { pusher, told: JoinSet::new(), under_way: HashSet::new(), paused: HashSet::new() };
    while !*stop.borrow() {
        if let Err(error) = turns.begin().await {
            tracing::warn!(%error, "nobody could be told of evidence; trying again");
        }
        tokio::select! {
            Some(ended) = turns.told.join_next() => turns.ended(ended),
            _ = ticks.tick() => {}
            _ = stop.changed() => break,
        }
    }
    // What was on its way is told once more, under the same key.
    turns.told.shutdown().await;
    if let Err(error) = turns.pusher.let_go().await {
        tracing::warn!(%error, "what this node was telling waits until its hold ends");
    }
}

/// The parties being told.
struct Turns {
    pusher: Arc<Pusher>,
    told: JoinSet<(String, Result<Pushed, DbError>)>,
    under_way: HashSet<String>,
    /// Who was last said to be paused.
    paused: HashSet<String>,
}

impl Turns {
    async fn begin(&mut self) -> Result<(), DbError> {
        self.pusher.enlist().await?;
        for party in self.pusher.due().await? {
            if self.under_way.len() >= AT_ONCE {
                return Ok(());
            }
            if self.under_way.insert(party.clone()) {
                let pusher = Arc::clone(&self.pusher);
                self.told.spawn(async move {
                    let pushed = pusher.push(&party).await;
                    (party, pushed)
                });
            }
        }
        Ok(())
    }

    fn ended(&mut self, ended: Result<(String, Result<Pushed, DbError>), tokio::task::JoinError>) {
        let (party, pushed) = ended.expect("telling neither panics nor is cancelled while this runs");
        self.under_way.remove(&party);
        match pushed {
            Ok(Pushed::Failed { paused: true }) => {
                if self.paused.insert(party.clone()) {
                    tracing::warn!(
                        party,
                        "takes no evidence; it is tried at growing intervals, and its feed waits for it"
                    );
                }
            }
            Ok(Pushed::Taken) => {
                if self.paused.remove(&party) {
                    tracing::info!(party, "takes evidence again");
                }
            }
            Ok(Pushed::Elsewhere | Pushed::Failed { paused: false }) => {}
            Err(error) => tracing::warn!(party, %error, "could not be told of evidence; trying again"),
        }
    }
}
