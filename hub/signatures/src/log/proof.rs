//! The proof that travels with a receipt: that an evidence is in the log, checked without the log (C2SP tlog-proof).
//!
//! The text form is `c2sp.org/tlog-proof@v1`; its `extra` line carries the salt of the record. Reading is bounded.

use std::fmt;

use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::inclusion::{self, InclusionError};
use crate::log::key::{KeyUse, VerifierKey};
use crate::log::note::{MAX_NOTE, NoteError, SignedNote};
use crate::log::text;
use crate::log::tree::{Hash, evidence_leaf};

/// Largest proof that is read, in bytes.
pub const MAX_PROOF: usize = MAX_NOTE + 4 * 1024;
const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1\n";

/// The proof for one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// Number of the record in the log, counted from zero.
    pub index: u64,
    /// The salt of the record, when the log salts its leaves.
    pub salt: Option<[u8; 32]>,
    /// The inclusion path, sibling of the leaf first.
    pub path: Vec<Hash>,
    /// The head of the log that the path leads to, with the signatures of log and witnesses.
    pub checkpoint: SignedNote,
}

/// Whom a verifier believes.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Keys of the logs that are believed, each named as its log's origin, and keys of the witnesses.
    pub keys: Vec<VerifierKey>,
    /// How many witnesses must have signed the head, counted by key; zero where the log alone is believed.
    pub witnesses: usize,
}

/// What a proof showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Number of the record in the log, counted from zero.
    pub index: u64,
    /// The head under which the record was found.
    pub checkpoint: Checkpoint,
    /// Names of the witnesses that signed the head, and when by their clocks, Unix seconds.
    pub witnesses: Vec<(String, u64)>,
}

/// Why a proof is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogProofError {
    /// The text is not a proof.
    #[error("the proof of inclusion is malformed: {0}")]
    Malformed(&'static str),
    /// The head is not a note.
    #[error("the head of the log in the proof is not readable: {0}")]
    Note(#[from] NoteError),
    /// The head is not believed.
    #[error("the head of the log in the proof is not accepted: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The record is not under the head.
    #[error("the evidence is not shown to be in the log: {0}")]
    Inclusion(#[from] InclusionError),
    /// Too few witnesses.
    #[error("{found} known witnesses signed the head of the log, but {needed} are asked for")]
    Witnesses {
        /// Witnesses found.
        found: usize,
        /// Witnesses asked for.
        needed: usize,
    },
}

impl LogProof {
    /// Reads the text form. Signatures and path are not checked.
    ///
    /// # Errors
    /// When the text is too large or not a proof.
    pub fn from_text(text: &str) -> Result<LogProof, LogProofError> {
        let malformed = LogProofError::Malformed;
        if text.len() > MAX_PROOF {
            return Err(malformed("it is larger than a proof may be"));
        }
        let rest = text.strip_prefix(FIRST_LINE).ok_or(malformed("it does not begin with c2sp.org/tlog-proof@v1"))?;
        let (head, checkpoint) = rest.split_once("\n\n").ok_or(malformed("no empty line ends its path"))?;
        let mut lines = head.split('\n').peekable();
        let salt = match lines.next_if(|line| line.starts_with("extra ")) {
            Some(line) => {
                let salt = text::hash(&line["extra ".len()..]);
                Some(salt.ok_or(malformed("its extra line is not a salt of 32 bytes in base64"))?)
            }
            None => None,
        };
        let index = lines.next().and_then(|line| text::number(line.strip_prefix("index ")?));
        let index = index.ok_or(malformed("its index line is not “index” and a number"))?;
        let mut path = Vec::new();
        for line in lines {
            if path.len() == inclusion::MAX_PATH {
                return Err(malformed("its path is longer than any tree is high"));
            }
            path.push(text::hash(line).ok_or(malformed("a line of its path is not a base64 hash"))?);
        }
        Ok(LogProof { index, salt, path, checkpoint: SignedNote::parse(checkpoint)? })
    }

    /// Checks that the evidence with this SHA-256 is in a log that `policy` believes.
    ///
    /// # Errors
    /// A [`LogProofError`] that tells the first check that did not hold.
    pub fn verify(&self, evidence_sha256: &Hash, policy: &Policy) -> Result<Logged, LogProofError> {
        let head = policy.head(&self.checkpoint)?;
        self.included(evidence_sha256, &head.checkpoint)?;
        Ok(Logged { index: self.index, checkpoint: head.checkpoint, witnesses: head.witnesses })
    }

    /// Checks that the evidence with this SHA-256 is under this head, which must be the one that the proof holds and was
    /// checked with [`Policy::head`].
    ///
    /// # Errors
    /// When the path does not lead from the evidence to the head.
    pub fn included(&self, evidence_sha256: &Hash, checkpoint: &Checkpoint) -> Result<(), LogProofError> {
        let leaf = evidence_leaf(self.salt.as_ref(), evidence_sha256);
        Ok(inclusion::verify(self.index, checkpoint.size, &leaf, &self.path, &checkpoint.root)?)
    }
}

/// A head that is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BelievedHead {
    /// What the log signed.
    pub checkpoint: Checkpoint,
    /// Names of the witnesses that signed too, and when by their clocks, Unix seconds.
    pub witnesses: Vec<(String, u64)>,
}

impl Policy {
    /// Checks the signatures of log and witnesses under a head.
    ///
    /// # Errors
    /// When the log did not sign it, a known key's signature is wrong, or too few witnesses signed.
    pub fn head(&self, note: &SignedNote) -> Result<BelievedHead, LogProofError> {
        let (checkpoint, signatures) = Checkpoint::verify(note, &self.keys)?;
        // A witness that signs under two names, or the log under another name, is no second pair of eyes.
        let mut seen: Vec<&[u8; 32]> = signatures
            .iter()
            .filter(|signature| signature.key.key_use() == KeyUse::Log)
            .map(|signature| signature.key.key())
            .collect();
        let mut witnesses = Vec::new();
        for signature in &signatures {
            if let Some(time) = signature.time
                && !seen.contains(&signature.key.key())
            {
                seen.push(signature.key.key());
                witnesses.push((signature.key.name().to_owned(), time));
            }
        }
        if witnesses.len() < self.witnesses {
            return Err(LogProofError::Witnesses { found: witnesses.len(), needed: self.witnesses });
        }
        Ok(BelievedHead { checkpoint, witnesses })
    }
}

/// The text form.
impl fmt::Display for LogProof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(FIRST_LINE)?;
        if let Some(salt) = &self.salt {
            writeln!(formatter, "extra {}", text::base64(salt))?;
        }
        writeln!(formatter, "index {}", self.index)?;
        for hash in &self.path {
            writeln!(formatter, "{}", text::base64(hash))?;
        }
        write!(formatter, "\n{}", self.checkpoint)
    }
}
