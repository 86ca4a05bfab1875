//! Signatures in PDF documents: what holds, and every way somebody tried to make one thing signed and another shown.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::ops::Range;

use hub_signatures::certificate::Certificate;
use hub_signatures::pades::{PdfError, PdfSignature, PdfTrust, verify, verify_revisions};
use hub_signatures::trust::Trust;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509, X509Builder, X509NameBuilder};

const NOW: i64 = 1_788_300_000;
const DAY: i64 = 86_400;
const ROOM: usize = 4_096;
/// OpenSSL's `CMS_CADES`: the signature names its certificate.
const CADES: u32 = 0x10_0000;

struct Signer {
    key: PKey<Private>,
    certificate: X509,
}

impl Signer {
    /// A signer that issued its own certificate, valid around some instant.
    fn new(common: &str, until: i64) -> Signer {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_nid(Nid::COMMONNAME, common).unwrap();
        let name = name.build();
        let mut builder = X509Builder::new().unwrap();
        builder.set_version(2).unwrap();
        builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(&name).unwrap();
        builder.set_not_before(&Asn1Time::from_unix(NOW - 300 * DAY).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_unix(until).unwrap()).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        Signer { key, certificate: builder.build() }
    }

    fn good() -> Signer {
        Signer::new("Registrul de test", NOW + 300 * DAY)
    }

    fn trust(&self) -> Trust {
        Trust::Anchors(vec![Certificate::from_der(&self.certificate.to_der().unwrap()).unwrap()])
    }

    fn cms(&self, signed: &[u8], options: CMSOptions) -> Vec<u8> {
        let options = options | CMSOptions::BINARY | CMSOptions::NOSMIMECAP | CMSOptions::from_bits_retain(CADES);
        CmsContentInfo::sign(Some(&self.certificate), Some(&self.key), None, Some(signed), options)
            .unwrap()
            .to_der()
            .unwrap()
    }

    /// Fills the last empty signature of a document.
    fn sign(&self, mut pdf: Vec<u8>) -> Vec<u8> {
        let hole = hole(&pdf);
        let range = rfind(&pdf, b"/ByteRange[") + 11;
        let text = format!("0 {:08} {:08} {:08}", hole.start, hole.end, pdf.len() - hole.end);
        pdf[range..range + text.len()].copy_from_slice(text.as_bytes());
        self.fill(pdf, hole)
    }

    fn fill(&self, mut pdf: Vec<u8>, hole: Range<usize>) -> Vec<u8> {
        let signed = [&pdf[..hole.start], &pdf[hole.end..]].concat();
        let cms = self.cms(&signed, CMSOptions::DETACHED);
        write_hexadecimal(&mut pdf, hole.start + 1, &cms);
        pdf
    }
}

fn write_hexadecimal(pdf: &mut [u8], at: usize, bytes: &[u8]) {
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pdf[at..at + text.len()].copy_from_slice(text.as_bytes());
}

fn rfind(text: &[u8], what: &[u8]) -> usize {
    text.windows(what.len()).rposition(|window| window == what).unwrap()
}

fn hole(pdf: &[u8]) -> Range<usize> {
    let start = rfind(pdf, b"/Contents<") + 9;
    let length = pdf[start..].iter().position(|byte| *byte == b'>').unwrap() + 1;
    start..start + length
}

/// An empty signature as an object of its own.
fn empty_signature(number: u32) -> String {
    let zeros = "0".repeat(2 * ROOM);
    format!(
        "{number} 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20260902120000+03'00')\
         /ByteRange[0 00000000 00000000 00000000]/Contents<{zeros}>>>\nendobj\n"
    )
}

fn unsigned() -> Vec<u8> {
    let mut pdf =
        "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n4 0 obj\n<</Length 9>>\nstream\n(o mie) Tj\n\
                   endstream\nendobj\n"
            .to_owned();
    pdf.push_str(&empty_signature(7));
    pdf.push_str("xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 8/Root 1 0 R>>\nstartxref\n9\n%%EOF\n");
    pdf.into_bytes()
}

fn replace(pdf: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = rfind(pdf, from.as_bytes());
    [&pdf[..at], to.as_bytes(), &pdf[at + from.len()..]].concat()
}

