//! Packages whose directory says one thing and whose bytes another, set byte by byte: each is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use hub_signatures::asice::{Container, DataFile, Draft, Limits, OpenError};
use hub_signatures::trust::Trust;
use support::SIGNING_TIME;
use support::zips::{Raw, zip};

fn package() -> Vec<u8> {
    let file = DataFile { name: "dovada.xml", media_type: "text/xml", content: b"<a>1</a>" };
    let mut draft = Draft::new(&[file]).unwrap();
    draft.sign(&support::development_signer(), SIGNING_TIME).unwrap();
    draft.finish().unwrap()
}

fn open(bytes: &[u8]) -> Result<Container<'_>, OpenError> {
    Container::open(bytes, &Limits::default())
}

/// The package with these bytes `at` an offset from the start of its end record.
fn with_end(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut copy = package();
    let end = copy.len() - 22;
    copy[end + at..end + at + bytes.len()].copy_from_slice(bytes);
    copy
}

#[test]
fn an_end_record_that_lies_is_refused() {
    let whole = package();
    let end = &whole[whole.len() - 22..];
    let count = u16::from_le_bytes([end[10], end[11]]);
    assert_eq!(count, 4);
    let directory = u32::from_le_bytes(end[16..20].try_into().unwrap());
    let counts = |count: u16| count.to_le_bytes().repeat(2);
    for (what, at, bytes) in [
        ("another volume", 4, vec![1, 0]),
        ("its directory on another volume", 6, vec![1, 0]),
        ("an entry fewer", 8, counts(count - 1)),
        ("an entry more", 8, counts(count + 1)),
        ("two different counts", 8, (count - 1).to_le_bytes().to_vec()),
        ("as many as zip64 has", 8, counts(u16::MAX)),
        ("a directory of the length of zip64", 12, vec![0xFF; 4]),
        ("a directory at the place of zip64", 16, vec![0xFF; 4]),
        ("a directory one byte sooner", 16, (directory - 1).to_le_bytes().to_vec()),
        ("a directory at the start", 16, vec![0; 4]),
        ("a comment that is not there", 20, vec![1, 0]),
    ] {
        assert!(open(&with_end(at, &bytes)).is_err(), "{what}");
    }
}

#[test]
fn the_records_of_zip64_are_refused_even_when_they_are_right() {
    let whole = package();
    let (before, end) = whole.split_at(whole.len() - 22);
    let mut record = b"PK\x06\x06".to_vec();
    record.extend(44_u64.to_le_bytes());
    record.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    record.extend(4_u64.to_le_bytes().repeat(2));
    let directory = u64::from(u32::from_le_bytes(end[16..20].try_into().unwrap()));
    record.extend((before.len() as u64 - directory).to_le_bytes());
    record.extend(directory.to_le_bytes());
    let mut locator = b"PK\x06\x07\0\0\0\0".to_vec();
    locator.extend((before.len() as u64).to_le_bytes());
    locator.extend(1_u32.to_le_bytes());
    for lie in [vec![], vec![0xFF; 12]] {
        let mut end = end.to_vec();
        end[8..8 + lie.len()].copy_from_slice(&lie);
        let bytes = [before, &record, &locator, &end].concat();
        assert!(matches!(open(&bytes), Err(OpenError::Malformed(_) | OpenError::TooManyEntries { .. })));
    }
}

#[test]
fn an_end_record_inside_the_comment_of_another_is_refused() {
    let whole = package();
    let end = whole[whole.len() - 22..].to_vec();
    let mut outer = whole.clone();
    let comment = whole.len() - 2;
    outer[comment..].copy_from_slice(&22_u16.to_le_bytes());
    outer.extend(&end);
    assert!(open(&outer).is_err(), "two programs could take either for the end");
    // A comment of words is only a comment.
    let mut words = whole;
    words[comment..].copy_from_slice(&5_u16.to_le_bytes());
    words.extend(b"salut");
    let container = open(&words).unwrap();
    assert!(container.verify(&Trust::IntegrityOnly, &Trust::IntegrityOnly).holds());
}

#[test]
fn many_names_for_the_same_bytes_are_refused() {
    // The bomb that reads one kernel of data through a thousand overlapping entries.
    let kernel = vec![0; 100_000];
    let mut entries = vec![Raw::stored("mimetype", b"application/vnd.etsi.asic-e+zip")];
    for number in 0..1_000 {
        let mut entry = Raw::stored(&format!("f{number}"), if number == 0 { &kernel } else { b"" });
        entry.deflate();
        entry.offset_of_previous = number > 0;
        entries.push(entry);
    }
    assert!(open(&zip(&entries)).is_err());
}

#[test]
fn names_that_only_differ_in_how_letters_are_composed_keep_their_own_verdicts() {
    // No normal form is made: on disks that make one, the second would replace the first, so both must be covered.
    let whole = package();
    let mut entries: Vec<Raw> =
        open(&whole).unwrap().entries().map(|(name, content)| Raw::stored(name, content)).collect();
    entries.push(Raw::stored("dovad\u{103}.xml", b"one"));
    entries.push(Raw::stored("dovada\u{306}.xml", b"two"));
    let bytes = zip(&entries);
    let verdict = open(&bytes).unwrap().verify(&Trust::IntegrityOnly, &Trust::IntegrityOnly);
    assert!(!verdict.holds());
    assert_eq!(verdict.uncovered().collect::<Vec<_>>(), ["dovad\u{103}.xml", "dovada\u{306}.xml"]);
}

#[test]
fn a_reference_to_the_signed_properties_must_say_so_the_first_time() {
    let whole = package();
    let mut entries: Vec<Raw> =
        open(&whole).unwrap().entries().map(|(name, content)| Raw::stored(name, content)).collect();
    let signature = entries.iter_mut().find(|entry| entry.name.contains("signatures")).unwrap();
    let text = String::from_utf8(signature.content.clone()).unwrap();
    let start = text.find("<ds:Reference Type=").unwrap();
    let end = start + text[start..].find("</ds:Reference>").unwrap() + "</ds:Reference>".len();
    let untyped = text[start..end].replace("Type=\"http://uri.etsi.org/01903#SignedProperties\" ", "");
    signature.content = format!("{}{}{}", &text[..start], untyped.repeat(900), &text[start..]).into_bytes();
    let bytes = zip(&entries);
    let verdict = open(&bytes).unwrap().verify(&Trust::IntegrityOnly, &Trust::IntegrityOnly);
    let problem = verdict.signatures[0].outcome.as_ref().unwrap_err().to_string();
    assert!(problem.contains("does not say that it covers its own signed properties"), "{problem}");
}
