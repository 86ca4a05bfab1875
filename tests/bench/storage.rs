//! The storage alone: durable rows per second through `Db::write`, beside the machine's own limits in the same run.
//!
//! `cargo bench -p tests --bench storage`; `PUNTE_BENCH_POSTGRES=postgres://…` adds PostgreSQL.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hub_flow::db::{Db, DbError, Tx, WriteVerb};
use hub_flow::params;

const RUN: Duration = Duration::from_secs(4);

struct Keep;

impl WriteVerb for Keep {
    type Item = [u8; 16];
    type Output = ();
    const ORDER: u16 = 1;

    async fn run(&self, tx: &mut Tx<'_>, items: &[[u8; 16]]) -> Result<Vec<()>, DbError> {
        let body = "x".repeat(2048);
        let rows = items.iter().map(|id| params![*id, "bench", *id, 0_i64, &body]).collect();
        tx.insert("insert into job_bench (id, kind, subject, due_at, body) values", 5, rows).await?;
        Ok(vec![(); items.len()])
    }
}

struct Prepare;

impl WriteVerb for Prepare {
    type Item = ();
    type Output = ();
    const ORDER: u16 = 0;

    async fn run(&self, tx: &mut Tx<'_>, _: &[()]) -> Result<Vec<()>, DbError> {
        tx.query("drop table if exists job_bench", vec![]).await?;
        let table = "create table job_bench (id bytea primary key, kind text, subject bytea, due_at bigint, body text)";
        tx.query(table, vec![]).await?;
        Ok(vec![()])
    }
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir_in(".").expect("the working folder is writable");
    println!("machine: {:.0} fdatasync of 4 KiB per second", fdatasyncs(folder.path()));
    measure("sqlite", &format!("sqlite:{}", folder.path().join("bench.db").display())).await;
    if let Ok(url) = std::env::var("PUNTE_BENCH_POSTGRES") {
        measure("postgres", &url).await;
    }
}

async fn measure(name: &str, url: &str) {
    let db = Db::open(url).await.expect("the database opens");
    db.write(&Arc::new(Prepare), ()).await.expect("the bench table is made");
    for waiters in [1, 16, 64, 256] {
        let (rows, elapsed) = durable_rows(&db, waiters).await;
        let rate = rows as f64 / elapsed.as_secs_f64();
        println!("{name}: {waiters:>3} waiting: {rate:>8.0} durable rows of 2 KiB per second");
    }
}

async fn durable_rows(db: &Db, waiters: usize) -> (u64, Duration) {
    let verb = Arc::new(Keep);
    let start = Instant::now();
    let run = |waiter: usize| {
        let (db, verb) = (db.clone(), Arc::clone(&verb));
        tokio::spawn(async move {
            let mut rows = 0_u64;
            while start.elapsed() < RUN {
                let mut id = [0; 16];
                id[..8].copy_from_slice(&(start.elapsed().as_nanos() as u64).to_be_bytes());
                id[8..12].copy_from_slice(&(waiter as u32).to_be_bytes());
                id[12..].copy_from_slice(&(rows as u32).to_be_bytes());
                db.write(&verb, id).await.expect("the row is written");
                rows += 1;
            }
            rows
        })
    };
    let tasks: Vec<_> = (0..waiters).map(run).collect();
    let mut rows = 0;
    for task in tasks {
        rows += task.await.expect("a waiter ends");
    }
    (rows, start.elapsed())
}

fn fdatasyncs(folder: &std::path::Path) -> f64 {
    let mut file = std::fs::File::create(folder.join("sync")).expect("the folder is writable");
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < Duration::from_secs(1) {
        file.write_all(&[0; 4096]).expect("there is room");
        file.sync_data().expect("the disk syncs");
        count += 1;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}
