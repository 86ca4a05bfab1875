//! Whether a certificate was revoked: what a revocation list (RFC 5280, section 5) or an OCSP answer (RFC 6960) says of it.
//!
//! It may assume that bytes, the issuer's certificate and the instant are given. It fetches nothing, and an answer whose
//! signature, issuer or scope does not hold is an error, never a "good".

mod crl;
mod ocsp;

pub use crl::crl_from_file;
pub use ocsp::{OCSP_REPLY_TYPE, OCSP_REQUEST_TYPE, ocsp_request};

use openssl::error::ErrorStack;

use crate::certificate::Certificate;

/// The kind of a revocation value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevocationKind {
    /// A certificate revocation list, DER (RFC 5280).
    Crl,
    /// An OCSP response, DER (RFC 6960).
    Ocsp,
}

/// What an issuer says of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is not revoked.
    Good,
    /// It is, since this instant (Unix seconds).
    Revoked {
        /// When, as the issuer says.
        since: i64,
    },
}

/// An answer whose signature and scope hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// What it says.
    pub status: Status,
    /// The instant it speaks of, Unix seconds.
    pub this_update: i64,
    /// Until when a newer one is promised, Unix seconds; none where the issuer promises nothing.
    pub next_update: Option<i64>,
}

/// Why a revocation value says nothing about a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevocationError {
    /// The bytes are not what they should be.
    #[error("the revocation value is not readable: {0}")]
    Unreadable(String),
    /// It was made by another issuer, or for other certificates.
    #[error("the revocation value does not speak of this certificate: {0}")]
    OtherScope(&'static str),
    /// Its signature does not hold, or the signer may not answer for the issuer.
    #[error("the revocation value is not signed by the issuer of the certificate: {0}")]
    Signature(String),
    /// The responder refused or does not know the certificate.
    #[error("the OCSP responder gives no status: {0}")]
    NoStatus(&'static str),
    /// It speaks of the future.
    #[error("the revocation value is dated later than now")]
    FromTheFuture,
}

impl From<ErrorStack> for RevocationError {
    fn from(error: ErrorStack) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// Seconds by which the clock of an issuer may run ahead of ours.
const CLOCK_TOLERANCE: i64 = 300;

/// What a revocation value (DER) says of `certificate`, judged at `at` (Unix seconds).
///
/// Whether it is too old is for the caller to judge, by [`Answer::this_update`] and [`Answer::next_update`].
///
/// # Errors
/// A [`RevocationError`] that tells why it says nothing.
pub fn judge(
    kind: RevocationKind,
    value: &[u8],
    (certificate, issuer): (&Certificate, &Certificate),
    at: i64,
) -> Result<Answer, RevocationError> {
    let answer = match kind {
        RevocationKind::Crl => crl::judge(value, certificate, issuer)?,
        RevocationKind::Ocsp => ocsp::judge(value, certificate, issuer, at)?,
    };
    if answer.this_update > at + CLOCK_TOLERANCE { Err(RevocationError::FromTheFuture) } else { Ok(answer) }
}
