//! The whole road: documents offered at the door until the last one is at its target.

use std::time::{Duration, Instant};

use anyhow::bail;
use sandbox::{Running, SinkCounts};

use super::load;
use super::process::{HubProcess, Usage};

/// After the last receipt, deliveries get so long before what is missing counts as lost.
const PATIENCE: Duration = Duration::from_secs(120);
const GLANCE: Duration = Duration::from_millis(20);

/// What the road carried.
#[derive(Debug, Clone, Default)]
pub(super) struct Road {
    /// Documents per second from the first offered to the last delivered.
    pub(super) rate: f64,
    /// Receipts at the door during it.
    pub(super) accepts: load::Run,
    /// Documents carried.
    pub(super) documents: u64,
    /// Accepted and not at the target.
    pub(super) lost: u64,
    /// At the target more than once.
    pub(super) doubled: u64,
    /// Time from an open-loop offer to a target, 50th, 99th and 99.9th percentile of samples, in milliseconds.
    pub(super) end_to_end: [f64; 3],
    /// What the hub used for it.
    pub(super) used: Usage,
}

pub(super) async fn travel(
    hub: &HubProcess,
    target: &Running<SinkCounts>,
    connections: usize,
    phase: Duration,
    wanted: Option<f64>,
) -> anyhow::Result<Road> {
    let before = hub.usage()?;
    let taken_before = counts(target).taken;
    // As fast as the door takes them: what the road carries when it is never idle.
    let begun = Instant::now();
    let filled = load::offer(hub.address, connections, phase, wanted).await?;
    let accepted = filled.latencies.len() as u64 - filled.refused;
    drain(target, taken_before + accepted).await;
    let elapsed = begun.elapsed().as_secs_f64();
    let carried = counts(target).taken - taken_before;
    let rate = carried as f64 / elapsed;

    // Open loop below that, to see how long one document takes.
    let calm_from = counts(target).taken;
    let arrivals = watch(target, calm_from, phase);
    let calm = load::offer(hub.address, connections, phase, Some(rate * 0.7));
    let (calm, end_to_end) = tokio::join!(calm, arrivals);
    let calm = calm?;
    let calm_accepted = calm.latencies.len() as u64 - calm.refused;
    drain(target, calm_from + calm_accepted).await;
    let after = hub.usage()?;
    let counted = counts(target);
    let documents = counted.taken - taken_before;
    if counted.unwatched > 0 {
        bail!("the target took documents without a key");
    }
    Ok(Road {
        rate,
        documents,
        lost: (accepted + calm_accepted).saturating_sub(documents),
        doubled: counted.doubles,
        end_to_end: lag(&end_to_end, rate * 0.7),
        accepts: calm,
        used: Usage { cpu: after.cpu - before.cpu, written: after.written - before.written, peak_rss: after.peak_rss },
    })
}

fn counts(target: &Running<SinkCounts>) -> SinkCounts {
    target.received().into_iter().next().unwrap_or(SinkCounts { taken: 0, doubles: 0, unwatched: 0, bytes: 0 })
}

async fn drain(target: &Running<SinkCounts>, expected: u64) {
    let begun = Instant::now();
    while counts(target).taken < expected && begun.elapsed() < PATIENCE {
        tokio::time::sleep(GLANCE).await;
    }
}

/// How many documents were at the target at each glance.
async fn watch(target: &Running<SinkCounts>, from: u64, phase: Duration) -> Vec<(f64, u64)> {
    let begun = Instant::now() + Duration::from_millis(50);
    let mut seen = Vec::new();
    while begun.elapsed() < phase {
        tokio::time::sleep(Duration::from_millis(5)).await;
        seen.push((begun.elapsed().as_secs_f64(), counts(target).taken - from));
    }
    seen
}

/// At a steady offer, document n leaves at n / rate; when n have arrived, the n-th has taken the difference.
fn lag(seen: &[(f64, u64)], offered: f64) -> [f64; 3] {
    let mut lags: Vec<f64> =
        seen.iter().filter(|(_, count)| *count > 0).map(|(at, count)| at - *count as f64 / offered).collect();
    lags.sort_unstable_by(f64::total_cmp);
    [0.5, 0.99, 0.999].map(|share| load::percentile(&lags, share).max(0.0) * 1000.0)
}