fn checked(pdf: &[u8], signer: &Signer) -> Result<Vec<PdfSignature>, PdfError> {
    checked_at(pdf, signer, NOW)
}

fn checked_at(pdf: &[u8], signer: &Signer, at: i64) -> Result<Vec<PdfSignature>, PdfError> {
    verify(pdf, &PdfTrust { signers: &signer.trust(), authorities: &Trust::IntegrityOnly, at })
}

#[test]
fn a_document_with_one_signature_over_all_of_it_holds_and_tells_who_and_when() {
    let signer = Signer::good();
    let pdf = signer.sign(unsigned());
    let found = checked(&pdf, &signer).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].covers_whole_file, found[0].signed_revision.clone()), (true, 0..pdf.len()));
    assert_eq!(found[0].signer.subject(), "CN=Registrul de test");
    assert!(found[0].claimed_time.is_some() && found[0].time_stamp.is_none());
}

#[test]
fn any_changed_byte_of_the_document_is_noticed_and_none_of_the_signature_makes_another_signer() {
    let signer = Signer::good();
    let pdf = signer.sign(unsigned());
    let hole = hole(&pdf);
    for at in (0..hole.start + 1).chain(hole.end - 1..pdf.len()) {
        let mut changed = pdf.clone();
        changed[at] ^= 1;
        assert!(checked(&changed, &signer).is_err(), "byte {at}: {:?}", pdf[at] as char);
    }
    let expected = checked(&pdf, &signer).unwrap();
    let mut noticed = 0;
    for at in (hole.start + 1..hole.start + 1_800).step_by(7) {
        let mut changed = pdf.clone();
        changed[at] ^= 1;
        // A few fields of CMS are signed by nobody (versions, the padding behind it); they say nothing about anybody.
        match checked(&changed, &signer) {
            Ok(found) => assert_eq!(found, expected, "byte {at}"),
            Err(_) => noticed += 1,
        }
    }
    assert!(noticed > 180, "{noticed}");
}

#[test]
fn what_is_added_after_signing_is_noticed_and_the_signed_revision_is_told() {
    let signer = Signer::good();
    let pdf = signer.sign(unsigned());
    for added in ["\n", "4 0 obj\n(doua mii)\nendobj\nstartxref\n1\n%%EOF\n", "%%EOF\n", "\0"] {
        let changed = [pdf.as_slice(), added.as_bytes()].concat();
        let error = checked(&changed, &signer).unwrap_err();
        if pdf.ends_with(b"%%EOF\n") {
            assert!(matches!(error, PdfError::ChangedAfterSigning { added: found } if found == added.len()), "{error}");
        }
        let trust = signer.trust();
        let trust = PdfTrust { signers: &trust, authorities: &Trust::IntegrityOnly, at: NOW };
        let revisions = verify_revisions(&changed, &trust).unwrap();
        assert!(!revisions[0].covers_whole_file);
        assert_eq!(changed[revisions[0].signed_revision.clone()], pdf);
    }
    let shorter = &pdf[..pdf.len() - 1];
    assert!(matches!(checked(shorter, &signer), Err(PdfError::Misplaced { .. })));
}

#[test]
fn a_second_signature_over_the_first_holds_and_each_speaks_for_its_own_revision() {
    let (first, second) = (Signer::good(), Signer::new("Al doilea", NOW + DAY));
    let once = first.sign(unsigned());
    let end = once.len();
    let update = format!("{}startxref\n9\n%%EOF\n", empty_signature(9));
    let twice = second.sign([once, update.into_bytes()].concat());
    let anchors = [&first, &second].map(|one| Certificate::from_der(&one.certificate.to_der().unwrap()).unwrap());
    let signers = Trust::Anchors(anchors.to_vec());
    let trust = PdfTrust { signers: &signers, authorities: &Trust::IntegrityOnly, at: NOW };
    let found = verify(&twice, &trust).unwrap();
    let ends: Vec<usize> = found.iter().map(|one| one.signed_revision.end).collect();
    assert_eq!(ends, [end, twice.len()]);
    assert_eq!(found.iter().map(|one| one.covers_whole_file).collect::<Vec<_>>(), [false, true]);
    // One signer that is not believed is one too many.
    assert!(matches!(checked(&twice, &first), Err(PdfError::Trust(_))));
}

