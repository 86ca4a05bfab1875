//! ASiC-E packages: ours hold here and in the eyes of unzip, python and xmlsec1; hostile ones are refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::process::Command;

use hub_signatures::asice::{
    Container, DataFile, Draft, EntryProblem, Limits, NameProblem, OpenError, SignatureProblem, WriteError,
};
use hub_signatures::signer::{FileSigner, Signer};
use hub_signatures::trust::{Trust, Trusted};
use support::SIGNING_TIME;
use support::zips::{Raw, zip};

const FILES: [DataFile<'static>; 3] = [
    DataFile { name: "anexă 1/cerere & răspuns.txt", media_type: "text/plain", content: b"Buna ziua\r\n" },
    DataFile { name: "dovada.xml", media_type: "text/xml", content: b"<a>1</a>" },
    DataFile { name: "gol.bin", media_type: "application/octet-stream", content: b"" },
];

fn signed(signers: &[&dyn Signer]) -> Vec<u8> {
    let mut draft = Draft::new(&FILES).unwrap();
    for signer in signers {
        draft.sign(*signer, SIGNING_TIME).unwrap();
    }
    draft.finish().unwrap()
}

fn open(bytes: &[u8]) -> Result<Container<'_>, OpenError> {
    Container::open(bytes, &Limits::default())
}

fn holds(bytes: &[u8]) -> bool {
    open(bytes).is_ok_and(|container| container.verify(&Trust::IntegrityOnly, &Trust::IntegrityOnly).holds())
}

/// The entries of a package, to be written again otherwise.
fn entries(bytes: &[u8]) -> Vec<Raw> {
    open(bytes).unwrap().entries().map(|(name, content)| Raw::stored(name, content)).collect()
}

#[test]
fn a_signed_package_tells_for_every_file_who_signed_it() {
    for (kind, key, certificate) in support::every_kind_of_seal() {
        let signer = FileSigner::from_pem(&key, &certificate).unwrap();
        let bytes = signed(&[&signer]);
        let container = open(&bytes).unwrap();
        assert_eq!(container.files().collect::<Vec<_>>(), FILES.map(|file| (file.name, file.content)), "{kind}");
        let verdict = container.verify(&Trust::Anchors(signer.certificate_chain().to_vec()), &Trust::IntegrityOnly);
        assert!(verdict.holds(), "{kind}: {verdict:#?}");
        let signature = verdict.signatures[0].outcome.as_ref().unwrap();
        assert_eq!(signature.trusted, Trusted::Anchor("CN=Test".to_owned()), "{kind}");
        assert_eq!((signature.signing_time.as_str(), signature.algorithm), (SIGNING_TIME, signer.algorithm()));
        for (file, given) in verdict.files.iter().zip(FILES) {
            assert_eq!(file.media_type.as_deref(), Some(given.media_type), "{kind}");
            assert_eq!(file.coverings[0].by, "META-INF/signatures001.xml");
        }
    }
}

#[test]
fn the_same_input_makes_the_same_bytes() {
    // RSA, because an ECDSA signature holds a random number.
    let (_, key, certificate) = &support::every_kind_of_seal()[2];
    let signer = FileSigner::from_pem(key, certificate).unwrap();
    assert_eq!(signed(&[&signer]), signed(&[&signer]));
    let bytes = signed(&[]);
    assert_eq!(&bytes[30..38], b"mimetype");
    assert!(bytes[38..].starts_with(b"application/vnd.etsi.asic-e+zipPK\x03\x04"));
    let known = "ff5ebd5516776930f1f9f2aa1a8d7fd190cc1fe3eca859236a1cc336362e61e8";
    let sha256 = openssl::sha::sha256(&bytes);
    let sha256: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(sha256, known, "packages made by earlier versions would differ");
}

#[test]
fn signers_one_after_the_other_do_not_disturb_each_other() {
    let (first, second) = (support::development_signer(), support::development_signer());
    let once = signed(&[&first]);
    let mut draft = Draft::reopen(open(&once).unwrap());
    draft.sign(&second, "2026-11-23T08:00:00Z").unwrap();
    let twice = draft.finish().unwrap();
    let verdict = open(&twice).unwrap().verify(&Trust::IntegrityOnly, &Trust::IntegrityOnly);
    assert!(verdict.holds(), "{verdict:#?}");
    assert_eq!(verdict.signatures[1].entry, "META-INF/signatures002.xml");
    assert_eq!(verdict.files[0].coverings.len(), 2);
    assert_eq!(verdict.files[0].media_type.as_deref(), Some("text/plain"));
    // Only the first is trusted: nothing is said against the files, but the package does not hold as a whole.
    let trust = Trust::Pinned(Box::new(first.certificate_chain()[0].clone()));
    let verdict = open(&twice).unwrap().verify(&trust, &Trust::IntegrityOnly);
    assert!(!verdict.holds() && verdict.signatures[0].outcome.is_ok() && verdict.signatures[1].outcome.is_err());
    assert_eq!(verdict.uncovered().count(), 0);
}

