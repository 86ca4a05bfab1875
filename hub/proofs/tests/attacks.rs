//! Packs changed by somebody: byte by byte, file by file, and sealed again by a service that lies.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;
use std::ops::Range;

use hub_proofs::package::{PackedHead, prepare, verify_package};
use hub_proofs::{Kind, Outcome, Pack, Status, Trusted, Verdict};
use hub_signatures::asice::{Container, DataFile, Draft, Limits};
use hub_signatures::certificate::Certificate;
use hub_signatures::digest::sha256;
use hub_signatures::signer::{FileSigner, development_seal};
use support::NEW_YEAR_2026;
use support::authority::Authority;
use support::matter::{Log, Matter, ORIGIN, SIGNING_TIME, signer_named, three};

type Entries = Vec<(String, Vec<u8>)>;

fn failed(verdict: &Verdict) -> BTreeSet<Kind> {
    verdict.failures().map(|claim| claim.kind).collect()
}

fn entries(pack: &[u8]) -> Entries {
    let container = Container::open(pack, &Limits::default()).unwrap();
    container.entries().map(|(name, content)| (name.to_owned(), content.to_vec())).collect()
}

/// A zip with right checksums, as an attacker writes it: stored, in this order.
fn zip(entries: &Entries) -> Vec<u8> {
    let crc = |data: &[u8]| {
        !data.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 })
        })
    };
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let flags = if name.is_ascii() { 0 } else { 1 << 11 };
        let offset = out.len() as u32;
        let kind = [20_u16, flags, 0, 0, 0x21].map(u16::to_le_bytes).concat();
        let size = content.len() as u32;
        let sizes = [crc(content), size, size].map(u32::to_le_bytes).concat();
        let lengths = [name.len() as u16, 0].map(u16::to_le_bytes).concat();
        out.extend([&b"PK\x03\x04"[..], &kind, &sizes, &lengths, name.as_bytes(), content].concat());
        let made_by = 20_u16.to_le_bytes();
        directory
            .extend([&b"PK\x01\x02"[..], &made_by, &kind, &sizes, &lengths, &[0; 10], &offset.to_le_bytes()].concat());
        directory.extend(name.as_bytes());
    }
    let (start, length, count) = (out.len() as u32, directory.len() as u32, entries.len() as u16);
    out.extend(directory);
    out.extend([&b"PK\x05\x06\0\0\0\0"[..], &count.to_le_bytes(), &count.to_le_bytes()].concat());
    out.extend([length.to_le_bytes(), start.to_le_bytes()].concat());
    out.extend([0; 2]);
    out
}

fn u16_at(bytes: &[u8], at: usize) -> usize {
    u16::from_le_bytes([bytes[at], bytes[at + 1]]).into()
}

/// Header, name and data of every entry, then directory and end.
fn regions(pack: &[u8]) -> Vec<(String, Range<usize>)> {
    let (mut at, mut found) = (0, Vec::new());
    while pack[at..].starts_with(b"PK\x03\x04") {
        let size = u32::from_le_bytes(pack[at + 18..at + 22].try_into().unwrap()) as usize;
        let data = at + 30 + u16_at(pack, at + 26) + u16_at(pack, at + 28);
        let name = String::from_utf8(pack[at + 30..at + 30 + u16_at(pack, at + 26)].to_vec()).unwrap();
        found.push((format!("header of {name}"), at..data));
        found.push((format!("data of {name}"), data..data + size));
        at = data + size;
    }
    found.push(("directory".to_owned(), at..pack.len()));
    found
}

/// Bytes of headers that no reader uses: version needed, and in the directory version made by, internal and external
/// attributes. Nothing that is read changes with them.
fn harmless(pack: &[u8]) -> BTreeSet<usize> {
    let mut bytes = BTreeSet::new();
    for (name, region) in regions(pack) {
        if name.starts_with("header") {
            bytes.extend(region.start + 4..region.start + 6);
        } else if name == "directory" {
            let mut at = region.start;
            while pack[at..].starts_with(b"PK\x01\x02") {
                bytes.extend((at + 4..at + 8).chain(at + 36..at + 42));
                at += 46 + u16_at(pack, at + 28) + u16_at(pack, at + 30) + u16_at(pack, at + 32);
            }
        }
    }
    bytes
}

