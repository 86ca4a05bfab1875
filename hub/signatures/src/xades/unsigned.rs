//! What may be added to a seal later without touching it: the time-stamp (baseline T), and the certificates and revocation
//! values that let it be judged when nobody answers any more (baseline LT); ETSI EN 319 132-1, clauses 5.3 and 5.4.
//!
//! Digests and log leaves of the hub are over the sealed B form, the document without these; [`without_unsigned`] gives it
//! back byte for byte. It checks no token and no certificate.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::seal::{PROPERTIES_END, SIGNATURE_END, SealError};

const UNSIGNED_START: &str = "<xades:UnsignedProperties><xades:UnsignedSignatureProperties>";
const UNSIGNED_END: &str = "</xades:UnsignedSignatureProperties></xades:UnsignedProperties>";
const TIME_STAMP_START: &str = concat!(
    r##"<xades:SignatureTimeStamp>"##,
    r##"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod>"##,
    r##"<xades:EncapsulatedTimeStamp>"##,
);
const TIME_STAMP_END: &str = "</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>";

/// The unsigned properties of a seal. What is empty is left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unsigned<'a> {
    /// The signature time-stamp: DER of the CMS ContentInfo of RFC 3161.
    pub time_stamp: Option<&'a [u8]>,
    /// Certificates (DER) beyond those in KeyInfo and in the token.
    pub certificates: &'a [Vec<u8>],
    /// Revocation lists (DER).
    pub crls: &'a [Vec<u8>],
    /// OCSP responses (DER).
    pub ocsp_responses: &'a [Vec<u8>],
}

/// The unsigned properties with a time-stamp alone.
pub(crate) fn time_stamp_property(token: &[u8]) -> String {
    [UNSIGNED_START, TIME_STAMP_START, &STANDARD.encode(token), TIME_STAMP_END, UNSIGNED_END].concat()
}

impl Unsigned<'_> {
    /// In the order in which they are gathered: time-stamp, certificates, revocation values.
    fn write(&self) -> String {
        let mut out = String::new();
        if let Some(token) = self.time_stamp {
            out += TIME_STAMP_START;
            STANDARD.encode_string(token, &mut out);
            out += TIME_STAMP_END;
        }
        let list = |out: &mut String, outer: &str, inner: &str, values: &[Vec<u8>]| {
            if values.is_empty() {
                return;
            }
            *out += &format!("<xades:{outer}>");
            for value in values {
                *out += &format!("<xades:{inner}>{}</xades:{inner}>", STANDARD.encode(value));
            }
            *out += &format!("</xades:{outer}>");
        };
        list(&mut out, "CertificateValues", "EncapsulatedX509Certificate", self.certificates);
        if !self.crls.is_empty() || !self.ocsp_responses.is_empty() {
            out += "<xades:RevocationValues>";
            list(&mut out, "CRLValues", "EncapsulatedCRLValue", self.crls);
            list(&mut out, "OCSPValues", "EncapsulatedOCSPValue", self.ocsp_responses);
            out += "</xades:RevocationValues>";
        }
        out
    }
}

/// Adds unsigned properties to a document made by [`super::seal()`].
///
/// # Errors
/// [`SealError::NotSealed`] when the document was not made by [`super::seal()`], or has unsigned properties already.
pub fn attach(sealed: &str, unsigned: &Unsigned<'_>) -> Result<String, SealError> {
    let at = sealed.rfind(SIGNATURE_END).ok_or(SealError::NotSealed)?;
    if !sealed[..at].ends_with(PROPERTIES_END) {
        return Err(SealError::NotSealed);
    }
    let properties = unsigned.write();
    if properties.is_empty() {
        return Ok(sealed.to_owned());
    }
    Ok([&sealed[..at], UNSIGNED_START, &properties, UNSIGNED_END, &sealed[at..]].concat())
}

/// Adds the time-stamp token (DER of the CMS ContentInfo of RFC 3161) to a document made by [`super::seal()`]: baseline T.
///
/// The token is not checked here; [`crate::time_stamp::TimeStamp::verify`] does that.
///
/// # Errors
/// [`SealError::NotSealed`] when the document was not made by [`super::seal()`], or has a time-stamp already.
pub fn attach_time_stamp(sealed: &str, token: &[u8]) -> Result<String, SealError> {
    attach(sealed, &Unsigned { time_stamp: Some(token), ..Unsigned::default() })
}

/// The sealed B form of a document of any level: the bytes that were sealed, whose digest is on record.
///
/// # Errors
/// [`SealError::NotSealed`] when the document was not made by [`super::seal()`] and [`attach`].
pub fn without_unsigned(document: &str) -> Result<Cow<'_, str>, SealError> {
    let at = document.rfind(SIGNATURE_END).ok_or(SealError::NotSealed)?;
    let head = &document[..at];
    if head.ends_with(PROPERTIES_END) {
        return Ok(Cow::Borrowed(document));
    }
    let start = head.ends_with(UNSIGNED_END).then(|| head.rfind(UNSIGNED_START)).flatten();
    let start = start.filter(|start| head[..*start].ends_with(PROPERTIES_END)).ok_or(SealError::NotSealed)?;
    Ok(Cow::Owned([&document[..start], &document[at..]].concat()))
}
