use openssl::ec::EcKey;
use openssl::sign::Signer;

use super::*;

const QUESTION: [u8; 32] = [7; 32];
const HERE: Challenge<'_> = Challenge { bytes: &QUESTION, origin: "https://hub.example", domain: "hub.example" };

/// A device of the test's own.
struct Device {
    key: PKey<openssl::pkey::Private>,
    domain: &'static str,
    flags: u8,
}

impl Device {
    fn new() -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        Self { key, domain: "hub.example", flags: PRESENT | VERIFIED }
    }

    fn data(&self, more: u8, counter: u32) -> Vec<u8> {
        let mut data = sha256(self.domain.as_bytes()).to_vec();
        data.push(self.flags | more);
        data.extend(counter.to_be_bytes());
        data
    }

    fn registration(&self) -> Registration {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let (mut x, mut y, mut context) =
            (BigNum::new().unwrap(), BigNum::new().unwrap(), BigNumContext::new().unwrap());
        let key = self.key.ec_key().unwrap();
        key.public_key().affine_coordinates(&group, &mut x, &mut y, &mut context).unwrap();
        let mut data = self.data(WITH_KEY, 0);
        data.extend([0; 16]);
        data.extend([0, 4]);
        data.extend(b"key1");
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32]);
        data.extend(x.to_vec_padded(32).unwrap());
        data.extend([0x22, 0x58, 32]);
        data.extend(y.to_vec_padded(32).unwrap());
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(data.len().try_into().unwrap());
        object.extend(data);
        Registration {
            client_data: client_data("webauthn.create", "https://hub.example"),
            attestation_object: URL_SAFE_NO_PAD.encode(object),
        }
    }

    fn assertion(&self, counter: u32) -> Assertion {
        let (data, seen) = (self.data(0, counter), client_data("webauthn.get", "https://hub.example"));
        let signed = [data.clone(), sha256(&URL_SAFE_NO_PAD.decode(&seen).unwrap()).to_vec()].concat();
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key).unwrap();
        Assertion {
            id: URL_SAFE_NO_PAD.encode("key1"),
            client_data: seen,
            authenticator_data: URL_SAFE_NO_PAD.encode(data),
            signature: URL_SAFE_NO_PAD.encode(signer.sign_oneshot_to_vec(&signed).unwrap()),
        }
    }
}

fn client_data(kind: &str, origin: &str) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(QUESTION);
    let seen = serde_json::json!({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false});
    URL_SAFE_NO_PAD.encode(seen.to_string())
}

#[test]
fn a_key_that_was_registered_signs_in() {
    let device = Device::new();
    let made = register(HERE, &device.registration()).unwrap();
    assert_eq!((made.id.as_str(), made.counter), ("a2V5MQ", 0));
    assert_eq!(verify(HERE, &device.assertion(5), &made.key, 4), Ok(5));
    assert_eq!(verify(HERE, &device.assertion(0), &made.key, 0), Ok(0), "a device that does not count");
}

#[test]
fn what_was_made_elsewhere_or_by_another_is_not_believed() {
    let device = Device::new();
    let made = register(HERE, &device.registration()).unwrap();
    let said = |change: &dyn Fn(&mut Assertion)| {
        let mut said = device.assertion(9);
        change(&mut said);
        verify(HERE, &said, &made.key, 4)
    };
    let other = client_data("webauthn.get", "https://hub.example.evil");
    assert_eq!(said(&|said| said.client_data.clone_from(&other)), Err(PasskeyWrong::Foreign));
    let create = client_data("webauthn.create", "https://hub.example");
    assert_eq!(said(&|said| said.client_data.clone_from(&create)), Err(PasskeyWrong::Foreign));
    assert_eq!(said(&|said| said.signature = "AAAA".into()), Err(PasskeyWrong::Signature));
    assert_eq!(said(&|said| said.authenticator_data = "AAAA".into()), Err(PasskeyWrong::Unreadable));
    assert_eq!(verify(HERE, &Device::new().assertion(9), &made.key, 4), Err(PasskeyWrong::Signature));
    assert_eq!(
        verify(Challenge { bytes: &[8; 32], ..HERE }, &device.assertion(9), &made.key, 4),
        Err(PasskeyWrong::Foreign)
    );
    assert_eq!(verify(HERE, &device.assertion(4), &made.key, 4), Err(PasskeyWrong::Copied));
    let elsewhere = Device { domain: "other.example", ..Device::new() };
    assert_eq!(register(HERE, &elsewhere.registration()), Err(PasskeyWrong::Foreign));
    let careless = Device { flags: PRESENT, ..Device::new() };
    assert_eq!(register(HERE, &careless.registration()), Err(PasskeyWrong::Unverified));
}

#[test]
fn a_registration_that_is_cut_off_anywhere_is_refused_without_harm() {
    let whole = Device::new().registration();
    let object = URL_SAFE_NO_PAD.decode(&whole.attestation_object).unwrap();
    for length in 0..object.len() {
        let cut = Registration {
            client_data: whole.client_data.clone(),
            attestation_object: URL_SAFE_NO_PAD.encode(&object[..length]),
        };
        assert!(register(HERE, &cut).is_err(), "{length}");
    }
}
