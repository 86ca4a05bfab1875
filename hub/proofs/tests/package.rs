//! The court pack: packed, verified, verified after its content was erased, and verified by programs that are not ours.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;
use std::process::Command;

use hub_proofs::package::{NamedFile, PackError, prepare};
use hub_proofs::{Kind, Outcome, Status, Trusted, Verdict, verify_package};
use hub_signatures::asice::{Container, Limits};
use support::matter::{Matter, SIGNING_TIME, YEAR, three};
use support::program;

fn statuses(verdict: &Verdict, kind: Kind) -> Vec<Status> {
    verdict.of(kind).map(|claim| claim.status).collect()
}

#[test]
fn a_pack_proves_all_it_claims() {
    let Some(matter) = Matter::new() else { return };
    let bytes = matter.sealed(&matter.pack());
    let verdict = verify_package(&bytes, &matter.trusted, matter.at).unwrap();
    let words = verdict.in_words();
    // What is claimed of registers stands in register proofs, not in packs.
    let of_registers = [Kind::Gapless, Kind::Links, Kind::Statement, Kind::Closing];
    for kind in Kind::ALL.iter().filter(|kind| !of_registers.contains(kind)) {
        let found = statuses(&verdict, *kind);
        assert!(!found.is_empty(), "{kind:?}\n{words}");
        let unknown = matches!(kind, Kind::Revocation | Kind::TimeStamp);
        assert!(found.iter().all(|one| *one == Status::Proven) || unknown, "{kind:?}\n{words}");
    }
    // Self-signed certificates cannot be revoked, and evidences rely on the stamp of the log's head.
    assert!(statuses(&verdict, Kind::Revocation).iter().all(|one| *one == Status::NotChecked));
    assert_eq!(statuses(&verdict, Kind::TimeStamp).iter().filter(|one| **one == Status::Proven).count(), 1);
    assert_eq!(verdict.outcome(), Outcome::Partial);
    assert_eq!(verdict.evidences.len(), 3);
    let json = verdict.to_json();
    assert_eq!(json["format"], "urn:punte:verdict:1");
    let logged = json["claims"].as_array().unwrap().iter().find(|claim| claim["claim"] == "log").unwrap();
    assert_eq!((&logged["details"]["index"], &logged["by"]), (&"4".into(), &"hub.example.ro/evidence".into()));
    assert!(words.contains("VERIFICAT"), "{words}");
}

#[test]
fn a_pack_verifies_after_the_content_was_erased() {
    let Some(matter) = Matter::new() else { return };
    let mut pack = matter.pack();
    pack.payloads.clear();
    let bytes = matter.sealed(&pack);
    let verdict = verify_package(&bytes, &matter.trusted, matter.at).unwrap();
    assert_eq!(verdict.outcome(), Outcome::Partial, "{}", verdict.in_words());
    assert_eq!(statuses(&verdict, Kind::Content), [Status::NotChecked]);
    assert!(verdict.of(Kind::Content).next().unwrap().reason.en.contains("not in the package"));
    let mut required = verdict;
    required.require(&[Kind::Content]);
    assert_eq!(required.outcome(), Outcome::Failed);
}

#[test]
fn what_is_required_and_not_there_fails() {
    let Some(matter) = Matter::new() else { return };
    let mut pack = matter.pack();
    pack.evidences[1].proof = None;
    let mut verdict = verify_package(&matter.sealed(&pack), &matter.trusted, matter.at).unwrap();
    assert_eq!(verdict.outcome(), Outcome::Partial);
    verdict.require(&[Kind::Log]);
    let failed: Vec<_> = verdict.failures().map(|claim| claim.about.as_str()).collect();
    assert_eq!(failed, ["evidence/02-ContentConsignment.xml"]);
}

#[test]
fn without_anybody_trusted_only_integrity_is_told() {
    let Some(matter) = Matter::new() else { return };
    let verdict = verify_package(&matter.sealed(&matter.pack()), &Trusted::default(), matter.at).unwrap();
    assert_eq!(verdict.outcome(), Outcome::Partial, "{}", verdict.in_words());
    for kind in [Kind::Seal, Kind::Log, Kind::Head, Kind::HeadTimeStamp, Kind::Record] {
        assert!(statuses(&verdict, kind).iter().all(|one| *one == Status::NotChecked), "{kind:?}");
    }
    assert!(statuses(&verdict, Kind::Integrity).iter().all(|one| *one == Status::Proven));
}

#[test]
fn the_key_in_the_pack_is_believed_only_under_a_believed_seal() {
    let Some(matter) = Matter::new() else { return };
    let bytes = matter.sealed(&matter.pack());
    let vouched = Trusted { log_keys: Vec::new(), ..matter.trusted.clone() };
    let verdict = verify_package(&bytes, &vouched, matter.at).unwrap();
    assert_eq!(statuses(&verdict, Kind::Log), [Status::Proven; 3]);
    let nobody = Trusted { seals: None, ..vouched };
    let verdict = verify_package(&bytes, &nobody, matter.at).unwrap();
    assert_eq!(statuses(&verdict, Kind::Log), [Status::NotChecked; 3]);
}

