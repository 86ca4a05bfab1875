//! One noisy party beside a quiet one: the 99th percentile of the quiet party's sendings, alone and with a neighbour at a
//! hundred times its budget, in one run. Between the two, a neighbour that keeps to its budget: what the hub does for it is no
//! noise, so that the last figure is told against both.
//!
//! `cargo bench -p tests --bench noisy`
//!
//! The neighbour is a process of its own, at nice 10, so that what it needs to ask is not taken for what the hub needs to
//! refuse. It begins this program again with an argument.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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
/// Connections of the neighbour.
const VOICES: u64 = 16;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|one| one == "neighbour") {
        let rate = arguments[at + 2].parse().expect("requests a second");
        neighbour(&arguments[at + 1], rate, &arguments[at + 3]).await;
        return;
    }
    let budget = |requests: u32| Budget {
        requests: requests.try_into().expect("not zero"),
        seconds: 1.try_into().expect("not zero"),
    };
    let hub = TestHub::start_with(Database::Sqlite, |config| {
        let noisy = PartyRate { send: Some(budget(BUDGET)), ..PartyRate::default() };
        config.rate.party.insert(INBOX_TOWN.to_owned(), noisy);
    })
    .await;
    let (quiet, url) = (hub.client(SENDER), hub.running().url());
    measure(&quiet, "warm").await;
    for round in 0..ROUNDS {
        let alone = measure(&quiet, &format!("alone-{round}")).await;
        let (within, _) = beside(&quiet, (&url, u64::from(BUDGET)), &format!("within-{round}")).await;
        let (over, told) = beside(&quiet, (&url, NOISE), &format!("over-{round}")).await;
        let ratio = |one: Duration, other: Duration| one.as_secs_f64() / other.as_secs_f64();
        println!(
            "p99 alone {alone:.1?}, beside one within its budget {within:.1?}, beside one asking for {} times its budget \
             {over:.1?}: {:.2} times alone, {:.2} times within ({told})",
            NOISE / u64::from(BUDGET),
            ratio(over, alone),
            ratio(over, within),
        );
    }
    let mut hub = hub;
    hub.close().await;
}

/// The quiet party's 99th percentile beside a neighbour that asks so often, and what the neighbour says of its asking.
async fn beside(quiet: &Client, (url, rate): (&str, u64), name: &str) -> (Duration, String) {
    let program = std::env::current_exe().expect("this program has a path");
    let mut child = tokio::process::Command::new("nice");
    child.args(["-n", "10"]).arg(program).args(["neighbour", url, &rate.to_string(), name]);
    let mut child = child.stdout(Stdio::piped()).stdin(Stdio::piped()).spawn().expect("nice and this program start");
    let took = measure(quiet, name).await;
    // It ends when nobody holds its input any more.
    drop(child.stdin.take());
    let output = child.wait_with_output().await.expect("the neighbour ends");
    (took, String::from_utf8_lossy(&output.stdout).trim().to_owned())
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

/// Asks so often, over sixteen connections, until its input ends; then says how often it asked and was answered.
async fn neighbour(url: &str, rate: u64, name: &str) {
    let (asked, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let begun = Instant::now();
    for voice in 0..VOICES {
        let (client, asked, refused) = (Client::of(url, INBOX_TOWN), Arc::clone(&asked), Arc::clone(&refused));
        let name = name.to_owned();
        tokio::spawn(async move {
            let mut pace = tokio::time::interval(Duration::from_micros(VOICES * 1_000_000 / rate));
            // What is late is not made up for: the rate is what is asked for, not what piled up.
            pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                pace.tick().await;
                let number = asked.fetch_add(1, Ordering::Relaxed);
                let key = format!("noise-{name}-{voice}-{number}");
                let (status, _) = client.post("/v1/messages", &key, &letter(&[HUB_TOWN], "zgomot")).await;
                refused.fetch_add(u64::from(status == 429), Ordering::Relaxed);
            }
        });
    }
    let ended = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    ended.await.expect("a thread reads").expect("input ends");
    let (asked, seconds) = (asked.load(Ordering::Relaxed), begun.elapsed().as_secs_f64());
    println!("{:.0} requests/s, {} of {asked} refused", asked as f64 / seconds, refused.load(Ordering::Relaxed));
    std::process::exit(0);
}
