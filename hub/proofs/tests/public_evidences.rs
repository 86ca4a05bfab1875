//! The 104 public evidences of EN 319 532-4 and of the Italian working group, read and judged.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeMap;

use hub_proofs::event::Event;
use hub_proofs::evidence::Evidence;
use hub_proofs::exhibits::File;
use hub_proofs::rules::{self, Variant};
use hub_proofs::{Exhibits, Kind, Status, Trusted, judge};
use hub_signatures::certificate::Certificate;

/// 22 November 2026.
const AT: i64 = 1_795_341_600;

fn certificates(files: &[&str]) -> Option<Vec<Certificate>> {
    let folder = support::vectors("erds-evidence")?.join("certs");
    let read = |file: &&str| Certificate::all_from_pem(&std::fs::read(folder.join(file)).unwrap()).unwrap();
    Some(files.iter().flat_map(read).collect())
}

#[test]
fn all_public_evidences_are_read_and_keep_the_rules_of_the_rem_baseline() {
    let Some(evidences) = support::evidences() else { return };
    assert_eq!(evidences.len(), 104);
    let mut events: BTreeMap<Event, usize> = BTreeMap::new();
    let mut broken = Vec::new();
    for (name, xml) in &evidences {
        let evidence = Evidence::read(xml).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(evidence.is_rem() && !evidence.is_ours(), "{name}");
        *events.entry(evidence.event).or_default() += 1;
        let findings = rules::check(&evidence, Variant::Rem);
        broken
            .extend(findings.into_iter().map(|finding| format!("{name}: {} {}", finding.component, finding.words.en)));
    }
    assert_eq!(events.len(), 10, "{events:?}");
    assert_eq!(events[&Event::RelayFailure], 24);
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn all_public_evidences_are_proven_under_their_roots_and_say_that_revocation_is_unknown() {
    let (Some(evidences), Some(seals), Some(authorities)) = (
        support::evidences(),
        certificates(&["etsi/REM-ROOT-CA.crt", "it/REM-ROOT-CA.crt"]),
        certificates(&["tsa/tsa-root-from-tokens.pem"]),
    ) else {
        return;
    };
    let trusted = Trusted { seals: Some(seals), authorities: Some(authorities), ..Trusted::default() };
    for (name, xml) in &evidences {
        let exhibits = Exhibits { evidences: vec![File { name, bytes: xml }], ..Exhibits::default() };
        let verdict = judge(&exhibits, &trusted, AT);
        let status = |kind| verdict.of(kind).next().map(|claim| claim.status);
        for kind in [Kind::Integrity, Kind::Form, Kind::Seal, Kind::SealValidity, Kind::TimeStamp] {
            assert_eq!(status(kind), Some(Status::Proven), "{name}: {kind:?}\n{}", verdict.in_words());
        }
        for kind in [Kind::Revocation, Kind::Log, Kind::Record, Kind::Chain, Kind::Content] {
            assert_eq!(status(kind), Some(Status::NotChecked), "{name}: {kind:?}\n{}", verdict.in_words());
        }
    }
}

#[test]
fn whom_nobody_asked_about_is_not_proven() {
    let Some(evidences) = support::evidences() else { return };
    let (name, xml) = &evidences[0];
    let exhibits = Exhibits { evidences: vec![File { name, bytes: xml }], ..Exhibits::default() };
    let verdict = judge(&exhibits, &Trusted::default(), AT);
    for (kind, status) in
        [(Kind::Integrity, Status::Proven), (Kind::Seal, Status::NotChecked), (Kind::TimeStamp, Status::NotChecked)]
    {
        assert_eq!(verdict.of(kind).next().unwrap().status, status, "{}", verdict.in_words());
    }
    assert!(verdict.to_json()["verified"].as_bool().unwrap());
}

#[test]
fn a_changed_public_evidence_tells_nothing() {
    let Some(evidences) = support::evidences() else { return };
    for (name, xml) in &evidences {
        let text = std::str::from_utf8(xml).unwrap();
        let at = text.find("<EventTime>").unwrap() + "<EventTime>".len() + 3;
        let mut changed = xml.clone();
        changed[at] = if changed[at] == b'1' { b'2' } else { b'1' };
        let exhibits = Exhibits { evidences: vec![File { name, bytes: &changed }], ..Exhibits::default() };
        let verdict = judge(&exhibits, &Trusted::default(), AT);
        assert_eq!(verdict.of(Kind::Integrity).next().unwrap().status, Status::Failed, "{name}");
        assert!(verdict.evidences.is_empty(), "{name}");
    }
}
