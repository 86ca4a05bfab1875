//! Packages there and back, and what is told of broken ones.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shared;

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;

use hub_eark::source::{FolderSource, Source as _, ZipSource};
use hub_eark::target::{Target as _, ZipTarget};
use hub_eark::{Finding, Group, Limits, Package, Problem, Refused, read};
use hub_signatures::asice::zip;
use shared::{ID, documents, header, in_folder, in_zip};

fn from_zip(bytes: &[u8]) -> Result<Package, Refused> {
    read(&mut ZipSource::new(Cursor::new(bytes)), &Limits::default())
}

fn from_folder(root: &Path) -> Result<Package, Refused> {
    read(&mut FolderSource::new(root), &Limits::default())
}

/// Breaks a package in a folder and answers the findings as text.
fn broken(change: impl FnOnce(&Path)) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    let root = in_folder(folder.path());
    change(&root);
    from_folder(&root).expect_err("a broken package is not accepted").findings
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

const FIRST: &str = "representations/rep1/data/0001_Ancheta_sociala__Tandarei____co.pdf";

#[test]
fn a_package_is_read_as_it_was_written_from_a_folder_and_from_a_zip_file() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (from_folder(&in_folder(folder.path())).unwrap(), from_zip(&in_zip()).unwrap());
    for package in [one, other] {
        assert_eq!(package.header, header());
        assert_eq!(package.sheets.len(), 1);
        let sheet = &package.sheets[0].sheets[0];
        assert_eq!((sheet.retention.as_str(), sheet.identifier.as_str()), ("permanent", "ro-exemplu/2026/0"));
        assert_eq!(sheet.files, [FIRST]);
        let data = |name: &str| package.files.iter().filter(|file| file.group == Group::Data(name.to_owned())).count();
        assert_eq!((data("rep1"), data("rep2")), (2, 1));
    }
}

#[test]
fn the_bytes_of_a_document_come_out_as_they_went_in() {
    let zip = in_zip();
    let mut source = ZipSource::new(Cursor::new(zip));
    let package = read(&mut source, &Limits::default()).unwrap();
    let first = package.files.iter().find(|file| file.path == FIRST).unwrap();
    let mut bytes = Vec::new();
    source.open(first.position).unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, documents()[0].2);
}

#[test]
fn the_same_dossier_makes_the_same_bytes() {
    assert_eq!(in_zip(), in_zip());
}

#[test]
fn a_changed_byte_is_named_with_its_file() {
    let findings = broken(|root| {
        let mut bytes = fs::read(root.join(FIRST)).unwrap();
        bytes[100] ^= 1;
        fs::write(root.join(FIRST), bytes).unwrap();
    });
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].path, FIRST);
    assert!(matches!(findings[0].problem, Problem::Digest { .. }), "{findings:?}");
}

#[test]
fn missing_added_shortened_and_renamed_files_are_all_named() {
    let findings = broken(|root| {
        fs::remove_file(root.join("metadata/descriptive/fise.xml")).unwrap();
        fs::write(root.join("representations/rep1/data/strain.exe"), "x").unwrap();
        fs::write(root.join(FIRST), "scurt").unwrap();
        fs::rename(root.join("documentation/recipisa.txt"), root.join("documentation/alta.txt")).unwrap();
    });
    let told = |path: &str| findings.iter().find(|finding| finding.path == path).map(|finding| &finding.problem);
    assert_eq!(told("metadata/descriptive/fise.xml"), Some(&Problem::Missing));
    assert_eq!(told("representations/rep1/data/strain.exe"), Some(&Problem::Extra));
    assert_eq!(told(FIRST), Some(&Problem::Size { told: 300_000, found: 5 }));
    assert_eq!(told("documentation/recipisa.txt"), Some(&Problem::Missing));
    assert_eq!(told("documentation/alta.txt"), Some(&Problem::Extra));
    assert_eq!(findings.len(), 5);
}

