//! A second reading of RFC 9162, RFC 8032 and C2SP, in Python: it and we make the same trees and the same verdicts.

use std::io::Write;
use std::process::{Command, Stdio};

use hub_signatures::digest::sha256;
use hub_signatures::log::checkpoint::Checkpoint;
use hub_signatures::log::consistency::{self, Head};
use hub_signatures::log::inclusion;
use hub_signatures::log::proof::{LogProof, Policy};
use hub_signatures::log::tree::{Hash, evidence_leaf, leaf, root};
use serde_json::{Value, json};

use crate::{Memory, ORIGIN, keys, log_key, witness_key};

/// Every size up to here with every proof; above it a few.
const ALL_UP_TO: u64 = 70;
const LARGE: [u64; 7] = [71, 127, 128, 129, 255, 1_000, 1_024];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hexes(path: &[Hash]) -> Vec<String> {
    path.iter().map(|hash| hex(hash)).collect()
}

/// Copies of a path as somebody who cheats would send them.
fn tampered(path: &[Hash]) -> Vec<Vec<Hash>> {
    let mut copies = vec![path.to_vec(), [path, &[[7; 32]]].concat(), [&[[7; 32]], path].concat(), Vec::new()];
    for at in 0..path.len() {
        let mut flipped = path.to_vec();
        flipped[at][at % 32] ^= 1;
        let mut shorter = path.to_vec();
        shorter.remove(at);
        let mut swapped = path.to_vec();
        swapped.swap(at, (at + 1) % path.len());
        copies.extend([flipped, shorter, swapped]);
    }
    copies
}

/// The largest log with its stored nodes.
struct Log {
    records: Vec<Vec<u8>>,
    leaves: Vec<Hash>,
    nodes: Memory,
}

impl Log {
    fn new() -> Log {
        let records: Vec<Vec<u8>> = (0..1_024).map(|number| format!("record {number}").into_bytes()).collect();
        let leaves: Vec<Hash> = records.iter().map(|record| leaf(record)).collect();
        let nodes = Memory::of(&leaves);
        Log { records, leaves, nodes }
    }

    fn head(&self, size: u64) -> Head {
        Head { size, root: root(&self.nodes, size).unwrap() }
    }

    /// Sizes, and for each of them the smaller numbers to look at.
    fn pairs(&self) -> Vec<(u64, u64)> {
        let all = (1..=ALL_UP_TO).flat_map(|size| (0..=size).map(move |smaller| (smaller, size)));
        let some = LARGE.into_iter().flat_map(|size| {
            [0, 1, 2, 63, 64, 65, size / 3, size / 2, size - 2, size - 1, size].map(|smaller| (smaller, size))
        });
        all.chain(some).collect()
    }

    fn judged_inclusions(&self) -> Vec<Value> {
        let mut judged = Vec::new();
        for (index, size) in
            self.pairs().into_iter().filter(|(index, size)| index < size && (size % 23 == 1 || *size > 70))
        {
            let (path, root) = (inclusion::prove(&self.nodes, index, size).unwrap(), self.head(size).root);
            for path in tampered(&path) {
                for (index, size) in [(index, size), (index + 1, size), (index, size + 1), (size, size)] {
                    let leaf = &self.leaves[index.min(1_023) as usize];
                    let holds = inclusion::verify(index, size, leaf, &path, &root).is_ok();
                    judged.push(json!([index, size, hex(leaf), hexes(&path), hex(&root), holds]));
                }
            }
        }
        judged
    }

    fn judged_consistencies(&self) -> Vec<Value> {
        let mut judged = Vec::new();
        for (old, new) in self.pairs().into_iter().filter(|(_, new)| new % 23 == 1 || *new > 70) {
            let path = consistency::prove(&self.nodes, old, new).unwrap();
            for path in tampered(&path) {
                let (old, new) = (self.head(old), self.head(new));
                let mut forged = new;
                forged.root[0] ^= 1;
                for (old, new) in [(old, new), (old, forged), (new, old)] {
                    let holds = consistency::verify(&old, &new, &path).is_ok();
                    judged.push(json!([old.size, new.size, hex(&old.root), hex(&new.root), hexes(&path), holds]));
                }
            }
        }
        judged
    }
}

