//! The 104 public evidences of EN 319 532-4 and of the Italian working group.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use hub_signatures::certificate::Certificate;
use hub_signatures::trust::{Trust, Trusted};
use hub_signatures::xades::{VerifyError, verify};

fn anchors(files: &[&str]) -> Option<Trust> {
    let folder = support::vectors("erds-evidence")?.join("certs");
    let read = |file: &&str| Certificate::all_from_pem(&std::fs::read(folder.join(file)).unwrap()).unwrap();
    Some(Trust::Anchors(files.iter().flat_map(read).collect()))
}

/// The root of each set; the intermediates come from KeyInfo.
fn roots() -> Option<Trust> {
    anchors(&["etsi/REM-ROOT-CA.crt", "it/REM-ROOT-CA.crt"])
}

fn time_stamp_roots() -> Option<Trust> {
    anchors(&["tsa/tsa-root-from-tokens.pem"])
}

#[test]
fn all_public_evidences_verify() {
    let (Some(evidences), Some(roots), Some(tsa)) = (support::evidences(), roots(), time_stamp_roots()) else { return };
    assert_eq!(evidences.len(), 104);
    for (name, xml) in evidences {
        let verified = verify(&xml, &roots, &tsa).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(matches!(verified.trusted, Trusted::Anchor(_)), "{name}");
        let stamp = verified.time_stamp.unwrap_or_else(|| panic!("{name} has a time-stamp"));
        assert!(matches!(stamp.trusted, Trusted::Anchor(_)), "{name}");
        assert!((stamp.time - verified.signing_time_unix).abs() < 40_000_000, "{name}");
        let covered = String::from_utf8(verified.covered).unwrap();
        assert!(covered.starts_with("<tns:Evidence ") && covered.ends_with("</tns:Evidence>"), "{name}");
        assert!(!covered.contains("ds:Signature"), "{name}");
        let named = format!("<xades:IssuerSerialV2>{}</xades:IssuerSerialV2>", verified.certificate.issuer_serial_v2());
        assert!(String::from_utf8_lossy(&xml).contains(&named), "{name}: {named}");
        let integrity = verify(&xml, &Trust::IntegrityOnly, &Trust::IntegrityOnly).unwrap();
        assert_eq!(integrity.trusted, Trusted::NotChecked, "{name}");
        let pinned = Trust::Pinned(Box::new(verified.certificate));
        assert_eq!(verify(&xml, &pinned, &Trust::IntegrityOnly).unwrap().trusted, Trusted::Pinned, "{name}");
    }
}

#[test]
fn every_tampered_copy_of_a_public_evidence_is_refused() {
    let Some(evidences) = support::evidences() else { return };
    let (mut refused, mut without_part) = (0, 0);
    for (name, xml) in evidences {
        for part in ["<EventTime>", "<Code>", "<ds:DigestValue>", "<ds:SignatureValue", "<xades:SigningTime>"] {
            for at in value_positions(&xml, part) {
                let mut copy = xml.clone();
                // Digits stay digits and letters stay letters, so that only the signature can notice.
                copy[at] = match copy[at] {
                    b'0' => b'1',
                    b'A' => b'B',
                    b'a' => b'b',
                    other => other - 1,
                };
                let answer = verify(&copy, &Trust::IntegrityOnly, &Trust::IntegrityOnly);
                assert!(answer.is_err(), "{name}: a changed {part} was accepted");
                refused += 1;
            }
            without_part += usize::from(value_positions(&xml, part).is_empty());
        }
    }
    // Events without reason have no Code.
    assert!(refused >= 104 * 5 && without_part < 30, "{refused} refused, {without_part} without");
}

/// A position inside the value after each occurrence of `tag`.
fn value_positions(xml: &[u8], tag: &str) -> Vec<usize> {
    let text = std::str::from_utf8(xml).unwrap();
    let inside = |(found, _): (usize, &str)| {
        let start = found + text[found..].find('>').unwrap() + 1;
        let end = start + text[start..].find('<').unwrap();
        start + text[start..end].rfind(|c: char| c.is_ascii_alphanumeric()).unwrap()
    };
    text.match_indices(tag).map(inside).collect()
}

#[test]
fn an_evidence_of_another_authority_is_refused() {
    let (Some(evidences), Some(italian)) = (support::evidences(), anchors(&["it/REM-ROOT-CA.crt"])) else { return };
    let (_, xml) = evidences.iter().find(|(name, _)| name.starts_with("etsi_")).unwrap();
    let refused = verify(xml, &italian, &Trust::IntegrityOnly);
    assert!(matches!(refused, Err(VerifyError::Trust(_))), "{refused:?}");
    let (_, other) = evidences.iter().find(|(name, _)| name.starts_with("it_")).unwrap();
    let certificate = verify(other, &italian, &Trust::IntegrityOnly).unwrap().certificate;
    let refused = verify(xml, &Trust::Pinned(Box::new(certificate)), &Trust::IntegrityOnly);
    assert!(matches!(refused, Err(VerifyError::Trust(_))), "{refused:?}");
}

#[test]
fn a_time_stamp_authority_that_only_has_the_right_name_is_refused() {
    let (Some(evidences), Some(lookalike)) = (support::evidences(), anchors(&["etsi/TSA.NOWNTSTS202004.pem"])) else {
        return;
    };
    for (name, xml) in evidences {
        let refused = verify(&xml, &Trust::IntegrityOnly, &lookalike);
        assert!(matches!(refused, Err(VerifyError::TimeStamp(_))), "{name}: {refused:?}");
    }
}

#[test]
fn a_time_stamp_of_another_evidence_is_refused() {
    let Some(evidences) = support::evidences() else { return };
    let token = |xml: &[u8]| {
        let text = String::from_utf8(xml.to_vec()).unwrap();
        let start = text.find("<xades:EncapsulatedTimeStamp").unwrap();
        let end = text.find("</xades:EncapsulatedTimeStamp>").unwrap();
        (text.clone(), text[start..end].split_once('>').unwrap().1.to_owned())
    };
    let (first, mine) = token(&evidences[0].1);
    let (_, other) = token(&evidences[1].1);
    let swapped = first.replace(&mine, &other);
    let refused = verify(swapped.as_bytes(), &Trust::IntegrityOnly, &Trust::IntegrityOnly);
    assert!(matches!(refused, Err(VerifyError::TimeStamp(_))), "{refused:?}");
}
