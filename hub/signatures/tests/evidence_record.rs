//! Evidence records over real time-stamps made by the openssl program: built, renewed, verified, and tampered with.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;
use std::process::Command;

use hub_signatures::certificate::Certificate;
use hub_signatures::digest::DigestAlgorithm;
use hub_signatures::evidence_record::{
    ArchiveTimeStamp, Batch, Documents, EvidenceRecord, MAX_RECORD, Proven, RecordError, RefusedRecord,
};
use hub_signatures::time_stamp::TimeStampError;
use hub_signatures::trust::Trust;
use tempfile::TempDir;

use DigestAlgorithm::{Sha256, Sha384, Sha512};

const DAY: i64 = 86_400;

#[test]
fn one_time_stamp_proves_every_object_of_a_batch() {
    let Some(authority) = Authority::new(30) else { return };
    for count in [1, 2, 3, 5, 8] {
        // Every third object is a group of three documents.
        let objects: Vec<Vec<Vec<u8>>> = (0..count)
            .map(|number| (0..if number % 3 == 2 { 3 } else { 1 }).map(|part| document(number, part)).collect())
            .collect();
        let records = authority.records(Sha256, &objects);
        for (record, object) in records.iter().zip(&objects) {
            let read = EvidenceRecord::from_der(&record.to_der()).unwrap();
            assert_eq!(read, *record);
            let proven = authority.verify(&read, object).unwrap();
            assert_eq!(proven.time_stamps.len(), 1);
            assert_eq!(proven.existed_at, proven.time_stamps[0].time);
            // The hash of a sibling is in the first list, so the record is about it too (RFC 4998, section 4.3).
            for other in objects.iter().filter(|other| *other != object && !listed(record, other)) {
                assert!(authority.verify(&read, other).is_err(), "{other:?}");
            }
            let stranger = authority.verify(&read, &[document(99, 0)]);
            assert!(matches!(stranger, Err(RefusedRecord::OtherObject { chain: 1 })), "{stranger:?}");
            assert!(matches!(authority.verify(&read, &[]), Err(RefusedRecord::NoDocument)));
        }
    }
}

#[test]
fn the_root_and_the_structure_are_those_other_programs_find() {
    let Some(authority) = Authority::new(30) else { return };
    let objects: Vec<Vec<Vec<u8>>> = (0..5).map(|number| vec![document(number, 0)]).collect();
    let record = authority.records(Sha256, &objects).swap_remove(4);
    let sorted = |mut pair: [Vec<u8>; 2]| {
        pair.sort();
        Sha256.digest(&pair.concat())
    };
    let hash = |number: usize| Sha256.digest(&objects[number][0]);
    let four = sorted([sorted([hash(0), hash(1)]), sorted([hash(2), hash(3)])]);
    let root = sorted([four.clone(), hash(4)]);

    let der = record.to_der();
    let [sequence] = children(&der)[..] else { panic!("one value") };
    let [version, algorithms, chains] = children(contents(sequence))[..] else { panic!("three fields") };
    assert_eq!(version, [2, 1, 1]);
    assert_eq!(algorithms, hex("300d300b0609608648016503040201"));
    let stamp = children(contents(children(contents(chains))[0]))[0];
    let [algorithm, tree, token] = children(contents(stamp))[..] else { panic!("three fields") };
    assert_eq!(algorithm, hex("a00b0609608648016503040201"));
    // One list of two hashes: the object, which has no sibling on two levels, and the other four.
    let list = [tlv(4, &hash(4)), tlv(4, &four)].concat();
    assert_eq!(tree, tlv(0xA2, &tlv(0x30, &list)));

    authority.write("token.der", token);
    authority.write("record.der", &der);
    let root: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
    authority.openssl(&format!("ts -verify -digest {root} -token_in -in token.der -CAfile tsa.pem"));
    authority.openssl("asn1parse -inform DER -in record.der");
}

