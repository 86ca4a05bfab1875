//! Certificates whose names and numbers are made to mislead whoever reads them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use hub_signatures::certificate::Certificate;
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::x509::{X509Builder, X509NameBuilder};

fn certificate(common_name: &str, serial: u32) -> Certificate {
    let key = PKey::private_key_from_pem(&support::every_kind_of_seal()[0].1).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", common_name).unwrap();
    let name = name.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&Asn1Integer::from_bn(&BigNum::from_u32(serial).unwrap()).unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(1).unwrap()).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    Certificate::from_der(&builder.build().to_der().unwrap()).unwrap()
}

#[test]
fn a_name_that_imitates_two_parts_is_shown_as_one() {
    let subject = |name: &str| certificate(name, 1).subject().to_owned();
    assert_eq!(subject("Ion, O=Ministerul"), r"CN=Ion\, O\=Ministerul");
    assert_eq!(subject("Ion\nadministrator"), r"CN=Ion\0Aadministrator");
    assert_eq!(subject("fdp\u{202E}exe"), r"CN=fdp\E2\80\AEexe");
    assert_eq!(subject("Primăria Târgu Mureș nr. 1 (sediu)"), "CN=Primăria Târgu Mureș nr. 1 (sediu)");
}

#[test]
fn a_certificate_with_the_number_zero_has_a_number() {
    let zero = certificate("Test", 0);
    assert_eq!(zero.serial(), "00");
    assert_eq!(certificate("Test", 255).serial(), "ff");
    // …and IssuerSerial ends with that INTEGER.
    use base64::Engine;
    let der = base64::engine::general_purpose::STANDARD.decode(zero.issuer_serial_v2()).unwrap();
    assert!(der.ends_with(&[2, 1, 0]));
}