#[test]
fn a_stamped_package_holds_without_a_signature_and_covers_those_it_has() {
    let Some(authority) = support::authority::Authority::new() else { return };
    for signers in [vec![], vec![support::development_signer()]] {
        let mut draft = Draft::new(&FILES).unwrap();
        for signer in &signers {
            draft.sign(signer, SIGNING_TIME).unwrap();
        }
        let token = authority.stamp(&draft.time_stamp_imprint().unwrap());
        draft.attach_time_stamp(&token).unwrap();
        assert!(matches!(draft.attach_time_stamp(&token), Err(WriteError::TimeStamp(_))), "it is another package now");
        let bytes = draft.finish().unwrap();
        let verdict = open(&bytes).unwrap().verify(&Trust::IntegrityOnly, &authority.trust());
        assert!(verdict.holds(), "{verdict:#?}");
        assert!(verdict.unchecked.is_empty());
        assert_eq!(verdict.time_stamps[0].outcome.as_ref().unwrap().authority.subject(), "CN=Test TSA");
        let nobody = open(&bytes).unwrap().verify(&Trust::IntegrityOnly, &Trust::Anchors(Vec::new()));
        assert!(nobody.time_stamps[0].outcome.is_err() && !nobody.holds());

        let mut changed = entries(&bytes);
        changed.iter_mut().find(|entry| entry.name == "dovada.xml").unwrap().content = b"<a>2</a>".to_vec();
        let changed = zip(&changed);
        let verdict = open(&changed).unwrap().verify(&Trust::IntegrityOnly, &authority.trust());
        assert!(
            matches!(&verdict.time_stamps[0].outcome, Err(SignatureProblem::Changed(name)) if name == "dovada.xml")
        );
        if !signers.is_empty() {
            let mut unsigned = entries(&bytes);
            unsigned.retain(|entry| !entry.name.contains("signatures"));
            assert!(!holds(&zip(&unsigned)), "a stamped signature cannot be taken away");
        }
    }
}

#[test]
fn every_changed_byte_of_a_package_is_noticed_or_changes_nothing() {
    let bytes = signed(&[&support::development_signer()]);
    let original: Vec<_> = entries(&bytes).into_iter().map(|entry| (entry.name, entry.content)).collect();
    let mut harmless = 0;
    for at in 0..bytes.len() {
        let mut copy = bytes.clone();
        copy[at] ^= 0x20;
        if holds(&copy) {
            // Who made the zip file, with which version and with which attributes: words for extraction programs only.
            let same: Vec<_> = entries(&copy).into_iter().map(|entry| (entry.name, entry.content)).collect();
            assert_eq!(same, original, "byte {at}");
            harmless += 1;
        }
    }
    // Two versions, internal and external attributes in the directory, one version in front of each file.
    assert!(harmless <= 12 * original.len(), "{harmless} changed bytes changed nothing");
}

#[test]
fn every_changed_byte_inside_an_entry_is_noticed_even_when_the_checksum_fits() {
    let bytes = signed(&[&support::development_signer()]);
    let original = entries(&bytes);
    let mut harmless = 0;
    for entry in 0..original.len() {
        for at in 0..original[entry].content.len() {
            let mut copy = original.clone();
            let byte = &mut copy[entry].content[at];
            *byte = if *byte == b'x' { b'y' } else { b'x' };
            if holds(&zip(&copy)) {
                let (name, text) = (&original[entry].name, String::from_utf8_lossy(&original[entry].content));
                assert!(name.starts_with("META-INF/"), "{name}, byte {at}");
                // A namespace declaration that nothing needs, or the version of a list that nobody signs.
                let near = &text[at.saturating_sub(30)..(at + 20).min(text.len())];
                assert!(near.contains("xmlns:") || near.contains(":version"), "{name}, byte {at}: {near}");
                harmless += 1;
            }
        }
    }
    assert!(harmless < 40, "{harmless} changed bytes changed nothing");
}

