//! How fast the transparency log appends, makes a head and proves inclusion, beside bare SHA-256 in the same run.
//!
//! Run with `cargo run --release -p hub-signatures --example log_rate`; it needs about 700 MB of memory. Rates are per
//! second of processor time when the machine tells it, so that other work on the machine does not disturb them.

use std::time::{Duration, Instant};

use hub_signatures::digest::sha256;
use hub_signatures::log::checkpoint::Checkpoint;
use hub_signatures::log::consistency;
use hub_signatures::log::inclusion;
use hub_signatures::log::key::{KeyUse, SigningKey};
use hub_signatures::log::tree::{self, Frontier, Hash, Node, Nodes, evidence_leaf};

const RECORDS: u64 = 10_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut seen = 0_u8;
    let bare = rate(|_| seen ^= sha256(&[7; 65])[0]);
    println!("bare SHA-256 of a node       {bare:>9.0} per second");

    let mut memory = Memory::default();
    let mut frontier = Frontier::default();
    let (started, used) = (Instant::now(), processor_time());
    for batch in 0..RECORDS / 1000 {
        let leaves: Vec<Hash> = (0..1000).map(|number| record(batch * 1000 + number)).collect();
        memory.store(frontier.append(&leaves));
    }
    let spent = spent(started, used).as_secs_f64();
    show("append, leaf included", RECORDS as f64 / spent, bare);
    let (size, head) = (frontier.size(), frontier.root());

    let key = SigningKey::from_seed("hub.example.ro/evidence", KeyUse::Log, &[1; 32])?;
    let leaves: Vec<Hash> = (0..1000).map(|number| record(size + number)).collect();
    let append = |leaves: &[Hash]| {
        let mut next = frontier.clone();
        drop(next.append(leaves));
        next
    };
    let root = rate(|_| seen ^= append(&leaves).root()[0]);
    println!("root over 1,000 new leaves   {:>9.0} microseconds", 1e6 / root);
    let sign = |next: &Frontier| Checkpoint::new("hub.example.ro/evidence", next.size(), next.root()).sign(&key);
    let signed = rate(|_| seen ^= u8::from(sign(&append(&leaves)).is_ok()));
    println!("signed head over as many     {:>9.0} microseconds", 1e6 / signed);

    let at = |call: u64| call.wrapping_mul(6_364_136_223_846_793_005) % size;
    let proofs = rate(|call| seen ^= inclusion::prove(&memory, at(call), size).map_or(0, |path| path[0][0]));
    show("inclusion proof", proofs, bare);
    let proofs = rate(|call| seen ^= consistency::prove(&memory, at(call).max(1), size).map_or(0, |path| path[0][0]));
    show("consistency proof", proofs, bare);
    let path = inclusion::prove(&memory, 12_345, size).map_err(|error| error.to_string())?;
    let leaf = record(12_345);
    let checks = rate(|_| seen ^= u8::from(inclusion::verify(12_345, size, &leaf, &path, &head).is_ok()));
    show("inclusion check", checks, bare);
    assert_eq!(tree::root(&memory, size).ok(), Some(head));
    // What was computed is used, so that nothing is optimised away.
    println!("{} hashes in a path, {seen}", path.len());
    Ok(())
}

/// The leaf of an evidence with a salt.
fn record(number: u64) -> Hash {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&number.to_be_bytes());
    evidence_leaf(Some(&[9; 32]), &digest)
}

/// Complete subtrees in memory, one list for each level.
#[derive(Default)]
struct Memory(Vec<Vec<Hash>>);

impl Memory {
    fn store(&mut self, nodes: Vec<Node>) {
        for node in nodes {
            let level = usize::from(node.level);
            if self.0.len() == level {
                self.0.push(Vec::with_capacity((RECORDS >> level) as usize));
            }
            self.0[level].push(node.hash);
        }
    }
}

impl Nodes for Memory {
    type Error = &'static str;

    fn node(&self, level: u8, index: u64) -> Result<Hash, &'static str> {
        let stored = self.0.get(usize::from(level)).and_then(|level| level.get(index as usize));
        stored.copied().ok_or("it is not stored")
    }
}

fn show(what: &str, rate: f64, bare: f64) {
    println!("{what:<28} {rate:>9.0} per second, {:.3} of bare", rate / bare);
}

/// Calls per second of processor time, over about two seconds; each call is told its number.
fn rate(mut act: impl FnMut(u64)) -> f64 {
    let (started, used) = (Instant::now(), processor_time());
    let mut calls = 0;
    while started.elapsed() < Duration::from_secs(2) {
        for _ in 0..100 {
            act(calls);
            calls += 1;
        }
    }
    calls as f64 / spent(started, used).as_secs_f64()
}

fn spent(started: Instant, used: Option<Duration>) -> Duration {
    match (used, processor_time()) {
        (Some(before), Some(after)) => after - before,
        _ => started.elapsed(),
    }
}

/// Processor time of this thread in the kernel's accounting (Linux), to the nanosecond.
fn processor_time() -> Option<Duration> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    statistics.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
