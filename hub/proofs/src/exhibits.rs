//! What is laid before the judge: evidences and everything that speaks about them, with their file names.
//!
//! Plain data; nothing here is checked yet.

use hub_signatures::certificate::Certificate;
use hub_signatures::log::key::VerifierKey;
use hub_signatures::log::tree::Hash;

/// All that is known about one matter.
#[derive(Debug, Clone, Default)]
pub struct Exhibits<'e> {
    /// Evidences, XML.
    pub evidences: Vec<File<'e>>,
    /// Proofs that evidences are in a log, C2SP tlog-proof.
    pub proofs: Vec<About<'e>>,
    /// Heads of logs with their time-stamps.
    pub heads: Vec<Head<'e>>,
    /// RFC 3161 tokens over evidences or contents, DER.
    pub tokens: Vec<File<'e>>,
    /// Proofs that one head continues another.
    pub consistency: Vec<Continuation>,
    /// RFC 4998 evidence records, DER.
    pub records: Vec<About<'e>>,
    /// Certificates that may stand between a seal or authority and whom the caller believes.
    pub certificates: Vec<Certificate>,
    /// CRLs and OCSP answers, DER.
    pub revocation: Vec<File<'e>>,
    /// Contents that were sent.
    pub payloads: Vec<File<'e>>,
    /// Log keys that the sealed package itself names; believed only when the caller names none and believes the seal.
    pub vouched_keys: Vec<VerifierKey>,
    /// Whether this is to be all there is about each message, as in a court pack.
    pub whole: bool,
}

/// A file.
#[derive(Debug, Clone, Copy)]
pub struct File<'e> {
    /// Its name, for the verdict.
    pub name: &'e str,
    /// Its bytes.
    pub bytes: &'e [u8],
}

/// A file that is about an evidence.
#[derive(Debug, Clone, Copy)]
pub struct About<'e> {
    /// The file.
    pub file: File<'e>,
    /// Position of the evidence in [`Exhibits::evidences`]; none when it has to be found.
    pub evidence: Option<usize>,
}

/// A head of a log.
#[derive(Debug, Clone)]
pub struct Head<'e> {
    /// The signed note.
    pub file: File<'e>,
    /// RFC 3161 tokens over the note's bytes, DER.
    pub tokens: Vec<File<'e>>,
}

/// A consistency proof (RFC 9162, section 2.1.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    /// Records in the earlier tree.
    pub old: u64,
    /// Records in the later tree.
    pub new: u64,
    /// The hashes.
    pub path: Vec<Hash>,
}
