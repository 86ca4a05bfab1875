//! Checkpoints: the signed heads of a log (C2SP tlog-checkpoint), and what two of them say about its history.

use std::fmt::Write;

use crate::digest;
use crate::log::consistency::{self, Head};
use crate::log::key::{KeyUse, SigningKey, VerifierKey};
use crate::log::note::{NoteError, Signature, SignedNote};
use crate::log::text;
use crate::log::tree::{Hash, empty_root};

/// The head of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The unique name of the log, such as `hub.example.ro/evidence`.
    pub origin: String,
    /// Records in the log.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
    /// Further signed lines, which no monitor can check; usually none.
    pub extensions: Vec<String>,
}

/// Why a checkpoint is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note does not hold a checkpoint.
    #[error("the note is not the checkpoint of a log: {0}")]
    Malformed(&'static str),
    /// The note or its signatures are not accepted.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// No key of the log itself signed.
    #[error("the checkpoint of {origin} is not signed by a known key of that log")]
    NotByTheLog {
        /// The log that the checkpoint is said to be of.
        origin: String,
    },
    /// Checkpoints of two logs say nothing about each other.
    #[error("a checkpoint of {one} cannot be compared with one of {other}")]
    OtherLog {
        /// Origin of the one.
        one: String,
        /// Origin of the other.
        other: String,
    },
}

impl Checkpoint {
    /// The head of a log, without extension lines.
    pub fn new(origin: &str, size: u64, root: Hash) -> Checkpoint {
        Checkpoint { origin: origin.to_owned(), size, root, extensions: Vec::new() }
    }

    /// Size and root.
    pub fn head(&self) -> Head {
        Head { size: self.size, root: self.root }
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, text::base64(&self.root));
        for line in &self.extensions {
            // Writing into a string does not fail.
            let _ = writeln!(text, "{line}");
        }
        text
    }

    /// Reads the text of a note.
    ///
    /// # Errors
    /// When it is not that of a checkpoint.
    pub fn from_text(text: &str) -> Result<Checkpoint, CheckpointError> {
        let text = text.strip_suffix('\n').ok_or(CheckpointError::Malformed("its text does not end with a newline"))?;
        let mut lines = text.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty());
        let origin = origin.ok_or(CheckpointError::Malformed("its first line, the origin, is empty"))?;
        let size = lines.next().and_then(text::number);
        let size = size.ok_or(CheckpointError::Malformed("its second line is not a number of records"))?;
        let root = lines.next().and_then(text::hash);
        let root = root.ok_or(CheckpointError::Malformed("its third line is not a base64 root hash"))?;
        if size == 0 && root != empty_root() {
            return Err(CheckpointError::Malformed("its root is not the one of a log without records"));
        }
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) || text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(CheckpointError::Malformed("it has empty lines or control characters"));
        }
        Ok(Checkpoint { origin: origin.to_owned(), size, root, extensions })
    }

    /// The checkpoint as a note signed by the log. The name of the key must be the origin.
    ///
    /// # Errors
    /// When the origin or an extension line cannot stand in a note, or the key is not one of this log.
    pub fn sign(&self, key: &SigningKey) -> Result<SignedNote, CheckpointError> {
        let text = self.text();
        if Checkpoint::from_text(&text)? != *self {
            return Err(CheckpointError::Malformed("its lines would be read otherwise than they were written"));
        }
        if key.verifier().name() != self.origin {
            return Err(CheckpointError::NotByTheLog { origin: self.origin.clone() });
        }
        let mut note = SignedNote::unsigned(text);
        note.sign(key)?;
        Ok(note)
    }

    /// Reads a note that must be signed by a log key among `keys` whose name is the origin, and answers the
    /// checkpoint with all signatures by `keys`, the log's and the witnesses'.
    ///
    /// The name is compared, which C2SP only recommends, so that the key of one log cannot speak for another.
    ///
    /// # Errors
    /// When the note is not a checkpoint, a known key's signature is wrong, or the log did not sign.
    pub fn verify<'k>(
        note: &SignedNote,
        keys: &'k [VerifierKey],
    ) -> Result<(Checkpoint, Vec<Signature<'k>>), CheckpointError> {
        let signatures = note.verify(keys)?;
        let checkpoint = Checkpoint::from_text(note.text())?;
        let by_the_log =
            |signature: &Signature| signature.key.key_use() == KeyUse::Log && signature.key.name() == checkpoint.origin;
        if !signatures.iter().any(by_the_log) {
            return Err(CheckpointError::NotByTheLog { origin: checkpoint.origin });
        }
        Ok((checkpoint, signatures))
    }
}

/// What two checkpoints of one log say about its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum History {
    /// The later one continues the earlier one: nothing was removed or changed between them.
    Consistent,
    /// The log shows two histories. The two signed checkpoints themselves are the proof.
    Fork(String),
    /// Neither is shown: the proof is missing or does not fit. A log that keeps answering so hides something, but the
    /// two checkpoints alone do not convict it, because anybody can spoil a proof.
    NotShown(String),
}

/// Compares two checkpoints, in any order, whose signatures were verified; `proof` leads from the smaller to the
/// larger and is not used when their sizes are equal.
///
/// # Errors
/// When they are of different logs.
pub fn compare(one: &Checkpoint, other: &Checkpoint, proof: Option<&[Hash]>) -> Result<History, CheckpointError> {
    if one.origin != other.origin {
        return Err(CheckpointError::OtherLog { one: one.origin.clone(), other: other.origin.clone() });
    }
    let (old, new) = if one.size <= other.size { (one, other) } else { (other, one) };
    if old.size == new.size {
        if digest::same(&old.root, &new.root) {
            return Ok(History::Consistent);
        }
        return Ok(History::Fork(format!(
            "the log {} shows two histories: for {} records it signed the root {} and also the root {}",
            old.origin,
            old.size,
            text::base64(&old.root),
            text::base64(&new.root)
        )));
    }
    let path = match (proof, old.size) {
        // Every log continues the empty one.
        (_, 0) => &[],
        (Some(path), _) => path,
        (None, size) => {
            return Ok(History::NotShown(format!(
                "that the log {} still begins with the {size} records it had is not shown: there is no proof",
                old.origin
            )));
        }
    };
    Ok(match consistency::verify(&old.head(), &new.head(), path) {
        Ok(()) => History::Consistent,
        Err(why) => History::NotShown(format!(
            "that the log {} still begins with the {} records it had is not shown: {why}",
            old.origin, old.size
        )),
    })
}
