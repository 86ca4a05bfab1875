//! Good input for every reader: the public vectors, and what is made on the spot.
//!
//! Without the vectors or the openssl program there are fewer; on the build server both must be there.

use hub_signatures::asice::{Container, DataFile, Draft, Limits};
use hub_signatures::digest::{DigestAlgorithm, sha256};
use hub_signatures::evidence_record::{Batch, EvidenceRecord};
use hub_signatures::log::checkpoint::Checkpoint;
use hub_signatures::log::proof::LogProof;
use hub_signatures::log::tree::{evidence_leaf, parent};
use hub_signatures::signer::FileSigner;
use hub_signatures::tsp::{Imprint, Request};
use hub_signatures::xades::{attach_time_stamp, seal, time_stamp_imprint};

use crate::readers::{DATA, NONCE, ORIGIN, log_signing_key, witness_signing_key};
use crate::support::authority::Authority;
use crate::support::zips::{Raw, zip};
use crate::support::{self, SIGNING_TIME};

/// How many of the public evidences are enough to start from: they are alike.
const EVIDENCES: usize = 6;

/// The seeds of one reader.
pub fn of(reader: &str) -> Vec<Vec<u8>> {
    match reader {
        "xml" => [documents(), seals()].concat(),
        "seal" => seals(),
        "package" => packages(),
        "time_stamp" => tokens(),
        "tsp_response" => responses(),
        "evidence_record" => records(),
        "log_note" => notes(),
        "log_key" => log_keys(),
        "log_proof" => proofs(),
        "certificate" => certificates(),
        "instants" => instants(),
        "token" => signed_tokens(),
        "jwk" => public_keys(),
        other => panic!("the reader {other} has no seeds"),
    }
}

fn documents() -> Vec<Vec<u8>> {
    let Some(folder) = support::vectors("c14n") else { return Vec::new() };
    let cases = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("input.xml"));
    let mut found: Vec<_> = cases.filter(|path| path.is_file()).collect();
    found.sort();
    found.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn seals() -> Vec<Vec<u8>> {
    let public = support::evidences().into_iter().flatten();
    // One of each set: names sort by set.
    let mut seals: Vec<_> = public.map(|(_, xml)| xml).step_by(104 / EVIDENCES).collect();
    for (_, key, certificate) in support::every_kind_of_seal() {
        let signer = FileSigner::from_pem(&key, &certificate).unwrap();
        seals.push(seal(&support::body(), &signer, SIGNING_TIME).unwrap().into_bytes());
    }
    if let Some(authority) = Authority::new() {
        let sealed = seal(&support::body(), &support::development_signer(), SIGNING_TIME).unwrap();
        let token = authority.stamp(&time_stamp_imprint(&sealed).unwrap());
        seals.push(attach_time_stamp(&sealed, &token).unwrap().into_bytes());
    }
    seals
}

fn packages() -> Vec<Vec<u8>> {
    let files = [
        DataFile { name: "anexă/cerere.txt", media_type: "text/plain", content: DATA },
        DataFile { name: "dovada.xml", media_type: "text/xml", content: b"<a>1</a>" },
    ];
    let mut draft = Draft::new(&files).unwrap();
    let unsigned = draft.finish().unwrap();
    draft.sign(&support::development_signer(), SIGNING_TIME).unwrap();
    let signed = draft.finish().unwrap();
    let mut deflated: Vec<Raw> = Container::open(&signed, &Limits::default())
        .unwrap()
        .entries()
        .map(|(name, content)| Raw::stored(name, content))
        .collect();
    deflated[1..].iter_mut().for_each(Raw::deflate);
    deflated[1].descriptor = true;
    let mut packages = vec![unsigned, zip(&deflated), signed];
    if let Some(authority) = Authority::new() {
        let token = authority.stamp(&draft.time_stamp_imprint().unwrap());
        draft.attach_time_stamp(&token).unwrap();
        packages.push(draft.finish().unwrap());
    }
    packages
}

fn tokens() -> Vec<Vec<u8>> {
    let mut tokens: Vec<_> =
        support::evidences().into_iter().flatten().step_by(40).map(|(_, xml)| token(&xml)).collect();
    tokens.extend(Authority::new().map(|authority| authority.stamp(&sha256(DATA))));
    tokens
}

/// The token inside a public evidence.
fn token(evidence: &[u8]) -> Vec<u8> {
    use base64::Engine;
    let text = std::str::from_utf8(evidence).unwrap();
    let (_, after) = text.split_once("<xades:EncapsulatedTimeStamp").unwrap();
    let (token, _) = after.split_once('>').unwrap().1.split_once('<').unwrap();
    let token: String = token.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(token).unwrap()
}

fn responses() -> Vec<Vec<u8>> {
    let Some(authority) = Authority::new() else { return Vec::new() };
    let request = |policy| Request::new(Imprint::of(DigestAlgorithm::Sha256, DATA), &NONCE, policy).unwrap();
    vec![authority.answer(request(None).der()), authority.answer(request(Some("1.9.9")).der())]
}

