//! Public keys as JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037), each bound to one algorithm.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Verifier};
use serde_json::{Map, Value, json};

use super::json;

/// Keys of one set that are read.
const MOST_KEYS: usize = 8;
/// Sizes of RSA keys, in bits: below is weak, above is work for nothing.
const RSA_BITS: std::ops::RangeInclusive<i32> = 2048..=8192;

/// The algorithms there are (RFC 7518, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSA PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// RSA-PSS with SHA-256.
    Ps256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    const ALL: [Self; 4] = [Self::Es256, Self::Rs256, Self::Ps256, Self::EdDsa];

    /// Its name (RFC 7518, section 3.1).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Reads its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongKey {
    /// It is no JSON Web Key.
    #[error("it is no JSON Web Key: {0}")]
    Malformed(String),
    /// It is secret.
    #[error("the key holds its secret part ({0}); send the public part alone, and use this key no more")]
    Secret(&'static str),
    /// Its kind, curve or algorithm is none of ours.
    #[error("{0} is not supported; use ES256 (EC P-256), EdDSA (OKP Ed25519), PS256 or RS256 (RSA)")]
    Unsupported(String),
    /// An RSA key does not say what it is for.
    #[error("an RSA key needs \"alg\": PS256 or RS256")]
    NoAlgorithm,
    /// It is too weak, or not on its curve.
    #[error("the key is unsafe: {0}")]
    Unsafe(String),
}

/// A public key and the one algorithm it is used with.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its id, where it has one.
    pub id: Option<String>,
    /// Its algorithm.
    pub algorithm: Algorithm,
    key: PKey<Public>,
}

/// Reads one key, or a set of them (RFC 7517, section 5).
///
/// # Errors
/// One of them cannot be used.
pub fn keys(text: &[u8]) -> Result<Vec<Key>, WrongKey> {
    let document = json::object(text).map_err(|error| WrongKey::Malformed(error.to_string()))?;
    let Some(set) = document.get("keys") else { return Ok(vec![Key::read(&document)?]) };
    let set = set.as_array().ok_or_else(|| WrongKey::Malformed("keys is no list".to_owned()))?;
    if set.is_empty() || set.len() > MOST_KEYS {
        return Err(WrongKey::Malformed(format!("a set holds 1 to {MOST_KEYS} keys")));
    }
    let one = |value: &Value| {
        value.as_object().ok_or_else(|| WrongKey::Malformed("a key is no object".to_owned())).and_then(Key::read)
    };
    set.iter().map(one).collect()
}

