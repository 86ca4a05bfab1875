//! Keys in a hardware module, played by SoftHSM: they sign, seal and pack like keys from files, and survive lost sessions.
//!
//! SoftHSM finds its tokens through an environment variable, so every test makes a folder of tokens and starts this
//! program again with the variable set; the second one does the work.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::slot::Slot;
use hub_signatures::algorithm::SignatureAlgorithm;
use hub_signatures::asice::{Container, DataFile, Draft, Limits};
use hub_signatures::pkcs11::{AuthPin, KeyPlace, Pkcs11Signer, TokenChoice};
use hub_signatures::signer::{Signer, SignerError};
use hub_signatures::trust::Trust;
use hub_signatures::xades::{seal, verify};
use support::SIGNING_TIME;

const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
];
const PIN: &str = "1234";

fn module() -> PathBuf {
    MODULES.iter().map(PathBuf::from).find(|path| path.exists()).unwrap()
}

/// Runs one of the inner tests with a token that holds every kind of key; skips aloud without SoftHSM.
fn with_token(inner: &str) {
    if support::started("softhsm2-util", "--version").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("softhsm2.conf");
    let tokens = folder.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    std::fs::write(&configuration, format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display()))
        .unwrap();
    let util = |arguments: &[&str]| {
        let mut command = Command::new("softhsm2-util");
        let output = command.env("SOFTHSM2_CONF", &configuration).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    util(&["--init-token", "--free", "--label", "sigiliu", "--so-pin", "5678", "--pin", PIN]);
    for (number, (name, key, certificate)) in support::every_kind_of_seal().into_iter().enumerate() {
        let path = folder.path().join(format!("{name}.p8"));
        std::fs::write(&path, key).unwrap();
        std::fs::write(folder.path().join(format!("{name}.pem")), certificate).unwrap();
        let (path, id) = (path.to_str().unwrap(), format!("0{number}"));
        util(&["--import", path, "--token", "sigiliu", "--label", name, "--id", &id, "--pin", PIN]);
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "--ignored", "--nocapture", inner]);
    let output = again.env("SOFTHSM2_CONF", &configuration).env("TOKEN_FOLDER", folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn certificate(name: &str) -> Vec<u8> {
    let folder = std::env::var_os("TOKEN_FOLDER").unwrap();
    std::fs::read(Path::new(&folder).join(format!("{name}.pem"))).unwrap()
}

fn place(label: &str) -> KeyPlace {
    let token = TokenChoice::Label("sigiliu".to_owned());
    KeyPlace { module: module(), token, pin: AuthPin::new(PIN.into()), key_label: label.to_owned() }
}

#[test]
fn keys_in_a_module_seal_and_pack_like_keys_in_files() {
    with_token("inner_keys_seal_and_pack");
}

#[test]
#[ignore = "started by keys_in_a_module_seal_and_pack_like_keys_in_files"]
fn inner_keys_seal_and_pack() {
    for (name, algorithm) in [
        ("P-256", SignatureAlgorithm::EcdsaSha256),
        ("P-384", SignatureAlgorithm::EcdsaSha384),
        ("RSA-2048", SignatureAlgorithm::RsaSha256),
        ("RSA-3072", SignatureAlgorithm::RsaSha256),
    ] {
        let signer = Pkcs11Signer::open(place(name), &certificate(name)).unwrap();
        assert_eq!(signer.algorithm(), algorithm);
        let anchors = Trust::Anchors(signer.certificate_chain().to_vec());
        let sealed = seal(&support::body(), &signer, SIGNING_TIME).unwrap();
        verify(sealed.as_bytes(), &anchors, &Trust::IntegrityOnly).unwrap();
        let files = [DataFile { name: "a.txt", media_type: "text/plain", content: b"a" }];
        let mut draft = Draft::new(&files).unwrap();
        draft.sign(&signer, SIGNING_TIME).unwrap();
        let bytes = draft.finish().unwrap();
        let container = Container::open(&bytes, &Limits::default()).unwrap();
        assert!(container.verify(&anchors, &Trust::IntegrityOnly).holds(), "{name}");
        if support::program("xmlsec1").is_some() {
            let folder = tempfile::tempdir().unwrap();
            let (pem, xml) = (folder.path().join("certificate.pem"), folder.path().join("sealed.xml"));
            std::fs::write(&pem, certificate(name)).unwrap();
            std::fs::write(&xml, &sealed).unwrap();
            let properties = "http://uri.etsi.org/01903/v1.3.2#:SignedProperties";
            let arguments = ["--verify", "--id-attr:Id", properties, "--pubkey-cert-pem"];
            let output = Command::new("xmlsec1").args(arguments).args([&pem, &xml]).output().unwrap();
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn a_lost_session_is_opened_again() {
    with_token("inner_lost_session");
}

#[test]
#[ignore = "started by a_lost_session_is_opened_again"]
fn inner_lost_session() {
    let first = Pkcs11Signer::open(place("P-256"), &certificate("P-256")).unwrap();
    let second = Pkcs11Signer::open(place("RSA-2048"), &certificate("RSA-2048")).unwrap();
    let key = |signer: &Pkcs11Signer| signer.certificate_chain()[0].public_key().clone();
    for round in 0..3 {
        for signer in [&first, &second] {
            let value = signer.sign(b"message").unwrap_or_else(|error| panic!("round {round}: {error}"));
            assert!(signer.algorithm().verify(&key(signer), b"message", &value));
        }
        // Another user of the same library in this process shuts it down.
        let other = Pkcs11::new(module()).unwrap();
        let started = other.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
        assert!(started.is_err(), "it is running");
        other.finalize().unwrap();
    }
    // Many threads at once share the one session.
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..20).for_each(|_| assert_eq!(first.sign(b"message").unwrap().len(), 64)));
        }
    });
}

