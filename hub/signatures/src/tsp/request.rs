//! Builds a TimeStampReq (RFC 3161, section 2.4.1).

use crate::der;
use crate::digest::DigestAlgorithm;
use crate::time_stamp::{algorithm_identifier, oid};

/// Longest nonce in bytes; 8 are usual, and some authorities take no more than 20.
const LONGEST_NONCE: usize = 20;
const BOOLEAN_TRUE: [u8; 3] = [0x01, 0x01, 0xFF];

/// What is to be stamped: a digest and its algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imprint {
    algorithm: DigestAlgorithm,
    digest: Vec<u8>,
}

/// Why a request cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The digest does not have the length of its algorithm.
    #[error("a digest of {0} bytes is not one of the algorithm it is said to be of")]
    DigestLength(usize),
    /// The nonce is empty, all zero or too long.
    #[error("the nonce of a time-stamp request must be a number above zero of at most {LONGEST_NONCE} bytes")]
    Nonce,
    /// The policy is not an object identifier.
    #[error("the time-stamp policy {0:?} is not an object identifier, like 1.2.3.4")]
    Policy(String),
}

/// A request for a time-stamp. It always asks for the authority's certificate (`certReq`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub(super) imprint: Imprint,
    /// Contents of a DER INTEGER.
    pub(super) nonce: Vec<u8>,
    pub(super) policy: Option<String>,
    der: Vec<u8>,
}

impl Imprint {
    /// The imprint of `data`.
    #[must_use]
    pub fn of(algorithm: DigestAlgorithm, data: &[u8]) -> Imprint {
        Imprint { algorithm, digest: algorithm.digest(data) }
    }

    /// An imprint whose digest is known already.
    ///
    /// # Errors
    /// [`RequestError::DigestLength`] when it does not have the length of the algorithm.
    pub fn new(algorithm: DigestAlgorithm, digest: Vec<u8>) -> Result<Imprint, RequestError> {
        let length = match algorithm {
            DigestAlgorithm::Sha256 => 32,
            DigestAlgorithm::Sha384 => 48,
            DigestAlgorithm::Sha512 => 64,
        };
        if digest.len() == length {
            Ok(Imprint { algorithm, digest })
        } else {
            Err(RequestError::DigestLength(digest.len()))
        }
    }

    /// The digest algorithm.
    #[must_use]
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// The digest.
    #[must_use]
    pub fn digest(&self) -> &[u8] {
        &self.digest
    }
}

impl From<[u8; 32]> for Imprint {
    /// A SHA-256 digest.
    fn from(digest: [u8; 32]) -> Imprint {
        Imprint { algorithm: DigestAlgorithm::Sha256, digest: digest.to_vec() }
    }
}

impl Request {
    /// A request over `imprint`. The nonce is big-endian, random and never used twice; a policy is in dotted notation.
    ///
    /// # Errors
    /// When the nonce is zero or too long, or the policy is not an object identifier.
    pub fn new(imprint: Imprint, nonce: &[u8], policy: Option<&str>) -> Result<Request, RequestError> {
        if nonce.len() > LONGEST_NONCE || nonce.iter().all(|byte| *byte == 0) {
            return Err(RequestError::Nonce);
        }
        let nonce = der::integer(nonce);
        let mut contents = der::integer(&[1]);
        let digest = der::value(der::OCTET_STRING, &imprint.digest);
        contents.extend(der::value(der::SEQUENCE, &[algorithm_identifier(imprint.algorithm), digest].concat()));
        if let Some(policy) = policy {
            let policy = oid::contents(policy).ok_or_else(|| RequestError::Policy(policy.to_owned()))?;
            contents.extend(der::value(der::OID, &policy));
        }
        contents.extend(&nonce);
        contents.extend(BOOLEAN_TRUE);
        let der = der::value(der::SEQUENCE, &contents);
        // Tag and length of so short a number take two bytes.
        let nonce = nonce[2..].to_vec();
        Ok(Request { imprint, nonce, policy: policy.map(str::to_owned), der })
    }

    /// The DER bytes to send as [`super::QUERY_TYPE`].
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}
