//! Everything of the library that reads foreign bytes, as one function each, with what must hold whatever the bytes are.
//!
//! Both the fuzzer (`fuzz/`) and the test of this folder run these. A reader may refuse; it never panics, and what it
//! accepts keeps its promises: a canonical form is its own canonical form, a text or record that was read is written
//! back byte for byte, and nothing that was changed is taken for what was signed.

use hub_signatures::asice::{self, Container};
use hub_signatures::c14n::{Algorithm, Apex, Method, canonicalize};
use hub_signatures::certificate::Certificate;
use hub_signatures::digest::{DigestAlgorithm, sha256};
use hub_signatures::evidence_record::EvidenceRecord;
use hub_signatures::instant;
use hub_signatures::jws::{self, Compact};
use hub_signatures::log::checkpoint::Checkpoint;
use hub_signatures::log::key::{KeyUse, SigningKey, VerifierKey};
use hub_signatures::log::note::SignedNote;
use hub_signatures::log::proof::{LogProof, Policy};
use hub_signatures::time_stamp::TimeStamp;
use hub_signatures::tree::{Limits, Tree, TreeError};
use hub_signatures::trust::Trust;
use hub_signatures::tsp::{Imprint, Request, Window};
use hub_signatures::xades;

/// A reader with its name, which is also the name of its fuzz target.
pub type Reader = (&'static str, fn(&[u8]));

/// Every reader.
pub const ALL: [Reader; 13] = [
    ("xml", xml),
    ("seal", seal),
    ("package", package),
    ("time_stamp", time_stamp),
    ("tsp_response", tsp_response),
    ("evidence_record", evidence_record),
    ("log_note", log_note),
    ("log_key", log_key),
    ("log_proof", log_proof),
    ("certificate", certificate),
    ("instants", instants),
    ("token", token),
    ("jwk", jwk),
];

/// What was stamped, proved or recorded in the seeds.
pub const DATA: &[u8] = b"Dovada primirii";
/// The number of the request that the seeds answer.
pub const NONCE: [u8; 8] = [0x51, 2, 3, 4, 5, 6, 7, 8];
/// The name of the log in the seeds.
pub const ORIGIN: &str = "hub.example.ro/evidence";

/// The key of the log in the seeds.
pub fn log_signing_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, KeyUse::Log, &[1; 32]).expect("the name is one of a log")
}

/// The key of the witness in the seeds.
pub fn witness_signing_key() -> SigningKey {
    SigningKey::from_seed("witness.example/w", KeyUse::Witness, &[2; 32]).expect("the name is one of a witness")
}

fn keys() -> Vec<VerifierKey> {
    [log_signing_key(), witness_signing_key()].iter().map(|key| key.verifier().clone()).collect()
}

/// XML trees and every canonical form.
pub fn xml(data: &[u8]) {
    let Ok(tree) = Tree::parse(data, &Limits::default()) else { return };
    let elements: Vec<_> = tree.document().descendants().filter(|node| node.is_element()).take(6).collect();
    for algorithm in Algorithm::ALL {
        let method = Method { algorithm, prefix_list: vec!["#default".to_owned(), "ds".to_owned()] };
        for method in [Method::of(algorithm), method] {
            let canonical = canonicalize(&tree, Apex::Document, &[], &method);
            is_its_own_canonical_form(&canonical, &method);
            for element in &elements {
                assert!(!canonicalize(&tree, Apex::Element(element.id()), &[], &method).is_empty());
                canonicalize(&tree, Apex::Document, &[element.id()], &method);
            }
        }
    }
    for element in elements {
        assert!(tree.qualified_name(element).ends_with(element.tag_name().name()));
    }
}

