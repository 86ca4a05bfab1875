//! Our own seals: they verify here and with the independent program xmlsec1.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;
use std::process::Command;

use hub_signatures::algorithm::SignatureAlgorithm;
use hub_signatures::c14n::{Apex, Method, canonicalize};
use hub_signatures::signer::{FileSigner, Signer, SignerError, development_seal};
use hub_signatures::time_stamp::TimeStamp;
use hub_signatures::tree::{Limits, Tree};
use hub_signatures::trust::{Trust, TrustError, Trusted};
use hub_signatures::xades::{
    SealError, Unsigned, VerifyError, attach, attach_time_stamp, seal, time_stamp_imprint, verify, without_unsigned,
};
use openssl::x509::extension::KeyUsage;
use support::authority::Authority;
use support::{NEW_YEAR_2026, SIGNING_TIME};

#[test]
fn seals_of_every_kind_of_key_verify() {
    let body = support::body();
    for (name, key, certificate) in support::every_kind_of_seal() {
        let signer = FileSigner::from_pem(&key, &certificate).unwrap();
        let sealed = seal(&body, &signer, SIGNING_TIME).unwrap();
        let anchors = Trust::Anchors(signer.certificate_chain().to_vec());
        let verified = verify(sealed.as_bytes(), &anchors, &Trust::IntegrityOnly)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(verified.covered, body.as_bytes(), "{name}: what was sealed is what was given");
        assert_eq!(verified.trusted, Trusted::Anchor("CN=Test".to_owned()), "{name}");
        assert_eq!(verified.signing_time, SIGNING_TIME);
        assert_eq!(verified.algorithm, signer.algorithm());
        assert!(verified.time_stamp.is_none());
        let flipped = sealed.replace("2026-11-22T10:15:30Z</EventTime>", "2026-11-22T10:15:31Z</EventTime>");
        assert!(verify(flipped.as_bytes(), &anchors, &Trust::IntegrityOnly).is_err(), "{name}");
    }
}

#[test]
fn seals_of_every_kind_of_key_verify_with_xmlsec1() {
    if support::program("xmlsec1").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, key, certificate) in support::every_kind_of_seal() {
        let signer = FileSigner::from_pem(&key, &certificate).unwrap();
        let sealed = seal(&support::body(), &signer, SIGNING_TIME).unwrap();
        let output = xmlsec1(folder.path(), &certificate, &sealed);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let flipped = sealed.replace("urn:uuid:1", "urn:uuid:2");
        assert!(!xmlsec1(folder.path(), &certificate, &flipped).status.success(), "{name}: a flipped copy verifies");
    }
}

