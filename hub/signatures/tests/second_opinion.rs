//! The crate xml-sec as a second opinion, written by others: it and we must agree about every evidence, every seal of
//! ours, and changed copies of both. Where we are stricter by design, the difference stands in a table here.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use hub_signatures::certificate::Certificate;
use hub_signatures::signer::{FileSigner, Signer};
use hub_signatures::trust::Trust;
use hub_signatures::xades::{VerifyError, attach_time_stamp, seal, time_stamp_imprint, verify};
use support::SIGNING_TIME;
use support::authority::Authority;
use xml_sec::xmldsig::{DsigStatus, SignatureAlgorithm, VerificationKey, VerifyContext};

/// What xml-sec says about the signature with this certificate: it knows nothing of XAdES.
fn xml_sec(xml: &[u8], certificate: &Certificate) -> bool {
    let Ok(xml) = std::str::from_utf8(xml) else { return false };
    let algorithms = [
        ("rsa-sha256", SignatureAlgorithm::RsaSha256),
        ("rsa-sha384", SignatureAlgorithm::RsaSha384),
        ("rsa-sha512", SignatureAlgorithm::RsaSha512),
        ("ecdsa-sha256", SignatureAlgorithm::EcdsaSha256),
        ("ecdsa-sha384", SignatureAlgorithm::EcdsaSha384),
        ("ecdsa-sha512", SignatureAlgorithm::EcdsaSha512),
    ];
    let named = algorithms.into_iter().find(|(name, _)| xml.contains(&format!("#{name}\"")));
    let Some((_, algorithm)) = named else { return false };
    let public_key_bytes = certificate.public_key().public_key_to_der().unwrap();
    let key = VerificationKey { algorithm, public_key_bytes, certificate_der: None, name: None };
    let result = VerifyContext::new().key(&key).verify(xml);
    result.is_ok_and(|result| matches!(result.status, DsigStatus::Valid))
}

fn ours(xml: &[u8]) -> Result<Certificate, VerifyError> {
    verify(xml, &Trust::IntegrityOnly, &Trust::IntegrityOnly).map(|verified| verified.certificate)
}

/// Our seals of every kind of key, and a time-stamped one.
fn seals() -> Vec<(String, Certificate, String)> {
    let mut seals = Vec::new();
    for (name, key, certificate) in support::every_kind_of_seal() {
        let signer = FileSigner::from_pem(&key, &certificate).unwrap();
        let sealed = seal(&support::body(), &signer, SIGNING_TIME).unwrap();
        seals.push((name.to_owned(), signer.certificate_chain()[0].clone(), sealed));
    }
    if let Some(authority) = Authority::new() {
        let (name, certificate, sealed) = seals[0].clone();
        let token = authority.stamp(&time_stamp_imprint(&sealed).unwrap());
        seals.push((format!("{name}, stamped"), certificate, attach_time_stamp(&sealed, &token).unwrap()));
    }
    seals
}

/// Why we refuse what xml-sec accepts: it verifies the signature alone. Anything else is a disagreement.
fn is_known_difference(refusal: &VerifyError) -> bool {
    match refusal {
        // XAdES is ours to check: which certificate is named, whose properties they are, whether the stamp holds.
        VerifyError::OtherCertificate { .. } | VerifyError::Properties(_) | VerifyError::PropertiesReference => true,
        VerifyError::TimeStamp(_) | VerifyError::NoCertificate => true,
        // We read one signature, at the end of the document, and no comment inside a value.
        VerifyError::SignatureCount(_) | VerifyError::SignatureNotLast | VerifyError::CommentInValue(_) => true,
        // A broken certificate in KeyInfo is no matter for a verifier that was given its key.
        VerifyError::Signature(hub_signatures::dsig::DsigError::Certificate(_)) => true,
        VerifyError::Signature(hub_signatures::dsig::DsigError::NotBase64(
            "X509Certificate" | "EncapsulatedTimeStamp",
        )) => true,
        _ => false,
    }
}

