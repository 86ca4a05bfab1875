//! What the tests share: the vectors, the seals made on the spot, and the outside programs.

#![allow(dead_code, reason = "every test file uses its own part")]

pub mod authority;
pub mod zips;

use std::path::{Path, PathBuf};
use std::process::Command;

use hub_signatures::canonical::Writer;
use hub_signatures::signer::{FileSigner, development_seal};
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::KeyUsage;
use openssl::x509::{X509Builder, X509NameBuilder};

/// 1 January 2026, 00:00:00 UTC.
pub const NEW_YEAR_2026: i64 = 1_767_225_600;
pub const SIGNING_TIME: &str = "2026-11-22T10:15:30Z";

/// A folder of the shared vectors; none when it is not here, which is an error on the build server.
pub fn vectors(folder: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let mut found = above.map(|above| above.join("shared/vectors").join(folder)).filter(|path| path.is_dir());
    found.next().or_else(|| skip(&format!("the folder shared/vectors/{folder} is not here")))
}

/// Whether an outside program can be started; its absence is an error on the build server.
pub fn program(name: &str) -> Option<()> {
    started(name, "--version")
}

/// The same for a program that tells its version otherwise.
pub fn started(name: &str, version: &str) -> Option<()> {
    let started = Command::new(name).arg(version).output();
    if started.is_ok() { Some(()) } else { skip(&format!("the program {name} is not installed")) }
}

fn skip<T>(why: &str) -> Option<T> {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
    eprintln!("skipped: {why}");
    None
}

/// All evidence files with their names.
pub fn evidences() -> Option<Vec<(String, Vec<u8>)>> {
    let mut found: Vec<_> = std::fs::read_dir(vectors("erds-evidence")?)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "xml"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    found.sort();
    Some(found)
}

pub fn development_signer() -> FileSigner {
    let (key, certificate) = development_seal("Primăria Exemplu", NEW_YEAR_2026, 730, 7).unwrap();
    FileSigner::from_pem(&key, &certificate).unwrap()
}

/// Name, key and self-signed certificate of every kind of key that may seal.
pub fn every_kind_of_seal() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let ec = |curve| {
        let group = EcGroup::from_curve_name(curve).unwrap();
        PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
    };
    let rsa = |bits| PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap();
    [
        ("P-256", ec(Nid::X9_62_PRIME256V1)),
        ("P-384", ec(Nid::SECP384R1)),
        ("RSA-2048", rsa(2048)),
        ("RSA-3072", rsa(3072)),
    ]
    .into_iter()
    .map(|(name, key)| (name, key.private_key_to_pem_pkcs8().unwrap(), self_signed(&key)))
    .collect()
}

pub fn self_signed(key: &PKey<Private>) -> Vec<u8> {
    self_signed_for(key, None)
}

pub fn self_signed_for(key: &PKey<Private>, usage: Option<&KeyUsage>) -> Vec<u8> {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, "Test").unwrap();
    let name = name.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&Asn1Integer::from_bn(&BigNum::from_u32(200).unwrap()).unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(NEW_YEAR_2026).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(NEW_YEAR_2026 + 700 * 86_400).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    if let Some(usage) = usage {
        builder.append_extension(usage.build().unwrap()).unwrap();
    }
    builder.sign(key, MessageDigest::sha256()).unwrap();
    builder.build().to_pem().unwrap()
}

pub static NAMESPACES: &[(&str, &str)] = &[
    ("ds", "http://www.w3.org/2000/09/xmldsig#"),
    ("erds", "http://uri.etsi.org/19522/v1#"),
    ("saml", "urn:oasis:names:tc:SAML:2.0:assertion"),
];

/// A small evidence-like body with every kind of character that escaping must get right.
pub fn body() -> String {
    let mut writer = Writer::with_namespaces(NAMESPACES);
    writer.open("erds:Evidence", &[("version", "EN319522v1.1.1"), ("Id", "E")]);
    writer.leaf("erds:EvidenceIdentifier", "urn:uuid:1");
    writer.open("erds:EventReasons", &[]).open("erds:EventReason", &[]);
    writer.leaf("Code", "http://uri.etsi.org/19522/EventReason/MessageAccepted");
    writer.leaf("Details", "a < b & c > d \"e\" \r\n\t Ștefan țară 😀 ]]>").close().close();
    writer.leaf("EventTime", "2026-11-22T10:15:30Z");
    writer.open("saml:Attribute", &[("Name", "a\"<&>\t\n\r'ă"), ("FriendlyName", "LegalName")]);
    writer.leaf_with("saml:AttributeValue", &[], "Primăria Exemplu").close();
    writer.leaf_with("ds:DigestMethod", &[("Algorithm", "http://www.w3.org/2001/04/xmlenc#sha256")], "");
    writer.leaf("ds:DigestValue", "5hqG8+vrxaOjlcGJLxVkuANilCfd/0VNGIchF4PpX0M=").close();
    writer.finish().unwrap()
}
