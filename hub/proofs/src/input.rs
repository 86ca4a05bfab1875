//! Tells by its content what a file is, so that nobody has to say it.

use hub_signatures::evidence_record::EvidenceRecord;
use hub_signatures::log::note::SignedNote;

use crate::register_proof;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// XML, an evidence as far as can be told from its first character.
    Evidence,
    /// A zip file, an ASiC-E package.
    Package,
    /// A proof of inclusion, C2SP tlog-proof.
    LogProof,
    /// A signed head of a log, C2SP tlog-checkpoint.
    Head,
    /// An RFC 3161 token.
    TimeStamp,
    /// An RFC 4998 evidence record.
    Record,
    /// A register proof, lines of JSON.
    RegisterProof,
    /// Something else.
    Other,
}

/// Contents of the object identifier of TSTInfo, 1.2.840.113549.1.9.16.1.4 (RFC 3161, section 2.4.2).
const TST_INFO: [u8; 11] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04];

impl Input {
    /// What these bytes are.
    pub fn of(bytes: &[u8]) -> Input {
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
        if bytes.starts_with(b"PK\x03\x04") {
            Input::Package
        } else if text.starts_with(b"<") {
            Input::Evidence
        } else if register_proof::is_proof(bytes) {
            Input::RegisterProof
        } else if bytes.starts_with(b"c2sp.org/tlog-proof@v1\n") {
            Input::LogProof
        } else if bytes.first() == Some(&0x30) {
            Input::of_der(bytes)
        } else if std::str::from_utf8(bytes).is_ok_and(|text| SignedNote::parse(text).is_ok()) {
            Input::Head
        } else {
            Input::Other
        }
    }

    fn of_der(bytes: &[u8]) -> Input {
        if EvidenceRecord::from_der(bytes).is_ok() {
            Input::Record
        } else if bytes.windows(TST_INFO.len()).take(256).any(|window| window == TST_INFO) {
            Input::TimeStamp
        } else {
            Input::Other
        }
    }
}
