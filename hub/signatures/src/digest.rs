//! Digests named by XML Signature, and their comparison.
//!
//! Only the SHA-2 family is known; SHA-1 and MD5 are deliberately absent (ETSI TS 119 312).

use openssl::sha;

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestAlgorithm {
    /// Every algorithm, for policies that accept all of them.
    pub const ALL: [DigestAlgorithm; 3] = [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512];

    /// The URI that names the algorithm (XML Encryption 1.1, section 5.8; RFC 9231, section 2.1).
    pub fn uri(self) -> &'static str {
        match self {
            DigestAlgorithm::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
            DigestAlgorithm::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
            DigestAlgorithm::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
        }
    }

    /// The algorithm a URI names, if it is known.
    pub fn from_uri(uri: &str) -> Option<DigestAlgorithm> {
        DigestAlgorithm::ALL.into_iter().find(|algorithm| algorithm.uri() == uri)
    }

    /// The digest of `data`: 32, 48 or 64 bytes.
    pub fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            DigestAlgorithm::Sha256 => sha256(data).to_vec(),
            DigestAlgorithm::Sha384 => sha::sha384(data).to_vec(),
            DigestAlgorithm::Sha512 => sha::sha512(data).to_vec(),
        }
    }
}

/// SHA-256 of `data`.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    // The streaming form skips the algorithm look-up that the one-shot form of OpenSSL 3 makes on every call.
    let mut hash = sha::Sha256::new();
    hash.update(data);
    hash.finish()
}

/// Whether two digests are equal, in time that depends only on their length.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && openssl::memcmp::eq(left, right)
}
