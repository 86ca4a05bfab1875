//! Tokens that name their authority's certificate by SHA-1, as RFC 3161 first said and many authorities still do.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use hub_signatures::digest::sha256;
use hub_signatures::time_stamp::{TimeStamp, TimeStampError};
use hub_signatures::trust::Trust;
use support::authority::Authority;

#[test]
fn a_token_that_names_its_certificate_in_the_older_way_holds_and_not_with_another_certificate() {
    let Some(authority) = Authority::new() else { return };
    let configuration = authority.folder().join("tsa.cnf");
    let text = std::fs::read_to_string(&configuration).unwrap();
    std::fs::write(&configuration, text.replace("ess_cert_id_alg=sha256", "ess_cert_id_alg=sha1")).unwrap();
    let token = authority.stamp(&sha256(b"data"));
    // 1.2.840.113549.1.9.16.2.12 and not …47.
    let names =
        |last: u8| token.windows(11).any(|window| window == [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, last]);
    assert!(names(12) && !names(47), "the openssl program writes the older form");
    assert!(TimeStamp::verify(&token, b"data", &authority.trust()).is_ok());
    assert!(matches!(TimeStamp::verify(&token, b"other", &authority.trust()), Err(TimeStampError::Imprint)));

    // Another certificate of the same key, issuer and number, put in the place of the one that was named.
    let original = authority.certificate();
    let new =
        format!("req -x509 -config tsa.cnf -extensions ext -key tsa.key -days 31 -set_serial 0x{}", original.serial());
    authority.openssl(&format!("{new} -outform DER -out other.der"));
    let other = std::fs::read(authority.folder().join("other.der")).unwrap();
    assert_eq!(other.len(), original.der().len(), "so that no length in the token changes");
    let at = token.windows(other.len()).position(|window| window == original.der()).unwrap();
    let mut exchanged = token.clone();
    exchanged[at..at + other.len()].copy_from_slice(&other);
    let answer = TimeStamp::verify(&exchanged, b"data", &Trust::IntegrityOnly);
    assert!(matches!(answer, Err(TimeStampError::OtherCertificate { .. })), "{answer:?}");
}