#[test]
fn lost_added_and_renamed_files_are_reported() {
    let bytes = signed(&[&support::development_signer()]);
    let verify = |entries: &[Raw]| open(&zip(entries)).unwrap().verify(&Trust::IntegrityOnly, &Trust::IntegrityOnly);

    let mut lost = entries(&bytes);
    lost.remove(2);
    let verdict = verify(&lost);
    assert!(
        matches!(&verdict.signatures[0].outcome, Err(SignatureProblem::NotInPackage(name)) if name == "dovada.xml")
    );

    let mut added = entries(&bytes);
    added.push(Raw::stored("strain.txt", b"nobody signed this"));
    let verdict = verify(&added);
    assert!(!verdict.holds() && verdict.signatures[0].outcome.is_ok());
    assert_eq!(verdict.uncovered().collect::<Vec<_>>(), ["strain.txt"]);
    assert!(verdict.manifest_problem.unwrap().contains("strain.txt"));

    let mut unsigned = entries(&bytes);
    unsigned.iter_mut().find(|entry| entry.name.contains("signatures")).unwrap().name = "META-INF/signature.p7s".into();
    let verdict = verify(&unsigned);
    assert_eq!((verdict.uncovered().count(), verdict.unchecked.len()), (3, 1));

    let mut swapped = entries(&bytes);
    let (one, other) = (swapped[1].content.clone(), swapped[2].content.clone());
    (swapped[1].content, swapped[2].content) = (other, one);
    let verdict = verify(&swapped);
    assert!(!verdict.files[0].coverings[0].unchanged && !verdict.files[1].is_covered());
}