/// Changes a document before it is signed, so that the signature itself is right.
fn signed_after(signer: &Signer, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Result<Vec<PdfSignature>, PdfError> {
    let pdf = change(unsigned());
    checked(&signer.sign(pdf), signer)
}

#[test]
fn a_signature_that_signs_less_than_everything_around_itself_is_refused() {
    let signer = Signer::good();
    let placed = |start: usize, before: usize, second: usize, after: usize| {
        let mut pdf = unsigned();
        let hole = hole(&pdf);
        let second_at = hole.end + second;
        let text = format!(
            "{start} {:08} {:08} {:08}",
            hole.start - before,
            second_at,
            (pdf.len() - second_at).saturating_sub(after)
        );
        let range = rfind(&pdf, b"/ByteRange[") + 11;
        pdf[range..range + text.len()].copy_from_slice(text.as_bytes());
        // It is right for the bytes it names.
        let signed = [&pdf[start..hole.start - before], &pdf[second_at..pdf.len() - after]].concat();
        let cms = signer.cms(&signed, CMSOptions::DETACHED);
        write_hexadecimal(&mut pdf, hole.start + 1, &cms);
        pdf
    };
    assert!(checked(&placed(0, 0, 0, 0), &signer).is_ok());
    for (start, before, second, after) in
        [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 40, 0, 0), (0, 0, 0, 1), (0, 0, 0, 60), (0, 0, 60, 0)]
    {
        let pdf = placed(start, before, second, after);
        let error = checked(&pdf, &signer).unwrap_err();
        let refused = matches!(error, PdfError::Misplaced { nth: 1, .. });
        // One line end less is still a document, but not the whole file.
        let shorter = after == 1 && matches!(error, PdfError::ChangedAfterSigning { added: 1 });
        assert!(refused || shorter, "{start} {before} {second} {after}: {error}");
    }
}

#[test]
fn a_hole_with_more_in_it_than_the_signature_is_refused() {
    let signer = Signer::good();
    // What is wrapped between two signed parts is signed by nobody and may be shown.
    for wrapped in ["0> 4 0 R <0", "0 0", "0\n%a\n0", "0>/X(a)/Y<0", "zz", "(a)"] {
        let mut pdf = signer.sign(unsigned());
        let hole = hole(&pdf);
        let at = hole.end - 100;
        pdf[at..at + wrapped.len()].copy_from_slice(wrapped.as_bytes());
        let error = checked(&pdf, &signer).unwrap_err();
        assert!(matches!(error, PdfError::Misplaced { .. }), "{wrapped}: {error}");
    }
}

#[test]
fn a_dictionary_that_can_be_read_in_two_ways_is_refused() {
    let signer = Signer::good();
    let table = [
        ("/Type/Sig", "/Type/Sig/Contents<00>"),
        ("/Type/Sig", "/Type/Sig/ByteRange[0 1 2 3]"),
        ("/Type/Sig", "/Type/Sig/ByteRange null"),
        ("/Type/Sig", "/Type/Sig%/ByteRange[0 1 2 3]\n"),
        ("/Type/Sig", "/Type/Sig/#43ontents<00>"),
        ("/Type/Sig", "/Type/Annot"),
        ("/SubFilter/ETSI.CAdES.detached", "/SubFilter/adbe.pkcs7.sha1"),
        ("/SubFilter/ETSI.CAdES.detached", "/SubFilter/adbe.x509.rsa_sha1"),
        ("/SubFilter/ETSI.CAdES.detached", "/SubFilter/ETSI.RFC3161"),
        ("/SubFilter/ETSI.CAdES.detached", "/SubFilter 9 0 R"),
        ("/SubFilter/ETSI.CAdES.detached", ""),
        ("/Filter/Adobe.PPKLite", ""),
        (">>>\nendobj\nxref", ">/Z[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]>>\nendobj\nxref"),
        (">>>\nendobj\nxref", ">/Z(never ends>>\nendobj\nxref"),
        (">>>\nendobj\nxref", ">>>/X\nendobj\nxref"),
        ("(o mie)", "(o mie /ByteRange[0 1 2 3])"),
        ("%PDF-1.7\n", "%PDF-1.7\n%/ByteRange[0 1 2 3]\n"),
        ("7 0 obj\n", "7 0 obj\nstream\n"),
        ("7 0 obj\n", "a7 0 obj\n"),
        ("7 0 obj\n", "7 0 obj\n3\nendobj\n"),
    ];
    for (from, to) in table {
        let error = signed_after(&signer, |pdf| replace(&pdf, from, to)).unwrap_err();
        assert!(matches!(error, PdfError::Misplaced { .. }), "{from} -> {to}: {error}");
    }
    assert!(
        signed_after(&signer, |pdf| replace(&pdf, "/Type/Sig", "/Type/Sig/Reason(a\\)b)/Prop<</A[1 2 R]>>")).is_ok()
    );
}