#[test]
fn a_checksum_that_proves_nothing_is_not_taken_for_one() {
    for algorithm in ["MD5", "SHA-1", "CRC32", "sha256"] {
        let to = format!("CHECKSUMTYPE=\"{algorithm}\"");
        let findings = broken(|root| edit(&root.join("METS.xml"), "CHECKSUMTYPE=\"SHA-256\"", &to));
        assert_eq!(findings[0].problem, Problem::Algorithm(algorithm.to_owned()));
    }
    let findings = broken(|root| edit(&root.join("METS.xml"), " CHECKSUMTYPE=\"SHA-256\"", ""));
    assert_eq!(findings[0].problem, Problem::NoChecksum);
}

#[test]
fn a_path_that_leaves_the_package_is_refused_wherever_it_is_written() {
    let findings = broken(|root| edit(&root.join("METS.xml"), "documentation/recipisa.txt", "%2e%2e/recipisa.txt"));
    assert!(findings.iter().any(|finding| matches!(finding.problem, Problem::Path(_))), "{findings:?}");
    for name in [format!("{ID}/../../../etc/cron.d/x"), "/etc/passwd".to_owned(), format!("{ID}\\x")] {
        let entries = [(name.as_str(), b"x".as_slice())];
        let refused = from_zip(&zip::write(&entries).unwrap()).unwrap_err();
        assert!(matches!(refused.findings[0].problem, Problem::Path(_)), "{refused}");
    }
}

#[test]
fn two_digests_of_one_file_are_one_too_many() {
    let findings = broken(|root| {
        let premis = root.join("representations/rep2/metadata/preservation/premis.xml");
        let text = fs::read_to_string(&premis).unwrap();
        let digest = text.split("<premis:messageDigest>").nth(1).unwrap()[..64].to_owned();
        fs::write(&premis, text.replace(&digest, &"0".repeat(64))).unwrap();
        // Whoever forges PREMIS forges the METS above it too.
        let sum = |path: &Path| hex(&fs::read(path).unwrap());
        let mets = root.join("representations/rep2/METS.xml");
        let (old_premis, old_mets) = (hex(text.as_bytes()), sum(&mets));
        edit(&mets, &old_premis, &sum(&premis));
        edit(&root.join("METS.xml"), &old_mets, &sum(&mets));
    });
    assert!(matches!(&findings[0].problem, Problem::Premis(why) if why.contains("another digest")), "{findings:?}");
}

