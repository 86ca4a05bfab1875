//! Signed heads, keys, witnesses and split views.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hub_signatures::log::checkpoint::{Checkpoint, CheckpointError, History, compare};
use hub_signatures::log::consistency;
use hub_signatures::log::key::{KeyError, KeyUse, SigningKey, VerifierKey};
use hub_signatures::log::note::{NoteError, SignedNote};
use hub_signatures::log::tree::{empty_root, leaf};

use crate::{Memory, ORIGIN, keys, leaves, log_key, oracle, witness_key};

#[test]
fn the_known_note_and_key_of_the_go_checksum_database_are_read() {
    let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key = VerifierKey::parse(vkey).unwrap();
    assert_eq!(key.to_string(), vkey);
    let secret = STANDARD.decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz").unwrap();
    let signing = SigningKey::from_seed("PeterNeumann", KeyUse::Log, secret[1..].try_into().unwrap()).unwrap();
    assert_eq!(*signing.verifier(), key);
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n\n\
                \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let note = SignedNote::parse(text).unwrap();
    assert_eq!(note.to_string(), text);
    let keys = [key];
    let signatures = note.verify(&keys).unwrap();
    assert_eq!((signatures.len(), signatures[0].key, signatures[0].time), (1, &keys[0], None));
    // What is rightly signed is still not the head of a log.
    assert!(matches!(Checkpoint::verify(&note, &keys), Err(CheckpointError::Malformed(_))));
    let changed = SignedNote::parse(&text.replace("problem is", "problem was")).unwrap();
    assert_eq!(changed.verify(&keys), Err(NoteError::WrongSignature("PeterNeumann".to_owned())));
}

#[test]
fn the_example_of_the_cosignature_document_is_read() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let note = SignedNote::parse(text).unwrap();
    assert_eq!(note.to_string(), text);
    let checkpoint = Checkpoint::from_text(note.text()).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(note.verify(&keys(&[&log_key()])), Err(NoteError::Unsigned));
}

#[test]
fn a_head_signed_by_log_and_witnesses_is_believed_and_no_other() {
    let (log, one, two) = (log_key(), witness_key(2), witness_key(3));
    let checkpoint = Checkpoint::new(ORIGIN, 5, oracle::mth(&leaves(5)));
    let mut note = checkpoint.sign(&log).unwrap();
    assert!(note.to_string().starts_with("hub.example.ro/evidence\n5\n"));
    assert!(note.to_string().contains("=\n\n\u{2014} hub.example.ro/evidence "));
    note.cosign(&one, 1_767_225_600).unwrap();
    note.cosign(&two, 1_767_225_601).unwrap();
    let note = SignedNote::parse(&note.to_string()).unwrap();
    let known = keys(&[&log, &one, &two]);
    let (read, signatures) = Checkpoint::verify(&note, &known).unwrap();
    assert_eq!(read, checkpoint);
    let times: Vec<_> = signatures.iter().map(|signature| signature.time).collect();
    assert_eq!(times, [None, Some(1_767_225_600), Some(1_767_225_601)]);

    let not_by_the_log = CheckpointError::NotByTheLog { origin: ORIGIN.to_owned() };
    assert_eq!(Checkpoint::verify(&note, &keys(&[&one])).unwrap_err(), not_by_the_log);
    assert_eq!(Checkpoint::verify(&note, &[]).unwrap_err(), NoteError::Unsigned.into());
    let elsewhere = SigningKey::from_seed("other.example/log", KeyUse::Log, &[1; 32]).unwrap();
    assert_eq!(checkpoint.sign(&elsewhere).unwrap_err(), not_by_the_log);
    let witness_named_as_log = SigningKey::from_seed(ORIGIN, KeyUse::Witness, &[1; 32]).unwrap();
    assert!(matches!(checkpoint.sign(&witness_named_as_log), Err(CheckpointError::Note(NoteError::OtherUse(_)))));
    assert!(matches!(note.clone().cosign(&log, 0), Err(NoteError::OtherUse(_))));

    let swapped = note.to_string().replace("\n5\n", "\n6\n");
    let refused = Checkpoint::verify(&SignedNote::parse(&swapped).unwrap(), &known).unwrap_err();
    assert_eq!(refused, NoteError::WrongSignature(ORIGIN.to_owned()).into());
    for line in ["a\nb", "", "\u{1}"] {
        let odd = Checkpoint { extensions: vec![line.to_owned()], ..checkpoint.clone() };
        assert!(odd.sign(&log).is_err(), "{line:?}");
        assert!(Checkpoint::new(line, 0, empty_root()).sign(&log).is_err(), "{line:?}");
    }
}

