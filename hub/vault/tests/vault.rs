//! What a vault promises, over folders: nothing is answered that is not as it was, and nothing is lost that a replica has.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;

use bytes::Bytes;
use hub_vault::{Erasure, Flaw, Lock, MasterKeys, Source, Vault, VaultError};
use jiff::SignedDuration;
use proptest::prelude::*;
use support::{Place, keys_with, runtime};

const CHUNK: usize = 256 * 1024;

fn text(length: usize) -> Bytes {
    (0..length).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
}

async fn put(vault: &Vault, bytes: &Bytes) -> [u8; 32] {
    vault.put(Source::Bytes(bytes.clone())).await.unwrap().address
}

#[tokio::test]
async fn what_is_kept_is_read_again_and_kept_once() {
    let place = Place::new();
    let vault = place.vault();
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * 1024 * 1024 + 3] {
        let bytes = text(length);
        let first = vault.put(Source::Bytes(bytes.clone())).await.unwrap();
        assert!(!first.again);
        assert_eq!(first.address, openssl::sha::sha256(&bytes));
        assert!(vault.put(Source::Bytes(bytes.clone())).await.unwrap().again);
        assert_eq!(vault.read_all(&first.address, u64::MAX).await.unwrap(), bytes);
    }
    assert_eq!(fs::read_dir(place.primary().join("incoming")).unwrap().count(), 0, "nothing is left behind");
}

#[tokio::test]
async fn what_a_crash_left_unfinished_is_removed_after_a_day() {
    let place = Place::new();
    drop(place.vault());
    let (old, young) = (place.primary().join("incoming/old.object"), place.primary().join("incoming/young.object"));
    for (path, hours) in [(&old, 25), (&young, 23)] {
        let written = place.world.time() - SignedDuration::from_hours(hours);
        fs::File::create(path).unwrap().set_modified(written.into()).unwrap();
    }
    drop(place.vault());
    assert_eq!((old.exists(), young.exists()), (false, true));
}

#[tokio::test]
async fn a_file_is_kept_like_bytes() {
    let place = Place::new();
    let vault = place.vault();
    let (bytes, file) = (text(6 * 1024 * 1024), place.path().join("document"));
    fs::write(&file, &bytes).unwrap();
    let kept = vault.put(Source::File(&file)).await.unwrap();
    assert_eq!(vault.read_all(&kept.address, u64::MAX).await.unwrap(), bytes);
}

#[tokio::test]
async fn neither_the_bytes_nor_their_digest_can_be_seen_in_a_store() {
    let place = Place::new();
    let vault = place.vault();
    let bytes = Bytes::from_static("Adeverință pentru o persoană inventată".as_bytes());
    let address = put(&vault, &bytes).await;
    for file in place.files() {
        assert!(!file.to_string_lossy().contains(&hex::encode(address)), "{}", file.display());
        let stored = fs::read(&file).unwrap();
        assert!(!stored.windows(10).any(|window| bytes.windows(10).any(|plain| plain == window)));
    }
}

#[tokio::test]
async fn a_flipped_bit_anywhere_is_refused() {
    let place = Place::new();
    let vault = place.vault();
    let bytes = text(CHUNK + 100);
    let address = put(&vault, &bytes).await;
    for file in [place.content(&vault, &address), place.key(&vault, &address)] {
        let sound = fs::read(&file).unwrap();
        let step = (sound.len() / 40).max(1);
        for at in (0..sound.len()).step_by(step).chain([7, 8, sound.len() - 1]) {
            let mut damaged = sound.clone();
            damaged[at] ^= 0x10;
            fs::write(&file, &damaged).unwrap();
            let read = vault.read_all(&address, u64::MAX).await;
            let refused = matches!(read, Err(VaultError::Destroyed { .. } | VaultError::MasterKeyMissing { .. }));
            assert!(refused, "byte {at} of {}: {read:?}", file.display());
        }
        fs::write(&file, &sound).unwrap();
    }
    assert_eq!(vault.read_all(&address, u64::MAX).await.unwrap(), bytes);
}

