//! Passkeys: WebAuthn level 3, sections 7.1 and 7.2, for keys of ES256, EdDSA and RS256 without attestation.
//!
//! The hub does not ask who made the device, so attestation is neither asked for nor believed. User verification is asked for: a
//! passkey alone is two factors, the device and what opens it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Rsa;
use openssl::sha::sha256;
use openssl::sign::Verifier;
use serde::Deserialize;

use super::cbor::Cbor;

// Flags of the authenticator data (section 6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const WITH_KEY: u8 = 0x40;
/// Shortest RSA key that is taken, in bits.
const SHORTEST_RSA: u32 = 2048;

/// What a ceremony was begun with.
#[derive(Debug, Clone, Copy)]
pub struct Challenge<'a> {
    /// The random bytes.
    pub bytes: &'a [u8],
    /// Origin of the pages: `https://hub.example`.
    pub origin: &'a str,
    /// The domain keys are bound to: the host of the origin.
    pub domain: &'a str,
}

/// What a browser answers to a registration; every value in base64url.
#[derive(Debug, Deserialize)]
pub struct Registration {
    /// What the browser saw.
    pub client_data: String,
    /// What the device made.
    pub attestation_object: String,
}

/// What a browser answers to a sign-in; every value in base64url.
#[derive(Debug, Deserialize)]
pub struct Assertion {
    /// Id of the key.
    pub id: String,
    /// What the browser saw.
    pub client_data: String,
    /// What the device says.
    pub authenticator_data: String,
    /// Its signature over both.
    pub signature: String,
}

/// A key that was made.
#[derive(Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its id, in base64url.
    pub id: String,
    /// The key: COSE algorithm, a colon, SubjectPublicKeyInfo in hexadecimal.
    pub key: String,
    /// Count of signatures.
    pub counter: i64,
}

/// Why a passkey is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyWrong {
    /// Something cannot be read.
    #[error("the answer of the browser cannot be read")]
    Unreadable,
    /// It answers another challenge, or was made on another page.
    #[error("the answer was made for another page or another question")]
    Foreign,
    /// The device did not make sure that its owner is there.
    #[error("the device did not verify its owner")]
    Unverified,
    /// The key is of a kind that was not asked for.
    #[error("the key is of a kind that is not taken")]
    Kind,
    /// The signature is not of this key.
    #[error("the signature is not of this key")]
    Signature,
    /// The count of signatures went back: the key was copied.
    #[error("the count of signatures went back")]
    Copied,
}

/// Takes a new key.
///
/// # Errors
/// [`PasskeyWrong`] says why not.
pub fn register(challenge: Challenge<'_>, made: &Registration) -> Result<Registered, PasskeyWrong> {
    seen_by_browser(&made.client_data, "webauthn.create", challenge)?;
    let object = decoded(&made.attestation_object)?;
    let (object, rest) = Cbor::read(&object).ok_or(PasskeyWrong::Unreadable)?;
    if !rest.is_empty() {
        return Err(PasskeyWrong::Unreadable);
    }
    let data = object.named("authData").and_then(Cbor::bytes).ok_or(PasskeyWrong::Unreadable)?;
    let counter = said_by_device(data, challenge.domain)?;
    if data[32] & WITH_KEY == 0 {
        return Err(PasskeyWrong::Unreadable);
    }
    // After hash, flags and count: 16 bytes of the model, the length of the id, the id, the key.
    let length = data.get(53..55).ok_or(PasskeyWrong::Unreadable)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    let (id, key) = data[55..].split_at_checked(length).ok_or(PasskeyWrong::Unreadable)?;
    if id.is_empty() || id.len() > 1023 {
        return Err(PasskeyWrong::Unreadable);
    }
    let (key, _extensions) = Cbor::read(key).ok_or(PasskeyWrong::Unreadable)?;
    Ok(Registered { id: URL_SAFE_NO_PAD.encode(id), key: public_key(&key)?, counter })
}

