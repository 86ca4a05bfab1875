//! Every fault of every twin, crossed with every operation of every system that the twin plays, through a whole hub.
//!
//! After each cell a delivery has one of the four ends and the twin holds the document once, or not at all where the hub
//! says so; a question has the answer it has on a good day, or no answer, and one entry in the journal. What a clerk reads
//! is a Romanian sentence. Faults, twins and systems are found by looking, so a new one is in the matrix or fails it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod discovery;
mod dressed;
mod players;
mod sentences;
mod deliveries;
mod lookups;

use std::time::Duration;

use futures_util::future::join_all;
use sandbox::{Fault, FaultKind, Operation};
use serde_json::{Value, json};
use tests::{Database, TestHub};

use players::{Player, play};

/// How long the hub waits for an answer here; faults that keep silent keep it for longer.
pub const PATIENCE: &str = "400ms";
/// How long a silent twin is silent.
const SILENCE: Duration = Duration::from_millis(900);
/// Patience with a port that is closed.
const OUTAGE: Duration = Duration::from_millis(200);
/// What ends a delivery whose fate nobody can tell, in seconds.
const GIVE_UP: f64 = 6.0;

/// One thing that goes wrong, in the words of whose plan it is in.
#[derive(Debug, Clone)]
pub enum Wrong {
    /// Of the plan that every twin has.
    Common(FaultKind),
    /// Of ANAF's own plan, by its name.
    Anaf(String),
}

impl Wrong {
    /// Plans it for the next requests of a kind, and at ANAF for the named operations.
    pub async fn begin(&self, player: &Player, at: &[Operation], operations: &[String]) {
        Self::end(player).await;
        match self {
            Self::Common(FaultKind::Down) => player.faults.down(OUTAGE).await,
            Self::Common(kind) => {
                for operation in at {
                    let mut fault = Fault::once(*kind).after(SILENCE);
                    fault.operation = *operation;
                    player.faults.plan(fault);
                }
            }
            Self::Anaf(kind) => {
                let line = |operation: &String| json!({ "operation": operation, "fault": kind, "delay_ms": SILENCE.as_millis() });
                player.put("/_sandbox/anaf/faults", &operations.iter().map(line).collect::<Value>()).await;
            }
        }
    }

    /// Nothing goes wrong any more.
    pub async fn end(player: &Player) {
        player.faults.clear();
        player.faults.up().await;
        if player.is_anaf {
            player.put("/_sandbox/anaf/faults", &json!([])).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_any_twin_at_any_operation_loses_or_doubles_anything() {
    let players = play().await;
    let faults = discovery::faults();
    let own: Vec<Wrong> = discovery::faults_of_anaf(&players).await.into_iter().map(Wrong::Anaf).collect();
    let store = tests::shared::own_folder();
    let engines = dressed::engines(store.path().to_owned());
    let mut hub = TestHub::start_among(Database::Sqlite, engines, |config| {
        config.retry.give_up_after = GIVE_UP;
        // What is measured is each fault alone: a system that is left alone after many of them would hide the next.
        config.breaker.failures = 10_000.try_into().unwrap();
        config.lookups.first_pause = 3_600.0;
        players::introduce(config, &players);
    })
    .await;
    let cells = join_all(players.iter().map(async |player| {
        let faults = faults.iter().map(|kind| Wrong::Common(*kind));
        let faults: Vec<Wrong> = faults.chain(own.iter().filter(|_| player.is_anaf).cloned()).collect();
        let asked = lookups::cross(&hub, player, &faults).await;
        asked + deliveries::cross(&hub, player, &faults).await
    }))
    .await;
    let cells: usize = cells.into_iter().sum();
    println!("{cells} cells, {} players", players.len());
    let findings: Vec<String> = players.iter().flat_map(|player| player.findings.lock().unwrap().clone()).collect();
    assert!(findings.is_empty(), "{} of {cells} cells:\n{}", findings.len(), findings.join("\n"));
    assert!(cells > 700, "only {cells} cells");
    hub.close().await;
}

#[test]
fn every_twin_and_every_system_is_in_the_matrix_or_is_left_out_for_a_named_reason() {
    discovery::nothing_is_forgotten();
}