#[test]
fn both_accept_every_public_evidence_and_refuse_every_changed_one() {
    let Some(evidences) = support::evidences() else { return };
    assert_eq!(evidences.len(), 104);
    for (name, xml) in evidences {
        let certificate = ours(&xml).unwrap();
        assert!(xml_sec(&xml, &certificate), "{name}: xml-sec refuses");
        let text = std::str::from_utf8(&xml).unwrap();
        for (from, to) in [("<EventTime>2", "<EventTime>1"), ("<xades:SigningTime>2", "<xades:SigningTime>1")] {
            assert!(text.contains(from), "{name} has {from}");
            let changed = text.replacen(from, to, 1);
            assert!(ours(changed.as_bytes()).is_err() && !xml_sec(changed.as_bytes(), &certificate), "{name}: {to}");
        }
    }
}

#[test]
fn both_accept_our_seals_of_every_kind_of_key() {
    for (name, certificate, sealed) in seals() {
        ours(sealed.as_bytes()).unwrap();
        assert!(xml_sec(sealed.as_bytes(), &certificate), "{name}: xml-sec refuses");
    }
}

#[test]
fn both_agree_about_changed_bytes_all_over_our_seals() {
    let seals = seals();
    let (mut both_refuse, mut both_accept, mut differences) = (0, 0, Vec::new());
    // In steps that are odd numbers, so that every kind of place is met; the stamped one is long.
    for ((name, certificate, sealed), step) in [(&seals[0], 3), (seals.last().unwrap(), 29)] {
        // A signature time-stamp is XAdES and unsigned: xml-sec does not look at it.
        let stamp = sealed.find("<xades:UnsignedProperties>").unwrap_or(sealed.len());
        let stamp = stamp..sealed.find("</xades:UnsignedProperties>").unwrap_or(sealed.len());
        for at in (0..sealed.len()).step_by(step) {
            let mut copy = sealed.clone().into_bytes();
            copy[at] = if copy[at] == b'x' { b'y' } else { b'x' };
            match (ours(&copy), xml_sec(&copy, certificate)) {
                (Ok(_), true) => both_accept += 1,
                (Err(_), false) => both_refuse += 1,
                (Err(_), true) if stamp.contains(&at) => {}
                (Err(refusal), true) if is_known_difference(&refusal) => {}
                (ours, theirs) => {
                    let near = String::from_utf8_lossy(&copy[at.saturating_sub(30)..(at + 30).min(copy.len())]);
                    differences.push(format!("{name}, byte {at}, ours {ours:?}, xml-sec {theirs}: {near}"));
                }
            }
        }
    }
    assert!(
        differences.is_empty(),
        "{} differences: {:#?}",
        differences.len(),
        &differences[..differences.len().min(8)]
    );
    assert!(both_refuse > 500 && both_accept > 0, "{both_refuse} refused, {both_accept} accepted");
}

#[test]
fn both_agree_about_rewritings_that_change_nothing_and_about_those_that_do() {
    let (_, certificate, sealed) = &seals()[0];
    let table = [
        ("a value in CDATA", "urn:uuid:1", "<![CDATA[urn:uuid:1]]>", true),
        ("a character by number", "urn:uuid:1", "urn:uuid:&#49;", true),
        ("a comment between elements", "<EventTime>", "<!-- a --><EventTime>", true),
        ("an empty element in short", "#sha256\"></ds:DigestMethod>", "#sha256\"/>", true),
        ("an unneeded declaration", "<EventTime>", "<EventTime xmlns:unused=\"urn:x\">", true),
        ("the empty namespace told again", "<EventTime>", "<EventTime xmlns=\"\">", true),
        ("another default namespace", "<EventTime>", "<EventTime xmlns=\"urn:x\">", false),
        ("another base", "<EventTime>", "<EventTime xml:base=\"http://example.org/\">", false),
        ("another language", "Id=\"E\"", "Id=\"E\" xml:lang=\"ro\"", false),
        ("an instruction", "<EventTime>", "<?a b?><EventTime>", false),
        ("decomposed letters", "Ștefan", "S\u{326}tefan", false),
        ("a cedilla for a comma below", "Ștefan", "Şștefan", false),
        ("white space between elements", "<EventTime>", " <EventTime>", false),
        ("line ends of another system", "</erds:EvidenceIdentifier>", "\r\n</erds:EvidenceIdentifier>", false),
    ];
    for (what, from, to, expected) in table {
        assert!(sealed.contains(from), "{what}");
        let copy = sealed.replacen(from, to, 1);
        let (ours, theirs) = (ours(copy.as_bytes()), xml_sec(copy.as_bytes(), certificate));
        assert_eq!((ours.is_ok(), theirs), (expected, expected), "{what}: {ours:?}");
    }
}
