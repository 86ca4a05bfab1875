//! The problem a refused submission has: one code with one page in `docs/problems/`.

use schemas::Violation;

use crate::evidence::Reason;

/// Why a submission is refused as a whole; the violations say where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The catalogue has no such document type.
    UnknownDocumentType,
    /// It has, but not in this version.
    UnknownDocumentVersion,
    /// A recipient is not in the directory.
    UnknownRecipient,
    /// No agreement covers sender, recipient, type and purpose.
    NoAgreement,
    /// One did, and is over or not yet in force.
    AgreementExpired,
    /// A part is missing, unexpected or not as described.
    PartsMismatch,
    /// A part's bytes do not have the hash the envelope gives.
    HashMismatch,
    /// The document must be sealed for its recipients, and is not, or not for all of them.
    EncryptionRequired,
    /// A part carries a program that does harm.
    MalwareFound,
    /// The envelope or the body breaks a rule.
    InvalidContent,
}

impl Problem {
    /// The code, which names the page.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownDocumentType => "unknown-document-type",
            Self::UnknownDocumentVersion => "unknown-document-version",
            Self::UnknownRecipient => "unknown-recipient",
            Self::NoAgreement => "no-agreement",
            Self::AgreementExpired => "agreement-expired",
            Self::PartsMismatch => "parts-mismatch",
            Self::HashMismatch => "hash-mismatch",
            Self::EncryptionRequired => "encryption-required",
            Self::MalwareFound => "malware-found",
            Self::InvalidContent => "invalid-content",
        }
    }

    /// The reason its evidence of rejection gives (EN 319 522-2, table 7).
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::UnknownRecipient | Self::NoAgreement | Self::AgreementExpired => Reason::SenderPolicyViolation,
            Self::MalwareFound => Reason::MalwareFound,
            Self::EncryptionRequired => Reason::SenderPolicyViolation,
            _ => Reason::InvalidMessageFormat,
        }
    }

    /// The problem of a set of violations: the first one that is more than a rule of content.
    #[must_use]
    pub fn of(violations: &[Violation]) -> Self {
        let special = |violation: &Violation| match violation.rule.as_str() {
            "document-type.unknown" => Some(Self::UnknownDocumentType),
            "document-type.version" => Some(Self::UnknownDocumentVersion),
            "recipient.unknown" => Some(Self::UnknownRecipient),
            "malware.found" => Some(Self::MalwareFound),
            rule if rule.starts_with("encryption.") => Some(Self::EncryptionRequired),
            "agreement.none" => Some(Self::NoAgreement),
            "agreement.expired" => Some(Self::AgreementExpired),
            "part.hash" => Some(Self::HashMismatch),
            rule if rule.starts_with("part.") => Some(Self::PartsMismatch),
            _ => None,
        };
        violations.iter().filter(|one| one.is_error()).find_map(special).unwrap_or(Self::InvalidContent)
    }
}
