//! The hash tree over a batch of objects and its reduction to the part that one object needs (RFC 4998, sections 4.1
//! and 4.2).

use crate::digest::{self, DigestAlgorithm};
use crate::evidence_record::{ArchiveTimeStamp, RecordError, encoding};

/// The digests of the documents that belong together and are proved together; most objects are one document.
pub type Documents = Vec<Vec<u8>>;

/// A binary hash tree over objects.
#[derive(Debug, Clone)]
pub struct Batch {
    algorithm: DigestAlgorithm,
    objects: Vec<Documents>,
    /// From the hashes of the objects up to the root alone.
    levels: Vec<Vec<Vec<u8>>>,
}

impl Batch {
    /// The tree over these objects.
    ///
    /// # Errors
    /// When there is nothing to stamp, or a digest is not one of the algorithm.
    pub fn new(algorithm: DigestAlgorithm, objects: Vec<Documents>) -> Result<Batch, RecordError> {
        if objects.is_empty() || objects.iter().any(Vec::is_empty) {
            return Err(RecordError::Empty);
        }
        if let Some(odd) = objects.iter().flatten().find(|digest| digest.len() != encoding::bytes(algorithm)) {
            return Err(RecordError::DigestLength { algorithm, found: odd.len() });
        }
        let mut levels = vec![objects.iter().map(|documents| join(algorithm, documents)).collect::<Vec<_>>()];
        while let Some(below) = levels.last()
            && below.len() > 1
        {
            // A hash without a sibling goes up as it is.
            levels.push(below.chunks(2).map(|pair| join(algorithm, pair)).collect());
        }
        Ok(Batch { algorithm, objects, levels })
    }

    /// The algorithm of all hashes, which the time-stamp must use too.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// What the time-stamping authority is asked to stamp.
    pub fn root(&self) -> &[u8] {
        self.levels.last().and_then(|level| level.first()).expect("the last level of a batch is its root")
    }

    /// The archive time-stamp of every object, in the order given.
    ///
    /// The token must be for the root; who made it is checked by [`super::EvidenceRecord::verify`].
    ///
    /// # Errors
    /// When the token is not readable or was made for another hash.
    pub fn stamped(&self, token: &[u8]) -> Result<Vec<ArchiveTimeStamp>, RecordError> {
        let algorithm = self.algorithm_of(token)?;
        let stamp = |object| ArchiveTimeStamp::new(algorithm, self.reduced(object), token.to_vec());
        Ok((0..self.objects.len()).map(stamp).collect())
    }

    /// The same for one object, counted from 0.
    ///
    /// # Errors
    /// As [`Batch::stamped`], and when there is no such object.
    pub fn stamped_one(&self, object: usize, token: &[u8]) -> Result<ArchiveTimeStamp, RecordError> {
        let algorithm = self.algorithm_of(token)?;
        if object >= self.objects.len() {
            return Err(RecordError::Empty);
        }
        Ok(ArchiveTimeStamp::new(algorithm, self.reduced(object), token.to_vec()))
    }

    /// The algorithm of a token that stamps the root.
    fn algorithm_of(&self, token: &[u8]) -> Result<DigestAlgorithm, RecordError> {
        let (algorithm, imprint) = encoding::imprint(token).ok_or(RecordError::UnreadableToken)?;
        if algorithm != self.algorithm || !digest::same(imprint, self.root()) {
            return Err(RecordError::OtherToken);
        }
        Ok(algorithm)
    }

    /// The lists that lead from one object to the root: its digests first, then the sibling of each level.
    fn reduced(&self, object: usize) -> Vec<Vec<Vec<u8>>> {
        let mut lists = vec![self.objects[object].clone()];
        let mut at = object;
        for level in &self.levels {
            if let Some(sibling) = level.get(at ^ 1) {
                // A lone document needs no list of its own: it and its sibling are the first list.
                if lists.len() == 1 && lists[0].len() == 1 {
                    lists[0].push(sibling.clone());
                } else {
                    lists.push(vec![sibling.clone()]);
                }
            }
            at >>= 1;
        }
        // A document stamped alone has no tree.
        if lists.len() == 1 && lists[0].len() == 1 {
            lists.clear();
        }
        lists
    }
}

/// The hash of a list: of its members in binary ascending order, or the only member itself.
fn join(algorithm: DigestAlgorithm, members: &[Vec<u8>]) -> Vec<u8> {
    match members {
        [only] => only.clone(),
        _ => algorithm.digest(&ascending(members.to_vec())),
    }
}

/// The members in binary ascending order, one after the other (RFC 4998, section 4.2).
pub(super) fn ascending(mut members: Vec<Vec<u8>>) -> Vec<u8> {
    members.sort_unstable();
    members.concat()
}
