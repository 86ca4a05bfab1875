//! Consistency proofs: that a tree is the beginning of a later one, so that nothing was removed or changed (RFC 9162,
//! section 2.1.4).

use crate::digest;
use crate::log::tree::{Hash, Nodes, TreeError, empty_root, parent, split, subtree};

/// Most hashes in a proof: one for each level, and the subtree where the two trees meet.
pub const MAX_PATH: usize = 65;

/// Size and root of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Records in the tree.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
}

/// Why a consistency proof is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsistencyError {
    /// The later tree is smaller.
    #[error("the log had {old} records and now has {new}: records were removed")]
    Shrunk {
        /// Records in the earlier tree.
        old: u64,
        /// Records in the later tree.
        new: u64,
    },
    /// Two roots for the same number of records.
    #[error("the log has two different roots for the same {size} records")]
    SameSize {
        /// Records in both trees.
        size: u64,
    },
    /// Too few or too many hashes for these sizes.
    #[error("the proof has {hashes} hashes, which does not fit sizes {old} and {new}")]
    Length {
        /// Hashes in the proof.
        hashes: usize,
        /// Records in the earlier tree.
        old: u64,
        /// Records in the later tree.
        new: u64,
    },
    /// The proof does not lead to the earlier root.
    #[error("the proof does not lead to the root that the log had at {size} records")]
    OtherOldRoot {
        /// Records in the earlier tree.
        size: u64,
    },
    /// The proof does not lead to the later root.
    #[error("the proof does not lead to the root that the log has at {size} records")]
    OtherNewRoot {
        /// Records in the later tree.
        size: u64,
    },
}

/// The proof that the first `old` records are the beginning of the first `new` (RFC 9162, section 2.1.4.1); empty when
/// the sizes are equal or the old tree is empty.
///
/// # Errors
/// When `old` is larger than `new`, or the store does not give a node.
pub fn prove<N: Nodes>(nodes: &N, old: u64, new: u64) -> Result<Vec<Hash>, TreeError<N::Error>> {
    if old > new {
        return Err(TreeError::Shrunk { old, new });
    }
    let mut path = Vec::new();
    if old == 0 || old == new {
        return Ok(path);
    }
    let (mut start, mut end) = (0, new);
    // Until the old tree ends exactly where the subtree does.
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(subtree(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(subtree(nodes, start, middle)?);
            start = middle;
        }
    }
    // A subtree that begins at the first record is the old tree itself, whose root the verifier has.
    if start != 0 {
        path.push(subtree(nodes, start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks that the tree `old` is the beginning of the tree `new` (RFC 9162, section 2.1.4.2).
///
/// # Errors
/// A [`ConsistencyError`] when it is not shown.
pub fn verify(old: &Head, new: &Head, path: &[Hash]) -> Result<(), ConsistencyError> {
    let length = ConsistencyError::Length { hashes: path.len(), old: old.size, new: new.size };
    if old.size > new.size {
        return Err(ConsistencyError::Shrunk { old: old.size, new: new.size });
    }
    if old.size == new.size {
        return match (path.is_empty(), digest::same(&old.root, &new.root)) {
            (_, false) => Err(ConsistencyError::SameSize { size: old.size }),
            (false, true) => Err(length),
            (true, true) => Ok(()),
        };
    }
    if old.size == 0 {
        return match (path.is_empty(), digest::same(&old.root, &empty_root())) {
            (_, false) => Err(ConsistencyError::OtherOldRoot { size: 0 }),
            (false, true) => Err(length),
            (true, true) => Ok(()),
        };
    }
    let (first, rest) =
        if old.size.is_power_of_two() { (&old.root, path) } else { path.split_first().ok_or(length)? };
    if rest.is_empty() {
        return Err(length);
    }
    let (mut node, mut last) = (old.size - 1, new.size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(length);
        }
        if node & 1 == 1 || node == last {
            old_hash = parent(sibling, &old_hash);
            new_hash = parent(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = parent(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match (last, digest::same(&old_hash, &old.root), digest::same(&new_hash, &new.root)) {
        (0, true, true) => Ok(()),
        (0, false, _) => Err(ConsistencyError::OtherOldRoot { size: old.size }),
        (0, true, false) => Err(ConsistencyError::OtherNewRoot { size: new.size }),
        _ => Err(length),
    }
}
