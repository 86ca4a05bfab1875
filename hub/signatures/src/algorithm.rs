//! Signature algorithms of XML Signature and the check of one signature value.
//!
//! RSA is PKCS#1 v1.5; ECDSA values are the raw `r || s` of XML Signature 1.1 (section 6.4.3), never DER.

use openssl::bn::BigNum;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Public};
use openssl::sign::Verifier;

use crate::digest::DigestAlgorithm;

/// Fewest bits of an RSA key that is accepted or used (ETSI TS 119 312, clause 6.2).
pub const MIN_RSA_BITS: u32 = 2048;

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    RsaSha256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    RsaSha384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    RsaSha512,
    /// ECDSA with SHA-256.
    EcdsaSha256,
    /// ECDSA with SHA-384.
    EcdsaSha384,
    /// ECDSA with SHA-512.
    EcdsaSha512,
}

impl SignatureAlgorithm {
    /// Every algorithm, for policies that accept all of them.
    pub const ALL: [SignatureAlgorithm; 6] = [
        SignatureAlgorithm::RsaSha256,
        SignatureAlgorithm::RsaSha384,
        SignatureAlgorithm::RsaSha512,
        SignatureAlgorithm::EcdsaSha256,
        SignatureAlgorithm::EcdsaSha384,
        SignatureAlgorithm::EcdsaSha512,
    ];

    /// The URI that names the algorithm (RFC 9231, sections 2.3.2 to 2.3.6).
    pub fn uri(self) -> &'static str {
        match self {
            SignatureAlgorithm::RsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            SignatureAlgorithm::RsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
            SignatureAlgorithm::RsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            SignatureAlgorithm::EcdsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            SignatureAlgorithm::EcdsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
            SignatureAlgorithm::EcdsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        }
    }

    /// The algorithm a URI names, if it is known.
    pub fn from_uri(uri: &str) -> Option<SignatureAlgorithm> {
        SignatureAlgorithm::ALL.into_iter().find(|algorithm| algorithm.uri() == uri)
    }

    /// The digest inside the signature.
    pub fn digest(self) -> DigestAlgorithm {
        match self {
            SignatureAlgorithm::RsaSha256 | SignatureAlgorithm::EcdsaSha256 => DigestAlgorithm::Sha256,
            SignatureAlgorithm::RsaSha384 | SignatureAlgorithm::EcdsaSha384 => DigestAlgorithm::Sha384,
            SignatureAlgorithm::RsaSha512 | SignatureAlgorithm::EcdsaSha512 => DigestAlgorithm::Sha512,
        }
    }

    /// Whether `value` is the signature of `message` under `key`; false too when key and algorithm do not fit.
    pub fn verify(self, key: &PKeyRef<Public>, message: &[u8], value: &[u8]) -> bool {
        self.verify_with(&VerificationKey::of(key), message, value)
    }

    /// The same with a key made ready before.
    pub(crate) fn verify_with(self, key: &VerificationKey, message: &[u8], value: &[u8]) -> bool {
        let answer = match key {
            VerificationKey::Rsa(key) if self.is_rsa() => self.verify_rsa(key, message, value),
            VerificationKey::Ec { key, width } if !self.is_rsa() => self.verify_ecdsa(key, *width, message, value),
            _ => Ok(false),
        };
        // OpenSSL reports malformed values as errors; to a verifier they are just wrong values.
        answer.unwrap_or(false)
    }

    pub(crate) fn is_rsa(self) -> bool {
        matches!(self, SignatureAlgorithm::RsaSha256 | SignatureAlgorithm::RsaSha384 | SignatureAlgorithm::RsaSha512)
    }

    fn verify_rsa(self, key: &PKeyRef<Public>, message: &[u8], value: &[u8]) -> Result<bool, ErrorStack> {
        let digest = match self.digest() {
            DigestAlgorithm::Sha256 => MessageDigest::sha256(),
            DigestAlgorithm::Sha384 => MessageDigest::sha384(),
            DigestAlgorithm::Sha512 => MessageDigest::sha512(),
        };
        Verifier::new(digest, key)?.verify_oneshot(value, message)
    }

    fn verify_ecdsa(self, key: &EcKey<Public>, width: usize, message: &[u8], value: &[u8]) -> Result<bool, ErrorStack> {
        if value.len() != 2 * width {
            return Ok(false);
        }
        let (r, s) = value.split_at(width);
        let signature = EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
        signature.verify(&self.digest().digest(message), key)
    }
}

/// A public key as signatures are checked with it; taking it out of its container costs a third of a check.
#[derive(Debug)]
pub(crate) enum VerificationKey {
    /// RSA of at least [`MIN_RSA_BITS`].
    Rsa(PKey<Public>),
    /// A key on an accepted curve, and the bytes of one coordinate.
    Ec { key: EcKey<Public>, width: usize },
    /// Any other: no signature is right under it.
    Unfit,
}

impl VerificationKey {
    pub(crate) fn of(key: &PKeyRef<Public>) -> VerificationKey {
        if key.id() == Id::RSA && key.bits() >= MIN_RSA_BITS {
            return VerificationKey::Rsa(key.to_owned());
        }
        match (field_bytes(key), key.ec_key()) {
            (Some(width), Ok(key)) => VerificationKey::Ec { key, width },
            _ => VerificationKey::Unfit,
        }
    }
}

/// Bytes of one coordinate of an accepted elliptic curve (P-256, P-384, P-521), none for any other key.
pub(crate) fn field_bytes<T: HasPublic>(key: &PKeyRef<T>) -> Option<usize> {
    if key.id() != Id::EC {
        return None;
    }
    match key.ec_key().ok()?.group().curve_name()? {
        Nid::X9_62_PRIME256V1 => Some(32),
        Nid::SECP384R1 => Some(48),
        Nid::SECP521R1 => Some(66),
        _ => None,
    }
}
