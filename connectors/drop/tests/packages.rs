//! Packages as town halls make them, and as attackers do.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../hub/signatures/tests/support/zips.rs"]
#[allow(dead_code, reason = "what else the maker of bad zip files can do is tried in its own package")]
mod zips;

use std::collections::BTreeMap;

use bytes::Bytes;
use connectors_contract::{Body, Consignment, Part, PartContent};
use connectors_drop::{Limits, MANIFEST, PackError, Reason, Rule, looks_whole, open, outgoing_name, pack, sha256};
use proptest::prelude::*;
use serde_json::{Value, json};
use zips::{Raw, zip};

const LETTER: &[u8] = br#"{"subiect":"Invitatie","text":"Va rugam sa participati."}"#;
const SCAN: &[u8] = b"%PDF-1.7 o scanare inventata";

fn envelope() -> Value {
    json!({
        "recipients": [{ "party": "dgaspc-mehedinti" }],
        "document_type": "document-generic", "document_version": "1.0",
        "subject": "Invitație", "purpose": "corespondenta", "legal_basis": "OG nr. 27/2002",
        "parts": [
            { "name": "scrisoare.json", "role": "body", "content_type": "application/json", "sha256": hex::encode(sha256(LETTER)) },
            { "name": "scanare.pdf", "role": "original", "content_type": "application/pdf", "sha256": hex::encode(sha256(SCAN)) },
        ],
    })
}

/// Something done to the entries of a good package.
type Spoil = Box<dyn Fn(&mut Vec<Raw>)>;

fn entries(envelope: &Value) -> Vec<Raw> {
    vec![
        Raw::stored(MANIFEST, &serde_json::to_vec(envelope).unwrap()),
        Raw::stored("scrisoare.json", LETTER),
        Raw::stored("scanare.pdf", SCAN),
    ]
}

fn refused(entries: &[Raw]) -> Vec<Reason> {
    open(&zip(entries), &Limits::default()).unwrap_err()
}

fn only(reasons: Vec<Reason>) -> Reason {
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    reasons.into_iter().next().unwrap()
}

#[test]
fn a_package_gives_its_envelope_byte_for_byte_and_its_parts_in_order() {
    let mut entries = entries(&envelope());
    entries[2].deflate();
    entries.swap(0, 2);
    let bytes = zip(&entries);
    let package = open(&bytes, &Limits::default()).unwrap();
    assert_eq!(package.envelope, serde_json::to_vec(&envelope()).unwrap());
    assert_eq!(package.sha256, sha256(&bytes));
    let parts: Vec<_> =
        package.parts.iter().map(|part| (part.name.as_str(), part.role.as_str(), &part.content[..])).collect();
    assert_eq!(parts, [("scrisoare.json", "body", LETTER), ("scanare.pdf", "original", SCAN)]);
}

#[test]
fn a_byte_order_mark_before_the_envelope_is_left_out() {
    let mut entries = entries(&envelope());
    entries[0].content.splice(0..0, *b"\xef\xbb\xbf");
    assert!(open(&zip(&entries), &Limits::default()).unwrap().envelope.starts_with(b"{"));
}

