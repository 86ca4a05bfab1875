//! `GET /v1/upkeep`: the nodes of the hub, where it keeps things and how much room is left, and its last copy.

use std::path::PathBuf;

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::clock::Timestamp;
use hub_flow::nodes::{self, Node};
use serde_json::{Value, json};

use crate::backup::Last;
use crate::config::{Config, StoreConfig};

use super::App;
use super::door::Door;
use super::may::May;
use super::problem::Problem;

/// Below this share of a disk it is time to make room.
const SCARCE: f64 = 0.10;
/// A copy older than this is no help, in microseconds: seven days.
const STALE: i64 = 7 * 86_400_000_000;

/// Where the hub keeps things.
#[derive(Debug, Clone)]
pub struct Places {
    data: PathBuf,
    folders: Vec<(&'static str, PathBuf)>,
    buckets: Vec<(&'static str, String)>,
}

impl Places {
    /// The places a configuration names.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let mut folders = vec![("data", config.data.clone())];
        let mut buckets = Vec::new();
        for (name, store) in [("vault", &config.vault.store), ("replica", &config.vault.replica)] {
            match store {
                Some(StoreConfig::Folder(path)) => folders.push((name, path.clone())),
                Some(StoreConfig::S3(place)) => buckets.push((name, place.bucket.clone())),
                None => {}
            }
        }
        Self { data: config.data.clone(), folders, buckets }
    }

    /// Each place with what is free on its disk; a bucket has no bound that is known here.
    fn told(&self) -> Vec<Value> {
        let folder = |(name, path): &(&str, PathBuf)| {
            let room = rustix::fs::statvfs(path).ok();
            let bytes = |blocks: u64, size: u64| blocks.saturating_mul(size);
            let free = room.as_ref().map(|room| bytes(room.f_bavail, room.f_frsize));
            let total = room.as_ref().map(|room| bytes(room.f_blocks, room.f_frsize));
            #[allow(clippy::cast_precision_loss, reason = "a share needs no more than a few digits")]
            let scarce = match (free, total) {
                (Some(free), Some(total)) if total > 0 => (free as f64) / (total as f64) < SCARCE,
                _ => false,
            };
            json!({"place": name, "kind": "folder", "free_bytes": free, "total_bytes": total, "scarce": scarce})
        };
        let bucket = |(name, bucket): &(&str, String)| json!({"place": name, "kind": "s3", "bucket": bucket});
        self.folders.iter().map(folder).chain(self.buckets.iter().map(bucket)).collect()
    }
}

/// How the hub is kept.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/upkeep", show)
}

/// The nodes of the last month, the places with their room, the size of the database, and the last copy made by
/// `punte backup`.
///
/// # Errors
/// The database does not answer.
pub async fn show(_: May<to::SystemsRead>, State(app): State<App>) -> Result<Json<Value>, Problem> {
    let now = app.hub.clock.now();
    let nodes = nodes::all(&app.hub.db).await?;
    let engine = if app.hub.db.is_embedded() { "sqlite" } else { "postgres" };
    let bytes = app.hub.db.size().await?;
    let last = Last::of(&app.places.data);
    Ok(Json(json!({
        "nodes": nodes.iter().map(|node| described(node, now)).collect::<Vec<_>>(),
        "database": {"engine": engine, "bytes": bytes},
        "places": app.places.told(),
        "backup": last.map(|last| json!({
            "made_at": last.made_at, "bytes": last.bytes, "seconds": last.seconds, "stale": stale(&last, now),
        })),
    })))
}

fn described(node: &Node, now: Timestamp) -> Value {
    json!({
        "node": node.id,
        "state": node.state(now).as_str(),
        "version": node.version,
        "started_at": node.started_at.to_utc(),
        "seen_at": node.seen_at.to_utc(),
        "stopped_at": node.stopped_at.map(Timestamp::to_utc),
    })
}

fn stale(last: &Last, now: Timestamp) -> bool {
    last.made_at.parse::<jiff::Timestamp>().map_or(true, |made| now.0 - made.as_microsecond() > STALE)
}
