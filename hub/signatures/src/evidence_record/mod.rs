//! Evidence records (RFC 4998): one RFC 3161 time-stamp over many objects, renewed before certificates or algorithms
//! age, so that each object keeps its own proof of when it existed.
//!
//! The caller hashes objects, asks the time-stamping authority and gives the time of the check; nothing is fetched.
//! Digests are of the SHA-2 family only. Revocation of an authority is not looked at (see [`crate::trust`]). DER is read
//! and written with the crate's own few lines, because renewals hash the bytes as they came and those lines keep them.

mod batch;
mod archive_time_stamp;
mod encoding;
mod verification;

pub use archive_time_stamp::ArchiveTimeStamp;
pub use batch::{Batch, Documents};
pub use verification::{Proven, RefusedRecord};

use crate::der;
use crate::digest::DigestAlgorithm;

/// Largest record that is read, in bytes.
pub const MAX_RECORD: usize = 4 * 1024 * 1024;
/// Most time-stamps of a record that is read; one renewal a year fills it in 256 years.
pub const MAX_TIME_STAMPS: usize = 256;

/// The proof of existence of one object: a document, or documents that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRecord {
    /// Chains, oldest first; each has at least one time-stamp, and one digest algorithm.
    chains: Vec<Vec<ArchiveTimeStamp>>,
    /// Contents of `cryptoInfos`, kept but not used.
    crypto_infos: Option<Vec<u8>>,
}

/// Why a record cannot be built, renewed or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// There is nothing to stamp.
    #[error("a batch needs at least one object, and each object at least one document")]
    Empty,
    /// A digest has the wrong length for its algorithm.
    #[error("a digest of {found} bytes is not one of {algorithm:?}")]
    DigestLength {
        /// The algorithm of the batch.
        algorithm: DigestAlgorithm,
        /// Bytes of the digest.
        found: usize,
    },
    /// The token is not readable.
    #[error("the time-stamp is not a readable RFC 3161 token with a SHA-2 imprint")]
    UnreadableToken,
    /// The token was made for something else.
    #[error("the time-stamp was made for another hash than the root of this batch")]
    OtherToken,
    /// The renewal does not cover the record.
    #[error("the new time-stamp does not cover this record")]
    OtherRecord,
    /// A renewal in one chain keeps the algorithm of the chain.
    #[error("a time-stamp renewal keeps the digest algorithm {chain:?}, but {found:?} was used")]
    OtherAlgorithm {
        /// The algorithm of the chain.
        chain: DigestAlgorithm,
        /// The algorithm of the new time-stamp.
        found: DigestAlgorithm,
    },
    /// The bytes are not an evidence record that is understood.
    #[error("the evidence record is not readable: {0}")]
    Unreadable(&'static str),
}

impl EvidenceRecord {
    /// A record that begins with this time-stamp.
    pub fn new(first: ArchiveTimeStamp) -> EvidenceRecord {
        EvidenceRecord { chains: vec![vec![first]], crypto_infos: None }
    }

    /// The chains, oldest first.
    pub fn chains(&self) -> &[Vec<ArchiveTimeStamp>] {
        &self.chains
    }

    /// The digest algorithm of the newest chain.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.last().algorithm()
    }

    /// What a time-stamp renewal stamps, before the authority's certificate expires (RFC 4998, section 5.2): the digest
    /// of the last time-stamp. Put it into a [`Batch`] of [`EvidenceRecord::algorithm`].
    pub fn time_stamp_renewal(&self) -> Documents {
        vec![self.algorithm().digest(self.last().token())]
    }

    /// Adds the result of a time-stamp renewal to the newest chain.
    ///
    /// # Errors
    /// When the time-stamp uses another algorithm or does not cover the last one.
    pub fn renew_time_stamp(&mut self, renewed: ArchiveTimeStamp) -> Result<(), RecordError> {
        if renewed.algorithm() != self.algorithm() {
            return Err(RecordError::OtherAlgorithm { chain: self.algorithm(), found: renewed.algorithm() });
        }
        if !renewed.covers(&self.time_stamp_renewal()) {
            return Err(RecordError::OtherRecord);
        }
        self.chains.last_mut().expect("a record has a chain").push(renewed);
        Ok(())
    }

    /// What a hash-tree renewal stamps, before the digest algorithm weakens (RFC 4998, section 5.2): for each document
    /// `H(H(document) || H(all chains so far))`. `documents` are the new digests of all documents of the object.
    pub fn hash_tree_renewal(&self, algorithm: DigestAlgorithm, documents: &Documents) -> Documents {
        let chains = algorithm.digest(&der::value(der::SEQUENCE, &encoding::chains(&self.chains)));
        documents.iter().map(|document| algorithm.digest(&[document.as_slice(), &chains].concat())).collect()
    }

    /// Begins a new chain with the result of a hash-tree renewal over these documents.
    ///
    /// # Errors
    /// When the time-stamp does not cover the record and its documents.
    pub fn renew_hash_tree(&mut self, renewed: ArchiveTimeStamp, documents: &Documents) -> Result<(), RecordError> {
        if !renewed.covers(&self.hash_tree_renewal(renewed.algorithm(), documents)) {
            return Err(RecordError::OtherRecord);
        }
        self.chains.push(vec![renewed]);
        Ok(())
    }

    fn last(&self) -> &ArchiveTimeStamp {
        self.chains.last().and_then(|chain| chain.last()).expect("a record has a chain and a chain a time-stamp")
    }
}
