//! Small documents that would cost much: each is refused, or read in time that grows with its length and not faster.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::time::{Duration, Instant};

use hub_signatures::c14n::{Algorithm, Apex, Method, canonicalize};
use hub_signatures::tree::{Limits, Tree, TreeError};
use hub_signatures::trust::Trust;
use hub_signatures::xades::{VerifyError, seal, verify};
use support::SIGNING_TIME;

/// What a busy machine may take for 16 MiB without optimizations; what these tests are about takes minutes to days.
const LONGEST: Duration = Duration::from_secs(60);

fn sealed_with(unsigned: &str) -> String {
    let sealed = seal(&support::body(), &support::development_signer(), SIGNING_TIME).unwrap();
    sealed.replace("</ds:Signature>", &format!("<ds:Object>{unsigned}</ds:Object></ds:Signature>"))
}

fn check(xml: &str) -> Result<(), VerifyError> {
    let start = Instant::now();
    let answer = verify(xml.as_bytes(), &Trust::IntegrityOnly, &Trust::IntegrityOnly).map(|_| ());
    assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
    answer
}

#[test]
fn a_long_namespace_used_many_times_is_refused_before_it_fills_the_memory() {
    // 140 KB whose exclusive canonical form has 400 MB, since every element declares its prefix again.
    let long = format!("<r xmlns:a='{}'>{}</r>", "u".repeat(20_000), "<a:b/>".repeat(20_000));
    let refused = TreeError::NamespacesTooLong(64 * 1024 * 1024);
    assert_eq!(Tree::parse(long.as_bytes(), &Limits::default()).unwrap_err(), refused);
    let attributes = format!("<r xmlns:a='{}'>{}</r>", "u".repeat(20_000), "<b a:c=''/>".repeat(20_000));
    assert_eq!(Tree::parse(attributes.as_bytes(), &Limits::default()).unwrap_err(), refused);
    assert!(matches!(check(&long), Err(VerifyError::Document(error)) if error == refused));
    // What real documents do is far from it.
    let usual = format!("<r xmlns:a='http://uri.etsi.org/19522/v1#'>{}</r>", "<a:b/>".repeat(199_999));
    let tree = Tree::parse(usual.as_bytes(), &Limits::default()).unwrap();
    assert!(canonicalize(&tree, Apex::Document, &[], &Method::EXCLUSIVE).len() < Limits::default().namespace_bytes);
}

#[test]
fn a_million_comments_beside_each_other_are_looked_at_once_each() {
    check(&sealed_with(&"<!---->".repeat(1_000_000))).unwrap();
    let hidden = check(&sealed_with(&format!("{}good", "<!---->".repeat(1_000_000))));
    assert!(matches!(hidden, Err(VerifyError::CommentInValue(_))), "{hidden:?}");
}

#[test]
fn instructions_cdata_and_base64_of_megabytes_are_read_in_one_pass() {
    check(&sealed_with(&"<?a?>".repeat(1_000_000))).unwrap();
    check(&sealed_with(&"<![CDATA[a]]>".repeat(500_000))).unwrap();
    check(&sealed_with(&"QUJD".repeat(3_000_000))).unwrap();
    let long =
        sealed_with("").replace("<ds:X509Certificate>", &format!("<ds:X509Certificate>{}", "AAAA".repeat(3_000_000)));
    assert!(check(&long).is_err());
}

#[test]
fn every_canonical_form_takes_time_in_proportion_to_the_document() {
    let declared: String = (0..60).map(|number| format!(" xmlns:n{number}='urn:x:{number}'")).collect();
    let used: String = (0..60).map(|number| format!(" n{number}:a=''")).collect();
    let wide = format!("<r{declared}>{}</r>", "<n1:b/>".repeat(50_000));
    let busy = format!("<r{declared}>{}</r>", format!("<n1:b{used}/>").repeat(2_000));
    for document in [wide, busy] {
        let tree = Tree::parse(document.as_bytes(), &Limits::default()).unwrap();
        for algorithm in Algorithm::ALL {
            let start = Instant::now();
            canonicalize(&tree, Apex::Document, &[], &Method::of(algorithm));
            assert!(start.elapsed() < LONGEST, "{algorithm:?}: {:?}", start.elapsed());
        }
    }
}