fn hex(bytes: &[u8]) -> String {
    hub_signatures::digest::sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn links_doctypes_and_other_names_are_refused() {
    let findings = broken(|root| std::os::unix::fs::symlink("/etc/passwd", root.join("documentation/x")).unwrap());
    assert_eq!(findings[0].problem, Problem::Link);
    let findings =
        broken(|root| edit(&root.join("METS.xml"), "<mets:mets", "<!DOCTYPE a [<!ENTITY b \"c\">]><mets:mets"));
    assert!(matches!(&findings[0].problem, Problem::Mets(why) if why.contains("DOCTYPE")), "{findings:?}");
    let findings = broken(|root| edit(&root.join("METS.xml"), &format!("OBJID=\"{ID}\""), "OBJID=\"altul\""));
    assert!(matches!(&findings[0].problem, Problem::OtherId { id, .. } if id == "altul"), "{findings:?}");
    let findings = broken(|root| fs::remove_file(root.join("METS.xml")).unwrap());
    assert_eq!(findings, [Finding { path: "METS.xml".to_owned(), problem: Problem::Missing }]);
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_opened() {
    // 64 MiB of nothing, deflated to some 64 KiB.
    let bomb = deflated("METS.xml", &vec![0; 64 << 20]);
    let refused = from_zip(&bomb).unwrap_err();
    assert!(matches!(refused.findings[0].problem, Problem::Bomb { .. }), "{refused}");
    let limits = Limits { files: 3, ..Limits::default() };
    let refused = read(&mut ZipSource::new(Cursor::new(in_zip())), &limits).unwrap_err();
    assert_eq!(refused.findings[0].problem, Problem::TooMany { limit: 3 });
    let limits = Limits { total_bytes: 1000, ..Limits::default() };
    let refused = read(&mut ZipSource::new(Cursor::new(in_zip())), &limits).unwrap_err();
    assert_eq!(refused.findings[0].problem, Problem::TooLarge { limit: 1000 });
}

/// A zip file with one deflated entry.
fn deflated(name: &str, content: &[u8]) -> Vec<u8> {
    let data = miniz_oxide::deflate::compress_to_vec(content, 6);
    let name = format!("{ID}/{name}");
    let crc = zip::checksum::extend(0, content);
    let mut fixed: Vec<u8> = [20_u16, 0, 8, 0, 0x21].iter().flat_map(|short| short.to_le_bytes()).collect();
    let lengths = [crc, u32::try_from(data.len()).unwrap(), u32::try_from(content.len()).unwrap()];
    fixed.extend(lengths.iter().flat_map(|long| long.to_le_bytes()));
    fixed.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    fixed.extend([0; 2]);
    let mut out = [&0x0403_4B50_u32.to_le_bytes(), fixed.as_slice(), name.as_bytes(), &data].concat();
    let start = u32::try_from(out.len()).unwrap();
    let entry = [&0x0201_4B50_u32.to_le_bytes(), &[20, 3][..], &fixed, &[0; 14], name.as_bytes()].concat();
    out.extend(&entry);
    out.extend(0x0605_4B50_u32.to_le_bytes());
    out.extend([0, 0, 0, 0, 1, 0, 1, 0]);
    out.extend(u32::try_from(entry.len()).unwrap().to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

#[test]
fn deflated_entries_are_read_and_damaged_ones_named() {
    let mets = fs::read({
        let folder = tempfile::tempdir().unwrap();
        let root = in_folder(folder.path());
        let kept = folder.keep();
        assert!(root.starts_with(&kept));
        root.join("METS.xml")
    })
    .unwrap();
    let zip = deflated("METS.xml", &mets);
    // Its METS is read, and names everything else as missing.
    let refused = from_zip(&zip).unwrap_err();
    assert!(refused.findings.iter().all(|finding| finding.problem == Problem::Missing), "{refused}");
    let mut damaged = zip;
    let middle = damaged.len() / 3;
    damaged[middle] ^= 0xFF;
    let refused = from_zip(&damaged).unwrap_err();
    assert!(matches!(refused.findings[0].problem, Problem::Unreadable(_) | Problem::Mets(_)), "{refused}");
}

#[test]
fn no_prefix_of_a_zip_file_and_no_flipped_byte_of_it_is_accepted_or_panics() {
    let zip = in_zip();
    for length in (0..zip.len()).step_by(997) {
        assert!(from_zip(&zip[..length]).is_err());
    }
    let accepted = from_zip(&zip).unwrap();
    for at in (0..zip.len()).step_by(3331).chain((zip.len() - 2500..zip.len()).step_by(7)) {
        let mut changed = zip.clone();
        changed[at] ^= 0x21;
        // What may change unnoticed says nothing about a file: dates, versions and attributes of the zip format.
        if let Ok(package) = from_zip(&changed) {
            assert_eq!(package.files, accepted.files, "byte {at}");
        }
    }
}

#[test]
fn what_cannot_be_written_right_is_not_written() {
    let target = || ZipTarget::new(Cursor::new(Vec::new()), "a");
    let mut content = b"abc".as_slice();
    assert!(target().put("a", 4, &mut content).is_err());
    let mut content = b"abcde".as_slice();
    assert!(target().put("a", 4, &mut content).is_err());
    let named = |id: &str| hub_eark::PackageWriter::new(target(), hub_eark::Header { id: id.to_owned(), ..header() });
    assert!(named("a/b").is_err());
    assert!(named("..").is_err());
}
