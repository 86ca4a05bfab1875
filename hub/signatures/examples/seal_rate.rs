//! How many P-256 seals one thread makes per second, beside bare signatures of the library in the same run.
//!
//! Run with `cargo run --release -p hub-signatures --example seal_rate`. Rates are per second of processor time when
//! the machine tells it, so that other work on the machine does not disturb them.

use std::time::{Duration, Instant};

use hub_signatures::canonical::Writer;
use hub_signatures::signer::{FileSigner, Signer, development_seal};
use hub_signatures::trust::Trust;
use hub_signatures::xades;
use openssl::ecdsa::EcdsaSig;
use openssl::pkey::PKey;

const NAMESPACES: &[(&str, &str)] =
    &[("erds", "http://uri.etsi.org/19522/v1#"), ("saml", "urn:oasis:names:tc:SAML:2.0:assertion")];
const SIGNING_TIME: &str = "2026-11-22T10:15:30Z";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (key_pem, certificate_pem) = development_seal("Rate", 1_767_225_600, 730, 1)?;
    let signer = FileSigner::from_pem(&key_pem, &certificate_pem)?;
    let key = PKey::private_key_from_pem(&key_pem)?.ec_key()?;
    let body = write_body()?;
    let sealed = xades::seal(&body, &signer, SIGNING_TIME)?;
    println!("body {} bytes, sealed {} bytes", body.len(), sealed.len());

    let bare = rate(|| EcdsaSig::sign(&[7; 32], &key).map(drop).is_ok());
    println!("bare P-256 signatures     {bare:>8.0} per second");
    show("signer", rate(|| signer.sign(&[7; 1000]).is_ok()), bare);
    show("write the body", rate(|| write_body().is_ok()), bare);
    show("seal", rate(|| xades::seal(&body, &signer, SIGNING_TIME).is_ok()), bare);
    let both = || write_body().is_ok_and(|body| xades::seal(&body, &signer, SIGNING_TIME).is_ok());
    show("write and seal", rate(both), bare);
    let trust = Trust::Pinned(Box::new(signer.certificate_chain()[0].clone()));
    show("verify", rate(|| xades::verify(sealed.as_bytes(), &trust, &Trust::IntegrityOnly).is_ok()), bare);
    Ok(())
}

fn show(what: &str, rate: f64, bare: f64) {
    println!("{what:<25} {rate:>8.0} per second, {:.2} of bare", rate / bare);
}

/// Calls per second of processor time, over about two seconds.
fn rate(mut act: impl FnMut() -> bool) -> f64 {
    for _ in 0..1000 {
        assert!(act(), "the measured action works");
    }
    let (started, used) = (Instant::now(), processor_time());
    let mut calls = 0_u32;
    while started.elapsed() < Duration::from_secs(2) {
        for _ in 0..100 {
            act();
        }
        calls += 100;
    }
    let spent = match (used, processor_time()) {
        (Some(before), Some(after)) => after - before,
        _ => started.elapsed(),
    };
    f64::from(calls) / spent.as_secs_f64()
}

/// Processor time of this thread in the kernel's accounting (Linux), to the nanosecond.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// A body of about the size of a real evidence.
fn write_body() -> Result<String, hub_signatures::canonical::CanonicalError> {
    let mut writer = Writer::with_namespaces(NAMESPACES);
    writer.open("erds:Evidence", &[("version", "EN319522v1.1.1")]);
    writer.leaf("erds:EvidenceIdentifier", "urn:uuid:01936f1e-7c1a-7000-8000-000000000001");
    writer.leaf("erds:ERDSEventId", "http://uri.etsi.org/19522/Event/SubmissionAcceptance");
    writer.leaf("EventTime", SIGNING_TIME);
    for _ in 0..12 {
        writer.open("erds:RecipientDetails", &[]).open("erds:Identity", &[]);
        let attributes = [
            ("FriendlyName", "LegalName"),
            ("Name", "http://eidas.europa.eu/attributes/legalperson/LegalName"),
            ("NameFormat", "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"),
        ];
        writer.open("saml:Attribute", &attributes).leaf("saml:AttributeValue", "Primăria Municipiului Exemplu").close();
        writer.close();
        writer.leaf_with("Identifier", &[("IdentifierSchemeName", "urn:ro:cui")], "4305857").close();
    }
    writer.close();
    writer.finish()
}
