//! A second reading of RFC 4998, in Python: it finds the same imprints through both kinds of renewal, and refuses what
//! we refuse when a document, a list or the order of time-stamps is another.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use hub_signatures::digest::DigestAlgorithm;
use hub_signatures::evidence_record::{ArchiveTimeStamp, Batch, Documents, EvidenceRecord};
use hub_signatures::trust::Trust;
use hub_signatures::tsp::{Imprint, Request, Window};
use serde_json::{Value, json};
use support::authority::Authority;

use DigestAlgorithm::{Sha256, Sha512};

fn stamp(authority: &Authority, algorithm: DigestAlgorithm, objects: Vec<Documents>) -> Vec<ArchiveTimeStamp> {
    let batch = Batch::new(algorithm, objects).unwrap();
    let imprint = Imprint::new(algorithm, batch.root().to_vec()).unwrap();
    let request = Request::new(imprint, &[1], None).unwrap();
    let window = Window { now: support::NEW_YEAR_2026, tolerance: u32::MAX };
    let token = request.check(&authority.answer(request.der()), &authority.trust(), window).unwrap();
    batch.stamped(&token.der).unwrap()
}

fn digests(algorithm: DigestAlgorithm, object: &[Vec<u8>]) -> Documents {
    object.iter().map(|document| algorithm.digest(document)).collect()
}

/// Objects of one to three documents.
fn objects(count: usize) -> Vec<Vec<Vec<u8>>> {
    let document = |object, part| format!("Dovada {object}.{part}").into_bytes();
    (0..count).map(|object| (0..1 + object % 3).map(|part| document(object, part)).collect()).collect()
}

/// Records as they were first, after a time-stamp renewal, and after a hash-tree renewal with another renewal on top.
fn records(authority: &Authority, objects: &[Vec<Vec<u8>>]) -> Vec<Vec<EvidenceRecord>> {
    let first = stamp(authority, Sha256, objects.iter().map(|object| digests(Sha256, object)).collect());
    let mut records: Vec<EvidenceRecord> = first.into_iter().map(EvidenceRecord::new).collect();
    let mut generations = vec![records.clone()];
    let renew_time_stamps = |records: &mut Vec<EvidenceRecord>| {
        let algorithm = records[0].algorithm();
        let renewed = stamp(authority, algorithm, records.iter().map(EvidenceRecord::time_stamp_renewal).collect());
        records.iter_mut().zip(renewed).for_each(|(record, stamp)| record.renew_time_stamp(stamp).unwrap());
    };
    renew_time_stamps(&mut records);
    generations.push(records.clone());
    let again: Vec<Documents> = objects.iter().map(|object| digests(Sha512, object)).collect();
    let renewals = records.iter().zip(&again).map(|(record, documents)| record.hash_tree_renewal(Sha512, documents));
    let renewed = stamp(authority, Sha512, renewals.collect());
    for ((record, stamp), documents) in records.iter_mut().zip(renewed).zip(&again) {
        record.renew_hash_tree(stamp, documents).unwrap();
    }
    generations.push(records.clone());
    renew_time_stamps(&mut records);
    generations.push(records);
    generations
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A record with documents and our verdict.
fn case(record: &[u8], documents: &[Vec<u8>]) -> Value {
    let documents: Vec<&[u8]> = documents.iter().map(Vec::as_slice).collect();
    let record_read = EvidenceRecord::from_der(record);
    let holds = record_read.is_ok_and(|record| record.verify(&documents, &Trust::IntegrityOnly, 0).is_ok());
    json!([hex(record), documents.iter().map(|one| hex(one)).collect::<Vec<_>>(), holds])
}

/// Where the first hash of the record's first reduced tree stands, by its value.
fn flipped_at(record: &[u8], hash: &[u8]) -> Option<Vec<u8>> {
    let at = record.windows(hash.len()).position(|window| window == hash)?;
    let mut copy = record.to_vec();
    copy[at + 5] ^= 1;
    Some(copy)
}

#[test]
fn a_second_reading_of_rfc_4998_in_python_agrees_about_trees_and_renewals() {
    let Some(authority) = Authority::new() else { return };
    let mut python = Command::new("python3");
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/record.py"));
    let Ok(mut python) = python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "the program python3 is not installed");
        eprintln!("skipped: the program python3 is not installed");
        return;
    };
    let mut cases = Vec::new();
    for count in [1, 2, 3, 5, 8] {
        let objects = objects(count);
        for (generation, records) in records(&authority, &objects).into_iter().enumerate() {
            for (number, (record, object)) in records.iter().zip(&objects).enumerate() {
                let der = record.to_der();
                let good = case(&der, object);
                assert_eq!(good[2], json!(true), "{count} objects, generation {generation}, object {number}");
                cases.push(good);
                let mut changed = object.clone();
                changed[0][0] ^= 1;
                cases.push(case(&der, &changed));
                cases.push(case(&der, &objects[(number + 1) % count]));
                cases.push(case(&der, &object[..object.len().div_ceil(2)]));
                for hash in digests(Sha256, object).iter().chain(&record.time_stamp_renewal()) {
                    cases.extend(flipped_at(&der, hash).map(|der| case(&der, object)));
                }
            }
        }
    }
    let refused = cases.iter().filter(|case| case[2] == json!(false)).count();
    assert!(cases.len() > 300 && refused > 150, "{} cases, {refused} refused", cases.len());
    python.stdin.take().unwrap().write_all(Value::from(cases).to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.starts_with("agreed "),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