fn is_its_own_canonical_form(canonical: &[u8], method: &Method) {
    match Tree::parse(canonical, &Limits::default()) {
        Ok(tree) => {
            let again = canonicalize(&tree, Apex::Document, &[], method);
            assert!(again == canonical, "{}", String::from_utf8_lossy(canonical));
        }
        // Declarations that the exclusive form repeats may pass a limit that the document itself kept.
        Err(TreeError::NotWellFormed(why)) => panic!("{why}: {}", String::from_utf8_lossy(canonical)),
        Err(TreeError::DuplicateId(id)) => panic!("{id}: {}", String::from_utf8_lossy(canonical)),
        Err(_) => {}
    }
}

/// Sealed documents.
pub fn seal(data: &[u8]) {
    let Ok(verified) = xades::verify(data, &Trust::IntegrityOnly, &Trust::IntegrityOnly) else { return };
    let tree = Tree::parse(&verified.covered, &Limits::default()).expect("what is covered is a document");
    let signature = |node: &roxmltree::Node<'_, '_>| node.has_tag_name((hub_signatures::DSIG_NAMESPACE, "Signature"));
    assert!(!tree.document().descendants().any(|node| signature(&node)), "a signature is taken for what is sealed");
    // Anybody can trust nobody: then nothing is accepted.
    assert!(xades::verify(data, &Trust::Anchors(Vec::new()), &Trust::IntegrityOnly).is_err());
}

/// ASiC-E packages.
pub fn package(data: &[u8]) {
    let limits = asice::Limits { file_bytes: 4 << 20, total_bytes: 16 << 20, ..asice::Limits::default() };
    let Ok(container) = Container::open(data, &limits) else { return };
    let verdict = container.verify(&Trust::IntegrityOnly, &Trust::IntegrityOnly);
    assert_eq!(verdict.files.len(), container.files().count());
    for (file, (name, content)) in verdict.files.iter().zip(container.files()) {
        assert_eq!((file.name.as_str(), file.sha256), (name, sha256(content)));
    }
    assert!(!verdict.holds() || verdict.uncovered().count() == 0);
    let total: usize = container.entries().map(|(_, content)| content.len()).sum();
    assert!(total <= limits.total_bytes);
    let nobody = container.verify(&Trust::Anchors(Vec::new()), &Trust::Anchors(Vec::new()));
    assert!(!nobody.holds(), "a package holds though nobody is trusted");
}

/// Time-stamp tokens.
pub fn time_stamp(data: &[u8]) {
    let stamp = TimeStamp::verify(data, DATA, &Trust::IntegrityOnly);
    if let Ok(stamp) = &stamp {
        let imprint = stamp.imprint_algorithm.digest(DATA);
        TimeStamp::verify_imprint(data, stamp.imprint_algorithm, &imprint, &Trust::IntegrityOnly)
            .expect("data and its digest are stamped alike");
        assert!(TimeStamp::verify(data, DATA, &Trust::Anchors(Vec::new())).is_err());
        assert!(TimeStamp::verify(data, b"other", &Trust::IntegrityOnly).is_err());
    }
}

/// Responses of time-stamping authorities.
pub fn tsp_response(data: &[u8]) {
    let window = Window { now: 1_772_445_600, tolerance: u32::MAX };
    for algorithm in DigestAlgorithm::ALL {
        let request = Request::new(Imprint::of(algorithm, DATA), &NONCE, None).expect("the nonce is a number");
        match request.check(data, &Trust::IntegrityOnly, window) {
            Ok(token) => assert_eq!(token.time_stamp.nonce.as_deref(), Some(&NONCE[..])),
            Err(error) => assert!(!error.to_string().chars().any(char::is_control), "{error:?}"),
        }
    }
}

/// Evidence records.
pub fn evidence_record(data: &[u8]) {
    let Ok(record) = EvidenceRecord::from_der(data) else { return };
    let again = EvidenceRecord::from_der(&record.to_der()).expect("what is written can be read");
    assert_eq!(again, record);
    for documents in [&[DATA][..], &[DATA, b"other"]] {
        if let Ok(proven) = record.verify(documents, &Trust::IntegrityOnly, i64::MAX) {
            assert_eq!(proven.time_stamps.len(), record.chains().iter().map(Vec::len).sum::<usize>());
            assert!(proven.time_stamps.iter().all(|stamp| stamp.time >= proven.existed_at));
        }
    }
    record.time_stamp_renewal();
    record.hash_tree_renewal(DigestAlgorithm::Sha512, &vec![sha256(DATA).to_vec()]);
}