#[test]
fn a_signature_that_hides_or_wraps_something_is_refused() {
    let bytes = signed(&[&support::development_signer()]);
    let problem = |from: &str, to: &str| {
        let mut entries = entries(&bytes);
        let signature = entries.iter_mut().find(|entry| entry.name.contains("signatures")).unwrap();
        let text = String::from_utf8(signature.content.clone()).unwrap();
        assert!(text.contains(from), "{from}");
        signature.content = text.replacen(from, to, 1).into_bytes();
        let verdict = open(&zip(&entries)).unwrap().verify(&Trust::IntegrityOnly, &Trust::IntegrityOnly);
        assert_eq!(verdict.uncovered().count(), 3, "{to}");
        verdict.signatures[0].outcome.as_ref().unwrap_err().to_string()
    };
    let exclusive = r#"<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms>"#;
    let table = [
        (r#"URI="dovada.xml">"#.to_owned(), format!(r#"URI="dovada.xml">{exclusive}"#), "transform"),
        (r#"URI="dovada.xml""#.to_owned(), r#"URI="gol.bin""#.to_owned(), "twice"),
        (r#"URI="dovada.xml""#.to_owned(), r#"URI="g%6Fl.bin""#.to_owned(), "twice"),
        (r#"URI="dovada.xml""#.to_owned(), r#"URI="../dovada.xml""#.to_owned(), "not in the package"),
        (r#"URI="dovada.xml""#.to_owned(), r#"URI="file:///etc/passwd""#.to_owned(), "not what it must cover"),
        (r#"URI="dovada.xml""#.to_owned(), r#"URI="META-INF/signatures001.xml""#.to_owned(), "not what it must cover"),
        (r#"URI="dovada.xml""#.to_owned(), r##"URI="#S""##.to_owned(), "not what it must cover"),
        (r#"URI="dovada.xml""#.to_owned(), r#"URI="""#.to_owned(), "not in the package"),
        ("#SignedProperties".to_owned(), "#Other".to_owned(), "signed properties"),
        (r##"URI="#SP""##.to_owned(), r##"URI="#S""##.to_owned(), "not what it must cover"),
        (r#"Id="R1""#.to_owned(), r#"Id="R2""#.to_owned(), "same Id"),
    ];
    for (from, to, expected) in table {
        let problem = problem(&from, &to);
        assert!(problem.contains(expected), "{to}: {problem}");
    }
}

#[test]
fn names_that_leave_the_folder_or_stand_twice_are_refused() {
    let table = [
        ("../a", NameProblem::Parts),
        ("a/../../b", NameProblem::Parts),
        ("a//b", NameProblem::Parts),
        ("./a", NameProblem::Parts),
        ("/etc/passwd", NameProblem::Absolute),
        ("c:a", NameProblem::Absolute),
        ("..\\a", NameProblem::Absolute),
        ("a\u{0}b", NameProblem::Invisible),
        ("a\nb", NameProblem::Invisible),
        ("fdp\u{202E}exe.pdf", NameProblem::Invisible),
        ("", NameProblem::Length),
        ("DOVADA.xml", NameProblem::Repeated),
        ("dovada.xml", NameProblem::Repeated),
        ("dovada.xml/a", NameProblem::FileAndFolder),
    ];
    for (name, expected) in table {
        let mut raw = entries(&signed(&[]));
        raw.push(Raw::stored(name, b"x"));
        let answer = open(&zip(&raw)).map(|_| ());
        assert!(
            matches!(&answer, Err(OpenError::Name { problem, .. }) if *problem == expected),
            "{name:?}: {answer:?}"
        );
        let files = [FILES[1], DataFile { name, media_type: "text/plain", content: b"x" }];
        let answer = Draft::new(&files).map(|_| ());
        assert!(
            matches!(&answer, Err(WriteError::Name { problem, .. }) if *problem == expected),
            "{name:?}: {answer:?}"
        );
    }
    let long = "a".repeat(513);
    assert!(Draft::new(&[DataFile { name: &long, ..FILES[0] }]).is_err());
    for name in ["mimetype", "META-INF/a", "meta-inf/x", "MimeType"] {
        let answer = Draft::new(&[DataFile { name, ..FILES[0] }]);
        assert!(matches!(answer, Err(WriteError::ReservedName(_))), "{name}");
    }
    for media_type in ["", "text", "/x", "text/plain\n", "text/ă"] {
        assert!(matches!(Draft::new(&[DataFile { media_type, ..FILES[0] }]), Err(WriteError::MediaType(_))));
    }
    assert!(matches!(Draft::new(&[]), Err(WriteError::FileCount(0))));
    let signer = support::development_signer();
    let answer = Draft::new(&FILES).unwrap().sign(&signer, "2026-11-22T10:15:30+02:00");
    assert!(matches!(answer, Err(WriteError::SigningTime(_))));
}

#[test]
fn the_first_entry_must_be_a_plain_mimetype_of_asic_e() {
    let whole = entries(&signed(&[]));
    let mut second = whole.clone();
    second.swap(0, 1);
    let mut deflated = whole.clone();
    deflated[0].deflate();
    let mut extra = whole.clone();
    extra[0].extra = vec![0x55, 0x54, 0, 0];
    for wrong in [second, deflated, extra, whole[1..].to_vec()] {
        assert!(matches!(open(&zip(&wrong)), Err(OpenError::NoMimetype)));
    }
    for told in ["application/vnd.etsi.asic-s+zip", "application/vnd.etsi.asic-e+zip\n", ""] {
        let mut other = whole.clone();
        other[0].content = told.into();
        assert!(matches!(open(&zip(&other)), Err(OpenError::OtherType(text)) if text == told));
    }
}

#[test]
fn deflated_packages_of_others_are_read_and_bombs_are_not() {
    let bytes = signed(&[&support::development_signer()]);
    let mut foreign = entries(&bytes);
    foreign[1..].iter_mut().for_each(Raw::deflate);
    foreign[2].descriptor = true;
    foreign[3].extra = vec![0x55, 0x54, 5, 0, 1, 0, 0, 0, 0];
    foreign.push(Raw::stored("META-INF/", b""));
    assert!(holds(&zip(&foreign)));

    let with = |content: Vec<u8>| {
        let mut bomb = Raw::stored("bomba.bin", &content);
        bomb.deflate();
        let mut entries = entries(&bytes);
        entries.push(bomb);
        zip(&entries)
    };
    assert!(matches!(open(&with(vec![0; 1 << 20])), Err(OpenError::Bomb { name, limit: 200 }) if name == "bomba.bin"));
    let small = Limits { file_bytes: 1_000, ..Limits::default() };
    assert!(matches!(Container::open(&with(vec![0; 1_001]), &small), Err(OpenError::FileTooLarge { .. })));
    let small = Limits { total_bytes: 60_000, ..Limits::default() };
    assert!(matches!(Container::open(&with(vec![0; 60_000]), &small), Err(OpenError::TooMuch { .. })));
    let small = Limits { entries: 5, ..Limits::default() };
    assert!(matches!(Container::open(&with(vec![0; 10]), &small), Err(OpenError::TooManyEntries { count: 7, .. })));
    let small = Limits { container_bytes: 100, ..Limits::default() };
    assert!(matches!(Container::open(&bytes, &small), Err(OpenError::TooLarge { .. })));
    // A bomb that lies about its size stops where it said it would end.
    let mut liar = Raw::stored("bomba.bin", &vec![0; 1 << 20]);
    liar.deflate();
    liar.told_size = Some(1_000);
    let mut entries = entries(&bytes);
    entries.push(liar);
    assert!(matches!(open(&zip(&entries)), Err(OpenError::Entry { problem: EntryProblem::WrongSize, .. })));
}

#[test]
fn containers_that_two_readers_would_read_differently_are_refused() {
    let bytes = signed(&[&support::development_signer()]);
    let spoil = |spoil: &dyn Fn(&mut Raw)| {
        let mut entries = entries(&bytes);
        spoil(&mut entries[2]);
        open(&zip(&entries)).map(|_| ())
    };
    type Spoiling<'s> = (&'s str, &'s dyn Fn(&mut Raw));
    let refused: [Spoiling<'_>; 9] = [
        ("another name in front of the file", &|entry| entry.local_name = Some("altul.xml".to_owned())),
        ("another name beside the name", &|entry| entry.extra = vec![0x75, 0x70, 1, 0, 1]),
        ("another size beside the size", &|entry| entry.extra = vec![1, 0, 0, 0]),
        ("a cut extra field", &|entry| entry.extra = vec![1]),
        ("encryption", &|entry| entry.flags = 1),
        ("strong encryption", &|entry| entry.flags = 1 << 6),
        ("an unknown method", &|entry| entry.method = 14),
        ("a size after stored data", &|entry| entry.descriptor = true),
        ("a link", &|entry| entry.attributes = 0xA1FF_0000),
    ];
    for (what, how) in refused {
        assert!(matches!(spoil(how), Err(OpenError::Entry { .. })), "{what}: {:?}", spoil(how));
    }
    let latin: &dyn Fn(&mut Raw) = &|entry| (entry.name, entry.flags) = ("ă.xml".to_owned(), 0);
    assert!(matches!(spoil(latin), Err(OpenError::Malformed(_))));
    let hidden: &dyn Fn(&mut Raw) = &|entry| entry.gap_after = b"hidden".to_vec();
    assert!(matches!(spoil(hidden), Err(OpenError::Gap)));
    let twice: &dyn Fn(&mut Raw) = &|entry| entry.offset_of_previous = true;
    assert!(matches!(spoil(twice), Err(OpenError::Gap)), "overlapping entries");
    for (what, bytes) in [
        ("something in front", [b"#!/bin/sh\n", &bytes[..]].concat()),
        ("something behind", [&bytes[..], b"x"].concat()),
        ("two packages", [&bytes[..], &bytes[..]].concat()),
        ("nothing", Vec::new()),
        ("an end alone", bytes[bytes.len() - 22..].to_vec()),
    ] {
        assert!(open(&bytes).is_err(), "{what}");
    }
    for length in 0..bytes.len() {
        assert!(open(&bytes[..length]).is_err(), "cut after {length} bytes");
    }
}

#[test]
fn unzip_and_python_see_the_same_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pachet.asice");
    std::fs::write(&path, signed(&[&support::development_signer()])).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).arg(&path).env("LC_ALL", "C.UTF-8").output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    if support::started("unzip", "-v").is_some() {
        let listed = run("unzip", &["-l"]);
        let names = ["mimetype", "anexă 1/cerere & răspuns.txt", "META-INF/manifest.xml", "META-INF/signatures001.xml"];
        assert!(names.iter().all(|name| listed.contains(name)) && listed.contains("6 files"), "{listed}");
        assert!(run("unzip", &["-t"]).contains("No errors detected"));
    }
    if support::started("python3", "--version").is_some() {
        assert!(run("python3", &["-m", "zipfile", "-t"]).contains("Done testing"));
    }
}

#[test]
fn xmlsec1_verifies_the_signature_and_every_file_it_refers_to() {
    if support::program("xmlsec1").is_none() {
        return;
    }
    for (kind, key, certificate) in support::every_kind_of_seal() {
        let folder = tempfile::tempdir().unwrap();
        let signer = FileSigner::from_pem(&key, &certificate).unwrap();
        let bytes = signed(&[&signer]);
        for (name, content) in open(&bytes).unwrap().entries() {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        std::fs::write(folder.path().join("certificate.pem"), &certificate).unwrap();
        let xmlsec1 = || {
            let properties = "http://uri.etsi.org/01903/v1.3.2#:SignedProperties";
            let arguments = ["--verify", "--id-attr:Id", properties, "--pubkey-cert-pem", "certificate.pem"];
            let mut command = Command::new("xmlsec1");
            command.current_dir(folder.path()).args(arguments).arg("META-INF/signatures001.xml").output().unwrap()
        };
        let output = xmlsec1();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.contains("SignedInfo References (ok/all): 4/4"), "{kind}: {said}");
        for file in FILES {
            std::fs::write(folder.path().join(file.name), b"changed").unwrap();
            assert!(!xmlsec1().status.success(), "{kind}: a changed {} verifies", file.name);
            std::fs::write(folder.path().join(file.name), file.content).unwrap();
        }
    }
}
