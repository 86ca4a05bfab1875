//! One noisy party beside a quiet one: the 99th percentile of the quiet party's sendings, alone and with a neighbour at a
//! hundred times its budget, in one run.
//!
//! `cargo bench -p tests --bench noisy`

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hub_server::config::{Budget, PartyRate};
use tests::county::{HUB_TOWN, INBOX_TOWN, SENDER};
use tests::documents::letter;
use tests::{Client, Database, TestHub};

const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(8);
/// The noisy party's budget a second; it asks for a hundred times as much.
const BUDGET: u32 = 10;
const NOISE: u64 = 100 * BUDGET as u64;

#[tokio::main]
async fn main() {
    let budget = |requests: u32| Budget {
        requests: requests.try_into().expect("not zero"),
        seconds: 1.try_into().expect("not zero"),
    };
    let hub = TestHub::start_with(Database::Sqlite, |config| {
        let noisy = PartyRate { send: Some(budget(BUDGET)), ..PartyRate::default() };
        config.rate.party.insert(INBOX_TOWN.to_owned(), noisy);
    })
    .await;
    let (quiet, noisy) = (hub.client(SENDER), hub.client(INBOX_TOWN));
    measure(&quiet, "warm").await;
    for round in 0..ROUNDS {
        let alone = measure(&quiet, &format!("alone-{round}")).await;
        let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let noise = tokio::spawn(shout(noisy.clone(), Arc::clone(&stop), Arc::clone(&sent)));
        let beside = measure(&quiet, &format!("beside-{round}")).await;
        stop.store(true, Ordering::Relaxed);
        noise.await.expect("the noise ends");
        let rate = sent.load(Ordering::Relaxed) as f64 / ROUND.as_secs_f64();
        let ratio = beside.as_secs_f64() / alone.as_secs_f64();
        println!(
            "p99 alone {alone:.1?}, beside {rate:.0} requests/s ({:.0} times the budget) {beside:.1?}: ratio {ratio:.2}",
            rate / f64::from(BUDGET)
        );
    }
    let mut hub = hub;
    hub.close().await;
}

/// Twenty sendings a second, whatever the answers take; the 99th percentile of their time.
async fn measure(quiet: &Client, name: &str) -> Duration {
    let begun = Instant::now();
    let mut pace = tokio::time::interval(Duration::from_millis(50));
    let mut sendings = Vec::new();
    while begun.elapsed() < ROUND {
        pace.tick().await;
        let (quiet, key) = (quiet.clone(), format!("{name}-{}", sendings.len()));
        sendings.push(tokio::spawn(async move {
            let started = Instant::now();
            let (status, body) = quiet.post("/v1/messages", &key, &letter(&[HUB_TOWN], "liniște")).await;
            assert_eq!(status, 201, "{body}");
            started.elapsed()
        }));
    }
    let mut took = Vec::new();
    for sending in sendings {
        took.push(sending.await.expect("a sending ends"));
    }
    took.sort_unstable();
    took[took.len() * 99 / 100]
}

/// Asks a hundred times as often as it may, over sixteen connections.
async fn shout(noisy: Client, stop: Arc<AtomicBool>, sent: Arc<AtomicU64>) {
    let voices = (0..16_u64).map(|voice| {
        let (noisy, stop, sent) = (noisy.clone(), Arc::clone(&stop), Arc::clone(&sent));
        tokio::spawn(async move {
            let mut pace = tokio::time::interval(Duration::from_micros(16 * 1_000_000 / NOISE));
            while !stop.load(Ordering::Relaxed) {
                pace.tick().await;
                let number = sent.fetch_add(1, Ordering::Relaxed);
                let key = format!("noise-{voice}-{number}");
                noisy.post("/v1/messages", &key, &letter(&[HUB_TOWN], "zgomot")).await;
            }
        })
    });
    for voice in voices.collect::<Vec<_>>() {
        voice.await.expect("a voice ends");
    }
}