#[test]
fn a_seal_that_expired_is_good_by_its_proven_time_and_unknown_without_it() {
    let Some(matter) = Matter::new() else { return };
    // The tests' authority stamps today, which must lie before the end of the seal's two years.
    let pack = matter.pack();
    let later = matter.seal_certificate().not_after() + YEAR;
    let verdict = verify_package(&matter.sealed(&pack), &matter.trusted, later).unwrap();
    assert!(statuses(&verdict, Kind::SealValidity).iter().all(|one| *one == Status::Proven), "{}", verdict.in_words());
    // The authority of the records expired by then, and nobody renewed them.
    assert_eq!(statuses(&verdict, Kind::Record), [Status::Failed; 3]);

    let mut bare = pack;
    bare.heads.clear();
    bare.evidences.iter_mut().for_each(|one| (one.proof, one.record) = (None, None));
    let bytes = prepare(&bare, &matter.signer, SIGNING_TIME).unwrap().finish(None).unwrap();
    let verdict = verify_package(&bytes, &matter.trusted, later).unwrap();
    assert!(statuses(&verdict, Kind::SealValidity).iter().all(|one| *one == Status::NotChecked));
    assert_eq!(verdict.outcome(), Outcome::Partial, "{}", verdict.in_words());
}

#[test]
fn the_same_input_and_signature_make_the_same_bytes() {
    let Some(matter) = Matter::new() else { return };
    let prepared = prepare(&matter.pack(), &matter.signer, SIGNING_TIME).unwrap();
    let token = matter.authority.stamp(&prepared.imprint().unwrap());
    assert_eq!(prepared.clone().finish(Some(&token)).unwrap(), prepared.clone().finish(Some(&token)).unwrap());
    // Another token, or a second one, is not taken.
    let other = matter.authority.stamp(&[7; 32]);
    assert!(matches!(prepared.finish(Some(&other)), Err(PackError::Write(_))));
}

#[test]
fn what_cannot_be_packed_is_named() {
    let Some(matter) = Matter::new() else { return };
    let refused = |change: fn(&mut hub_proofs::Pack<'_>)| {
        let mut pack = matter.pack();
        change(&mut pack);
        prepare(&pack, &matter.signer, SIGNING_TIME).map(drop).unwrap_err()
    };
    assert!(matches!(refused(|pack| pack.evidences.clear()), PackError::Empty));
    assert!(matches!(refused(|pack| pack.evidences[0].xml = b"<a/>"), PackError::Evidence { position: 1, .. }));
    assert!(matches!(refused(|pack| pack.heads[0].note = "x"), PackError::Head { position: 1 }));
    for name in ["povestea mea.txt", "readme.txt", "digests.json", "log/key.txt", "", "narațiune.txt"] {
        let mut pack = matter.pack();
        pack.narratives = vec![NamedFile { name, media_type: "text/plain", bytes: b"x" }];
        let refused = prepare(&pack, &matter.signer, SIGNING_TIME).map(drop).unwrap_err();
        assert!(matches!(refused, PackError::Name(_)), "{name}: {refused}");
    }
}

#[test]
fn an_incomplete_pack_says_what_is_missing() {
    let Some(matter) = Matter::of(three().into_iter().take(1).collect()) else { return };
    let verdict = verify_package(&matter.sealed(&matter.pack()), &matter.trusted, matter.at).unwrap();
    let complete = verdict.of(Kind::Complete).next().unwrap();
    assert_eq!(complete.status, Status::Failed);
    assert!(complete.reason.en.contains("recipient 1"), "{}", complete.reason.en);
}

#[test]
fn programs_that_are_not_ours_accept_the_pack() {
    let Some(matter) = Matter::new() else { return };
    let (Some(()), Some(())) = (program("unzip", "-v"), program("xmlsec1", "--version")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let bytes = matter.sealed(&matter.pack());
    let names: Vec<String> =
        Container::open(&bytes, &Limits::default()).unwrap().entries().map(|(name, _)| name.to_owned()).collect();
    assert!(names.iter().all(|name| name.is_ascii()), "{names:?}");
    std::fs::write(folder.path().join("pack.asice"), &bytes).unwrap();
    std::fs::write(folder.path().join("tsa.pem"), matter.authority.pem()).unwrap();
    std::fs::write(folder.path().join("seal.pem"), &matter.seal_pem).unwrap();
    run(folder.path(), "unzip", "-t -q pack.asice");
    run(folder.path(), "unzip", "-q pack.asice");
    let properties = "--id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties";
    let told = run(
        folder.path(),
        "xmlsec1",
        &format!(
            "--verify {properties} --enabled-reference-uris empty,same-doc,local,remote --trusted-pem seal.pem META-INF/signatures001.xml"
        ),
    );
    // Every file and the properties.
    let references = names.iter().filter(|name| *name != "mimetype" && !name.starts_with("META-INF/")).count() + 1;
    assert!(told.contains(&format!("(ok/all): {references}/{references}")), "{told}");
    for evidence in names.iter().filter(|name| name.starts_with("evidence/")) {
        run(folder.path(), "xmlsec1", &format!("--verify {properties} --trusted-pem seal.pem {evidence}"));
    }
    for head in names.iter().filter(|name| name.ends_with(".checkpoint")) {
        let token = head.replace(".checkpoint", ".tst");
        // What is stamped is the text above the signatures.
        let note = std::fs::read_to_string(folder.path().join(head)).unwrap();
        std::fs::write(folder.path().join("signed.txt"), &note[..=note.find("\n\n").unwrap()]).unwrap();
        run(folder.path(), "openssl", &format!("ts -verify -token_in -in {token} -data signed.txt -CAfile tsa.pem"));
    }
}

fn run(folder: &Path, program: &str, arguments: &str) -> String {
    let output = Command::new(program).current_dir(folder).args(arguments.split(' ')).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told).into_owned();
    assert!(output.status.success(), "{program} {arguments}: {told}");
    told
}