#[test]
fn a_group_is_proved_whole() {
    let Some(authority) = Authority::new(30) else { return };
    let group: Vec<Vec<u8>> = (0..3).map(|part| document(0, part)).collect();
    for objects in [vec![group.clone()], vec![group.clone(), vec![document(1, 0)]]] {
        let record = authority.records(Sha256, &objects).swap_remove(0);
        authority.verify(&record, &group).unwrap();
        let mut reversed = group.clone();
        reversed.reverse();
        authority.verify(&record, &reversed).unwrap();
        authority.verify(&record, &group[1..2]).unwrap();
        for wrong in [&group[..2], &[&group[..], &[document(1, 0)]].concat(), &[document(0, 0), document(0, 0)]] {
            assert!(matches!(authority.verify(&record, wrong), Err(RefusedRecord::OtherObject { chain: 1 })));
        }
    }
}

#[test]
fn a_record_is_renewed_in_both_ways_and_still_proves_the_first_time() {
    let (Some(first), Some(second)) = (Authority::new(30), Authority::new(3650)) else { return };
    let objects: Vec<Vec<Vec<u8>>> = vec![vec![document(0, 0)], vec![document(1, 0), document(1, 1)]];
    let records = renewed(&first, &second, &objects);
    let trust = Trust::Anchors([first.certificates(), second.certificates()].concat());
    for (record, object) in records.iter().zip(&objects) {
        assert_eq!(record.algorithm(), Sha512);
        assert_eq!(record.chains().iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        let read = EvidenceRecord::from_der(&record.to_der()).unwrap();
        let start = verify(&read, object, &Trust::IntegrityOnly, 0).unwrap();
        let proven = verify(&read, object, &trust, start.existed_at + 300 * DAY).unwrap();
        assert_eq!((proven.existed_at, proven.time_stamps.len()), (start.existed_at, 5));
        assert!(proven.renew_before > start.existed_at + 3000 * DAY);
        assert!(verify(&read, &[document(7, 0)], &trust, start.existed_at).is_err());
        // Both authorities must be known, the old one too.
        for one in [&first, &second] {
            let refused = verify(&read, object, &Trust::Anchors(one.certificates()), start.existed_at);
            assert!(
                matches!(refused, Err(RefusedRecord::TimeStamp { why: TimeStampError::Trust(_), .. })),
                "{refused:?}"
            );
        }
    }
    let swapped = verify(&records[0], &objects[1], &trust, 0);
    assert!(matches!(swapped, Err(RefusedRecord::OtherObject { chain: 1 })), "{swapped:?}");
}

#[test]
fn renewals_stamp_what_the_rfc_says() {
    let (Some(first), Some(second)) = (Authority::new(30), Authority::new(3650)) else { return };
    let objects: Vec<Vec<Vec<u8>>> = vec![vec![document(0, 0)], vec![document(1, 0), document(1, 1)]];
    let der = renewed(&first, &second, &objects).swap_remove(1).to_der();
    let chains = children(contents(children(contents(&der))[2]));
    let fields = |chain: usize, stamp: usize| children(contents(children(contents(chains[chain]))[stamp]));
    let first_list = |chain: usize, stamp: usize| children(contents(children(contents(fields(chain, stamp)[1]))[0]));
    // Section 5.2: the digest of the time-stamp before, in the algorithm of the chain.
    assert!(first_list(0, 1).contains(&&tlv(4, &Sha256.digest(fields(0, 0)[2]))[..]));
    assert!(first_list(1, 1).contains(&&tlv(4, &Sha384.digest(fields(1, 0)[2]))[..]));
    // Section 5.2: H(H(document) || H(ArchiveTimeStampSequence so far)), the list exactly the group.
    let older = Sha512.digest(&tlv(0x30, &chains[..2].concat()));
    let expected = objects[1].iter().map(|document| Sha512.digest(&[Sha512.digest(document), older.clone()].concat()));
    let expected: Vec<Vec<u8>> = expected.map(|digest| tlv(4, &digest)).collect();
    assert_eq!(first_list(2, 0), expected);
}

#[test]
fn a_record_that_was_not_renewed_in_time_is_refused() {
    let Some(authority) = Authority::new(30) else { return };
    let object = vec![document(0, 0)];
    let record = authority.records(Sha256, std::slice::from_ref(&object)).swap_remove(0);
    let proven = authority.verify(&record, &object).unwrap();
    let trust = Trust::Anchors(authority.certificates());
    verify(&record, &object, &trust, proven.renew_before - 1).unwrap();
    let late = verify(&record, &object, &trust, proven.renew_before).unwrap_err();
    assert!(matches!(late, RefusedRecord::TooLate { position: 1, .. }), "{late}");
    assert!(late.to_string().starts_with("time-stamp 1 of the evidence record was not renewed in time: "), "{late}");
}

/// A change of the time-stamps of every chain.
type Change<'c> = &'c dyn Fn(&mut Vec<Vec<Vec<u8>>>);

#[test]
fn removed_reordered_and_exchanged_chains_are_refused() {
    let (Some(first), Some(second)) = (Authority::new(30), Authority::new(3650)) else { return };
    let objects: Vec<Vec<Vec<u8>>> = (0..2).map(|number| vec![document(number, 0)]).collect();
    let records = renewed(&first, &second, &objects);
    let other = EvidenceRecord::from_der(&records[1].to_der()).unwrap();
    let parts = |record: &EvidenceRecord| -> Vec<Vec<Vec<u8>>> {
        let der = record.to_der();
        let chains = children(contents(children(contents(&der))[2]));
        chains.iter().map(|chain| children(contents(chain)).iter().map(|stamp| stamp.to_vec()).collect()).collect()
    };
    let (whole, foreign) = (parts(&records[0]), parts(&other));
    let trust = Trust::Anchors([first.certificates(), second.certificates()].concat());
    let start = verify(&records[0], &objects[0], &Trust::IntegrityOnly, 0).unwrap().existed_at;
    let check = |chains: &[Vec<Vec<u8>>]| {
        let record = EvidenceRecord::from_der(&assemble(chains));
        record.map(|record| verify(&record, &objects[0], &trust, start).is_ok()).unwrap_or(false)
    };
    assert!(check(&whole));
    let changes: [(&str, Change); 9] = [
        ("first chain removed", &|chains| drop(chains.remove(0))),
        ("middle chain removed", &|chains| drop(chains.remove(1))),
        ("first time-stamp removed", &|chains| drop(chains[0].remove(0))),
        ("a renewed time-stamp removed", &|chains| drop(chains[1].remove(0))),
        ("a renewal removed under a later chain", &|chains| drop(chains[0].remove(1))),
        ("chains swapped", &|chains| chains.swap(1, 2)),
        ("time-stamps swapped", &|chains| chains[0].swap(0, 1)),
        ("a renewal twice", &|chains| {
            let again = chains[0][1].clone();
            chains[0].push(again);
        }),
        ("a chain of another record", &|chains| chains[1] = foreign[1].clone()),
    ];
    for (what, change) in changes {
        let mut chains = whole.clone();
        change(&mut chains);
        assert!(!check(&chains), "{what}");
    }
    // Chains run into one: the algorithm changes inside.
    assert!(!check(&[whole.concat()]));
    // Cutting the newest renewals leaves the older record, which was right in its time and ages accordingly.
    assert!(check(&whole[..1]));
}

#[test]
fn a_changed_byte_anywhere_is_refused() {
    let (Some(first), Some(second)) = (Authority::new(30), Authority::new(3650)) else { return };
    let objects: Vec<Vec<Vec<u8>>> = (0..3).map(|number| vec![document(number, 0)]).collect();
    let mut record = first.records(Sha256, &objects).swap_remove(0);
    record.renew_time_stamp(second.stamp(Sha256, vec![record.time_stamp_renewal()]).swap_remove(0)).unwrap();
    let trust = Trust::Anchors([first.certificates(), second.certificates()].concat());
    let start = verify(&record, &objects[0], &Trust::IntegrityOnly, 0).unwrap().existed_at;
    let der = record.to_der();
    // The last token is signed by its authority and enveloped in CMS, parts of which no signature covers: what a
    // renewal has not yet sealed is left to the tests of time-stamps.
    let [old, last] = [0, 1].map(|number| {
        let token = record.chains()[0][number].token();
        let start = der.windows(token.len()).position(|window| window == token).unwrap();
        start..start + token.len()
    });
    let in_old_token = old.clone().map(|at| at * 8 + at % 8);
    let outside_tokens = (0..der.len()).filter(|at| !old.contains(at) && !last.contains(at));
    for bit in outside_tokens.flat_map(|at| at * 8..at * 8 + 8).chain(in_old_token) {
        let mut changed = der.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let verdict = EvidenceRecord::from_der(&changed).map(|record| verify(&record, &objects[0], &trust, start));
        assert!(!matches!(verdict, Ok(Ok(_))), "bit {bit}");
    }
    let mut changed = document(0, 0);
    changed[3] ^= 1;
    assert!(verify(&record, &[changed], &trust, start).is_err());
}

#[test]
fn hostile_bytes_are_errors_and_never_panics() {
    let Some(authority) = Authority::new(30) else { return };
    let record = authority.records(Sha256, &[vec![document(0, 0)], vec![document(1, 0)]]).swap_remove(0);
    let der = record.to_der();
    for cut in 0..der.len() {
        assert!(EvidenceRecord::from_der(&der[..cut]).is_err(), "{cut}");
    }
    let refused = |der: &[u8], why: &str| {
        let error = EvidenceRecord::from_der(der).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    };
    refused(&vec![0x30; MAX_RECORD + 1], "larger");
    refused(&[der.clone(), vec![0]].concat(), "not the DER");
    refused(&hex("3084ffffffff"), "not the DER");
    refused(&hex("30800000"), "not the DER");
    let fields = children(contents(&der));
    let with = |fields: &[&[u8]]| tlv(0x30, &fields.concat());
    refused(&with(&[&[2, 1, 2], fields[1], fields[2]]), "version");
    refused(&with(&[fields[0], fields[1], &hex("a1020500"), fields[2]]), "encrypted");
    refused(&with(&[fields[0], &hex("300d300b0609608648016503040203"), fields[2]]), "lists other digest algorithms");
    refused(&with(&[fields[0], &hex("3009300706052b0e03021a"), fields[2]]), "not the DER");
    refused(&with(&[fields[0], fields[1], &hex("3000")]), "not the DER");
    refused(&with(&[fields[0], fields[1], &hex("30023000")]), "not the DER");
    let stamp = children(contents(children(contents(fields[2]))[0]))[0];
    let many = tlv(0x30, &tlv(0x30, &stamp.repeat(257)));
    refused(&with(&[fields[0], fields[1], &many]), "more time-stamps");
    let parts = children(contents(stamp));
    for tree in ["a200", "a2023000", "a20430020500"] {
        let stamp = tlv(0x30, &[parts[0], &hex(tree), parts[2]].concat());
        refused(&with(&[fields[0], fields[1], &tlv(0x30, &tlv(0x30, &stamp))]), "not the DER");
    }
    for attributes in ["a100", "a1023000", "a1090607608648016503", "a106300406022a03"] {
        let stamp = tlv(0x30, &[&hex(attributes), parts[1], parts[2]].concat());
        refused(&with(&[fields[0], fields[1], &tlv(0x30, &tlv(0x30, &stamp))]), "not the DER");
    }
    // What others write and is understood: cryptoInfos, attributes, no name or NULL parameters of the algorithm.
    let bare = tlv(0x30, &[&hex("a10a300806022a0331020500")[..], parts[1], parts[2]].concat());
    let foreign = with(&[
        fields[0],
        &hex("300f300d06096086480165030402010500"),
        &hex("a00a300806022a0331020500"),
        &tlv(0x30, &tlv(0x30, &bare)),
    ]);
    let read = EvidenceRecord::from_der(&foreign).unwrap();
    authority.verify(&read, &[document(0, 0)]).unwrap();
    assert_eq!(EvidenceRecord::from_der(&read.to_der()).unwrap(), read);
}

#[test]
fn what_does_not_fit_is_refused_when_a_record_is_made() {
    let Some(authority) = Authority::new(30) else { return };
    let digests = |number| vec![Sha256.digest(&document(number, 0))];
    assert_eq!(Batch::new(Sha256, vec![]).unwrap_err(), RecordError::Empty);
    assert_eq!(Batch::new(Sha256, vec![vec![]]).unwrap_err(), RecordError::Empty);
    let short = Batch::new(Sha512, vec![digests(0)]).unwrap_err();
    assert_eq!(short, RecordError::DigestLength { algorithm: Sha512, found: 32 });
    let batch = Batch::new(Sha256, vec![digests(0), digests(1)]).unwrap();
    let elsewhere = authority.token(Sha256, Batch::new(Sha256, vec![digests(1)]).unwrap().root());
    assert_eq!(batch.stamped(&elsewhere).unwrap_err(), RecordError::OtherToken);
    assert_eq!(batch.stamped(b"nothing").unwrap_err(), RecordError::UnreadableToken);
    let right = authority.token(Sha256, batch.root());
    assert_eq!(batch.stamped(&[right.clone(), vec![0]].concat()).unwrap_err(), RecordError::UnreadableToken);

    let mut record = EvidenceRecord::new(batch.stamped(&right).unwrap().swap_remove(0));
    let other = authority.stamp(Sha256, vec![digests(5)]).swap_remove(0);
    assert_eq!(record.renew_time_stamp(other.clone()).unwrap_err(), RecordError::OtherRecord);
    assert_eq!(record.renew_hash_tree(other, &digests(0)).unwrap_err(), RecordError::OtherRecord);
    let stronger = authority.stamp(Sha384, vec![vec![Sha384.digest(record.chains()[0][0].token())]]).swap_remove(0);
    let refused = record.renew_time_stamp(stronger).unwrap_err();
    assert_eq!(refused, RecordError::OtherAlgorithm { chain: Sha256, found: Sha384 });
    assert_eq!(record.chains().len(), 1);
}

/// Records with three chains: SHA-256 and SHA-384, each with its renewal, and SHA-512.
fn renewed(first: &Authority, second: &Authority, objects: &[Vec<Vec<u8>>]) -> Vec<EvidenceRecord> {
    let mut records = first.records(Sha256, objects);
    let renew_time_stamps = |records: &mut [EvidenceRecord], authority: &Authority| {
        let digests = records.iter().map(EvidenceRecord::time_stamp_renewal).collect();
        let stamps = authority.stamp(records[0].algorithm(), digests);
        for (record, stamp) in records.iter_mut().zip(stamps) {
            record.renew_time_stamp(stamp).unwrap();
        }
    };
    let renew_hash_trees = |records: &mut [EvidenceRecord], algorithm| {
        let digests: Vec<Documents> = objects.iter().map(|object| hash(algorithm, object)).collect();
        let renewals =
            records.iter().zip(&digests).map(|(record, digests)| record.hash_tree_renewal(algorithm, digests));
        let stamps = second.stamp(algorithm, renewals.collect());
        for ((record, stamp), digests) in records.iter_mut().zip(stamps).zip(&digests) {
            record.renew_hash_tree(stamp, digests).unwrap();
        }
    };
    renew_time_stamps(&mut records, second);
    renew_hash_trees(&mut records, Sha384);
    renew_time_stamps(&mut records, first);
    renew_hash_trees(&mut records, Sha512);
    records
}

fn document(number: usize, part: usize) -> Vec<u8> {
    format!("document {number}, part {part}").into_bytes()
}

fn hash(algorithm: DigestAlgorithm, object: &[Vec<u8>]) -> Documents {
    object.iter().map(|document| algorithm.digest(document)).collect()
}

fn verify(record: &EvidenceRecord, object: &[Vec<u8>], trust: &Trust, at: i64) -> Result<Proven, RefusedRecord> {
    let documents: Vec<&[u8]> = object.iter().map(Vec::as_slice).collect();
    record.verify(&documents, trust, at)
}

/// Whether all hashes of the object are in the first list of the record.
fn listed(record: &EvidenceRecord, object: &[Vec<u8>]) -> bool {
    let der = record.to_der();
    hash(Sha256, object).iter().all(|hash| der.windows(32).any(|window| window == hash))
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let head = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        0x100..0x1_0000 => vec![tag, 0x82, (length >> 8) as u8, length as u8],
        _ => vec![tag, 0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8],
    };
    [&head, contents].concat()
}