#[test]
fn every_attack_on_the_archive_is_refused_with_the_rule_and_the_entry() {
    let with = |spoil: &dyn Fn(&mut Vec<Raw>)| {
        let mut entries = entries(&envelope());
        spoil(&mut entries);
        only(refused(&entries))
    };
    let named = |name: &'static str| move |entries: &mut Vec<Raw>| entries.push(Raw::stored(name, b"x"));
    let bomb = |entries: &mut Vec<Raw>| {
        let mut raw = Raw::stored("bomba.txt", &vec![b'0'; 8 * 1024 * 1024]);
        raw.deflate();
        entries.push(raw);
    };
    let link = |entries: &mut Vec<Raw>| {
        let mut raw = Raw::stored("legatura.pdf", b"/etc/passwd");
        raw.attributes = 0o120_777 << 16;
        entries.push(raw);
    };
    let told = |entries: &mut Vec<Raw>| {
        let mut raw = Raw::stored("mare.bin", &vec![0; 70_000]);
        raw.deflate();
        raw.told_size = Some(200 * 1024 * 1024);
        entries.push(raw);
    };
    let attacks: Vec<(Spoil, Rule, Option<&str>)> = vec![
        (Box::new(named("../../etc/cron.d/x")), Rule::Name, Some("../../etc/cron.d/x")),
        (Box::new(named("/etc/passwd")), Rule::Name, Some("/etc/passwd")),
        (Box::new(named("C:\\Windows\\x")), Rule::Name, Some("C:\\\\Windows\\\\x")),
        (Box::new(named("SCANARE.pdf")), Rule::Duplicate, Some("SCANARE.pdf")),
        (Box::new(named("linie\nnoua.pdf")), Rule::Name, Some("linie\\nnoua.pdf")),
        (Box::new(bomb), Rule::Bomb, Some("bomba.txt")),
        (Box::new(link), Rule::Link, Some("legatura.pdf")),
        (Box::new(told), Rule::Size, Some("mare.bin")),
        (Box::new(|entries: &mut Vec<Raw>| entries[2].flags |= 1), Rule::Encrypted, Some("scanare.pdf")),
        (
            Box::new(|entries: &mut Vec<Raw>| entries[2].local_name = Some("../fuga.pdf".to_owned())),
            Rule::Zip,
            Some("scanare.pdf"),
        ),
        (Box::new(|entries: &mut Vec<Raw>| entries[1].gap_after = b"ascuns".to_vec()), Rule::Zip, None),
        (
            Box::new(|entries: &mut Vec<Raw>| {
                entries.extend((0..300).map(|n| Raw::stored(&format!("f{n}"), b"")));
            }),
            Rule::Size,
            None,
        ),
    ];
    for (spoil, rule, entry) in attacks {
        let reason = with(&*spoil);
        assert_eq!((reason.rule, reason.entry.as_deref()), (rule, entry), "{reason}");
        assert!(reason.text.chars().count() > 15, "{reason}");
    }
}

#[test]
fn many_small_files_cannot_grow_past_the_total() {
    let limits = Limits { total_bytes: 1024 * 1024, ..Limits::default() };
    let mut entries = entries(&envelope());
    for n in 0..40 {
        let mut raw = Raw::stored(&format!("parte-{n}"), &vec![b'a'; 60_000]);
        raw.deflate();
        entries.push(raw);
    }
    let reason = only(open(&zip(&entries), &limits).unwrap_err());
    assert_eq!(reason.rule, Rule::Size, "{reason}");
}

#[test]
fn all_parts_that_do_not_match_are_told_at_once() {
    let mut envelope = envelope();
    envelope["parts"][0]["sha256"] = json!("00".repeat(32));
    envelope["parts"][1]["name"] = json!("alta.pdf");
    envelope["parts"].as_array_mut().unwrap().push(json!({ "name": "alta.pdf", "role": "anexa", "content_type": "x" }));
    let told: Vec<_> =
        refused(&entries(&envelope)).into_iter().map(|reason| (reason.rule, reason.entry.unwrap())).collect();
    assert_eq!(
        told,
        [
            (Rule::Hash, "scrisoare.json".to_owned()),
            (Rule::Parts, "alta.pdf".to_owned()),
            (Rule::Duplicate, "alta.pdf".to_owned()),
            (Rule::Parts, "scanare.pdf".to_owned()),
        ]
    );
}

#[test]
fn a_part_without_its_hash_is_refused_and_the_hash_is_told() {
    let mut envelope = envelope();
    envelope["parts"][1].as_object_mut().unwrap().remove("sha256");
    let reason = only(refused(&entries(&envelope)));
    assert_eq!(reason.rule, Rule::Hash);
    assert!(reason.text.contains(&hex::encode(sha256(SCAN))), "{reason}");
}

#[test]
fn a_manifest_that_is_missing_in_a_folder_or_not_json_is_explained() {
    let explained = |manifest: Option<Raw>| {
        let mut entries = entries(&envelope());
        entries.remove(0);
        entries.extend(manifest);
        only(refused(&entries))
    };
    assert!(explained(None).text.contains("nu conține manifest.json"));
    assert!(explained(Some(Raw::stored("dosar/manifest.json", b"{}"))).text.contains("arhivați fișierele din dosar"));
    assert!(explained(Some(Raw::stored(MANIFEST, b"{\n  \"parts\": [,"))).text.contains("linia 2"));
    assert!(explained(Some(Raw::stored(MANIFEST, b"{}"))).text.contains("lista"));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(explained(Some(Raw::stored(MANIFEST, deep.as_bytes()))).rule, Rule::Manifest);
}

