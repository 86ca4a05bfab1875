//! The transparency log: known trees, every proof against a slow oracle, and what a dishonest log would try.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;

use hub_signatures::digest::sha256;
use hub_signatures::log::key::{KeyUse, SigningKey, VerifierKey};
use hub_signatures::log::tree::{Frontier, Hash, Node, Nodes, leaf};

mod tree;
mod checkpoint;
mod proof;
mod python;

const ORIGIN: &str = "hub.example.ro/evidence";

/// Complete subtrees in memory.
#[derive(Default)]
struct Memory(HashMap<(u8, u64), Hash>);

impl Memory {
    fn of(leaves: &[Hash]) -> Memory {
        let mut memory = Memory::default();
        memory.store(Frontier::default().append(leaves));
        memory
    }

    fn store(&mut self, nodes: Vec<Node>) {
        for Node { level, index, hash } in nodes {
            assert!(self.0.insert((level, index), hash).is_none(), "a node is made once");
        }
    }
}

impl Nodes for Memory {
    type Error = String;

    fn node(&self, level: u8, index: u64) -> Result<Hash, String> {
        self.0.get(&(level, index)).copied().ok_or_else(|| format!("node {index} of level {level} is not stored"))
    }
}

/// The definitions of RFC 9162 word by word: sections 2.1.1, 2.1.3.1 and 2.1.4.1.
mod oracle {
    use super::{Hash, sha256};

    fn k(n: usize) -> usize {
        let mut k = 1;
        while k * 2 < n {
            k *= 2;
        }
        k
    }

    pub fn mth(d: &[Hash]) -> Hash {
        match d {
            [] => sha256(b""),
            [one] => *one,
            _ => sha256(&[&[1], &mth(&d[..k(d.len())])[..], &mth(&d[k(d.len())..])].concat()),
        }
    }

    pub fn path(m: usize, d: &[Hash]) -> Vec<Hash> {
        if d.len() == 1 {
            return Vec::new();
        }
        let k = k(d.len());
        let (mut path, other) =
            if m < k { (path(m, &d[..k]), mth(&d[k..])) } else { (path(m - k, &d[k..]), mth(&d[..k])) };
        path.push(other);
        path
    }

    pub fn subproof(m: usize, d: &[Hash], whole: bool) -> Vec<Hash> {
        if m == d.len() {
            return if whole { Vec::new() } else { vec![mth(d)] };
        }
        let k = k(d.len());
        let (mut path, other) = if m <= k {
            (subproof(m, &d[..k], whole), mth(&d[k..]))
        } else {
            (subproof(m - k, &d[k..], false), mth(&d[..k]))
        };
        path.push(other);
        path
    }
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|number| leaf(format!("record {number}").as_bytes())).collect()
}

fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, KeyUse::Log, &[1; 32]).unwrap()
}

fn witness_key(number: u8) -> SigningKey {
    SigningKey::from_seed(&format!("witness.example/w{number}"), KeyUse::Witness, &[number; 32]).unwrap()
}

fn keys(of: &[&SigningKey]) -> Vec<VerifierKey> {
    of.iter().map(|key| key.verifier().clone()).collect()
}