#[test]
fn one_flipped_bit_anywhere_in_a_note_is_noticed() {
    let (log, witness) = (log_key(), witness_key(2));
    let mut note = Checkpoint::new(ORIGIN, 5, oracle::mth(&leaves(5))).sign(&log).unwrap();
    note.cosign(&witness, 1_767_225_600).unwrap();
    let (text, known) = (note.to_string(), keys(&[&log, &witness]));
    let whole = |text: &str| {
        let note = SignedNote::parse(text).ok()?;
        (Checkpoint::verify(&note, &known).ok()?.1.len() == 2).then_some(())
    };
    whole(&text).unwrap();
    for bit in 0..text.len() * 8 {
        let mut bytes = text.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(spoilt) = String::from_utf8(bytes) {
            assert_eq!(whole(&spoilt), None, "bit {bit}");
        }
    }
}

#[test]
fn verifier_keys_are_read_strictly() {
    let vkey = log_key().verifier().to_string();
    assert_eq!(VerifierKey::parse(&vkey).unwrap(), *log_key().verifier());
    let witness = VerifierKey::parse(&witness_key(2).verifier().to_string()).unwrap();
    assert_eq!(witness.key_use(), KeyUse::Witness);
    for cut in 0..vkey.len() {
        assert!(VerifierKey::parse(&vkey[..cut]).is_err());
    }
    for odd in [vkey.replacen("hub", "hab", 1), vkey.to_uppercase(), format!("{vkey}\n"), format!(" {vkey}")] {
        assert!(VerifierKey::parse(&odd).is_err(), "{odd}");
    }
    for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b"] {
        assert!(matches!(VerifierKey::new(name, KeyUse::Log, [0; 32]), Err(KeyError::Name(_))));
    }
    let pem = openssl::pkey::PKey::generate_ed25519().unwrap().private_key_to_pem_pkcs8().unwrap();
    assert_eq!(SigningKey::from_pem(ORIGIN, KeyUse::Log, &pem).unwrap().verifier().name(), ORIGIN);
    assert!(SigningKey::from_pem(ORIGIN, KeyUse::Log, b"nothing").is_err());
}

#[test]
fn two_histories_of_one_log_are_told_apart_from_growth() {
    let all = leaves(30);
    let memory = Memory::of(&all);
    let at = |size: usize| Checkpoint::new(ORIGIN, size as u64, oracle::mth(&all[..size]));
    let proof = consistency::prove(&memory, 20, 30).unwrap();
    assert_eq!(compare(&at(20), &at(30), Some(&proof)).unwrap(), History::Consistent);
    assert_eq!(compare(&at(30), &at(20), Some(&proof)).unwrap(), History::Consistent);
    assert_eq!(compare(&at(30), &at(30), None).unwrap(), History::Consistent);
    assert_eq!(compare(&at(0), &at(30), None).unwrap(), History::Consistent);

    let mut other = all.clone();
    other.remove(4);
    other.push(leaf(b"filler"));
    let split = Checkpoint::new(ORIGIN, 30, oracle::mth(&other));
    let History::Fork(sentence) = compare(&at(30), &split, None).unwrap() else { panic!("not a fork") };
    assert!(sentence.starts_with("the log hub.example.ro/evidence shows two histories: for 30 records"), "{sentence}");

    let forged = consistency::prove(&Memory::of(&other), 20, 30).unwrap();
    for proof in [Some(&forged[..]), Some(&proof), Some(&[]), None] {
        let verdict = compare(&at(20), &split, proof).unwrap();
        assert!(matches!(&verdict, History::NotShown(why) if why.contains("is not shown")), "{verdict:?}");
    }
    let elsewhere = Checkpoint::new("other.example/log", 30, at(30).root);
    assert!(matches!(compare(&at(30), &elsewhere, None), Err(CheckpointError::OtherLog { .. })));
}
