//! Inclusion proofs: that one record is in a tree with a known root (RFC 9162, section 2.1.3).

use crate::digest;
use crate::log::tree::{Hash, Nodes, TreeError, parent, split, subtree};

/// Most hashes in a proof: one for each level of the largest tree that a 64-bit size can name.
pub const MAX_PATH: usize = 64;

/// Why an inclusion proof is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InclusionError {
    /// There is no such record in a tree of that size.
    #[error("the proof is for record number {index}, but the log had only {size} records")]
    NoRecord {
        /// The index in the proof, counted from zero.
        index: u64,
        /// Records in the tree.
        size: u64,
    },
    /// Too few or too many hashes for this place in a tree of this size.
    #[error("the proof has {hashes} hashes, which does not fit record number {index} of {size}")]
    Length {
        /// Hashes in the proof.
        hashes: usize,
        /// The index in the proof, counted from zero.
        index: u64,
        /// Records in the tree.
        size: u64,
    },
    /// The record and the path lead to another root.
    #[error("the record is not in the log at number {index}: the proof leads to another root")]
    OtherRoot {
        /// The index in the proof, counted from zero.
        index: u64,
    },
}

/// The path from record `index` to the root of the first `size` records, sibling of the leaf first (RFC 9162, section
/// 2.1.3.1).
///
/// # Errors
/// When there is no such record, or the store does not give a node.
pub fn prove<N: Nodes>(nodes: &N, index: u64, size: u64) -> Result<Vec<Hash>, TreeError<N::Error>> {
    if index >= size {
        return Err(TreeError::NoRecord { index, size });
    }
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(subtree(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(subtree(nodes, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Checks that the leaf with this hash is record `index` of the tree of `size` records with this root (RFC 9162,
/// section 2.1.3.2).
///
/// # Errors
/// An [`InclusionError`] when it is not shown.
pub fn verify(index: u64, size: u64, leaf: &Hash, path: &[Hash], root: &Hash) -> Result<(), InclusionError> {
    if index >= size {
        return Err(InclusionError::NoRecord { index, size });
    }
    let length = InclusionError::Length { hashes: path.len(), index, size };
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return Err(length);
        }
        if node & 1 == 1 || node == last {
            hash = parent(sibling, &hash);
            // Levels at which the last node has no sibling add no hash to the path.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = parent(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(length);
    }
    if digest::same(&hash, root) { Ok(()) } else { Err(InclusionError::OtherRoot { index }) }
}