#[tokio::test]
async fn a_blob_that_ends_early_or_late_or_in_another_order_is_refused() {
    let place = Place::new();
    let vault = place.vault();
    let address = put(&vault, &text(4 * CHUNK)).await;
    let file = place.content(&vault, &address);
    let sound = fs::read(&file).unwrap();
    let sealed = CHUNK + 16;
    let mut swapped = sound.clone();
    swapped[8..8 + sealed].copy_from_slice(&sound[8 + sealed..8 + 2 * sealed]);
    swapped[8 + sealed..8 + 2 * sealed].copy_from_slice(&sound[8..8 + sealed]);
    let mut longer = sound.clone();
    longer.extend_from_slice(&sound[8..8 + sealed]);
    let cut = sound[..8 + 3 * sealed].to_vec();
    for wrong in [swapped, longer, cut, sound[..sound.len() - 1].to_vec(), Vec::new()] {
        fs::write(&file, wrong).unwrap();
        assert!(matches!(vault.read_all(&address, u64::MAX).await, Err(VaultError::Destroyed { .. })));
    }
}

#[tokio::test]
async fn the_blob_of_another_address_is_refused() {
    let place = Place::new();
    let vault = place.vault();
    let (one, other) = (put(&vault, &text(100)).await, put(&vault, &text(101)).await);
    for pair in [
        [place.content(&vault, &one), place.content(&vault, &other)],
        [place.key(&vault, &one), place.key(&vault, &other)],
    ] {
        let kept = fs::read(&pair[0]).unwrap();
        fs::copy(&pair[1], &pair[0]).unwrap();
        assert!(matches!(vault.read_all(&one, u64::MAX).await, Err(VaultError::Destroyed { .. })));
        fs::write(&pair[0], kept).unwrap();
    }
}

#[tokio::test]
async fn another_master_key_opens_nothing() {
    let place = Place::new();
    let address = put(&place.vault(), &text(100)).await;
    let same_name = place.vault_with(keys_with(&[("2026", 99)]));
    assert!(matches!(same_name.read_all(&address, 1000).await, Err(VaultError::Destroyed { .. })));
    let missing = place.vault_with(keys_with(&[("2027", 2)]));
    let refused = missing.read_all(&address, 1000).await;
    assert!(matches!(refused, Err(VaultError::MasterKeyMissing { ref id }) if id == "2026"), "{refused:?}");
}

#[tokio::test]
async fn a_rotation_killed_in_the_middle_goes_on_and_the_old_key_can_be_removed() {
    let place = Place::new();
    let vault = place.vault();
    let mut kept = Vec::new();
    for length in 0..520 {
        let bytes = text(length);
        kept.push((put(&vault, &bytes).await, bytes));
    }
    let contents: Vec<_> = kept.iter().map(|(address, _)| fs::read(place.content(&vault, address)).unwrap()).collect();
    let both = place.vault_with(keys_with(&[("2027", 2), ("2026", 1)]));
    let mut rotation = both.rotate();
    let (told, ended) = rotation.step().await.unwrap();
    assert!(told.wrapped > 0 && told.wrapped < 520 && !ended, "{told:?}");
    drop(rotation);
    for (address, bytes) in &kept {
        assert_eq!(both.read_all(address, 1000).await.unwrap(), bytes, "in the middle every blob is read");
    }
    let only_new = place.vault_with(keys_with(&[("2027", 2)]));
    let mut looking = only_new.rotate();
    while !looking.step().await.unwrap().1 {}
    let (told, _) = looking.step().await.unwrap();
    assert!(told.left["2026"] > 0, "the old key is still needed: {told:?}");

    let mut rotation = both.rotate();
    while !rotation.step().await.unwrap().1 {}
    let told = rotation.step().await.unwrap().0.clone();
    assert_eq!((told.wrapped + told.before, told.left.len()), (520, 0), "{told:?}");
    assert!(told.before > 0, "what was wrapped before the kill is not wrapped again");
    for ((address, bytes), content) in kept.iter().zip(contents) {
        assert_eq!(only_new.read_all(address, 1000).await.unwrap(), bytes);
        assert_eq!(fs::read(place.content(&vault, address)).unwrap(), content, "contents are not rewritten");
    }
}