/// Length of tag and length, and of the whole value.
fn measure(der: &[u8]) -> (usize, usize) {
    match der[1] {
        short @ 0..0x80 => (2, 2 + usize::from(short)),
        long => {
            let count = usize::from(long & 0x7F);
            let length = der[2..2 + count].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            (2 + count, 2 + count + length)
        }
    }
}

fn contents(der: &[u8]) -> &[u8] {
    let (head, whole) = measure(der);
    &der[head..whole]
}

fn children(mut der: &[u8]) -> Vec<&[u8]> {
    let mut values = Vec::new();
    while !der.is_empty() {
        let (value, rest) = der.split_at(measure(der).1);
        values.push(value);
        der = rest;
    }
    values
}

/// A record of these time-stamps that lists just the algorithms it uses.
fn assemble(chains: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let algorithms: BTreeSet<Vec<u8>> =
        chains.iter().flatten().map(|stamp| tlv(0x30, contents(children(contents(stamp))[0]))).collect();
    let chains: Vec<u8> = chains.iter().flat_map(|chain| tlv(0x30, &chain.concat())).collect();
    let algorithms = algorithms.into_iter().collect::<Vec<_>>().concat();
    tlv(0x30, &[hex("020101"), tlv(0x30, &algorithms), tlv(0x30, &chains)].concat())
}

