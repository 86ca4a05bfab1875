//! The Merkle tree of RFC 9162, section 2.1: its hashes, what an append adds, and the root of any size.
//!
//! Only roots of complete subtrees are ever stored, each under its level and index: they never change, so a row written
//! once stays right for every later size. A head or a proof reads at most about two per level, 54 in a log of
//! 100 million records.

use std::cell::RefCell;
use std::convert::Infallible;

use crate::digest;

/// A SHA-256 value: of a record, of a leaf or of a subtree.
pub type Hash = [u8; 32];

/// Root of a complete subtree: the leaves from `index * 2^level` on, `2^level` of them. Leaves have level 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Height over the leaves.
    pub level: u8,
    /// Position among the nodes of the level.
    pub index: u64,
    /// The hash.
    pub hash: Hash,
}

/// Where complete subtrees are kept: a table, a file or memory.
pub trait Nodes {
    /// Why a node cannot be read.
    type Error;

    /// The hash of the complete subtree `index` of `level`.
    ///
    /// # Errors
    /// When it is not stored or the store does not answer.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// Collects which nodes a computation asks for, so that a database can fetch them in one query beforehand. Whatever is
/// computed with it is meaningless.
#[derive(Debug, Default)]
pub struct Wanted(RefCell<Vec<(u8, u64)>>);

impl Wanted {
    /// Level and index of every node asked for, in the order of asking.
    pub fn into_nodes(self) -> Vec<(u8, u64)> {
        self.0.into_inner()
    }
}

impl Nodes for Wanted {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        self.0.borrow_mut().push((level, index));
        Ok([0; 32])
    }
}

/// Why a root or a proof cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError<E> {
    /// There is no such record in a tree of that size.
    #[error("a log of {size} records has no record number {index}")]
    NoRecord {
        /// The index asked for, counted from zero.
        index: u64,
        /// Records in the tree.
        size: u64,
    },
    /// A tree cannot have grown out of a larger one.
    #[error("a log of {new} records cannot continue one of {old} records")]
    Shrunk {
        /// Records in the tree called old.
        old: u64,
        /// Records in the tree called new.
        new: u64,
    },
    /// The store did not give a node.
    #[error("a node of the log cannot be read: {0}")]
    Nodes(E),
}

impl<E> From<E> for TreeError<E> {
    fn from(error: E) -> TreeError<E> {
        TreeError::Nodes(error)
    }
}

/// `H("")`, the root of a log without records (RFC 9162, section 2.1.1).
pub fn empty_root() -> Hash {
    digest::sha256(b"")
}

/// `H(0x00 || data)`, the hash of a leaf (RFC 9162, section 2.1.1).
pub fn leaf(data: &[u8]) -> Hash {
    prefixed(0, data, &[])
}

/// The leaf of an evidence: `H(0x00 || salt || H(evidence))`.
///
/// With the salt erased nobody can tell any longer whether a given evidence is the one in the log, and the tree stays
/// provable. A salted leaf covers 64 bytes and an unsalted one 32, so neither can pass for the other.
pub fn evidence_leaf(salt: Option<&[u8; 32]>, evidence_sha256: &Hash) -> Hash {
    prefixed(0, salt.map_or(&[], |salt| salt.as_slice()), evidence_sha256)
}

/// `H(0x01 || left || right)`, the hash of an inner node (RFC 9162, section 2.1.1).
pub fn parent(left: &Hash, right: &Hash) -> Hash {
    prefixed(1, left, right)
}

/// The root of the first `size` records (RFC 9162, section 2.1.1).
///
/// # Errors
/// When the store does not give a node.
pub fn root<N: Nodes>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 { Ok(empty_root()) } else { subtree(nodes, 0, size) }
}

/// The right edge of a tree: the roots of its largest complete subtrees, which is all an append needs to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// One for each bit set in `size`, largest first.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The edge of a stored tree of `size` records.
    ///
    /// # Errors
    /// When the store does not give a node.
    pub fn load<N: Nodes>(nodes: &N, size: u64) -> Result<Frontier, N::Error> {
        let levels = (0..64_u8).rev().filter(|level| size >> level & 1 == 1);
        // The subtree of a level ends where the higher bits of the size and its own end.
        let peaks = levels.map(|level| nodes.node(level, (size >> level) - 1)).collect::<Result<_, _>>()?;
        Ok(Frontier { size, peaks })
    }

    /// Records in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let joined = self.peaks.iter().rev().copied().reduce(|right, left| parent(&left, &right));
        joined.unwrap_or_else(empty_root)
    }

    /// Adds leaves in order; answers the nodes to store, each child before its parent: two for each leaf on average.
    #[must_use = "the new nodes are to be stored before the new size is told to anybody"]
    pub fn append(&mut self, leaves: &[Hash]) -> Vec<Node> {
        let mut new = Vec::with_capacity(leaves.len() * 2 + 64);
        for leaf in leaves {
            let mut node = Node { level: 0, index: self.size, hash: *leaf };
            new.push(node);
            // Each bit set at the end of the size is a complete subtree that waits for its right sibling.
            while node.index & 1 == 1
                && let Some(left) = self.peaks.pop()
            {
                node = Node { level: node.level + 1, index: node.index >> 1, hash: parent(&left, &node.hash) };
                new.push(node);
            }
            self.peaks.push(node.hash);
            self.size += 1;
        }
        new
    }
}

/// The root of the leaves from `start` to before `end`, a range that the recursive splitting of a tree yields: not
/// empty, and `start` a multiple of the smallest power of two that is not less than its length.
pub(super) fn subtree<N: Nodes>(nodes: &N, start: u64, end: u64) -> Result<Hash, N::Error> {
    let length = end - start;
    if length.is_power_of_two() {
        let level = length.trailing_zeros() as u8;
        return nodes.node(level, start >> level);
    }
    let middle = start + split(length);
    Ok(parent(&nodes.node(split(length).trailing_zeros() as u8, start / split(length))?, &subtree(nodes, middle, end)?))
}

/// The largest power of two less than `length`, which is at least two.
pub(super) fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

fn prefixed(prefix: u8, left: &[u8], right: &[u8]) -> Hash {
    // One update of a small buffer is cheaper than three calls into the library.
    let mut bytes = [0_u8; 65];
    let (middle, end) = (1 + left.len(), 1 + left.len() + right.len());
    if end <= bytes.len() {
        bytes[0] = prefix;
        bytes[1..middle].copy_from_slice(left);
        bytes[middle..end].copy_from_slice(right);
        return digest::sha256(&bytes[..end]);
    }
    let mut hash = openssl::sha::Sha256::new();
    hash.update(&[prefix]);
    hash.update(left);
    hash.update(right);
    hash.finish()
}