#[tokio::test]
async fn a_rotten_blob_is_read_from_the_replica_and_mended() {
    let place = Place::new();
    let vault = place.vault_with_replica();
    let bytes = text(5 * 1024 * 1024);
    let address = put(&vault, &bytes).await;
    let file = place.content(&vault, &address);
    let sound = fs::read(&file).unwrap();
    let mut damaged = sound.clone();
    damaged[3 * CHUNK] ^= 1;
    fs::write(&file, &damaged).unwrap();
    fs::remove_file(place.key(&vault, &address)).unwrap();

    let mut reading = vault.read(&address).await.unwrap();
    let mut read = Vec::new();
    while let Some(part) = reading.next().await.unwrap() {
        read.extend_from_slice(&part);
    }
    assert_eq!(read, bytes, "whoever reads gets the replica's bytes");
    assert_eq!(reading.flaws().len(), 1);

    let found = vault.examine(None).blob_of(&address).await.unwrap();
    let flaws: Vec<_> = found.faults.iter().map(|fault| (&*fault.store, &fault.flaw, fault.mended)).collect();
    assert!(
        matches!(flaws[..], [("primary", Flaw::KeyMissing, true), ("primary", Flaw::Damaged(_), true)]),
        "{flaws:?}"
    );
    assert_eq!(fs::read(&file).unwrap(), sound);
    assert!(vault.examine(None).blob_of(&address).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_replica_that_was_not_there_gets_what_it_missed() {
    let place = Place::new();
    let address = put(&place.vault(), &text(3000)).await;
    let vault = place.vault_with_replica();
    let examination = vault.examine(Some(1_000_000_000));
    let places = examination.places("", 10).await.unwrap();
    let found = examination.blob_at(&places[0]).await.unwrap();
    assert!(found.faults.iter().all(|fault| fault.store == "replica" && fault.mended) && !found.faults.is_empty());
    fs::remove_dir_all(place.primary().join("blobs")).unwrap();
    assert_eq!(vault.read_all(&address, 3000).await.unwrap(), text(3000));
    assert!(examination.places(&places[0], 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_destroyed_blob_is_told_with_its_address() {
    let place = Place::new();
    let vault = place.vault();
    let address = put(&vault, &text(3000)).await;
    let file = place.content(&vault, &address);
    fs::write(&file, b"gone").unwrap();
    let examination = vault.examine(None);
    let places = examination.places("", 10).await.unwrap();
    let found = examination.blob_at(&places[0]).await.unwrap();
    assert_eq!((found.address, found.name), (Some(address), vault.name_of(&address)));
    assert!(matches!(&found.faults[..], [fault] if matches!(fault.flaw, Flaw::Damaged(_)) && !fault.mended));
}

#[tokio::test]
async fn an_erased_blob_is_gone_from_every_store() {
    let place = Place::new();
    let vault = place.vault_with_replica();
    let (address, other) = (put(&vault, &text(3000)).await, put(&vault, &text(10)).await);
    let before = place.files().len();
    assert_eq!(vault.erase(&address).await.unwrap(), Erasure::Erased);
    assert_eq!(place.files().len(), before - 4, "key and bytes in both stores");
    assert!(matches!(vault.read_all(&address, 3000).await, Err(VaultError::Absent { .. })));
    assert_eq!(vault.erase(&address).await.unwrap(), Erasure::Erased, "once more changes nothing");
    assert_eq!(vault.read_all(&other, 3000).await.unwrap(), text(10));
    assert!(!vault.put(Source::Bytes(text(3000))).await.unwrap().again);
    assert_eq!(vault.read_all(&address, 3000).await.unwrap(), text(3000));
}

#[tokio::test]
async fn of_many_blobs_all_but_the_locked_one_are_erased_from_every_store() {
    let place = Place::new();
    let vault = place.vault_with_replica();
    let mut addresses = Vec::new();
    for size in 1..40 {
        addresses.push(put(&vault, &text(size)).await);
    }
    let lock = Lock { until: None, legal_hold: true };
    vault.lock(&addresses[7], &lock).await.unwrap();
    let erased = vault.erase_all(&addresses).await.unwrap();
    for (at, (address, erasure)) in addresses.iter().zip(&erased).enumerate() {
        assert_eq!(matches!(erasure, Erasure::Held { .. }), at == 7, "{at}: {erasure:?}");
        assert_eq!(vault.has(address).await.unwrap(), at == 7, "{at}");
    }
    assert_eq!(vault.read_all(&addresses[7], 100).await.unwrap(), text(8), "its key stands in every store");
    assert_eq!(vault.erase_all(&addresses).await.unwrap(), erased, "once more changes nothing");
    assert_eq!(vault.erase_all(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn an_erasure_that_stopped_after_the_keys_can_be_finished_or_overwritten() {
    let place = Place::new();
    let vault = place.vault_with_replica();
    let address = put(&vault, &text(3000)).await;
    fs::remove_dir_all(place.primary().join("keys")).unwrap();
    fs::remove_dir_all(place.replica().join("keys")).unwrap();
    assert!(!put(&vault, &text(3000)).await.is_empty());
    assert_eq!(vault.read_all(&address, 3000).await.unwrap(), text(3000), "kept anew under a key of its own");
    assert!(vault.examine(None).blob_of(&address).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_held_blob_is_told_as_held_and_stays() {
    let place = Place::new();
    let vault = place.vault_with_replica();
    let address = put(&vault, &text(3000)).await;
    let until = place.world.time() + SignedDuration::from_hours(24);
    vault.lock(&address, &Lock { until: Some(until), legal_hold: false }).await.unwrap();
    vault.lock(&address, &Lock { until: None, legal_hold: true }).await.unwrap();
    let lock = Lock { until: Some(until), legal_hold: true };
    assert_eq!(vault.erase(&address).await.unwrap(), Erasure::Held { store: "primary".to_owned(), lock });
    assert_eq!(vault.read_all(&address, 3000).await.unwrap(), text(3000));
    vault.lock(&address, &Lock::default()).await.unwrap();
    assert!(matches!(vault.erase(&address).await.unwrap(), Erasure::Held { .. }), "a term is never shortened");
    place.world.pass(SignedDuration::from_hours(25));
    assert_eq!(vault.erase(&address).await.unwrap(), Erasure::Erased);
}

#[tokio::test]
async fn two_that_keep_the_same_bytes_at_once_keep_one_blob() {
    let place = Place::new();
    let vault = place.vault();
    let bytes = text(300_000);
    let (one, two, three) = tokio::join!(
        vault.put(Source::Bytes(bytes.clone())),
        vault.put(Source::Bytes(bytes.clone())),
        vault.put(Source::Bytes(bytes.clone())),
    );
    assert_eq!((one.unwrap().address, two.unwrap().address), (three.unwrap().address, openssl::sha::sha256(&bytes)));
    assert_eq!(place.files().len(), 2);
    assert_eq!(vault.read_all(&openssl::sha::sha256(&bytes), u64::MAX).await.unwrap(), bytes);
}

#[test]
fn a_key_file_tells_what_is_wrong_with_it_and_no_key() {
    let world = support::FixedWorld::default();
    let first = MasterKeys::begin("2026", &world);
    let second = MasterKeys::with_another(&first, "2027", &world).unwrap();
    let keys = MasterKeys::parse(&second).unwrap();
    assert_eq!(keys.ids().collect::<Vec<_>>(), ["2027", "2026"]);
    assert!(MasterKeys::with_another(&second, "2026", &world).is_err());
    for (wrong, said) in [
        (second.replace("current = \"2027\"", "current = \"2030\""), "names no"),
        (second.replace("id = \"2027\"", "id = \"2026\""), "twice"),
        (second.replace("key = \"", "key = \"AAAA"), "is not 32 bytes"),
        (second.replace("naming", "name"), "name"),
        (second.replace("id = \"2027\"", "id = \"../x\""), "is not 1 to 40"),
    ] {
        let error = MasterKeys::parse(&wrong).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
        for line in wrong.lines().filter(|line| line.starts_with("key = ") || line.starts_with("nam")) {
            assert!(!error.contains(line.split('"').nth(1).unwrap()), "{error}");
        }
    }
    assert!(!format!("{keys:?}").contains("naming"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_bytes_come_back(start: [u8; 32], length in 0_usize..3 * CHUNK + 2) {
        let bytes: Bytes = start.iter().copied().cycle().take(length).collect();
        let place = Place::new();
        runtime().block_on(async {
            let vault = place.vault();
            let address = put(&vault, &bytes).await;
            assert_eq!(vault.read_all(&address, u64::MAX).await.unwrap(), bytes);
        });
    }
}
