//! Keys as JWK (RFC 7517): P-256 and RSA, strict, with the thumbprint of RFC 7638 as their id.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::sha::sha256;
use serde_json::{Map, Value, json};

/// Bytes of a coordinate of P-256.
pub(super) const COORDINATE: usize = 32;
/// Fewest and most bits of an RSA modulus.
const RSA_BITS: std::ops::RangeInclusive<u32> = 2_048..=8_192;

/// Why a key cannot be used. The words hold nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum JwkError {
    /// Not the members of a public encryption key.
    #[error("the key must be a public JWK, kty EC with crv P-256 or kty RSA of 2048 to 8192 bits, for use enc: {0}")]
    Shape(&'static str),
    /// Private members, which must never be sent.
    #[error(
        "the key carries private members: send the public key alone, and make a new pair, because this one was shown"
    )]
    Private,
    /// The numbers are no key.
    #[error("the numbers of the key do not make a key")]
    Numbers(#[from] ErrorStack),
}

/// A public key that documents are sealed for.
#[derive(Debug, Clone)]
pub struct PublicKey {
    pub(super) key: PKey<Public>,
    jwk: Value,
    kid: String,
}

/// A private key that opens them. Has no Debug on purpose.
pub struct PrivateKey {
    pub(super) key: PKey<Private>,
    /// The public half.
    pub public: PublicKey,
}

impl PublicKey {
    /// Reads a public JWK.
    ///
    /// # Errors
    /// [`JwkError`]; a point off the curve and private members among them.
    pub fn read(jwk: &Value) -> Result<Self, JwkError> {
        let members = jwk.as_object().ok_or(JwkError::Shape("it is no object"))?;
        if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().any(|name| members.contains_key(*name)) {
            return Err(JwkError::Private);
        }
        if members.get("use").is_some_and(|usage| usage != "enc") {
            return Err(JwkError::Shape("its use is not enc"));
        }
        let key = match text(members, "kty")? {
            "EC" => ec(members)?,
            "RSA" => rsa(members)?,
            _ => return Err(JwkError::Shape("its kty is another")),
        };
        let read = Self::of(key)?;
        if members.get("alg").is_some_and(|alg| alg != read.algorithm()) {
            return Err(JwkError::Shape("its alg is not that of its kty"));
        }
        Ok(read)
    }

    /// The public half of an openssl key.
    fn of(key: PKey<Public>) -> Result<Self, JwkError> {
        let members = if let Ok(ec) = key.ec_key() {
            let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
            let mut context = BigNumContext::new()?;
            ec.public_key().affine_coordinates(ec.group(), &mut x, &mut y, &mut context)?;
            let coordinate = |number: &BigNum| -> Result<String, ErrorStack> {
                Ok(B64.encode(number.to_vec_padded(i32::try_from(COORDINATE).expect("a small number"))?))
            };
            json!({"crv": "P-256", "kty": "EC", "x": coordinate(&x)?, "y": coordinate(&y)?})
        } else {
            let rsa = key.rsa()?;
            json!({"e": B64.encode(rsa.e().to_vec()), "kty": "RSA", "n": B64.encode(rsa.n().to_vec())})
        };
        // The members stand in the order of RFC 7638, without blanks.
        let kid = B64.encode(sha256(members.to_string().as_bytes()));
        let mut read = Self { key, jwk: members, kid };
        let algorithm = read.algorithm();
        for (name, value) in [("use", "enc"), ("alg", algorithm), ("kid", &read.kid.clone())] {
            read.jwk[name] = value.into();
        }
        Ok(read)
    }

    /// The JWK, with `use`, `alg` and `kid`.
    #[must_use]
    pub fn jwk(&self) -> &Value {
        &self.jwk
    }

    /// Its thumbprint (RFC 7638).
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// How content keys are wrapped for it.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        if self.key.ec_key().is_ok() { "ECDH-ES+A256KW" } else { "RSA-OAEP-256" }
    }
}

impl PrivateKey {
    /// A new pair on P-256.
    ///
    /// # Errors
    /// The cryptographic library has no randomness.
    pub fn generate() -> Result<Self, JwkError> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        Self::of(PKey::from_ec_key(EcKey::generate(&group)?)?)
    }

    /// Reads an unencrypted private key as PEM.
    ///
    /// # Errors
    /// It is none, or neither P-256 nor RSA.
    pub fn from_pem(pem: &[u8]) -> Result<Self, JwkError> {
        Self::of(PKey::private_key_from_pem_callback(pem, |_| Ok(0))?)
    }

    fn of(key: PKey<Private>) -> Result<Self, JwkError> {
        let public = PKey::public_key_from_der(&key.public_key_to_der()?)?;
        match (public.ec_key(), public.rsa()) {
            (Ok(ec), _) if ec.group().curve_name() == Some(Nid::X9_62_PRIME256V1) => {}
            (_, Ok(rsa)) if RSA_BITS.contains(&bits(&rsa)) => {}
            _ => return Err(JwkError::Shape("it is on another curve, or of another kind")),
        }
        Ok(Self { key, public: PublicKey::of(public)? })
    }

    /// PKCS #8, unencrypted, as PEM: for a file that only its owner reads.
    ///
    /// # Errors
    /// The library cannot write it.
    pub fn to_pem(&self) -> Result<Vec<u8>, JwkError> {
        Ok(self.key.private_key_to_pem_pkcs8()?)
    }
}

fn bits(rsa: &Rsa<Public>) -> u32 {
    u32::try_from(rsa.n().num_bits()).unwrap_or(0)
}

fn ec(members: &Map<String, Value>) -> Result<PKey<Public>, JwkError> {
    if text(members, "crv")? != "P-256" {
        return Err(JwkError::Shape("its crv is not P-256"));
    }
    let (x, y) = (bytes(members, "x")?, bytes(members, "y")?);
    if x.len() != COORDINATE || y.len() != COORDINATE {
        return Err(JwkError::Shape("its coordinates are not 32 bytes long"));
    }
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let mut context = BigNumContext::new()?;
    let point = EcPoint::from_bytes(&group, &[&[4], x.as_slice(), y.as_slice()].concat(), &mut context)?;
    let key = EcKey::from_public_key(&group, &point)?;
    // A point off the curve would tell an attacker something of our other keys.
    key.check_key()?;
    Ok(PKey::from_ec_key(key)?)
}

fn rsa(members: &Map<String, Value>) -> Result<PKey<Public>, JwkError> {
    let (n, e) = (bytes(members, "n")?, bytes(members, "e")?);
    let (n, e) = (BigNum::from_slice(&n)?, BigNum::from_slice(&e)?);
    let sound = !n.is_bit_set(0) || e.num_bits() < 2 || e.num_bits() > 32 || !e.is_bit_set(0);
    if sound || !RSA_BITS.contains(&u32::try_from(n.num_bits()).unwrap_or(0)) {
        return Err(JwkError::Shape("its modulus or exponent is out of bounds"));
    }
    Ok(PKey::from_rsa(Rsa::from_public_components(n, e)?)?)
}

fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, JwkError> {
    members.get(name).and_then(Value::as_str).ok_or(JwkError::Shape("a member is missing"))
}

fn bytes(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkError> {
    B64.decode(text(members, name)?).map_err(|_| JwkError::Shape("a number is not base64url"))
}