fn xmlsec1(folder: &Path, certificate: &[u8], sealed: &str) -> std::process::Output {
    let (pem, xml) = (folder.join("certificate.pem"), folder.join("sealed.xml"));
    std::fs::write(&pem, certificate).unwrap();
    std::fs::write(&xml, sealed).unwrap();
    Command::new("xmlsec1")
        .args(["--verify", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties", "--pubkey-cert-pem"])
        .args([&pem, &xml])
        .output()
        .unwrap()
}

#[test]
fn digested_fragments_of_a_seal_are_their_own_canonical_form() {
    let sealed = seal(&support::body(), &support::development_signer(), SIGNING_TIME).unwrap();
    let tree = Tree::parse(sealed.as_bytes(), &Limits::default()).unwrap();
    for name in ["SignedInfo", "SignedProperties", "SignatureValue"] {
        let element = tree.document().descendants().find(|node| node.tag_name().name() == name).unwrap();
        let canonical = canonicalize(&tree, Apex::Element(element.id()), &[], &Method::EXCLUSIVE);
        assert_eq!(std::str::from_utf8(&canonical).unwrap(), &sealed[element.range()], "{name}");
    }
}

#[test]
fn every_changed_byte_of_what_is_sealed_is_noticed() {
    let sealed = seal(&support::body(), &support::development_signer(), SIGNING_TIME).unwrap();
    let original = verify(sealed.as_bytes(), &Trust::IntegrityOnly, &Trust::IntegrityOnly).unwrap();
    let mut harmless = 0;
    for at in 0..sealed.len() {
        let mut copy = sealed.clone().into_bytes();
        copy[at] = if copy[at] == b'x' { b'y' } else { b'x' };
        let answer = verify(&copy, &Trust::IntegrityOnly, &Trust::IntegrityOnly);
        // Renaming a namespace declaration that nothing needs changes no meaning, and then no answer either.
        if let Ok(verified) = answer {
            let place = String::from_utf8_lossy(&sealed.as_bytes()[at - 20..at + 20]);
            assert_eq!(verified.covered, original.covered, "byte {at} near {place}");
            assert_eq!(verified.certificate, original.certificate, "byte {at} near {place}");
            assert_eq!(verified.signing_time, original.signing_time, "byte {at} near {place}");
            assert!(place.contains(" xmlns:"), "byte {at} near {place}");
            harmless += 1;
        }
    }
    assert!(harmless < 20, "{harmless} changed bytes changed nothing");
}

#[test]
fn a_development_seal_says_who_it_is_and_until_when() {
    let (key, certificate) = development_seal("Județul Cluj", NEW_YEAR_2026, 365, 0xF0).unwrap();
    let signer = FileSigner::from_pem(&key, &certificate).unwrap();
    let certificate = &signer.certificate_chain()[0];
    assert_eq!(signer.algorithm(), SignatureAlgorithm::EcdsaSha256);
    assert_eq!(certificate.subject(), "CN=Județul Cluj, O=Județul Cluj, C=RO");
    assert_eq!(certificate.issuer(), certificate.subject());
    assert_eq!(certificate.serial(), "f0");
    assert_eq!(certificate.not_before(), NEW_YEAR_2026);
    assert_eq!(certificate.not_after(), NEW_YEAR_2026 + 365 * 86_400);
    let text = openssl::x509::X509::from_der(certificate.der()).unwrap().to_text().unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("X509v3 Key Usage: critical"), "{text}");
    assert!(text.contains("Digital Signature, Non Repudiation"), "{text}");
}

#[test]
fn a_seal_made_outside_the_validity_of_its_certificate_is_refused() {
    let signer = support::development_signer();
    let anchors = Trust::Anchors(signer.certificate_chain().to_vec());
    let pinned = Trust::Pinned(Box::new(signer.certificate_chain()[0].clone()));
    for (time, accepted) in [("2025-12-31T23:59:59Z", false), (SIGNING_TIME, true), ("2028-06-01T00:00:00Z", false)] {
        let sealed = seal(&support::body(), &signer, time).unwrap();
        for trust in [&anchors, &pinned] {
            let answer = verify(sealed.as_bytes(), trust, &Trust::IntegrityOnly);
            assert_eq!(answer.is_ok(), accepted, "{time}: {answer:?}");
            assert!(accepted || matches!(answer, Err(VerifyError::Trust(_))), "{time}");
        }
    }
}

#[test]
fn a_seal_of_somebody_else_is_refused() {
    let sealed = seal(&support::body(), &support::development_signer(), SIGNING_TIME).unwrap();
    let other = support::development_signer();
    for trust in [
        Trust::Anchors(other.certificate_chain().to_vec()),
        Trust::Anchors(Vec::new()),
        Trust::Pinned(Box::new(other.certificate_chain()[0].clone())),
    ] {
        let answer = verify(sealed.as_bytes(), &trust, &Trust::IntegrityOnly);
        assert!(matches!(answer, Err(VerifyError::Trust(_))), "{answer:?}");
    }
}

#[test]
fn a_certificate_for_encryption_only_cannot_seal() {
    let key = openssl::pkey::PKey::private_key_from_pem(&support::every_kind_of_seal()[0].1).unwrap();
    let certificate = support::self_signed_for(&key, Some(KeyUsage::new().critical().key_encipherment()));
    let signer = FileSigner::from_pem(&key.private_key_to_pem_pkcs8().unwrap(), &certificate).unwrap();
    let sealed = seal(&support::body(), &signer, SIGNING_TIME).unwrap();
    let anchors = Trust::Anchors(signer.certificate_chain().to_vec());
    let refused = verify(sealed.as_bytes(), &anchors, &Trust::IntegrityOnly);
    assert!(matches!(refused, Err(VerifyError::Trust(TrustError::NotForSealing { .. }))), "{refused:?}");
}

#[test]
fn unsuitable_keys_and_bodies_are_refused() {
    let (key, certificate) = development_seal("A", NEW_YEAR_2026, 1, 1).unwrap();
    let (other_key, _) = development_seal("A", NEW_YEAR_2026, 1, 1).unwrap();
    assert!(matches!(FileSigner::from_pem(&other_key, &certificate), Err(SignerError::KeyMismatch { .. })));
    assert!(matches!(FileSigner::from_pem(b"nothing", &certificate), Err(SignerError::UnreadableKey(_))));
    assert!(matches!(FileSigner::from_pem(&key, b"nothing"), Err(SignerError::UnreadableChain(_))));
    let weak = openssl::pkey::PKey::from_rsa(openssl::rsa::Rsa::generate(1024).unwrap()).unwrap();
    let weak_certificate = support::self_signed(&weak);
    let weak = FileSigner::from_pem(&weak.private_key_to_pem_pkcs8().unwrap(), &weak_certificate);
    assert!(matches!(weak, Err(SignerError::UnsuitableKey(_))));
    let signer = FileSigner::from_pem(&key, &certificate).unwrap();
    for body in ["", "<a/>", "text", "<a></b>", "<?xml version=\"1.0\"?><a></a>", "<a></a>\n", "<ab></a>", "<></>"] {
        assert!(matches!(seal(body, &signer, SIGNING_TIME), Err(SealError::NotOneElement)), "{body}");
    }
    for time in [
        "",
        "2026-11-22",
        "2026-11-22T10:15:30",
        "2026-11-22T10:15:30+02:00",
        "2026-13-22T10:15:30Z",
        "2026-02-30T10:15:30Z<",
    ] {
        assert!(matches!(seal("<a></a>", &signer, time), Err(SealError::SigningTime(_))), "{time}");
    }
}

#[test]
fn a_time_stamped_seal_verifies_at_the_time_of_the_stamp() {
    let Some(authority) = Authority::new() else { return };
    let signer = support::development_signer();
    let sealed = seal(&support::body(), &signer, SIGNING_TIME).unwrap();
    let token = authority.stamp(&time_stamp_imprint(&sealed).unwrap());
    let stamped = attach_time_stamp(&sealed, &token).unwrap();
    assert!(matches!(attach_time_stamp(&stamped, &token), Err(SealError::NotSealed)));

    let anchors = authority.trust();
    let verified = verify(stamped.as_bytes(), &Trust::IntegrityOnly, &anchors).unwrap();
    let stamp: TimeStamp = verified.time_stamp.unwrap();
    assert_eq!(stamp.trusted, Trusted::Anchor("CN=Test TSA".to_owned()));
    assert_eq!(stamp.authority.subject(), "CN=Test TSA");

    let elsewhere = seal(&support::body(), &support::development_signer(), SIGNING_TIME).unwrap();
    let moved = attach_time_stamp(&elsewhere, &token).unwrap();
    let refused = verify(moved.as_bytes(), &Trust::IntegrityOnly, &Trust::IntegrityOnly);
    assert!(matches!(refused, Err(VerifyError::TimeStamp(_))), "{refused:?}");
    // A certificate that may seal may not therefore stamp time.
    let wrong = Trust::Anchors(signer.certificate_chain().to_vec());
    assert!(verify(stamped.as_bytes(), &Trust::IntegrityOnly, &wrong).is_err());
}

#[test]
fn time_stamped_seals_verify_with_xmlsec1_and_openssl() {
    let Some(authority) = Authority::new() else { return };
    if support::program("xmlsec1").is_none() {
        return;
    }
    for (name, key, certificate) in support::every_kind_of_seal() {
        let signer = FileSigner::from_pem(&key, &certificate).unwrap();
        let sealed = seal(&support::body(), &signer, SIGNING_TIME).unwrap();
        let token = authority.stamp(&time_stamp_imprint(&sealed).unwrap());
        let stamped = attach_time_stamp(&sealed, &token).unwrap();
        let output = xmlsec1(authority.folder(), &certificate, &stamped);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let flipped = stamped.replace("urn:uuid:1", "urn:uuid:2");
        assert!(
            !xmlsec1(authority.folder(), &certificate, &flipped).status.success(),
            "{name}: a flipped copy verifies"
        );
        // What the token covers is the canonical ds:SignatureValue, cut out of the document by its tags.
        let start = stamped.find("<ds:SignatureValue").unwrap();
        let end = stamped.find("</ds:SignatureValue>").unwrap() + "</ds:SignatureValue>".len();
        std::fs::write(authority.folder().join("value.xml"), &stamped[start..end]).unwrap();
        authority.openssl("ts -verify -data value.xml -token_in -in token.der -CAfile tsa.pem");
    }
}

#[test]
fn what_is_added_to_a_seal_can_be_taken_away_again() {
    let sealed = seal(&support::body(), &support::development_signer(), SIGNING_TIME).unwrap();
    let value = |byte: u8| vec![byte; 40];
    let (certificates, crls, ocsp_responses) = ([value(1), value(2)], [value(3)], [value(4)]);
    let everything =
        Unsigned { time_stamp: None, certificates: &certificates, crls: &crls, ocsp_responses: &ocsp_responses };
    let full = attach(&sealed, &everything).unwrap();
    let places =
        ["<xades:CertificateValues>", "<xades:CRLValues>", "<xades:OCSPValues>"].map(|tag| full.find(tag).unwrap());
    assert!(places.is_sorted() && full.matches("<xades:EncapsulatedX509Certificate>").count() == 2);
    assert_eq!(without_unsigned(&full).unwrap(), sealed);
    assert_eq!(without_unsigned(&sealed).unwrap(), sealed);
    assert_eq!(attach(&sealed, &Unsigned::default()).unwrap(), sealed, "nothing is added for nothing");
    verify(full.as_bytes(), &Trust::IntegrityOnly, &Trust::IntegrityOnly).unwrap();
    assert!(matches!(attach(&full, &everything), Err(SealError::NotSealed)), "they are added once");
    for other in ["", "<a></a>", &full.replace("</xades:UnsignedProperties>", "</xades:UnsignedProperties> ")] {
        assert!(matches!(without_unsigned(other), Err(SealError::NotSealed)), "{other}");
    }
}