/// Receipts, good and spoilt, with our verdict.
fn proofs() -> Vec<Value> {
    let (log, witness) = (log_key(), witness_key(2));
    let digests: Vec<Hash> = (0..21).map(|number: u8| sha256(&[number])).collect();
    let salts: Vec<Hash> = (0..21).map(|number: u8| sha256(&[number, 1])).collect();
    let leaves: Vec<Hash> = digests.iter().zip(&salts).map(|(one, salt)| evidence_leaf(Some(salt), one)).collect();
    let nodes = Memory::of(&leaves);
    let mut checkpoint = Checkpoint::new(ORIGIN, 21, root(&nodes, 21).unwrap()).sign(&log).unwrap();
    checkpoint.cosign(&witness, 1_767_225_600).unwrap();
    let policy = Policy { keys: keys(&[&log, &witness]), witnesses: 1 };
    let mut judged = Vec::new();
    for number in [0, 7, 20] {
        let path = inclusion::prove(&nodes, number as u64, 21).unwrap();
        let good = LogProof { index: number as u64, salt: Some(salts[number]), path, checkpoint: checkpoint.clone() };
        let mut spoilt = vec![good.clone(); 4];
        spoilt[1].index ^= 1;
        spoilt[2].salt = None;
        spoilt[3].path.truncate(1);
        let text = good.to_string();
        let texts = spoilt.iter().map(LogProof::to_string).chain([text.replacen("\n21\n", "\n22\n", 1)]);
        for text in texts {
            let verdict = LogProof::from_text(&text).and_then(|proof| proof.verify(&digests[number], &policy));
            judged.push(json!([text, hex(&digests[number]), verdict.is_ok()]));
        }
        judged.push(json!([text, hex(&sha256(b"other")), false]));
    }
    judged
}

#[test]
fn a_second_reading_of_the_standards_in_python_agrees_with_every_proof_and_verdict() {
    let mut python = Command::new("python3");
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/log.py"));
    let Ok(mut python) = python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "the program python3 is not installed");
        eprintln!("skipped: the program python3 is not installed");
        return;
    };
    let log = Log::new();
    let pairs = log.pairs();
    let roots = (0..=ALL_UP_TO).chain(LARGE).map(|size| json!([size, hex(&log.head(size).root)]));
    let inclusions = pairs
        .iter()
        .filter(|(index, size)| index < size)
        .map(|(index, size)| json!([index, size, hexes(&inclusion::prove(&log.nodes, *index, *size).unwrap())]));
    let consistencies = pairs
        .iter()
        .filter(|(old, _)| *old > 0)
        .map(|(old, new)| json!([old, new, hexes(&consistency::prove(&log.nodes, *old, *new).unwrap())]));
    let (judged_inclusions, judged_consistencies) = (log.judged_inclusions(), log.judged_consistencies());
    let refused =
        |judged: &[Value]| judged.iter().filter(|one| one.as_array().unwrap().last() == Some(&json!(false))).count();
    assert!(refused(&judged_inclusions) > 2_000 && refused(&judged_consistencies) > 2_000);
    let given = json!({
        "records": log.records.iter().map(|record| hex(record)).collect::<Vec<_>>(),
        "roots": roots.collect::<Vec<_>>(),
        "inclusions": inclusions.collect::<Vec<_>>(),
        "consistencies": consistencies.collect::<Vec<_>>(),
        "judged_inclusions": judged_inclusions,
        "judged_consistencies": judged_consistencies,
        "keys": [log_key().verifier().to_string(), witness_key(2).verifier().to_string()],
        "proofs": proofs(),
    });
    python.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.starts_with("agreed "),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