fn records() -> Vec<Vec<u8>> {
    let Some(authority) = Authority::new() else { return Vec::new() };
    let stamp = |documents| {
        let batch = Batch::new(DigestAlgorithm::Sha256, documents).unwrap();
        batch.stamped(&authority.stamp(batch.root())).unwrap()
    };
    let alone = EvidenceRecord::new(stamp(vec![vec![sha256(DATA).to_vec()]]).swap_remove(0));
    let others = [b"other".as_slice(), b"third"].map(|other| sha256(other).to_vec());
    let objects = vec![vec![sha256(DATA).to_vec(), others[0].clone()], vec![others[1].clone()]];
    let mut renewed = EvidenceRecord::new(stamp(objects).swap_remove(0));
    let first = renewed.to_der();
    renewed.renew_time_stamp(stamp(vec![renewed.time_stamp_renewal()]).swap_remove(0)).unwrap();
    let documents = vec![sha256(DATA).to_vec(), others[0].clone()];
    let renewal = renewed.hash_tree_renewal(DigestAlgorithm::Sha256, &documents);
    renewed.renew_hash_tree(stamp(vec![renewal]).swap_remove(0), &documents).unwrap();
    vec![alone.to_der(), first, renewed.to_der()]
}

/// A log of two evidences, the first of them the seed.
fn logged() -> LogProof {
    let (salt, other) = ([7; 32], evidence_leaf(None, &sha256(b"other")));
    let root = parent(&evidence_leaf(Some(&salt), &sha256(DATA)), &other);
    let mut checkpoint = Checkpoint::new(ORIGIN, 2, root).sign(&log_signing_key()).unwrap();
    checkpoint.cosign(&witness_signing_key(), 1_767_225_600).unwrap();
    LogProof { index: 0, salt: Some(salt), path: vec![other], checkpoint }
}

fn notes() -> Vec<Vec<u8>> {
    let note = logged().checkpoint;
    let extended = Checkpoint { extensions: vec!["ceva".to_owned()], ..Checkpoint::new(ORIGIN, 2, [9; 32]) };
    [note.to_string(), note.text().to_owned(), extended.text()].map(String::into_bytes).to_vec()
}

fn log_keys() -> Vec<Vec<u8>> {
    let (pem, _) = hub_signatures::signer::development_seal("A", 0, 1, 1).unwrap();
    let keys = [log_signing_key(), witness_signing_key()].map(|key| key.verifier().to_string().into_bytes());
    let ed25519 = openssl::pkey::PKey::private_key_from_raw_bytes(&[1; 32], openssl::pkey::Id::ED25519).unwrap();
    [keys.to_vec(), vec![ed25519.private_key_to_pem_pkcs8().unwrap(), pem]].concat()
}

fn proofs() -> Vec<Vec<u8>> {
    let proof = logged();
    let unsalted = LogProof { salt: None, path: vec![[1; 32]; 6], ..proof.clone() };
    [proof.to_string(), unsalted.to_string()].map(String::into_bytes).to_vec()
}

fn certificates() -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = support::every_kind_of_seal().into_iter().map(|(_, _, pem)| pem).collect();
    found.push(hub_signatures::signer::Signer::certificate_chain(&support::development_signer())[0].der().to_vec());
    if let Some(folder) = support::vectors("erds-evidence") {
        for set in ["etsi", "it", "tsa"] {
            let files = std::fs::read_dir(folder.join("certs").join(set)).unwrap().map(|entry| entry.unwrap().path());
            found.extend(files.filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap()));
        }
    }
    found
}

fn instants() -> Vec<Vec<u8>> {
    ["2026-11-22T10:15:30Z", "2024-02-29T23:59:60.123+14:00", "1969-12-31T00:00:00-05:30", "20261122101530.25Z"]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
}

/// Tokens as clients send them; the first is the example of RFC 7515 (appendix A.3).
fn signed_tokens() -> Vec<Vec<u8>> {
    let own = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
    let own = openssl::pkey::PKey::from_ec_key(openssl::ec::EcKey::generate(&own).unwrap()).unwrap();
    let claims =
        serde_json::json!({"iss": "spas", "sub": "spas", "aud": "https://hub.test", "exp": 1_900_000_000, "jti": "1"});
    let token = hub_signatures::jws::sign(("JWT", "key-1"), &claims, &own).unwrap();
    let example = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    vec![example.as_bytes().to_vec(), token.into_bytes(), b"eyJhbGciOiJub25lIn0.e30.".to_vec()]
}

/// Public keys as clients register them (RFC 7517, appendix A.1; RFC 8037, appendix A.2).
fn public_keys() -> Vec<Vec<u8>> {
    let rsa = openssl::rsa::Rsa::generate(2048).unwrap();
    let text = |number: &openssl::bn::BigNumRef| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(number.to_vec())
    };
    let rsa = serde_json::json!({"kty": "RSA", "alg": "PS256", "kid": "rsa", "n": text(rsa.n()), "e": text(rsa.e())});
    let ec = r#"{"kty":"EC","crv":"P-256","kid":"1","use":"sig","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;
    let okp = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let set = format!(r#"{{"keys":[{ec},{okp}]}}"#);
    vec![ec.into(), okp.into(), rsa.to_string().into_bytes(), set.into_bytes()]
}
