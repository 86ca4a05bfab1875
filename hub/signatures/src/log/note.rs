//! Signed notes (C2SP signed-note, C2SP tlog-cosignature): a text, then one line for each signature.
//!
//! Reading is bounded and strict: a note that was read is written back byte for byte.

use std::fmt;

use openssl::error::ErrorStack;

use crate::log::key::{KeyUse, SigningKey, VerifierKey, is_name};
use crate::log::text;

/// Largest note that is read, in bytes.
pub const MAX_NOTE: usize = 128 * 1024;
/// Most signatures of a note that is read; readers owe their partners 16.
pub const MAX_SIGNATURES: usize = 64;
/// Start of a signature line: em dash and space.
const DASH: &str = "\u{2014} ";

/// Why a note or a signature is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The text is not a signed note.
    #[error("the signed note is malformed: {0}")]
    Malformed(&'static str),
    /// A key that is known did not make the signature under its name.
    #[error("the signature of {0} does not belong to this note")]
    WrongSignature(String),
    /// None of the signatures is by a key that is known.
    #[error("the note is not signed by a known key")]
    Unsigned,
    /// A log key was given where a witness key is needed, or the reverse.
    #[error("the key of {0} is for another use")]
    OtherUse(String),
    /// The cryptographic library refused.
    #[error("the note could not be signed: {0}")]
    Refused(String),
}

impl From<ErrorStack> for NoteError {
    fn from(error: ErrorStack) -> NoteError {
        NoteError::Refused(error.to_string())
    }
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SignatureLine {
    name: String,
    id: [u8; 4],
    value: Vec<u8>,
}

/// A signature of a note that was found right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature<'k> {
    /// The key that made it.
    pub key: &'k VerifierKey,
    /// When a witness made it by its own clock, Unix seconds.
    pub time: Option<u64>,
}

/// A text with signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    lines: Vec<SignatureLine>,
}

impl SignedNote {
    /// A note without signatures, which is not yet a valid one; `text` ends with a newline.
    pub(super) fn unsigned(text: String) -> SignedNote {
        SignedNote { text, lines: Vec::new() }
    }

    /// Reads a note; signatures are not checked.
    ///
    /// # Errors
    /// When the text is too large or not a note.
    pub fn parse(note: &str) -> Result<SignedNote, NoteError> {
        if note.len() > MAX_NOTE {
            return Err(NoteError::Malformed("it is larger than a note may be"));
        }
        if note.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(NoteError::Malformed("it has control characters"));
        }
        // The text ends at the last empty line.
        let split = note.rfind("\n\n").ok_or(NoteError::Malformed("no empty line ends its text"))?;
        let (text, signatures) = (&note[..split + 1], &note[split + 2..]);
        let signatures =
            signatures.strip_suffix('\n').ok_or(NoteError::Malformed("it does not end with a signature line"))?;
        let lines = signatures.split('\n').map(SignatureLine::parse).collect::<Option<Vec<_>>>();
        let lines = lines.ok_or(NoteError::Malformed("a signature line is not “\u{2014} name base64”"))?;
        if lines.len() > MAX_SIGNATURES {
            return Err(NoteError::Malformed("it has more signatures than a note may have"));
        }
        Ok(SignedNote { text: text.to_owned(), lines })
    }

    /// The signed text, with its final newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds the signature of a log key.
    ///
    /// # Errors
    /// When the key is one of a witness, or the library refuses.
    pub fn sign(&mut self, key: &SigningKey) -> Result<(), NoteError> {
        let value = key.sign(self.text.as_bytes())?;
        self.push(key, KeyUse::Log, value)
    }

    /// Adds the cosignature of a witness made at `time`, Unix seconds (C2SP tlog-cosignature, Ed25519).
    ///
    /// It states that the witness saw no larger tree of this log than this one, and no other with this size. A witness
    /// compares the note with the last one it signed before it calls this.
    ///
    /// # Errors
    /// When the key is one of a log, or the library refuses.
    pub fn cosign(&mut self, key: &SigningKey, time: u64) -> Result<(), NoteError> {
        let mut value = time.to_be_bytes().to_vec();
        value.extend(key.sign(&cosigned(&self.text, time))?);
        self.push(key, KeyUse::Witness, value)
    }

    /// Every signature by one of `keys`, each key once; signatures by others are passed over.
    ///
    /// # Errors
    /// When a line bears name and id of a known key and is not by it, or no known key signed.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Signature<'k>>, NoteError> {
        let mut found: Vec<Signature<'k>> = Vec::new();
        for line in &self.lines {
            let known = keys.iter().find(|key| key.name() == line.name && key.id() == line.id);
            let Some(key) = known else { continue };
            let time = self.check(key, &line.value).ok_or_else(|| NoteError::WrongSignature(key.name().to_owned()))?;
            if found.iter().all(|signature| signature.key != key) {
                found.push(Signature { key, time });
            }
        }
        if found.is_empty() { Err(NoteError::Unsigned) } else { Ok(found) }
    }

    /// The line of a key as it stands in the note, with its newline; whether the signature is right is not looked at.
    pub fn line_of(&self, key: &VerifierKey) -> Option<String> {
        let line = self.lines.iter().find(|line| line.name == key.name() && line.id == key.id())?;
        Some(line.to_string())
    }

    /// The time of a right signature, itself none for a log; none for a wrong signature.
    fn check(&self, key: &VerifierKey, value: &[u8]) -> Option<Option<u64>> {
        match key.key_use() {
            KeyUse::Log => key.verifies(self.text.as_bytes(), value).then_some(None),
            KeyUse::Witness => {
                let (time, signature) = value.split_first_chunk()?;
                let time = u64::from_be_bytes(*time);
                let right = time <= i64::MAX as u64 && key.verifies(&cosigned(&self.text, time), signature);
                right.then_some(Some(time))
            }
        }
    }

    fn push(&mut self, key: &SigningKey, key_use: KeyUse, value: Vec<u8>) -> Result<(), NoteError> {
        let verifier = key.verifier();
        if verifier.key_use() != key_use {
            return Err(NoteError::OtherUse(verifier.name().to_owned()));
        }
        self.lines.push(SignatureLine { name: verifier.name().to_owned(), id: verifier.id(), value });
        Ok(())
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.text)?;
        self.lines.iter().try_for_each(|line| line.fmt(formatter))
    }
}

/// The line with its newline.
impl fmt::Display for SignatureLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SignatureLine { name, id, value } = self;
        writeln!(formatter, "{DASH}{name} {}", text::base64(&[id, value.as_slice()].concat()))
    }
}

impl SignatureLine {
    fn parse(line: &str) -> Option<SignatureLine> {
        let (name, value) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = text::from_base64(value)?;
        let (id, value) = bytes.split_first_chunk::<4>()?;
        (is_name(name) && !value.is_empty()).then(|| SignatureLine {
            name: name.to_owned(),
            id: *id,
            value: value.into(),
        })
    }
}

/// The message a witness signs.
fn cosigned(text: &str, time: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}
