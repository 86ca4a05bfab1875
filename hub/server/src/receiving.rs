//! The loop that fetches from sources, each on its own.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use hub_flow::db::DbError;
use hub_flow::flow::Refused;
use hub_flow::hub::Hub;
use hub_flow::message::Submission;
use hub_flow::queue::POLL;
use hub_flow::source::{Explain, Inspect, Limits as Sizes, NotInspected, Passed, Receiver, Refusal};
use schemas::Violation;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::api::messages::submit;
use crate::config::Limits;
use crate::protection::malware::{self, Scanner, Shown};
use crate::telemetry::Metrics;

/// Sources looked at at once; one that answers slowly holds one place.
const AT_ONCE: usize = 16;

/// Who looks for malware in what sources bring: the scanner of the door, where one is named.
pub struct Inspector {
    /// The scanner.
    pub scanner: Option<Scanner>,
    /// Where its verdicts are counted.
    pub metrics: Arc<Metrics>,
}

#[async_trait]
impl Inspect for Inspector {
    async fn inspect(&self, submission: &Submission) -> Result<Vec<Violation>, NotInspected> {
        let Some(scanner) = &self.scanner else { return Ok(Vec::new()) };
        let Submission { envelope, payloads, staged, .. } = submission;
        let looked = malware::look(scanner, &self.metrics, Shown { envelope, payloads, staged }).await;
        looked.map_err(|_| {
            NotInspected(
                "documentul nu se preia neverificat, iar verificarea de programe dăunătoare nu răspunde".into(),
            )
        })
    }
}

/// Fetches until told to stop.
pub async fn run(hub: Arc<Hub>, inspector: Inspector, limits: Limits, mut stop: watch::Receiver<bool>) {
    let node = hub.ids.uuid(hub.clock.now());
    let sizes = Sizes { part_bytes: limits.part_bytes, json_bytes: limits.json_bytes };
    let receiver = Arc::new(Receiver::new(hub, node, explain(), Arc::new(inspector), sizes));
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turns: JoinSet<(String, Result<Passed, DbError>)> = JoinSet::new();
    let mut under_way = HashSet::new();
    while !*stop.borrow() {
        match receiver.due().await {
            Ok(due) => {
                for source in due {
                    if under_way.len() < AT_ONCE && under_way.insert(source.clone()) {
                        let receiver = Arc::clone(&receiver);
                        turns.spawn(async move {
                            let passed = receiver.pass(&source).await;
                            (source, passed)
                        });
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "no source could be looked at; trying again"),
        }
        tokio::select! {
            Some(ended) = turns.join_next() => {
                let (source, passed) = ended.expect("a turn neither panics nor is cancelled while this runs");
                under_way.remove(&source);
                if let Err(error) = passed {
                    tracing::warn!(source, %error, "a turn at a source was not recorded; it is looked at again");
                }
                // Not at once, so that a source that cannot be recorded does not spin.
                ticks.tick().await;
            }
            _ = ticks.tick() => {}
            _ = stop.changed() => break,
        }
    }
    // What is cut off here comes again, and is known.
    turns.shutdown().await;
    if let Err(error) = receiver.let_go().await {
        tracing::warn!(%error, "the sources of this node wait until its hold ends");
    }
}

/// Refusals in the words of the API.
fn explain() -> Explain {
    Arc::new(|refused: Refused| {
        let problem = submit::problem(refused).document();
        let words = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        let rules = problem["violations"].as_array().into_iter().flatten();
        let told: Vec<String> = rules
            .filter_map(|rule| Some(format!("{}: {}", rule["pointer"].as_str()?, rule["ro"].as_str()?)))
            .take(20)
            .collect();
        let detail = if told.is_empty() { words("detail") } else { told.join("; ") };
        Refusal { reason: format!("{}: {detail}", words("title")), problem }
    })
}