#[test]
fn no_byte_can_be_changed_unseen() {
    let Some(matter) = Matter::new() else { return };
    let pack = matter.sealed(&matter.pack());
    let harmless = harmless(&pack);
    let untouched = verify_package(&pack, &matter.trusted, matter.at).unwrap();
    let (mut seen, mut nothing) = (0, 0);
    for (name, region) in regions(&pack) {
        let step = if name.starts_with("data") { 61 } else { 1 };
        for at in region.step_by(step) {
            let mut changed = pack.clone();
            changed[at] ^= 1;
            match verify_package(&changed, &matter.trusted, matter.at) {
                Ok(verdict) if harmless.contains(&at) => {
                    assert_eq!(verdict, untouched, "{name} at {at}");
                    nothing += 1;
                }
                Ok(verdict) => assert_eq!(verdict.outcome(), Outcome::Failed, "{name} at {at}"),
                Err(_) => {}
            }
            seen += 1;
        }
    }
    assert!(seen > 3_000 && nothing < seen / 4, "{seen} changed, {nothing} of them harmless");
}

/// What has to fall when a file of this kind is changed and the zip is written anew with right checksums.
fn falls(name: &str) -> &'static [Kind] {
    match name {
        _ if name.starts_with("evidence/") => {
            &[Kind::Package, Kind::Integrity, Kind::Log, Kind::Record, Kind::Complete]
        }
        _ if name.ends_with(".tlog-proof") => &[Kind::Package, Kind::Log],
        _ if name.ends_with(".checkpoint") => &[Kind::Package, Kind::Head, Kind::HeadTimeStamp],
        _ if name.starts_with("log/heads/") => &[Kind::Package, Kind::HeadTimeStamp],
        _ if name.starts_with("log/consistency/") => &[Kind::Package],
        _ if name.starts_with("records/") => &[Kind::Package, Kind::Record],
        _ if name.starts_with("payloads/") => &[Kind::Package, Kind::Content],
        _ => &[Kind::Package],
    }
}

#[test]
fn a_changed_file_fails_the_claims_that_rest_on_it() {
    let Some(matter) = Matter::new() else { return };
    let pack = matter.sealed(&matter.pack());
    let original = entries(&pack);
    assert_eq!(verify_package(&zip(&original), &matter.trusted, matter.at).unwrap().outcome(), Outcome::Partial);
    for (position, (name, content)) in original.iter().enumerate() {
        if name == "mimetype" {
            continue;
        }
        for share in [3, 5, 8] {
            let mut changed = original.clone();
            let at = content.len() * share / 10;
            // A letter stays a letter, so that texts stay texts.
            changed[position].1[at] = if content[at].is_ascii_alphanumeric() {
                if content[at] == b'7' { b'8' } else { b'7' }
            } else {
                content[at] ^ 1
            };
            let verdict = verify_package(&zip(&changed), &matter.trusted, matter.at).unwrap();
            let fallen = failed(&verdict);
            for kind in falls(name) {
                // In a file with several values a single byte takes one of them.
                let any = name.starts_with("records/") || name.ends_with("checkpoint") || name.starts_with("evidence/");
                assert!(
                    fallen.contains(kind) || any && fallen.contains(&Kind::Package),
                    "{name} at {at}: {fallen:?} lacks {kind:?}"
                );
            }
        }
    }
}

#[test]
fn each_kind_of_loss_is_told_for_the_very_evidence() {
    let Some(matter) = Matter::new() else { return };
    let original = entries(&matter.sealed(&matter.pack()));
    let change = |name: &str, from: &str, to: &str| {
        let mut changed = original.clone();
        let (_, content) = changed.iter_mut().find(|(known, _)| known == name).unwrap();
        let text = String::from_utf8(content.clone()).unwrap();
        assert!(text.contains(from), "{name} holds {from}");
        *content = text.replacen(from, to, 1).into_bytes();
        verify_package(&zip(&changed), &matter.trusted, matter.at).unwrap()
    };
    let evidence = "evidence/02-ContentConsignment.xml";
    let verdict = change(evidence, "<EventTime>2026-03-02T09:15:06Z", "<EventTime>2026-03-02T09:15:05Z");
    for kind in [Kind::Integrity, Kind::Log, Kind::Record] {
        let about: Vec<_> =
            verdict.failures().filter(|claim| claim.kind == kind).map(|claim| claim.about.as_str()).collect();
        assert_eq!(about, [evidence], "{kind:?}");
    }
    let verdict = change("log/02.tlog-proof", "index 5", "index 4");
    assert_eq!(failed(&verdict), [Kind::Package, Kind::Log].into());
    let verdict = change("log/heads/9.checkpoint", "hub.example.ro/evidence\n9", "hub.example.ro/evidence\n8");
    assert!(failed(&verdict).is_superset(&[Kind::Package, Kind::Head, Kind::HeadTimeStamp].into()));
    let verdict = change("META-INF/signatures001.xml", "<ds:SignatureValue>", "<ds:SignatureValue>AAAA");
    assert_eq!(failed(&verdict), [Kind::Package].into());
    let verdict = change("META-INF/manifest.xml", "narativ.txt", "narativ.pdf");
    assert_eq!(failed(&verdict), [Kind::Package].into());
}

