//! Signatures of tokens: JWS in compact form (RFC 7515), with the advice of RFC 8725.
//!
//! The algorithm is one of [`ALGORITHMS`] and one the provider named beforehand: a token cannot choose it. There is no `none`, and
//! nothing symmetric, so that a public key can never be taken for a shared secret. What a header says of keys (`jwk`, `jku`,
//! `x5c`) is not read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Verifier};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::NotBelieved;

/// What is believed.
pub(super) const ALGORITHMS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];
/// Longest token, in bytes.
const LONGEST: usize = 16 * 1024;
/// Shortest RSA key, in bits.
const SHORTEST_RSA: u32 = 2048;

/// A key of a set (RFC 7517).
#[derive(Debug, Deserialize)]
pub(super) struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The keys of a provider that can be used.
pub(super) struct Keys(Vec<Key>);

struct Key {
    id: Option<String>,
    algorithms: &'static [&'static str],
    key: PKey<Public>,
}

impl Keys {
    pub(super) fn of(keys: impl Iterator<Item = Jwk>) -> Self {
        Self(keys.filter_map(|key| usable(&key)).collect())
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id.as_deref() == Some(id))
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

/// A token that was taken apart and not yet believed.
pub(super) struct Unverified<'a> {
    header: Header,
    signed: &'a str,
    claims: Map<String, Value>,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart.
    pub(super) fn read(token: &'a str) -> Result<Self, NotBelieved> {
        const FORM: NotBelieved = NotBelieved::Token("form");
        let (signed, signature) = token.rsplit_once('.').filter(|_| token.len() <= LONGEST).ok_or(FORM)?;
        let (header, claims) = signed.split_once('.').filter(|(_, claims)| !claims.contains('.')).ok_or(FORM)?;
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| FORM);
        let header: Header = serde_json::from_slice(&bytes(header)?).map_err(|_| FORM)?;
        let claims = serde_json::from_slice(&bytes(claims)?).map_err(|_| FORM)?;
        Ok(Self { header, signed, claims, signature: bytes(signature)? })
    }

    /// The key it says it was signed with.
    pub(super) fn key_id(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// What kind of token it says it is.
    pub(super) fn kind(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// Its claims, where it was signed with one of these keys by one of these algorithms.
    pub(super) fn verified(self, keys: &Keys, named: &[String]) -> Result<Map<String, Value>, NotBelieved> {
        let algorithm = ALGORITHMS.into_iter().find(|one| *one == self.header.alg).ok_or(NotBelieved::Token("alg"))?;
        // A provider that names none signs with RS256 (OpenID Connect discovery 1.0, section 3).
        let expected = if named.is_empty() { algorithm == "RS256" } else { named.iter().any(|one| one == algorithm) };
        if !expected || self.header.crit.is_some() {
            return Err(NotBelieved::Token("alg"));
        }
        let fits = |key: &&Key| {
            key.algorithms.contains(&algorithm) && self.header.kid.as_ref().is_none_or(|id| key.id.as_ref() == Some(id))
        };
        let mut candidates = keys.0.iter().filter(fits);
        let signed = candidates.any(|key| verify(algorithm, &key.key, self.signed.as_bytes(), &self.signature));
        if signed { Ok(self.claims) } else { Err(NotBelieved::Token("signature")) }
    }
}

fn usable(jwk: &Jwk) -> Option<Key> {
    if jwk.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
    let (key, algorithms): (_, &'static [&'static str]) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => {
            let (modulus, exponent) = (bytes(&jwk.n)?, bytes(&jwk.e)?);
            let numbers = (BigNum::from_slice(&modulus).ok()?, BigNum::from_slice(&exponent).ok()?);
            let key = PKey::from_rsa(Rsa::from_public_components(numbers.0, numbers.1).ok()?).ok()?;
            (Some(key).filter(|key| key.bits() >= SHORTEST_RSA)?, &["RS256", "PS256"])
        }
        ("EC", Some("P-256")) => {
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).ok()?;
            let encoded = [vec![4], bytes(&jwk.x)?, bytes(&jwk.y)?].concat();
            let point = EcPoint::from_bytes(&group, &encoded, &mut *BigNumContext::new().ok()?).ok()?;
            (PKey::from_ec_key(EcKey::from_public_key(&group, &point).ok()?).ok()?, &["ES256"])
        }
        ("OKP", Some("Ed25519")) => (PKey::public_key_from_raw_bytes(&bytes(&jwk.x)?, Id::ED25519).ok()?, &["EdDSA"]),
        _ => return None,
    };
    // A key that names its algorithm serves no other.
    let algorithms = match jwk.alg.as_deref() {
        Some(named) => {
            let at = algorithms.iter().position(|one| *one == named)?;
            &algorithms[at..=at]
        }
        None => algorithms,
    };
    Some(Key { id: jwk.kid.clone(), algorithms, key })
}

fn verify(algorithm: &str, key: &PKey<Public>, signed: &[u8], signature: &[u8]) -> bool {
    let checked = || -> Result<bool, openssl::error::ErrorStack> {
        if algorithm == "EdDSA" {
            return Verifier::new_without_digest(key)?.verify_oneshot(signature, signed);
        }
        let mut verifier = Verifier::new(MessageDigest::sha256(), key)?;
        if algorithm == "PS256" {
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
        if algorithm == "ES256" {
            // Two numbers of 32 bytes each, not the ASN.1 that OpenSSL reads.
            let Some((r, s)) = signature.split_at_checked(32).filter(|(_, s)| s.len() == 32) else { return Ok(false) };
            let numbers = EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
            return verifier.verify_oneshot(&numbers.to_der()?, signed);
        }
        verifier.verify_oneshot(signature, signed)
    };
    checked().unwrap_or(false)
}

#[cfg(test)]
mod tests;
