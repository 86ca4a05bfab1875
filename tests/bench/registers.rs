//! Register numbers alone: registrations per second through `Db::write`, with the 99th percentile of how long one took.
//!
//! `cargo bench -p tests --bench registers`; `PUNTE_BENCH_POSTGRES=postgres://…` adds PostgreSQL.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hub_flow::clock::Timestamp;
use hub_flow::db::{Db, DbError, Tx, WriteVerb};
use hub_flow::directory::Series;
use hub_flow::message::MessageId;
use hub_flow::registration::{self, NewEntry, Particulars};

const RUN: Duration = Duration::from_secs(5);
/// 2026-03-02T07:15:04Z.
const MOMENT: Timestamp = Timestamp(1_772_435_704_000_000);

struct Register;

impl WriteVerb for Register {
    type Item = NewEntry;
    type Output = i64;
    const ORDER: u16 = 1;

    async fn run(&self, tx: &mut Tx<'_>, items: &[NewEntry]) -> Result<Vec<i64>, DbError> {
        Ok(registration::register(tx, items).await?.into_iter().map(|one| one.key.number).collect())
    }
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir_in(".").expect("the working folder is writable");
    measure("sqlite", &format!("sqlite:{}", folder.path().join("bench.db").display())).await;
    if let Ok(url) = std::env::var("PUNTE_BENCH_POSTGRES") {
        measure("postgres", &url).await;
    }
}

async fn measure(name: &str, url: &str) {
    let db = Db::open(url).await.expect("the database opens");
    for waiters in [1, 16, 32, 64] {
        let begun = Instant::now();
        let tasks: Vec<_> = (0..waiters).map(|waiter| tokio::spawn(register(db.clone(), waiter))).collect();
        let mut took = Vec::new();
        for task in tasks {
            took.extend(task.await.expect("a waiter ends"));
        }
        let rate = took.len() as f64 / begun.elapsed().as_secs_f64();
        took.sort_unstable();
        let p99 = took[took.len() * 99 / 100];
        println!("{name}: {waiters:>3} waiting: {rate:>7.0} registrations per second, 99 of 100 within {p99:.1?}");
    }
}

async fn register(db: Db, waiter: u128) -> Vec<Duration> {
    let verb = Arc::new(Register);
    let (begun, mut took) = (Instant::now(), Vec::new());
    while begun.elapsed() < RUN {
        let started = Instant::now();
        let message =
            MessageId(uuid::Uuid::from_u128(started.elapsed().as_nanos() ^ (waiter << 64 | took.len() as u128)));
        let entry = NewEntry {
            particulars: Particulars::brief("Anchetă socială la domiciliu pentru evaluarea unei persoane"),
            ..NewEntry::of_message("uat-109773", Series::general(), (message, [7; 16]), MOMENT)
        };
        db.write(&verb, entry).await.expect("it is registered");
        took.push(started.elapsed());
    }
    took
}
