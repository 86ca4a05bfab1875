//! The time-stamp protocol against the openssl program: what it grants is accepted, what is wrong is told apart.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use hub_signatures::digest::DigestAlgorithm;
use hub_signatures::time_stamp::{TimeStamp, TimeStampError};
use hub_signatures::trust::{Trust, Trusted};
use hub_signatures::tsp::{Failure, Imprint, Request, RequestError, ResponseError, Status, Window};
use support::authority::Authority;

const DATA: &[u8] = b"evidence";
const NONCE: [u8; 8] = [0xF1, 2, 3, 4, 5, 6, 7, 8];

fn request(algorithm: DigestAlgorithm, policy: Option<&str>) -> Request {
    Request::new(Imprint::of(algorithm, DATA), &NONCE, policy).unwrap()
}

/// A window around the time a token names, since the openssl program asks the machine's clock.
fn window_of(authority: &Authority, response: &[u8], shift: i64) -> Window {
    let lenient = Window { now: 0, tolerance: u32::MAX };
    let token = request(DigestAlgorithm::Sha256, None).check(response, &authority.trust(), lenient).unwrap();
    Window { now: token.time_stamp.time + shift, tolerance: 5 }
}

fn lenient() -> Window {
    Window { now: 0, tolerance: u32::MAX }
}

#[test]
fn a_granted_token_is_accepted_with_every_digest_and_policy() {
    let Some(authority) = Authority::new() else { return };
    for algorithm in DigestAlgorithm::ALL {
        for policy in [None, Some("1.2.3.4"), Some("1.2.3.5")] {
            let request = request(algorithm, policy);
            let token = request.check(&authority.answer(request.der()), &authority.trust(), lenient()).unwrap();
            let stamp = token.time_stamp;
            assert_eq!(stamp.policy, policy.unwrap_or("1.2.3.4"));
            assert_eq!((stamp.imprint_algorithm, stamp.accuracy), (algorithm, Some(2)));
            assert_eq!(stamp.nonce.unwrap(), [&[0], &NONCE[..]].concat());
            assert_eq!(stamp.trusted, Trusted::Anchor("CN=Test TSA".to_owned()));
            // The kept token proves the same later, and openssl thinks so too.
            TimeStamp::verify(&token.der, DATA, &authority.trust()).unwrap();
            std::fs::write(authority.folder().join("token.der"), &token.der).unwrap();
            std::fs::write(authority.folder().join("data"), DATA).unwrap();
            authority.openssl("ts -verify -data data -token_in -in token.der -CAfile tsa.pem");
        }
    }
}

