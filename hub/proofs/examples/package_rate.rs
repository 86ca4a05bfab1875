//! How many court packs one processor verifies per second: one message, three evidences, log proofs, one stamped head.
//!
//! Run with `cargo run --release -p hub-proofs --example package_rate`. It needs the openssl program for the time-stamp.
//! Rates are per second of processor time when the machine tells it. `-- only 20` verifies the package 20 times and no
//! more, for a profiler.
//!
//! The floor is what the signatures and digests in the package cost with keys ready in memory and nothing else done.

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
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{Signer, Verifier};
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
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let [word, times] = &asked[..]
        && word == "only"
    {
        for _ in 0..times.parse::<u32>().unwrap() {
            drop(verify_package(&bytes, &matter.trusted, matter.at).unwrap());
        }
        return;
    }
    let floor = Floor::new();
    let least = show("floor: signatures, digest", || floor.pay(&bytes));
    show("  one P-256", || floor.p256());
    show("  one RSA-2048", || floor.rsa());
    show("  one Ed25519", || floor.ed25519());
    let whole = show("verify the package", || drop(verify_package(&bytes, &matter.trusted, matter.at).unwrap()));
    println!("{:<26} {:>8.2}", "whole to floor", whole / least);
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

/// The signatures of one package, checked with keys that are ready: four seals, two time-stamps, a log and a witness.
struct Floor {
    p256: (EcKey<openssl::pkey::Private>, EcdsaSig),
    rsa: (Rsa<openssl::pkey::Private>, Vec<u8>),
    ed25519: (PKey<openssl::pkey::Private>, Vec<u8>),
}

const MESSAGE: [u8; 32] = [7; 32];

impl Floor {
    fn new() -> Floor {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let (ec, rsa) = (EcKey::generate(&group).unwrap(), Rsa::generate(2048).unwrap());
        let ed25519 = PKey::generate_ed25519().unwrap();
        let mut value = vec![0; 256];
        let digest_info: [u8; 51] = std::array::from_fn(|at| at as u8);
        rsa.private_encrypt(&digest_info, &mut value, Padding::PKCS1).unwrap();
        let signature = Signer::new_without_digest(&ed25519).unwrap().sign_oneshot_to_vec(&MESSAGE).unwrap();
        let p256 = EcdsaSig::sign(&MESSAGE, &ec).unwrap();
        Floor { p256: (ec, p256), rsa: (rsa, value), ed25519: (ed25519, signature) }
    }

    fn pay(&self, bytes: &[u8]) {
        (0..4).for_each(|_| self.p256());
        (0..2).for_each(|_| self.rsa());
        (0..2).for_each(|_| self.ed25519());
        std::hint::black_box(hub_signatures::digest::sha256(bytes));
    }

    fn p256(&self) {
        assert!(self.p256.1.verify(&MESSAGE, &self.p256.0).unwrap());
    }

    fn rsa(&self) {
        assert_eq!(self.rsa.0.public_decrypt(&self.rsa.1, &mut [0; 256], Padding::PKCS1).unwrap(), 51);
    }

    fn ed25519(&self) {
        let (key, signature) = &self.ed25519;
        assert!(Verifier::new_without_digest(key).unwrap().verify_oneshot(signature, &MESSAGE).unwrap());
    }
}

/// Prints the rate; answers the seconds of one.
fn show(what: &str, mut act: impl FnMut()) -> f64 {
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
    println!("{what:<26} {:>8.0} per CPU second, {:>7.1} µs each", 1.0 / each, each * 1e6);
    each
}

/// Processor time of this process, from the kernel's accounts in nanoseconds.
fn processor_time() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