impl Key {
    /// Reads a key.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn read(members: &Map<String, Value>) -> Result<Self, WrongKey> {
        if let Some(secret) =
            ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].into_iter().find(|name| members.contains_key(*name))
        {
            return Err(WrongKey::Secret(secret));
        }
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return Err(WrongKey::Unsupported("a key that is not for signatures".to_owned()));
        }
        let id = match members.get("kid") {
            None => None,
            Some(Value::String(id)) if (1..=128).contains(&id.len()) => Some(id.clone()),
            Some(_) => return Err(WrongKey::Malformed("kid is no text of 1 to 128 bytes".to_owned())),
        };
        let named =
            text("alg").map(|name| Algorithm::parse(name).ok_or_else(|| WrongKey::Unsupported(name.to_owned())));
        let named = named.transpose()?;
        let number = |name: &str| -> Result<Vec<u8>, WrongKey> {
            let value = text(name).ok_or_else(|| WrongKey::Malformed(format!("{name} is missing")))?;
            URL_SAFE_NO_PAD.decode(value).map_err(|_| WrongKey::Malformed(format!("{name} is no base64url")))
        };
        let (key, natural) = match (text("kty"), text("crv")) {
            (Some("EC"), Some("P-256")) => (on_p256(&number("x")?, &number("y")?)?, Some(Algorithm::Es256)),
            (Some("OKP"), Some("Ed25519")) => {
                let key = PKey::public_key_from_raw_bytes(&number("x")?, Id::ED25519);
                (key.map_err(|_| WrongKey::Unsafe("it is no point of Ed25519".to_owned()))?, Some(Algorithm::EdDsa))
            }
            (Some("RSA"), _) => (rsa(&number("n")?, &number("e")?)?, None),
            (kind, curve) => {
                return Err(WrongKey::Unsupported(format!(
                    "{} {}",
                    kind.unwrap_or("no kty"),
                    curve.unwrap_or_default()
                )));
            }
        };
        let algorithm = match (natural, named) {
            (Some(natural), None) => natural,
            (Some(natural), Some(named)) if natural == named => natural,
            (None, Some(named @ (Algorithm::Rs256 | Algorithm::Ps256))) => named,
            (None, None) => return Err(WrongKey::NoAlgorithm),
            (_, Some(named)) => return Err(WrongKey::Unsupported(format!("{} with this key", named.as_str()))),
        };
        Ok(Self { id, algorithm, key })
    }

    /// The public part of a P-256 key, for ES256.
    ///
    /// # Errors
    /// It is no key on P-256.
    pub fn of_p256<T: HasPublic>(id: String, key: &PKey<T>) -> Result<Self, WrongKey> {
        let public = key.public_key_to_der().and_then(|der| PKey::public_key_from_der(&der)).map_err(unsafe_key)?;
        let curve = public.ec_key().map_err(unsafe_key)?.group().curve_name();
        if curve != Some(Nid::X9_62_PRIME256V1) {
            return Err(WrongKey::Unsupported("another curve than P-256".to_owned()));
        }
        Ok(Self { id: Some(id), algorithm: Algorithm::Es256, key: public })
    }

    /// The key as a JSON Web Key.
    ///
    /// # Errors
    /// OpenSSL cannot take it apart.
    pub fn to_jwk(&self) -> Result<Value, WrongKey> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match self.algorithm {
            Algorithm::Es256 => {
                let key = self.key.ec_key().map_err(unsafe_key)?;
                let mut context = openssl::bn::BigNumContext::new().map_err(unsafe_key)?;
                let form = openssl::ec::PointConversionForm::UNCOMPRESSED;
                let point = key.public_key().to_bytes(key.group(), form, &mut context).map_err(unsafe_key)?;
                json!({"kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..65])})
            }
            Algorithm::EdDsa => {
                let raw = self.key.raw_public_key().map_err(unsafe_key)?;
                json!({"kty": "OKP", "crv": "Ed25519", "x": text(&raw)})
            }
            Algorithm::Rs256 | Algorithm::Ps256 => {
                let key = self.key.rsa().map_err(unsafe_key)?;
                json!({"kty": "RSA", "n": text(&key.n().to_vec()), "e": text(&key.e().to_vec())})
            }
        };
        jwk["alg"] = self.algorithm.as_str().into();
        jwk["use"] = "sig".into();
        if let Some(id) = &self.id {
            jwk["kid"] = id.as_str().into();
        }
        Ok(jwk)
    }

    /// SHA-256 of the public key (SubjectPublicKeyInfo in DER), by which two keys are the same.
    ///
    /// # Errors
    /// OpenSSL cannot write it.
    pub fn digest(&self) -> Result<[u8; 32], WrongKey> {
        Ok(openssl::sha::sha256(&self.key.public_key_to_der().map_err(unsafe_key)?))
    }

    /// Whether a signature is this key's over these bytes.
    #[must_use]
    pub fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        self.judge(signed, signature).unwrap_or(false)
    }

    fn judge(&self, signed: &[u8], signature: &[u8]) -> Result<bool, ErrorStack> {
        if self.algorithm == Algorithm::EdDsa {
            return Verifier::new_without_digest(&self.key)?.verify_oneshot(signature, signed);
        }
        let mut verifier = Verifier::new(MessageDigest::sha256(), &self.key)?;
        match self.algorithm {
            Algorithm::Es256 => {
                // Two numbers of fixed width (RFC 7518, section 3.4), never DER.
                if signature.len() != 64 {
                    return Ok(false);
                }
                let (r, s) = (BigNum::from_slice(&signature[..32])?, BigNum::from_slice(&signature[32..])?);
                let der = EcdsaSig::from_private_components(r, s)?.to_der()?;
                return verifier.verify_oneshot(&der, signed);
            }
            Algorithm::Ps256 => {
                verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
                verifier.set_rsa_mgf1_md(MessageDigest::sha256())?;
                verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            }
            Algorithm::Rs256 | Algorithm::EdDsa => {}
        }
        verifier.verify_oneshot(signature, signed)
    }
}

fn unsafe_key(error: ErrorStack) -> WrongKey {
    WrongKey::Unsafe(error.to_string())
}

fn on_p256(x: &[u8], y: &[u8]) -> Result<PKey<Public>, WrongKey> {
    if x.len() != 32 || y.len() != 32 {
        return Err(WrongKey::Malformed("x and y have 32 bytes each (RFC 7518, section 6.2.1.2)".to_owned()));
    }
    let make = || -> Result<PKey<Public>, ErrorStack> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        let (x, y) = (BigNum::from_slice(x)?, BigNum::from_slice(y)?);
        let key = EcKey::from_public_key_affine_coordinates(&group, &x, &y)?;
        key.check_key()?;
        PKey::from_ec_key(key)
    };
    make().map_err(|_| WrongKey::Unsafe("it is no point of P-256".to_owned()))
}

fn rsa(n: &[u8], e: &[u8]) -> Result<PKey<Public>, WrongKey> {
    let make = || -> Result<Rsa<Public>, ErrorStack> {
        Rsa::from_public_components(BigNum::from_slice(n)?, BigNum::from_slice(e)?)
    };
    let key = make().map_err(unsafe_key)?;
    if !RSA_BITS.contains(&key.n().num_bits()) {
        return Err(WrongKey::Unsafe(format!("RSA keys have {} to {} bits", RSA_BITS.start(), RSA_BITS.end())));
    }
    // An even or tiny exponent is no RSA key; a huge one is work for nothing.
    if !key.e().is_bit_set(0) || key.e().num_bits() < 2 || key.e().num_bits() > 64 {
        return Err(WrongKey::Unsafe("the exponent is not usable".to_owned()));
    }
    PKey::from_rsa(key).map_err(unsafe_key)
}