#[test]
fn a_request_is_read_by_openssl_as_it_was_meant() {
    let Some(authority) = Authority::new() else { return };
    std::fs::write(authority.folder().join("ours.tsq"), request(DigestAlgorithm::Sha512, Some("2.999.3")).der())
        .unwrap();
    let output = authority.run("ts -query -in ours.tsq -text");
    let text = String::from_utf8(output.stdout).unwrap();
    for said in
        ["Hash Algorithm: sha512", "Policy OID: 2.999.3", "Nonce: 0xF102030405060708", "Certificate required: yes"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn unsuitable_requests_are_not_built() {
    let imprint = || Imprint::of(DigestAlgorithm::Sha256, DATA);
    for nonce in [&[][..], &[0; 8], &[1; 21]] {
        assert_eq!(Request::new(imprint(), nonce, None), Err(RequestError::Nonce));
    }
    assert_eq!(Request::new(imprint(), &NONCE, Some("x")), Err(RequestError::Policy("x".to_owned())));
    assert_eq!(Imprint::new(DigestAlgorithm::Sha384, vec![0; 32]), Err(RequestError::DigestLength(32)));
    assert_eq!(Imprint::from(openssl::sha::sha256(DATA)), imprint());
}

#[test]
fn a_rejection_is_told_with_its_reason() {
    let Some(authority) = Authority::new() else { return };
    let request = request(DigestAlgorithm::Sha256, Some("1.9.9"));
    let answer = request.check(&authority.answer(request.der()), &authority.trust(), lenient());
    let Err(error @ ResponseError::NotGranted { .. }) = answer else { panic!("{answer:?}") };
    assert!(
        error.to_string().contains("rejected, the policy is not supported (Requested policy is not supported.)"),
        "{error}"
    );
    let answer = request.check(&authority.answer(b"nonsense"), &authority.trust(), lenient());
    let Err(ResponseError::NotGranted { status, failures, .. }) = answer else { panic!("{answer:?}") };
    assert_eq!((status, failures), (Status::Rejection, vec![Failure::BadDataFormat]));
}

#[test]
fn statuses_are_read_as_the_standard_numbers_them() {
    let request = request(DigestAlgorithm::Sha256, None);
    let check = |response: &[u8]| request.check(response, &Trust::IntegrityOnly, lenient());
    let table: [(&[u8], Status, &[Failure]); 5] = [
        (&[0x30, 5, 0x30, 3, 2, 1, 2], Status::Rejection, &[]),
        (&[0x30, 5, 0x30, 3, 2, 1, 3], Status::Waiting, &[]),
        (&[0x30, 5, 0x30, 3, 2, 1, 9], Status::Unknown, &[]),
        (&[0x30, 9, 0x30, 7, 2, 1, 2, 3, 2, 5, 0xA0], Status::Rejection, &[Failure::BadAlgorithm, Failure::BadRequest]),
        (
            &[0x30, 12, 0x30, 10, 2, 1, 4, 3, 5, 6, 0, 2, 0, 0x40],
            Status::RevocationWarning,
            &[Failure::TimeNotAvailable, Failure::SystemFailure],
        ),
    ];
    for (response, expected, reasons) in table {
        let answer = check(response);
        let Err(ResponseError::NotGranted { status, failures, text }) = answer else { panic!("{answer:?}") };
        assert_eq!((status, failures.as_slice(), text.as_str()), (expected, reasons, ""));
    }
    for wrong in [&b""[..], b"<html>", &[0x30, 0], &[0x30, 5, 0x30, 3, 2, 1, 0], &[0x30, 5, 0x30, 3, 2, 1, 2, 0]] {
        assert!(matches!(check(wrong), Err(ResponseError::Unreadable(_))), "{wrong:?}");
    }
}

#[test]
fn the_answer_to_another_question_is_refused() {
    let Some(authority) = Authority::new() else { return };
    let ours = request(DigestAlgorithm::Sha256, None);
    let answer = authority.answer(ours.der());
    let check = |request: &Request| request.check(&answer, &authority.trust(), lenient());
    ours.check(&answer, &authority.trust(), lenient()).unwrap();
    let other_data = Request::new(Imprint::of(DigestAlgorithm::Sha256, b"other"), &NONCE, None).unwrap();
    assert!(matches!(check(&other_data), Err(ResponseError::TimeStamp(TimeStampError::Imprint))));
    let other_digest = request(DigestAlgorithm::Sha512, None);
    assert!(matches!(check(&other_digest), Err(ResponseError::TimeStamp(TimeStampError::Imprint))));
    let other_nonce = Request::new(Imprint::of(DigestAlgorithm::Sha256, DATA), &[1], None).unwrap();
    assert!(matches!(check(&other_nonce), Err(ResponseError::Nonce)));
    let other_policy = request(DigestAlgorithm::Sha256, Some("1.2.3.5"));
    let answer = check(&other_policy);
    assert!(matches!(&answer, Err(ResponseError::Policy { given, .. }) if given == "1.2.3.4"), "{answer:?}");
}

#[test]
fn a_token_from_another_time_is_refused() {
    let Some(authority) = Authority::new() else { return };
    let ours = request(DigestAlgorithm::Sha256, None);
    let answer = authority.answer(ours.der());
    // Five seconds of tolerance and two of claimed accuracy.
    for (shift, accepted) in [(0, true), (7, true), (-7, true), (8, false), (-8, false)] {
        let checked = ours.check(&answer, &authority.trust(), window_of(&authority, &answer, shift));
        assert_eq!(checked.is_ok(), accepted, "{shift}");
        assert!(accepted || matches!(checked, Err(ResponseError::Time { .. })), "{shift}");
    }
}

#[test]
fn a_certificate_for_other_purposes_and_a_stranger_are_refused() {
    let ours = request(DigestAlgorithm::Sha256, None);
    let (Some(authority), Some(other)) = (Authority::new(), Authority::new()) else { return };
    let answer = authority.answer(ours.der());
    let stranger = ours.check(&answer, &other.trust(), lenient());
    assert!(matches!(stranger, Err(ResponseError::TimeStamp(TimeStampError::Trust(_)))), "{stranger:?}");
    ours.check(&answer, &Trust::Pinned(Box::new(authority.certificate())), lenient()).unwrap();
    // The openssl program refuses to stamp with a certificate for other purposes, so its CMS part signs what it stamped.
    for extensions in ["mixed", "loose"] {
        let wrong = Authority::with_extensions(extensions).unwrap();
        let stamped = ours.check(&answer, &authority.trust(), lenient()).unwrap().der;
        std::fs::write(wrong.folder().join("good.der"), stamped).unwrap();
        wrong.openssl("cms -verify -noverify -inform DER -in good.der -out info.der");
        let sign = "cms -sign -binary -nodetach -cades -econtent_type 1.2.840.113549.1.9.16.1.4 -signer tsa.pem -inkey tsa.key";
        wrong.openssl(&format!("{sign} -md sha256 -in info.der -outform DER -out token.der"));
        let token = std::fs::read(wrong.folder().join("token.der")).unwrap();
        for trust in [Trust::IntegrityOnly, wrong.trust(), Trust::Pinned(Box::new(wrong.certificate()))] {
            let checked = TimeStamp::verify(&token, DATA, &trust);
            assert!(matches!(checked, Err(TimeStampError::NotForTimeStamps { .. })), "{extensions}: {checked:?}");
        }
    }
}

#[test]
fn every_changed_byte_of_an_answer_is_noticed_or_changes_nothing() {
    let Some(authority) = Authority::new() else { return };
    let ours = request(DigestAlgorithm::Sha256, None);
    let answer = authority.answer(ours.der());
    let good = ours.check(&answer, &authority.trust(), lenient()).unwrap();
    let mut harmless = 0;
    for at in 0..answer.len() {
        let mut copy = answer.clone();
        copy[at] ^= 1;
        if let Ok(token) = ours.check(&copy, &authority.trust(), lenient()) {
            assert_eq!(token.time_stamp, good.time_stamp, "byte {at}");
            harmless += 1;
        }
        assert!(ours.check(&answer[..at], &authority.trust(), lenient()).is_err(), "cut after {at} bytes");
    }
    // The status "granted with modifications", version numbers and the parameters of algorithm names.
    assert!(harmless < 16, "{harmless} changed bytes changed nothing");
}