#[test]
fn a_copy_that_is_still_being_made_does_not_look_whole() {
    let bytes = zip(&entries(&envelope()));
    assert!(looks_whole(&bytes));
    for cut in 0..bytes.len() {
        assert!(!looks_whole(&bytes[..cut]), "{cut}");
    }
    assert_eq!(only(open(&bytes[..bytes.len() - 1], &Limits::default()).unwrap_err()).rule, Rule::Zip);
}

fn consignment(parts: Vec<Part>, body: &[u8]) -> Consignment {
    let facts =
        [("sender", "uat-110296"), ("sender_number", "4521"), ("sender_date", "2026-03-02"), ("subject", "Invitație")];
    Consignment {
        idempotency_key: "0198-livrare".to_owned(),
        facts: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: Body { content_type: "application/json".to_owned(), content: Bytes::copy_from_slice(body) },
        parts,
        evidence: vec![],
    }
}

fn part(name: &str, content: &[u8]) -> Part {
    Part {
        name: name.to_owned(),
        content_type: "application/pdf".to_owned(),
        size: content.len() as u64,
        sha256: sha256(content),
        content: PartContent::Inline(Bytes::copy_from_slice(content)),
    }
}

#[test]
fn a_delivery_is_the_same_package_every_time_and_the_strict_reader_takes_it() {
    let consignment =
        consignment(vec![part("scrisoare.json", LETTER), part("scanare semnată.pdf", SCAN)], b"{\"tradus\":1}");
    let packed = pack(&consignment, 1 << 20).unwrap();
    assert_eq!(packed.bytes, pack(&consignment, 1 << 20).unwrap().bytes);
    let read = hub_signatures::asice::zip::read(&packed.bytes, &hub_signatures::asice::Limits::default()).unwrap();
    let files: BTreeMap<&str, &[u8]> = read.iter().map(|entry| (entry.name.as_str(), &*entry.content)).collect();
    let manifest: Value = serde_json::from_slice(files[MANIFEST]).unwrap();
    assert_eq!(manifest["sender_registration"], json!({ "number": "4521", "date": "2026-03-02" }));
    assert_eq!(files[manifest["document"]["name"].as_str().unwrap()], b"{\"tradus\":1}");
    for line in manifest["parts"].as_array().unwrap() {
        let content = files[line["name"].as_str().unwrap()];
        assert_eq!(line["sha256"], hex::encode(sha256(content)));
    }
}

#[test]
fn a_document_that_was_not_translated_stands_in_the_package_once() {
    let packed = pack(&consignment(vec![part("scrisoare.json", LETTER)], LETTER), 1 << 20).unwrap();
    let read = hub_signatures::asice::zip::read(&packed.bytes, &hub_signatures::asice::Limits::default()).unwrap();
    assert_eq!(read.len(), 2);
}

#[test]
fn parts_that_changed_are_too_large_or_cannot_be_named_are_not_sent() {
    let mut changed = part("scanare.pdf", SCAN);
    changed.sha256 = [0; 32];
    assert!(matches!(pack(&consignment(vec![changed], LETTER), 1 << 20), Err(PackError::Changed { .. })));
    assert!(matches!(pack(&consignment(vec![part("a.pdf", SCAN)], LETTER), 10), Err(PackError::TooLarge { .. })));
    for name in ["../a.pdf", MANIFEST, "", "a\nb"] {
        assert!(
            matches!(pack(&consignment(vec![part(name, SCAN)], LETTER), 1 << 20), Err(PackError::Name { .. })),
            "{name:?}"
        );
    }
}

#[test]
fn the_outgoing_name_follows_from_the_key_and_is_harmless() {
    assert_eq!(outgoing_name("../../x"), outgoing_name("../../x"));
    assert_ne!(outgoing_name("a"), outgoing_name("b"));
    assert!(outgoing_name("../../x").bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)));
}

proptest! {
    #[test]
    fn no_change_of_a_byte_makes_the_reader_panic_or_changes_a_part_unseen(at in 0_usize..900, to in any::<u8>()) {
        let mut bytes = zip(&entries(&envelope()));
        let at = at % bytes.len();
        bytes[at] = to;
        if let Ok(package) = open(&bytes, &Limits::default()) {
            for part in package.parts {
                prop_assert_eq!(part.sha256, sha256(&part.content));
            }
        }
    }
}