#[test]
fn wrong_keys_tokens_and_pins_are_told_apart() {
    with_token("inner_wrong_places");
}

#[test]
#[ignore = "started by wrong_keys_tokens_and_pins_are_told_apart"]
fn inner_wrong_places() {
    let told = |place: KeyPlace| match Pkcs11Signer::open(place, &certificate("P-256")) {
        Err(SignerError::Module(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(told(place("nothing")).contains("0 private keys labelled \"nothing\""));
    let token = TokenChoice::Label("altul".to_owned());
    assert!(told(KeyPlace { token, ..place("P-256") }).contains("0 tokens labelled \"altul\""));
    assert!(told(KeyPlace { token: TokenChoice::Slot(77), ..place("P-256") }).contains("opening a session"));
    assert!(told(KeyPlace { module: "/nowhere.so".into(), ..place("P-256") }).contains("loading /nowhere.so"));
    let why = told(KeyPlace { pin: AuthPin::new("9999".into()), ..place("P-256") });
    assert!(why.contains("logging in") && !why.contains("9999"), "{why}");
    let other = Pkcs11Signer::open(place("RSA-2048"), &certificate("RSA-3072"));
    assert!(matches!(other, Err(SignerError::KeyMismatch { .. })), "{other:?}");
    let other = Pkcs11Signer::open(place("P-384"), &certificate("P-256"));
    assert!(matches!(other, Err(SignerError::KeyMismatch { .. })), "{other:?}");
    assert!(matches!(Pkcs11Signer::open(place("P-256"), b"x"), Err(SignerError::UnreadableChain(_))));
    // The module stays loaded as long as somebody uses it.
    let _signer = Pkcs11Signer::open(place("P-256"), &certificate("P-256")).unwrap();
    let by_number = KeyPlace { token: TokenChoice::Slot(slot().id()), ..place("P-256") };
    let signer = Pkcs11Signer::open(by_number, &certificate("P-256")).unwrap();
    assert!(!format!("{signer:?}").contains(PIN) && !format!("{:?}", place("P-256")).contains(PIN));
}

#[test]
fn a_pin_that_was_changed_is_not_tried_until_the_token_locks() {
    with_token("inner_changed_pin");
}

#[test]
#[ignore = "started by a_pin_that_was_changed_is_not_tried_until_the_token_locks"]
fn inner_changed_pin() {
    let signer = Pkcs11Signer::open(place("P-256"), &certificate("P-256")).unwrap();
    let other = Pkcs11::new(module()).unwrap();
    let session = other.open_rw_session(slot()).unwrap();
    session.set_pin(&AuthPin::new(PIN.into()), &AuthPin::new("4321".into())).unwrap();
    drop(session);
    other.finalize().unwrap();
    for expected in ["logging in", "not tried again", "not tried again"] {
        let answer = signer.sign(b"message");
        assert!(matches!(&answer, Err(SignerError::Module(why)) if why.contains(expected)), "{answer:?}");
    }
    let place = KeyPlace { pin: AuthPin::new("4321".into()), ..place("P-256") };
    Pkcs11Signer::open(place, &certificate("P-256")).unwrap().sign(b"message").unwrap();
}

fn slot() -> Slot {
    let context = Pkcs11::new(module()).unwrap();
    let slots = context.get_slots_with_token().unwrap();
    slots.into_iter().find(|slot| context.get_token_info(*slot).unwrap().label().trim_end() == "sigiliu").unwrap()
}
