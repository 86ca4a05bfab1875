//! Signatures in PDF documents: ISO 32000-1 section 12.8, PAdES (ETSI EN 319 142-1).
//!
//! A signed PDF is a file of which all bytes but one hole are signed, and in the hole stands the signature. That is all
//! that is relied on: nothing else of the document is interpreted. Whatever is added after the last signed byte is found,
//! because a signature counts for the whole file only where it reaches its end; what it signs up to there is handed out as
//! the signed revision. Every other way to read a file than the one meant (a second `ByteRange`, a hole with more than the
//! signature in it, a dictionary that is not a signature's) is refused.
//!
//! It never renders, never follows references, never reads a clock.

mod dictionary;
mod cms;

use std::ops::Range;

use crate::certificate::{Certificate, CertificateError};
use crate::instant;
use crate::time_stamp::{TimeStamp, TimeStampError};
use crate::trust::{Trust, TrustError, Trusted};

/// Longest document that is read, in bytes.
pub const LONGEST: usize = 256 * 1024 * 1024;
/// Most signatures of one document.
const MOST_SIGNATURES: usize = 32;

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdfSignature {
    /// The certificate that signed.
    pub signer: Certificate,
    /// Every certificate inside the signature.
    pub certificates: Vec<Certificate>,
    /// When the signer says it signed (the CMS attribute, or `/M`), Unix seconds. A claim, believed for nothing.
    pub claimed_time: Option<i64>,
    /// The time-stamp over the signature, where it has one that holds.
    pub time_stamp: Option<TimeStamp>,
    /// What is known about the signer's certificate, at the time of the time-stamp or else at the time asked for.
    pub trusted: Trusted,
    /// The bytes of the file that this signature speaks for: from its start to here. They are a document of their own.
    pub signed_revision: Range<usize>,
    /// Whether that is the whole file.
    pub covers_whole_file: bool,
}

