//! What preservation keeps, as types.

use hub_signatures::digest::DigestAlgorithm;

use crate::clock::Timestamp;

/// A run of leaves of the log that is proved together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchRun {
    /// Its number, from 0.
    pub number: u64,
    /// First leaf of the log.
    pub first: u64,
    /// Last leaf of the log.
    pub last: u64,
}

impl BatchRun {
    /// Evidences in it.
    #[must_use]
    pub fn leaves(&self) -> u64 {
        self.last - self.first + 1
    }
}

/// What an archive time-stamp begins or renews (RFC 4998, section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The first one of a batch.
    Initial,
    /// Renews the stamp before, in the same chain.
    TimeStamp,
    /// Begins a new chain with another algorithm.
    HashTree,
}

impl Kind {
    /// The word in the database and in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::TimeStamp => "time-stamp",
            Self::HashTree => "hash-tree",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Initial, Self::TimeStamp, Self::HashTree].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// An archive time-stamp of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampRecord {
    /// The batch.
    pub batch: u64,
    /// Its number within the batch, from 0.
    pub number: u64,
    /// What it begins or renews.
    pub kind: Kind,
    /// Of tree and imprint.
    pub algorithm: DigestAlgorithm,
    /// What is stamped.
    pub root: Vec<u8>,
    /// Leaves of the tree where they are not the SHA-256 of the evidences.
    pub leaf_hashes: Option<Vec<u8>>,
    /// The RFC 3161 token, DER.
    pub token: Vec<u8>,
    /// Subject of the authority's certificate.
    pub authority: String,
    /// SHA-256 of the authority's certificate.
    pub authority_sha256: [u8; 32],
    /// End of validity of the authority's certificate.
    pub authority_ends: Timestamp,
    /// The time it proves.
    pub at: Timestamp,
    /// When it was kept, by the hub's clock.
    pub recorded_at: Timestamp,
}

/// The word for an algorithm in configuration, database and answers.
#[must_use]
pub fn algorithm_name(algorithm: DigestAlgorithm) -> &'static str {
    match algorithm {
        DigestAlgorithm::Sha256 => "sha256",
        DigestAlgorithm::Sha384 => "sha384",
        DigestAlgorithm::Sha512 => "sha512",
    }
}

/// The algorithm of a word.
#[must_use]
pub fn parse_algorithm(word: &str) -> Option<DigestAlgorithm> {
    DigestAlgorithm::ALL.into_iter().find(|one| algorithm_name(*one) == word)
}

/// Bytes of a digest, which also say which algorithm of the family is stronger.
pub(super) fn strength(algorithm: DigestAlgorithm) -> usize {
    match algorithm {
        DigestAlgorithm::Sha256 => 32,
        DigestAlgorithm::Sha384 => 48,
        DigestAlgorithm::Sha512 => 64,
    }
}