/// A time-stamping authority played by the openssl program, with its own key.
struct Authority(TempDir);

impl Authority {
    /// None when the program is not installed.
    fn new(days: u32) -> Option<Authority> {
        support::program("openssl")?;
        let authority = Authority(tempfile::tempdir().unwrap());
        authority.write(
            "tsa.cnf",
            format!(
                "[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=ext\n[dn]\nCN=TSA of {days} days\n[ext]\n\
                 extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n[tsa]\n\
                 default_tsa=tsa1\n[tsa1]\nserial=serial\ncrypto_device=builtin\nsigner_cert=tsa.pem\n\
                 signer_key=tsa.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256,sha384,sha512\n\
                 ess_cert_id_alg=sha256\n"
            )
            .as_bytes(),
        );
        authority.write("serial", b"01");
        authority.openssl(&format!(
            "req -x509 -newkey rsa:2048 -nodes -days {days} -config tsa.cnf -keyout tsa.key -out tsa.pem"
        ));
        Some(authority)
    }

    fn token(&self, algorithm: DigestAlgorithm, imprint: &[u8]) -> Vec<u8> {
        let hex: String = imprint.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("{algorithm:?}").to_lowercase();
        self.openssl(&format!("ts -query -digest {hex} -{name} -cert -out query.tsq"));
        self.openssl("ts -reply -config tsa.cnf -queryfile query.tsq -token_out -out token.der");
        std::fs::read(self.0.path().join("token.der")).unwrap()
    }

