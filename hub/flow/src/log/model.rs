//! What the log keeps, as types.

use hub_signatures::log::tree::Hash;

use crate::clock::Timestamp;
use crate::message::EvidenceId;

/// A signed head of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Leaves in the tree.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
    /// When it was made, by the hub's clock.
    pub made_at: Timestamp,
    /// The checkpoint, a note signed by the log (C2SP tlog-checkpoint).
    pub checkpoint: String,
}

impl Head {
    /// The signed text, which is what is stamped: the note up to its empty line.
    #[must_use]
    pub fn signed_text(&self) -> &str {
        signed_text(&self.checkpoint)
    }
}

/// The text of a note without its signatures, final newline included.
pub(super) fn signed_text(note: &str) -> &str {
    note.rfind("\n\n").map_or(note, |end| &note[..=end])
}

/// A time-stamp of a head (RFC 3161).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The head.
    pub size: u64,
    /// The token, DER; its imprint is SHA-256 of the head's signed text.
    pub token: Vec<u8>,
    /// Subject of the authority's certificate.
    pub authority: String,
    /// The time it proves.
    pub at: Timestamp,
    /// When it was kept, by the hub's clock.
    pub recorded_at: Timestamp,
}

/// Where an evidence stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The evidence.
    pub evidence: EvidenceId,
    /// Number of its leaf, from 0.
    pub index: u64,
    /// Size of the head its proof leads to: the first stamped one that covers it, or else the first one.
    pub size: u64,
    /// The time the stamp of that head proves; none while it has none.
    pub stamped_at: Option<Timestamp>,
}

/// A leaf to be appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NewLeaf {
    /// The evidence.
    pub sequence: i64,
    /// 32 random bytes.
    pub salt: [u8; 32],
    /// The leaf hash.
    pub hash: Hash,
}