/// Signed notes and checkpoints.
pub fn log_note(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(note) = SignedNote::parse(text) {
        assert_eq!(note.to_string(), text, "a note is written as it was read");
        let keys = keys();
        if let Ok((checkpoint, signatures)) = Checkpoint::verify(&note, &keys) {
            assert_eq!(checkpoint.origin, ORIGIN);
            assert!(!signatures.is_empty() && signatures.len() <= keys.len());
        }
    }
    if let Ok(checkpoint) = Checkpoint::from_text(text) {
        assert_eq!(checkpoint.text(), text, "a checkpoint is written as it was read");
    }
}

/// Public keys of logs and witnesses.
pub fn log_key(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(key) = VerifierKey::parse(text) {
        assert_eq!(key.to_string(), text, "a key is written as it was read");
    }
    // The answer does not matter: a private key is either readable or an error.
    let _answer = SigningKey::from_pem(ORIGIN, KeyUse::Log, data);
}

/// Proofs of inclusion.
pub fn log_proof(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(proof) = LogProof::from_text(text) else { return };
    assert_eq!(proof.to_string(), text, "a proof is written as it was read");
    let policy = Policy { keys: keys(), witnesses: 1 };
    if let Ok(logged) = proof.verify(&sha256(DATA), &policy) {
        assert!(logged.index < logged.checkpoint.size && logged.witnesses.len() == 1);
        assert!(proof.verify(&sha256(b"other"), &policy).is_err());
    }
    assert!(proof.verify(&sha256(DATA), &Policy { keys: Vec::new(), witnesses: 0 }).is_err());
}

/// Certificates, one in DER or several in PEM.
pub fn certificate(data: &[u8]) {
    let one = Certificate::from_der(data).into_iter();
    for certificate in one.chain(Certificate::all_from_pem(data).into_iter().flatten()) {
        let again = Certificate::from_der(certificate.der()).expect("what was read can be read");
        assert_eq!(again.sha256(), certificate.sha256());
        assert_eq!(again.issuer_serial_v2(), certificate.issuer_serial_v2());
        let shown = [certificate.subject(), certificate.issuer()].concat();
        assert!(!shown.chars().any(char::is_control) && !certificate.serial().is_empty());
    }
}

/// Dates and times.
pub fn instants(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for instant in [instant::from_date_time(text), instant::from_generalized_time(text)].into_iter().flatten() {
        assert_eq!(instant::from_date_time(&instant::to_date_time(instant)), Some(instant), "{text}");
    }
}

/// Signed tokens: whatever the bytes, only what the key signed is taken for signed.
pub fn token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(compact) = Compact::read(text) else { return };
    assert!(text.len() <= jws::LONGEST && text.split('.').count() == 3);
    // A key nobody signed with: what it verifies would be forged.
    for key in jws::keys(FOREIGN_KEYS.as_bytes()).expect("the keys are right") {
        assert!(compact.clone().verified(&key).is_err(), "a token was forged");
    }
}

/// Public keys of people who sign nothing: the examples of RFC 7517 (appendix A.1) and RFC 8037 (appendix A.2).
const FOREIGN_KEYS: &str = r#"{"keys":[
    {"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"},
    {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// Public keys: what was read is written, and read again as the same key.
pub fn jwk(data: &[u8]) {
    let Ok(keys) = jws::keys(data) else { return };
    for key in keys {
        let written = key.to_jwk().expect("what was read can be written").to_string();
        let again = jws::keys(written.as_bytes()).expect("what was written can be read");
        assert_eq!(again[0].digest(), key.digest());
        assert_eq!(again[0].algorithm, key.algorithm);
    }
}
