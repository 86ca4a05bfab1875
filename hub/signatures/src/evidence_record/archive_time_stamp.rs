//! One time-stamp with the part of the hash tree that leads to it (RFC 4998, section 4).

use std::borrow::Cow;

use crate::digest::DigestAlgorithm;
use crate::evidence_record::batch::ascending;
use crate::evidence_record::encoding;

/// `ArchiveTimeStamp`: the way from an object to a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveTimeStamp {
    algorithm: DigestAlgorithm,
    /// Lists of hashes, each not empty; none when the token stamps the object itself.
    reduced_hash_tree: Vec<Vec<Vec<u8>>>,
    token: Vec<u8>,
    /// The encoding, kept as it came because renewals hash it.
    der: Vec<u8>,
}

impl ArchiveTimeStamp {
    pub(super) fn new(
        algorithm: DigestAlgorithm,
        reduced_hash_tree: Vec<Vec<Vec<u8>>>,
        token: Vec<u8>,
    ) -> ArchiveTimeStamp {
        let der = encoding::archive_time_stamp(algorithm, &reduced_hash_tree, &token);
        ArchiveTimeStamp { algorithm, reduced_hash_tree, token, der }
    }

    /// What was read from `der`.
    pub(super) fn read(
        algorithm: DigestAlgorithm,
        reduced_hash_tree: Vec<Vec<Vec<u8>>>,
        token: Vec<u8>,
        der: Vec<u8>,
    ) -> ArchiveTimeStamp {
        ArchiveTimeStamp { algorithm, reduced_hash_tree, token, der }
    }

    /// The algorithm of the hash tree and of the token's imprint.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// The RFC 3161 token, DER.
    pub fn token(&self) -> &[u8] {
        &self.token
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether these digests are those the time-stamp begins with.
    pub(super) fn covers(&self, digests: &[Vec<u8>]) -> bool {
        match self.reduced_hash_tree.first() {
            // Several documents are a group, and the first list is exactly the group (RFC 4998, section 4.3).
            Some(list) if digests.len() > 1 => {
                let (mut listed, mut given) = (list.clone(), digests.to_vec());
                listed.sort_unstable();
                given.sort_unstable();
                listed == given
            }
            Some(list) => digests.iter().all(|digest| list.contains(digest)),
            None => {
                let imprint = encoding::imprint(&self.token).map(|(_, imprint)| imprint);
                digests.len() == 1 && imprint == digests.first().map(Vec::as_slice)
            }
        }
    }

    /// The bytes whose digest the token must hold, for an object of these contents; none when the object is not
    /// covered (RFC 4998, section 4.3).
    pub(super) fn stamped<'c>(&self, contents: &[Cow<'c, [u8]>]) -> Option<Cow<'c, [u8]>> {
        let digests: Vec<Vec<u8>> = contents.iter().map(|content| self.algorithm.digest(content)).collect();
        if !self.covers(&digests) {
            return None;
        }
        let mut lists = self.reduced_hash_tree.iter();
        let mut stamped = match lists.next() {
            Some(first) if first.len() > 1 => Cow::Owned(ascending(first.clone())),
            _ => contents.first()?.clone(),
        };
        for list in lists {
            let mut members = list.clone();
            members.push(self.algorithm.digest(&stamped));
            stamped = Cow::Owned(ascending(members));
        }
        Some(stamped)
    }
}
