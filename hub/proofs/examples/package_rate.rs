//! How many court packs one processor verifies per second: one message, three evidences, log proofs, one stamped head.
//!
//! Run with `cargo run --release -p hub-proofs --example package_rate`. It needs the openssl program for the time-stamp.
//! Rates are per second of processor time when the machine tells it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on fails, and time is what it measures"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use hub_proofs::exhibits::File;
use hub_proofs::{Outcome, Trusted, judge, verify_package};
use hub_signatures::asice::{Container, Limits};
use hub_signatures::trust::Trust;
use hub_signatures::xades;
use support::matter::Matter;

fn main() {
    let Some(matter) = Matter::new() else { return };
    let mut pack = matter.pack();
    pack.heads.truncate(1);
    pack.consistency.clear();
    pack.payloads.clear();
    pack.evidences.iter_mut().for_each(|one| one.record = None);
    let bytes = matter.sealed(&pack);
    let verdict = verify_package(&bytes, &matter.trusted, matter.at).unwrap();
    assert_ne!(verdict.outcome(), Outcome::Failed, "{}", verdict.in_words());
    println!("package of {} bytes, {} claims", bytes.len(), verdict.claims.len());
    show("verify the package", || drop(verify_package(&bytes, &matter.trusted, matter.at).unwrap()));
    let container = Container::open(&bytes, &Limits::default()).unwrap();
    show("  open", || drop(Container::open(&bytes, &Limits::default()).unwrap()));
    show("  its seal", || drop(container.verify(&Trust::IntegrityOnly, &Trust::IntegrityOnly)));
    let xml = &matter.evidences[0];
    show("  one evidence, seal", || drop(xades::examine(xml).unwrap()));
    show("  one evidence, judged", || {
        let evidences = vec![File { name: "x", bytes: xml }];
        drop(judge(&hub_proofs::Exhibits { evidences, ..Default::default() }, &Trusted::default(), matter.at));
    });
    let (note, token) = &matter.heads[0];
    show("  one time-stamp", || {
        drop(hub_signatures::time_stamp::TimeStamp::verify(token, note.as_bytes(), &Trust::IntegrityOnly).unwrap());
    });
    let note = hub_signatures::log::note::SignedNote::parse(note).unwrap();
    show("  one head, two keys", || drop(note.verify(&matter.trusted.log_keys).unwrap()));
}

fn show(what: &str, mut act: impl FnMut()) {
    for _ in 0..100 {
        act();
    }
    let (started, used) = (Instant::now(), processor_time());
    let mut calls = 0_u32;
    while started.elapsed() < Duration::from_secs(2) {
        for _ in 0..20 {
            act();
        }
        calls += 20;
    }
    let spent = match (used, processor_time()) {
        (Some(before), Some(after)) => after - before,
        _ => started.elapsed(),
    };
    let each = spent.as_secs_f64() / f64::from(calls);
    println!("{what:<24} {:>8.0} per CPU second, {:>7.1} µs each", 1.0 / each, each * 1e6);
}

/// Processor time of this process, from the kernel's accounts in nanoseconds.
fn processor_time() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