    fn stamp(&self, algorithm: DigestAlgorithm, objects: Vec<Documents>) -> Vec<ArchiveTimeStamp> {
        let batch = Batch::new(algorithm, objects).unwrap();
        let token = self.token(algorithm, batch.root());
        let stamps = batch.stamped(&token).unwrap();
        for (object, stamp) in stamps.iter().enumerate() {
            assert_eq!(&batch.stamped_one(object, &token).unwrap(), stamp);
        }
        assert_eq!(batch.stamped_one(stamps.len(), &token).unwrap_err(), RecordError::Empty);
        stamps
    }

    fn records(&self, algorithm: DigestAlgorithm, objects: &[Vec<Vec<u8>>]) -> Vec<EvidenceRecord> {
        let digests = objects.iter().map(|object| hash(algorithm, object)).collect();
        self.stamp(algorithm, digests).into_iter().map(EvidenceRecord::new).collect()
    }

    fn certificates(&self) -> Vec<Certificate> {
        Certificate::all_from_pem(&std::fs::read(self.0.path().join("tsa.pem")).unwrap()).unwrap()
    }

    /// Verifies on the day of the stamp, with this authority trusted.
    fn verify(&self, record: &EvidenceRecord, object: &[Vec<u8>]) -> Result<Proven, RefusedRecord> {
        verify(record, object, &Trust::Anchors(self.certificates()), 0)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl").current_dir(self.0.path()).args(arguments.split(' ')).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
