//! Proofs that travel with receipts, and hostile texts of every kind.

use hub_signatures::digest::sha256;
use hub_signatures::log::checkpoint::Checkpoint;
use hub_signatures::log::inclusion::{self, InclusionError};
use hub_signatures::log::key::{KeyUse, SigningKey};
use hub_signatures::log::note::SignedNote;
use hub_signatures::log::proof::{LogProof, LogProofError, MAX_PROOF, Policy};
use hub_signatures::log::tree::{Hash, evidence_leaf};

use crate::{Memory, ORIGIN, keys, log_key, oracle, witness_key};

/// A log of 37 evidences, the proof for the one with number 11, its digest, and who is believed.
fn logged() -> (LogProof, Hash, Policy) {
    let digest = |number: u8| sha256(&[number]);
    let salt = |number: u8| sha256(&[number, 1]);
    let all: Vec<Hash> = (0..37).map(|number| evidence_leaf(Some(&salt(number)), &digest(number))).collect();
    let (log, one, two) = (log_key(), witness_key(2), witness_key(3));
    let mut checkpoint = Checkpoint::new(ORIGIN, 37, oracle::mth(&all)).sign(&log).unwrap();
    checkpoint.cosign(&one, 1_767_225_600).unwrap();
    checkpoint.cosign(&two, 1_767_225_601).unwrap();
    let path = inclusion::prove(&Memory::of(&all), 11, 37).unwrap();
    let policy = Policy { keys: keys(&[&log, &one, &two]), witnesses: 2 };
    (LogProof { index: 11, salt: Some(salt(11)), path, checkpoint }, digest(11), policy)
}

#[test]
fn a_receipt_proves_its_evidence_without_the_log() {
    let (proof, digest, policy) = logged();
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra "));
    let read = LogProof::from_text(&text).unwrap();
    assert_eq!(read, proof);
    let logged = read.verify(&digest, &policy).unwrap();
    assert_eq!((logged.index, logged.checkpoint.size, logged.witnesses.len()), (11, 37, 2));

    let refused = read.verify(&sha256(b"other"), &policy).unwrap_err();
    assert_eq!(refused, InclusionError::OtherRoot { index: 11 }.into());
    let spoil = |change: &dyn Fn(&mut LogProof)| {
        let mut spoilt = proof.clone();
        change(&mut spoilt);
        spoilt.verify(&digest, &policy).unwrap_err()
    };
    spoil(&|proof| proof.salt = None);
    spoil(&|proof| proof.salt = Some([0; 32]));
    spoil(&|proof| proof.path.swap(0, 1));
    spoil(&|proof| proof.path.truncate(2));
    for index in (0..40).filter(|index| *index != 11) {
        spoil(&|proof| proof.index = index);
    }
}

#[test]
fn a_quorum_counts_witnesses_and_not_lines() {
    let (mut proof, digest, mut policy) = logged();
    policy.witnesses = 3;
    let few = proof.verify(&digest, &policy).unwrap_err();
    assert_eq!(few, LogProofError::Witnesses { found: 2, needed: 3 });
    // The same witness again, the same key under another name, and the log's own key as a witness.
    let again = SigningKey::from_seed("witness.example/again", KeyUse::Witness, &[2; 32]).unwrap();
    let log_as_witness = SigningKey::from_seed("witness.example/log", KeyUse::Witness, &[1; 32]).unwrap();
    for key in [&witness_key(2), &again, &log_as_witness, &witness_key(9)] {
        proof.checkpoint.cosign(key, 1_767_225_700).unwrap();
    }
    policy.keys.extend(keys(&[&again, &log_as_witness]));
    assert_eq!(proof.verify(&digest, &policy).unwrap_err(), few);
    policy.keys.push(witness_key(9).verifier().clone());
    assert_eq!(proof.verify(&digest, &policy).unwrap().witnesses.len(), 3);
    policy.keys.clear();
    assert!(matches!(proof.verify(&digest, &policy), Err(LogProofError::Checkpoint(_))));
}

#[test]
fn hostile_texts_are_errors_and_never_panics() {
    let (proof, digest, policy) = logged();
    let (text, note) = (proof.to_string(), proof.checkpoint.to_string());
    // A proof cut before its end is either not one or lacks witnesses.
    for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
        let verdict = LogProof::from_text(&text[..cut]).and_then(|proof| proof.verify(&digest, &policy));
        assert!(verdict.is_err(), "{cut}");
    }
    for cut in (0..note.len()).filter(|cut| note.is_char_boundary(*cut)) {
        let signatures =
            SignedNote::parse(&note[..cut]).map(|note| note.verify(&policy.keys).map_or(0, |all| all.len()));
        assert!(signatures.unwrap_or(0) < 3, "{cut}");
    }
    for bit in 0..text.len() * 8 {
        let mut bytes = text.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(spoilt) = String::from_utf8(bytes) {
            let verdict = LogProof::from_text(&spoilt).and_then(|proof| proof.verify(&digest, &policy));
            assert!(verdict.is_err(), "bit {bit}: {spoilt}");
        }
    }
    let line = text.lines().nth(3).unwrap();
    let many_lines = text.replacen(line, &vec![line; 65].join("\n"), 1);
    assert!(LogProof::from_text(&many_lines).unwrap_err().to_string().contains("longer than any tree"));
    let signature = note.lines().last().unwrap();
    let many_signatures = format!("{note}{}", format!("{signature}\n").repeat(64));
    assert!(SignedNote::parse(&many_signatures).is_err());
    assert!(SignedNote::parse(&"\n".repeat(200_000)).is_err());
    assert!(LogProof::from_text(&text.replacen("c2sp", &"c".repeat(MAX_PROOF), 1)).is_err());
    for (from, to) in [
        ("index 11", "index 011"),
        ("index 11", "index +11"),
        ("index 11", "index 18446744073709551616"),
        ("index 11", "index 9223372036854775808"),
        ("index 11", "index -1"),
        ("index 11", "index "),
        ("extra ", "extra  "),
        ("\n\n", "\r\n\r\n"),
    ] {
        assert!(LogProof::from_text(&text.replacen(from, to, 1)).is_err(), "{to:?}");
    }
    for text in [
        "",
        "\n",
        "\n\n",
        "\n\n\n",
        "a\n\n\u{2014} b ",
        "a\n\n\u{2014} b AAAA\n",
        "a\n\n\u{2014} b AAAAAA==\n",
        "a\n\n- b AAAAAAA=\n",
    ] {
        assert!(SignedNote::parse(text).is_err(), "{text:?}");
    }
    let root = note.lines().nth(2).unwrap();
    for text in [
        "",
        "a",
        "a\n",
        "a\n1\n",
        "a\n1\nAAAA\n",
        &format!("a\n01\n{root}\n"),
        &format!("a\n0\n{root}\n"),
        &format!("\n1\n{root}\n"),
        &format!("a\n1\n{root}\n\n"),
        &format!("a\n1\n{root}"),
    ] {
        assert!(Checkpoint::from_text(text).is_err(), "{text:?}");
    }
}