#[test]
fn a_file_removed_renamed_doubled_or_added_is_seen_and_order_means_nothing() {
    let Some(matter) = Matter::new() else { return };
    let original = entries(&matter.sealed(&matter.pack()));
    let verdict = |entries: &Entries| verify_package(&zip(entries), &matter.trusted, matter.at);
    for position in 1..original.len() {
        let name = original[position].0.clone();
        let mut removed = original.clone();
        removed.remove(position);
        let removed = verdict(&removed).unwrap();
        // The list of files is a help for other programs; nothing rests on it.
        if name != "META-INF/manifest.xml" {
            assert!(failed(&removed).contains(&Kind::Package), "{name} removed");
        }
        let mut renamed = original.clone();
        renamed[position].0 = format!("{name}x");
        let told = verdict(&renamed).unwrap();
        assert!(told.outcome() == Outcome::Failed || name == "META-INF/manifest.xml", "{name} renamed");
        assert!(told.of(Kind::Package).any(|claim| claim.status != Status::Proven), "{name} renamed");
        let mut doubled = original.clone();
        doubled.push(original[position].clone());
        assert!(verdict(&doubled).is_err(), "{name} doubled");
    }
    let mut added = original.clone();
    added.push(("evidence/04-ContentHandover.xml".to_owned(), original[3].1.clone()));
    assert!(failed(&verdict(&added).unwrap()).contains(&Kind::Package));
    let mut hidden = original.clone();
    hidden.push(("META-INF/notes.txt".to_owned(), b"x".to_vec()));
    assert!(verdict(&hidden).unwrap().of(Kind::Package).any(|claim| claim.status == Status::NotChecked));
    let mut turned = original;
    turned[1..].reverse();
    assert_eq!(verdict(&turned).unwrap().outcome(), Outcome::Partial);
}

