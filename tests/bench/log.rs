//! How fast the log is: a head over a thousand leaves, a proof among ten million, and what accepting pays for it.
//!
//! `cargo bench -p tests --bench log` prints the three; `-- heads`, `-- proofs` or `-- accept` one of them. Proofs need
//! about 1.5 GB in the temporary folder, which is given back.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use hub_flow::db::Db;
use hub_flow::log::{Keeper, Lease, Pass, inclusion};
use hub_signatures::log::tree::{self, Frontier};
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::log::{attack, send, settled};
use tests::{Database, TestHub};

const LEAVES: u64 = 1000;
const MANY: u64 = 10_000_000;
/// Senders at once, and the length of one phase of accepting.
const SENDERS: usize = 16;
const PHASE: Duration = Duration::from_secs(10);

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wants = |name: &str| asked.is_empty() || asked.iter().any(|asked| asked == name);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if wants("heads") {
            for database in Database::all() {
                heads(database).await;
            }
        }
        if wants("proofs") {
            proofs().await;
        }
        if wants("accept") {
            for database in Database::all() {
                accept(database).await;
            }
        }
    });
}

/// So seldom that the hub's own keeper stays out of the measurement.
fn asleep(config: &mut hub_server::config::Config) {
    config.log.interval_ms = u32::MAX.try_into().unwrap();
}

fn keeper(hub: &TestHub) -> Keeper {
    let flow = Arc::clone(&hub.running().hub);
    let lease = Arc::new(Lease::of(flow.ids.uuid(flow.clock.now())));
    Keeper::new(flow, lease)
}

async fn heads(database: Database) {
    let hub = TestHub::start_with(database, |config| config.log.interval_ms = 20.try_into().unwrap()).await;
    send(&hub, 1).await;
    settled(&hub).await;
    let mut hub = hub;
    asleep(&mut hub.config);
    hub.restart().await;
    // The first look of the keeper just started is over before its lease is taken from it.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let copy = format!(
        "update log_keeper set held_until = 0; with recursive n (i) as (select 1 union all select i + 1 from n where i < {LEAVES})
         insert into evidence (id, message_id, delivery_id, event, event_time, document, sha256)
         select e.id, e.message_id, e.delivery_id, e.event, e.event_time, e.document, e.sha256
         from n cross join (select * from evidence order by sequence limit 1) e"
    );
    let mut keeper = keeper(&hub);
    let mut times = Vec::new();
    for _ in 0..30 {
        attack(database, &hub.config, &copy).await;
        let begun = Instant::now();
        let pass = keeper.pass().await.unwrap();
        times.push(begun.elapsed());
        assert!(matches!(pass, Pass::Kept { leaves: LEAVES, .. }), "{pass:?}");
    }
    told(&format!("{database:?}: head over {LEAVES} new evidences"), &mut times);
    hub.close().await;
}

async fn proofs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let url = format!("sqlite:{}", path.display());
    drop(Db::open(&url).await.unwrap());
    let begun = Instant::now();
    let root = fill(&path);
    println!(
        "a log of {MANY} leaves was built in {:.0} s, {} MB",
        begun.elapsed().as_secs_f64(),
        std::fs::metadata(&path).unwrap().len() / 1_000_000
    );
    let db = Db::open(&url).await.unwrap();
    let mut times = Vec::new();
    for step in 0..5000_u64 {
        let index = step.wrapping_mul(0x9E37_79B9_7F4A_7C15) % MANY;
        let begun = Instant::now();
        let path = inclusion(&db, index, MANY).await.unwrap();
        times.push(begun.elapsed());
        let leaf = tree::leaf(&index.to_be_bytes());
        hub_signatures::log::inclusion::verify(index, MANY, &leaf, &path, &root).unwrap();
    }
    told("inclusion proof among ten million, anywhere", &mut times);
}

fn fill(path: &std::path::Path) -> tree::Hash {
    let mut connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch("pragma synchronous = off; pragma cache_size = -500000").unwrap();
    let mut edge = Frontier::default();
    while edge.size() < MANY {
        let first = edge.size();
        let leaves: Vec<_> = (first..first + 100_000).map(|index| tree::leaf(&index.to_be_bytes())).collect();
        let nodes = edge.append(&leaves);
        let transaction = connection.transaction().unwrap();
        {
            let mut leaf = transaction.prepare_cached("insert into log_leaf values (?1, ?2, ?3, ?3)").unwrap();
            for (index, hash) in (first..).zip(&leaves) {
                leaf.execute(rusqlite::params![index as i64, index as i64 + 1, &hash[..]]).unwrap();
            }
            let mut row = transaction.prepare_cached("insert into log_node values (?1, ?2, ?3)").unwrap();
            for node in nodes.iter().filter(|node| node.level > 0 && node.level % 4 == 0) {
                row.execute(rusqlite::params![node.level, node.index as i64, &node.hash[..]]).unwrap();
            }
        }
        transaction.commit().unwrap();
    }
    let head = rusqlite::params![MANY as i64, &edge.root()[..]];
    connection.execute("insert into log_head values (?1, ?2, 0, '')", head).unwrap();
    edge.root()
}

/// The same load with the keeper at work and asleep, in turns on one machine.
async fn accept(database: Database) {
    let on = TestHub::start_with(database, |config| config.log.interval_ms = 1000.try_into().unwrap()).await;
    let off = TestHub::start_with(database, asleep).await;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        load(&on, &mut with).await;
        load(&off, &mut without).await;
    }
    let logged = on.number("select count(*) as number from log_leaf").await;
    let a = told(&format!("{database:?}: accept, keeper at work ({logged} logged)"), &mut with);
    let b = told(&format!("{database:?}: accept, keeper asleep"), &mut without);
    println!("{database:?}: p99.9 at work / asleep = {:.2}", a.as_secs_f64() / b.as_secs_f64());
    assert!(logged > 0, "the keeper did nothing");
}

async fn load(hub: &TestHub, times: &mut Vec<Duration>) {
    let end = Instant::now() + PHASE;
    let sender = async || {
        let commune = hub.client(SENDER);
        let mut times = Vec::new();
        while Instant::now() < end {
            let key = tests::database::unique();
            let body = letter(&[HUB_TOWN], &key);
            let begun = Instant::now();
            assert_eq!(commune.post("/v1/messages", &key, &body).await.0, 201);
            times.push(begun.elapsed());
        }
        times
    };
    for seen in futures_util::future::join_all((0..SENDERS).map(|_| sender())).await {
        times.extend(seen);
    }
}

/// Prints what was measured; answers p99.9.
fn told(what: &str, times: &mut [Duration]) -> Duration {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("{what}: p50 {:.2?}, p99 {:.2?}, p99.9 {:.2?}, n {}", at(0.5), at(0.99), at(0.999), times.len());
    at(0.999)
}