#[test]
fn a_signature_without_content_range_or_length_signs_nothing() {
    let signer = Signer::good();
    let pdf = signer.sign(unsigned());
    let hole = hole(&pdf);
    let without = |from: &str, to: &str| replace(&pdf, from, to);
    assert!(matches!(checked(&unsigned(), &signer), Err(PdfError::Misplaced { .. })));
    assert!(matches!(checked(&without("/ByteRange", "/BiteRange"), &signer), Err(PdfError::Unsigned)));
    let empty = [&pdf[..hole.start], b"<>".as_slice(), &pdf[hole.end..]].concat();
    assert!(matches!(checked(&empty, &signer), Err(PdfError::Misplaced { .. })));
    let mut zeros = pdf.clone();
    zeros[hole.start + 1..hole.end - 1].fill(b'0');
    assert!(matches!(checked(&zeros, &signer), Err(PdfError::Unreadable { .. })));
    for other in [b"".as_slice(), b"PK\x03\x04", b"\n%PDF-1.7\n", &[b"x".as_slice(), &pdf].concat()] {
        assert!(matches!(checked(other, &signer), Err(PdfError::NotPdf(_))));
    }
    let huge = without("/ByteRange[0 ", "/ByteRange[99999999999999999999999999999999 ");
    assert!(matches!(checked(&huge, &signer), Err(PdfError::Misplaced { .. })));
}

#[test]
fn a_signature_that_brings_its_own_content_says_nothing_about_the_document() {
    let signer = Signer::good();
    let mut pdf = signer.sign(unsigned());
    let hole = hole(&pdf);
    pdf[hole.start + 1..hole.end - 1].fill(b'0');
    let cms = signer.cms(b"something else", CMSOptions::empty());
    write_hexadecimal(&mut pdf, hole.start + 1, &cms);
    let error = checked(&pdf, &signer).unwrap_err();
    assert!(matches!(error, PdfError::Unreadable { .. }), "{error}");
}

#[test]
fn an_expired_certificate_a_stranger_and_a_second_key_of_the_same_name_are_not_believed() {
    let (signer, expired) = (Signer::good(), Signer::new("Registrul de test", NOW - DAY));
    let pdf = expired.sign(unsigned());
    assert!(matches!(checked(&pdf, &expired), Err(PdfError::Trust(_))));
    assert!(checked_at(&pdf, &expired, NOW - 2 * DAY).is_ok(), "it was right while it was valid");
    assert!(matches!(checked(&signer.sign(unsigned()), &expired), Err(PdfError::Trust(_))));
    assert!(matches!(checked(&Signer::good().sign(unsigned()), &signer), Err(PdfError::Trust(_))));
}

#[test]
fn no_cut_and_no_changed_document_makes_the_reader_panic() {
    let signer = Signer::good();
    let pdf = signer.sign(unsigned());
    let trust = Trust::IntegrityOnly;
    let trust = PdfTrust { signers: &trust, authorities: &trust, at: NOW };
    let expected = verify(&pdf, &trust).unwrap();
    for at in (0..pdf.len()).step_by(7) {
        assert!(verify(&pdf[..at], &trust).is_err());
        for byte in [0, b'<', b'>', b'[', b'(', 0xFF] {
            let mut changed = pdf.clone();
            changed[at] = byte;
            if let Ok(found) = verify(&changed, &trust) {
                assert_eq!(found[0].signer, expected[0].signer, "byte {at} became {byte}");
            }
        }
    }
    let many = "/ByteRange".repeat(200_000);
    assert!(verify(format!("%PDF-1.7\n{many}").as_bytes(), &trust).is_err());
}