/// Whether a key answered the challenge; answers its new count of signatures.
///
/// # Errors
/// [`PasskeyWrong`] says why not.
pub fn verify(challenge: Challenge<'_>, said: &Assertion, key: &str, counter: i64) -> Result<i64, PasskeyWrong> {
    seen_by_browser(&said.client_data, "webauthn.get", challenge)?;
    let data = decoded(&said.authenticator_data)?;
    let count = said_by_device(&data, challenge.domain)?;
    let signed = [data, sha256(&decoded(&said.client_data)?).to_vec()].concat();
    let (algorithm, key) = key.split_once(':').ok_or(PasskeyWrong::Unreadable)?;
    let key = hex::decode(key).ok().and_then(|der| PKey::public_key_from_der(&der).ok());
    let key = key.ok_or(PasskeyWrong::Unreadable)?;
    let mut verifier = match algorithm {
        "-8" => Verifier::new_without_digest(&key),
        _ => Verifier::new(MessageDigest::sha256(), &key),
    }
    .map_err(|_| PasskeyWrong::Kind)?;
    let signature = decoded(&said.signature)?;
    if !verifier.verify_oneshot(&signature, &signed).unwrap_or(false) {
        return Err(PasskeyWrong::Signature);
    }
    // Devices that do not count say 0 for ever.
    if (count, counter) != (0, 0) && count <= counter { Err(PasskeyWrong::Copied) } else { Ok(count) }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

fn seen_by_browser(client_data: &str, kind: &str, challenge: Challenge<'_>) -> Result<(), PasskeyWrong> {
    let seen: ClientData = serde_json::from_slice(&decoded(client_data)?).map_err(|_| PasskeyWrong::Unreadable)?;
    let expected = URL_SAFE_NO_PAD.encode(challenge.bytes);
    let same = seen.challenge.len() == expected.len() && memcmp::eq(seen.challenge.as_bytes(), expected.as_bytes());
    let ours = seen.r#type == kind && seen.origin == challenge.origin && !seen.cross_origin;
    if same && ours { Ok(()) } else { Err(PasskeyWrong::Foreign) }
}

/// The count of signatures, where the device speaks of this domain and has verified its owner.
fn said_by_device(data: &[u8], domain: &str) -> Result<i64, PasskeyWrong> {
    let count = data.get(33..37).ok_or(PasskeyWrong::Unreadable)?;
    if data[..32] != sha256(domain.as_bytes()) {
        return Err(PasskeyWrong::Foreign);
    }
    if data[32] & (PRESENT | VERIFIED) != PRESENT | VERIFIED {
        return Err(PasskeyWrong::Unverified);
    }
    Ok(u32::from_be_bytes([count[0], count[1], count[2], count[3]]).into())
}

fn decoded(text: &str) -> Result<Vec<u8>, PasskeyWrong> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| PasskeyWrong::Unreadable)
}

/// The key of a COSE map (RFC 9053, section 7), of a kind that was asked for.
fn public_key(cose: &Cbor) -> Result<String, PasskeyWrong> {
    let number = |name| cose.at(name).and_then(Cbor::number);
    let bytes = |name| cose.at(name).and_then(Cbor::bytes).ok_or(PasskeyWrong::Unreadable);
    let algorithm = number(3).ok_or(PasskeyWrong::Unreadable)?;
    let key = match (number(1), algorithm, number(-1)) {
        (Some(2), -7, Some(1)) => elliptic(bytes(-2)?, bytes(-3)?).ok(),
        (Some(1), -8, Some(6)) => PKey::public_key_from_raw_bytes(bytes(-2)?, Id::ED25519).ok(),
        (Some(3), -257, _) => rsa(bytes(-1)?, bytes(-2)?).ok().filter(|key| key.bits() >= SHORTEST_RSA),
        _ => None,
    };
    let der = key.and_then(|key| key.public_key_to_der().ok()).ok_or(PasskeyWrong::Kind)?;
    Ok(format!("{algorithm}:{}", hex::encode(der)))
}

fn elliptic(x: &[u8], y: &[u8]) -> Result<PKey<Public>, openssl::error::ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let mut context = BigNumContext::new()?;
    let encoded = [&[4], x, y].concat();
    // Refuses what is not on the curve.
    let point = EcPoint::from_bytes(&group, &encoded, &mut context)?;
    PKey::from_ec_key(EcKey::from_public_key(&group, &point)?)
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<PKey<Public>, openssl::error::ErrorStack> {
    PKey::from_rsa(Rsa::from_public_components(BigNum::from_slice(modulus)?, BigNum::from_slice(exponent)?)?)
}

#[cfg(test)]
mod tests;