/// Why a document is not accepted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PdfError {
    /// The bytes are not a PDF.
    #[error("the bytes are not a PDF document: {0}")]
    NotPdf(&'static str),
    /// Nobody signed it.
    #[error("the document has no signature")]
    Unsigned,
    /// A signature is not where or what it has to be. Either a broken writer made the document, or somebody who wants one
    /// thing to be signed and another to be shown.
    #[error("the signature {nth} of the document is not placed as a signature is: {problem}")]
    Misplaced {
        /// Which one, from 1.
        nth: usize,
        /// What does not fit.
        problem: &'static str,
    },
    /// The last signature does not reach the end of the file.
    #[error("{added} bytes were added to the document after it was signed")]
    ChangedAfterSigning {
        /// How many.
        added: usize,
    },
    /// The signature is not one that is understood.
    #[error("the signature {nth} of the document cannot be read: {problem}")]
    Unreadable {
        /// Which one, from 1.
        nth: usize,
        /// What does not fit.
        problem: &'static str,
    },
    /// A digest that nobody relies on any more (ETSI TS 119 312).
    #[error("the signature {nth} of the document uses a digest algorithm that is not accepted")]
    WeakDigest {
        /// Which one, from 1.
        nth: usize,
    },
    /// The signature is wrong: a signed byte was changed.
    #[error("the signature {nth} of the document is wrong: {reason}")]
    Wrong {
        /// Which one, from 1.
        nth: usize,
        /// The reason in the words of the cryptographic library.
        reason: String,
    },
    /// The signature names another certificate than the one it was made with.
    #[error("the signature {nth} of the document names another certificate than the one of {subject}, which made it")]
    OtherCertificate {
        /// Which one, from 1.
        nth: usize,
        /// Subject of the certificate that made it.
        subject: String,
    },
    /// A certificate in it is not readable.
    #[error("a certificate in the document is not readable: {0}")]
    Certificate(#[from] CertificateError),
    /// The signer is not believed.
    #[error("the signer is not trusted: {0}")]
    Trust(#[from] TrustError),
    /// The time-stamp in it is wrong.
    #[error("the time-stamp in the document does not hold: {0}")]
    TimeStamp(#[from] TimeStampError),
}

/// Whom a reader of documents believes, and when.
#[derive(Debug, Clone)]
pub struct PdfTrust<'t> {
    /// Whose signatures are believed.
    pub signers: &'t Trust,
    /// Whose time-stamps are believed.
    pub authorities: &'t Trust,
    /// The instant of the check where no believed time-stamp tells an earlier one, Unix seconds.
    pub at: i64,
}

/// Verifies every signature of a document; the last one must cover the whole file.
///
/// # Errors
/// A [`PdfError`] that tells the first check that did not hold.
pub fn verify(pdf: &[u8], trust: &PdfTrust<'_>) -> Result<Vec<PdfSignature>, PdfError> {
    let signatures = verify_revisions(pdf, trust)?;
    let end = signatures.iter().map(|one| one.signed_revision.end).max().unwrap_or(0);
    if end < pdf.len() {
        return Err(PdfError::ChangedAfterSigning { added: pdf.len() - end });
    }
    Ok(signatures)
}

/// Verifies every signature of a document for the revision that it signs, whatever was added later. Only
/// [`PdfSignature::signed_revision`] may be shown as signed.
///
/// # Errors
/// A [`PdfError`] that tells the first check that did not hold.
pub fn verify_revisions(pdf: &[u8], trust: &PdfTrust<'_>) -> Result<Vec<PdfSignature>, PdfError> {
    if pdf.len() > LONGEST {
        return Err(PdfError::NotPdf("it is longer than any document"));
    }
    // What stands before the header would be signed, but be read as another kind of file.
    if !pdf.starts_with(b"%PDF-") {
        return Err(PdfError::NotPdf("it does not begin with %PDF-"));
    }
    let found = dictionary::signatures(pdf, MOST_SIGNATURES)?;
    if found.is_empty() {
        return Err(PdfError::Unsigned);
    }
    let mut last_end = 0;
    let mut verified = Vec::new();
    for (position, signature) in found.iter().enumerate() {
        let nth = position + 1;
        let misplaced = |problem| PdfError::Misplaced { nth, problem };
        let end = signature.end();
        // Each later signature is an addition to what the earlier one signed.
        if end <= last_end {
            return Err(misplaced("it does not sign more than the one before it"));
        }
        if signature.hole.start < last_end {
            return Err(misplaced("it stands inside what another one signed"));
        }
        last_end = end;
        if end != pdf.len() && !pdf[..end].trim_ascii_end().ends_with(b"%%EOF") {
            return Err(misplaced("what it signs does not end where a document ends"));
        }
        verified.push(verify_one(pdf, signature, nth, trust)?);
    }
    Ok(verified)
}

fn verify_one(
    pdf: &[u8],
    found: &dictionary::Found,
    nth: usize,
    trust: &PdfTrust<'_>,
) -> Result<PdfSignature, PdfError> {
    let signed = [&pdf[..found.hole.start], &pdf[found.hole.end..found.end()]].concat();
    let read = cms::verify(&found.contents, &signed, nth)?;
    // Any other time-stamp than a believed one proves nothing, but a wrong one is a sign that something is.
    let time_stamp = match &read.time_stamp {
        Some(token) => match TimeStamp::verify(token, &read.value, trust.authorities) {
            Ok(stamp) => Some(stamp),
            Err(TimeStampError::Trust(_)) => None,
            Err(error) => return Err(error.into()),
        },
        None => None,
    };
    let believed = time_stamp.as_ref().filter(|stamp| stamp.trusted != Trusted::NotChecked);
    let at = believed.map_or(trust.at, |stamp| stamp.time.min(trust.at));
    let trusted = trust.signers.check_seal(&read.signer, &read.certificates, at)?;
    Ok(PdfSignature {
        signer: read.signer,
        certificates: read.certificates,
        claimed_time: read.signing_time.or_else(|| found.modified.as_deref().and_then(pdf_time)),
        time_stamp,
        trusted,
        signed_revision: 0..found.end(),
        covers_whole_file: found.end() == pdf.len(),
    })
}

/// Unix seconds of `D:YYYYMMDDhhmmss` with `Z`, `+hh'mm'` or nothing (ISO 32000-1, section 7.9.4).
fn pdf_time(text: &str) -> Option<i64> {
    let digits = text.strip_prefix("D:")?;
    let (time, zone) = digits.split_at_checked(14)?;
    let zone = zone.trim_end_matches('\'').replace('\'', ":");
    let zone = if zone.is_empty() || zone.starts_with('Z') { "Z".to_owned() } else { zone };
    if !time.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let date_time = format!(
        "{}-{}-{}T{}:{}:{}{zone}",
        &time[..4],
        &time[4..6],
        &time[6..8],
        &time[8..10],
        &time[10..12],
        &time[12..14]
    );
    instant::from_date_time(&date_time)
}