/// A pack that the hub itself sealed, or somebody with another key.
fn lying(matter: &Matter, signer: &FileSigner, change: impl FnOnce(&mut Pack<'_>)) -> Verdict {
    let mut pack = matter.pack();
    change(&mut pack);
    let bytes = prepare(&pack, signer, SIGNING_TIME).unwrap().finish(None).unwrap();
    verify_package(&bytes, &matter.trusted, matter.at).unwrap()
}

#[test]
fn a_hub_that_lies_in_its_own_pack_is_caught() {
    let Some(matter) = Matter::new() else { return };
    let lying = |change: &dyn Fn(&mut Pack<'_>)| failed(&lying(&matter, &matter.signer, change));
    assert!(lying(&|_| {}).is_empty());
    let swapped_proofs = lying(&|pack| {
        (pack.evidences[0].proof, pack.evidences[1].proof) = (pack.evidences[1].proof, pack.evidences[0].proof);
    });
    assert_eq!(swapped_proofs, [Kind::Log].into());
    // The first list of a record names the document and its sibling and proves both, so a stranger to the list is taken.
    let swapped_records = lying(&|pack| {
        (pack.evidences[0].record, pack.evidences[2].record) = (pack.evidences[2].record, pack.evidences[0].record);
    });
    assert_eq!(swapped_records, [Kind::Record].into());
    let swapped_tokens = lying(&|pack| {
        let first = std::mem::take(&mut pack.heads[0].tokens);
        pack.heads[0].tokens = std::mem::replace(&mut pack.heads[1].tokens, first);
    });
    assert_eq!(swapped_tokens, [Kind::HeadTimeStamp].into());
    assert_eq!(
        lying(&|pack| {
            pack.evidences.remove(0);
        }),
        [Kind::Complete].into()
    );
    assert_eq!(lying(&|pack| pack.payload_digests[0].sha256[0] ^= 1), [Kind::Content].into());
    assert_eq!(lying(&|pack| pack.payloads[0].bytes = b"altceva"), [Kind::Content].into());
    assert_eq!(lying(&|pack| pack.consistency[0].path[0][0] ^= 1), [Kind::HeadConsistency].into());
    let twice = lying(&|pack| pack.evidences.push(pack.evidences[2]));
    assert_eq!(twice, [Kind::Chain].into());
}

#[test]
fn a_log_with_two_histories_is_convicted_by_its_own_heads() {
    let Some(matter) = Matter::new() else { return };
    // The same log key signs another history of the same length.
    let other = Log::new(ORIGIN, 7, (0..9_u8).map(|at| [at; 32]).collect());
    let note = other.note(9).to_string();
    let verdict = lying(&matter, &matter.signer, |pack| {
        let head = PackedHead { note: Box::leak(note.clone().into_boxed_str()), tokens: Vec::new() };
        pack.heads.push(head);
    });
    assert!(failed(&verdict).contains(&Kind::HeadConsistency), "{}", verdict.in_words());
    // And a head that the reader holds from elsewhere convicts it as well.
    let trusted = Trusted { known_heads: vec![other.note(9)], ..matter.trusted.clone() };
    let verdict = verify_package(&matter.sealed(&matter.pack()), &trusted, matter.at).unwrap();
    assert_eq!(failed(&verdict), [Kind::HeadConsistency].into());
}

#[test]
fn a_head_of_another_log_is_not_believed() {
    let Some(matter) = Matter::new() else { return };
    for (origin, seed) in [("alt.example.ro/evidence", 7), (ORIGIN, 8)] {
        let leaves = vec![hub_signatures::log::tree::evidence_leaf(None, &sha256(&matter.evidences[0]))];
        let proof = Log::new(origin, seed, leaves).proof(0, 1, None).to_string();
        let verdict = lying(&matter, &matter.signer, |pack| {
            pack.evidences[0].proof = Some(Box::leak(proof.clone().into_boxed_str()));
        });
        assert_eq!(failed(&verdict), [Kind::Log].into(), "{origin} {seed}");
    }
}

#[test]
fn foreign_and_expired_certificates_are_not_believed() {
    let Some(matter) = Matter::new() else { return };
    let (stranger, _) = signer_named("Un străin");
    assert_eq!(failed(&lying(&matter, &stranger, |_| {})), [Kind::Seal].into());

    let foreign =
        Trusted { authorities: Some(vec![Authority::new().unwrap().certificate()]), ..matter.trusted.clone() };
    let verdict = verify_package(&matter.sealed(&matter.pack()), &foreign, matter.at).unwrap();
    assert_eq!(failed(&verdict), [Kind::TimeStamp, Kind::HeadTimeStamp, Kind::Record].into());

    // A certificate of ten days that ended long before the seal was made.
    let (key, pem) = development_seal("Hub de probă", NEW_YEAR_2026, 10, 9).unwrap();
    let expired = FileSigner::from_pem(&key, &pem).unwrap();
    let pack = matter.pack();
    let bytes = prepare(&pack, &expired, SIGNING_TIME).unwrap().finish(None).unwrap();
    let mut seals = Certificate::all_from_pem(&pem).unwrap();
    seals.push(matter.seal_certificate().clone());
    let verdict = verify_package(&bytes, &Trusted { seals: Some(seals), ..matter.trusted.clone() }, matter.at).unwrap();
    assert_eq!(failed(&verdict), [Kind::Seal, Kind::SealValidity].into(), "{}", verdict.in_words());
}

#[test]
fn evidences_that_contradict_each_other_are_told() {
    let mut early = three();
    early[2].time = "2026-03-02T09:15:00Z".to_owned();
    let mut other_content = three();
    other_content[1].parts[0].1 = [1; 32];
    let mut other_message = three();
    other_message[1].message = "altul".to_owned();
    let mut other_sender = three();
    other_sender[2].recipients = 2;
    for (story, why) in
        [(early, "time"), (other_content, "content"), (other_message, "message"), (other_sender, "recipients")]
    {
        let Some(matter) = Matter::of(story) else { return };
        let verdict = verify_package(&matter.sealed(&matter.pack()), &matter.trusted, matter.at).unwrap();
        assert!(failed(&verdict).contains(&Kind::Chain), "{why}: {}", verdict.in_words());
    }
}

#[test]
fn bombs_and_foreign_bytes_are_refused_at_the_door() {
    let Some(matter) = Matter::new() else { return };
    for bytes in [&b""[..], b"PK\x03\x04", b"<a/>", &[0; 100]] {
        assert!(verify_package(bytes, &matter.trusted, matter.at).is_err());
    }
    // A package of anybody, without evidences, has a verdict about its seal alone.
    let files = [DataFile { name: "a.txt", media_type: "text/plain", content: b"a" }];
    let mut draft = Draft::new(&files).unwrap();
    let unsigned = verify_package(&draft.finish().unwrap(), &matter.trusted, matter.at).unwrap();
    assert_eq!(failed(&unsigned), [Kind::Package].into());
    draft.sign(&matter.signer, SIGNING_TIME).unwrap();
    let signed = verify_package(&draft.finish().unwrap(), &matter.trusted, matter.at).unwrap();
    assert_eq!(signed.outcome(), Outcome::Partial, "{}", signed.in_words());
}
