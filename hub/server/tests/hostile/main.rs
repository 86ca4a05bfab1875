//! Every reader at the door over good input and thousands of changed copies of it: refusals, never panics.
//!
//! The same readers run under the fuzzer, for as long as one likes: see `CONTRIBUTING.md`. `PUNTE_HOSTILE_COPIES` asks for
//! more copies here, where there is no fuzzer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::{Duration, Instant};

#[path = "../../../signatures/tests/hostile/mutations.rs"]
mod mutations;
mod readers;
mod seeds;

use hub_flow::encryption::{PublicKey, Sealed, open};
use hub_flow::message::Envelope;
use mutations::{Numbers, changed};

/// How many changed copies each reader gets.
const COPIES: usize = 3_000;
/// Most time that one input of a few kilobytes may take on a busy machine; most take under a millisecond.
const LONGEST: Duration = Duration::from_secs(10);

#[test]
fn readers_at_the_door_refuse_changed_copies_of_good_input_and_never_panic() {
    let wanted = std::env::var("PUNTE_HOSTILE_COPIES").ok().and_then(|wanted| wanted.parse().ok());
    for (name, read) in readers::ALL {
        let mut pool = seeds::of(name);
        let fed = |data: &[u8]| {
            let start = Instant::now();
            let answer = std::panic::catch_unwind(|| read(data));
            assert!(answer.is_ok(), "{name} panics on {:?}", String::from_utf8_lossy(data));
            assert!(start.elapsed() < LONGEST, "{name} takes {:?} for {data:?}", start.elapsed());
        };
        fed(b"");
        pool.iter().for_each(|seed| fed(seed));
        let (good, mut numbers) = (pool.len(), Numbers::from_seed(20_261_122));
        for _ in 0..wanted.unwrap_or(COPIES) {
            let [seed, other] = [0; 2].map(|_| numbers.below(pool.len()));
            let copy = changed(&pool[seed], &pool[other], &mut numbers);
            fed(&copy);
            // Some copies are changed again: what is far from good input is reached step by step.
            if numbers.below(8) == 0 && copy.len() < 16 * 1024 {
                let at = good + numbers.below(64);
                if at < pool.len() { pool[at] = copy } else { pool.push(copy) }
            }
        }
    }
}

#[test]
fn good_input_is_read_at_the_door() {
    // What the readers let pass in silence would prove nothing about seeds that are all refused.
    for seed in seeds::of("envelope") {
        serde_json::from_slice::<Envelope>(&seed).unwrap();
    }
    for seed in seeds::of("sealing_key") {
        PublicKey::read(&serde_json::from_slice(&seed).unwrap()).unwrap();
    }
    for seed in seeds::of("jwe") {
        let sealed = Sealed::read(&serde_json::from_slice(&seed).unwrap()).unwrap();
        assert_eq!(open(&sealed, &readers::KEY).unwrap(), readers::CONTENT);
    }
}

#[test]
fn every_reader_at_the_door_has_a_fuzz_target() {
    let fuzz = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for (name, _) in readers::ALL {
        let target = std::fs::read_to_string(fuzz.join(format!("targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("readers::{name}(data)")), "{name}");
        assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")), "{name}");
    }
}
