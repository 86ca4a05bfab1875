//! Every reader of foreign bytes over good input and thousands of changed copies of it: refusals, never panics.
//!
//! The same readers run under the fuzzer, for as long as one likes: see `CONTRIBUTING.md`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::{Duration, Instant};

#[path = "../support/mod.rs"]
mod support;

mod mutations;
mod readers;
mod seeds;

use mutations::{Numbers, changed};

/// How many changed copies each reader gets.
const COPIES: usize = 3_000;
/// Most time that one input of a few kilobytes may take on a busy machine; most take under a millisecond.
const LONGEST: Duration = Duration::from_secs(10);

#[test]
fn readers_refuse_changed_copies_of_good_input_and_never_panic() {
    for (name, read) in readers::ALL {
        let seeds = seeds::of(name);
        let fed = |data: &[u8]| {
            let start = Instant::now();
            let answer = std::panic::catch_unwind(|| read(data));
            assert!(answer.is_ok(), "{name} panics on {data:?}");
            assert!(start.elapsed() < LONGEST, "{name} takes {:?} for {data:?}", start.elapsed());
        };
        fed(b"");
        seeds.iter().for_each(|seed| fed(seed));
        let mut numbers = Numbers::from_seed(20_261_122);
        for _ in 0..if seeds.is_empty() { 0 } else { COPIES } {
            let [seed, other] = [0; 2].map(|_| &seeds[numbers.below(seeds.len())]);
            fed(&changed(seed, other, &mut numbers));
        }
    }
}

#[test]
fn good_input_is_read_and_believed() {
    use hub_signatures::time_stamp::TimeStamp;
    use hub_signatures::trust::Trust;

    // What the readers let pass in silence would prove nothing about seeds that are all refused.
    let nobody_asks = Trust::IntegrityOnly;
    for seal in seeds::of("seal") {
        hub_signatures::xades::verify(&seal, &nobody_asks, &nobody_asks).unwrap();
    }
    for package in seeds::of("package") {
        hub_signatures::asice::Container::open(&package, &hub_signatures::asice::Limits::default()).unwrap();
    }
    if let Some(token) = seeds::of("time_stamp").last().filter(|_| support::program("openssl").is_some()) {
        TimeStamp::verify(token, readers::DATA, &nobody_asks).unwrap();
    }
    for record in seeds::of("evidence_record") {
        let record = hub_signatures::evidence_record::EvidenceRecord::from_der(&record).unwrap();
        record.verify(&[readers::DATA], &nobody_asks, 0).unwrap();
    }
    for proof in seeds::of("log_proof") {
        hub_signatures::log::proof::LogProof::from_text(std::str::from_utf8(&proof).unwrap()).unwrap();
    }
}

#[test]
fn every_reader_has_a_fuzz_target() {
    let fuzz = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for (name, _) in readers::ALL {
        let target = std::fs::read_to_string(fuzz.join(format!("targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("readers::{name}(data)")), "{name}");
        assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")), "{name}");
    }
}
