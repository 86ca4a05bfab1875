//! RFC 3161 time-stamp tokens: what they say, and whether they say it about given bytes.
//!
//! The token's own signature is always checked with the certificate inside the token; whether that certificate is
//! believed is a matter of [`Trust`]. It never asks a time-stamping authority for anything.

use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::error::ErrorStack;
use openssl::pkcs7::{Pkcs7, Pkcs7Flags};
use openssl::stack::Stack;

use crate::certificate::{Certificate, CertificateError};
use crate::der::{self, Reader};
use crate::digest::{self, DigestAlgorithm};
use crate::instant;
use crate::trust::{Purpose, Trust, TrustError, Trusted};

/// Contents of the object identifiers of the SHA-2 family, 2.16.840.1.101.3.4.2.{1,2,3}, without the last number.
const SHA2: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
/// Contents of 1.2.840.113549.1.9.16.1.4, id-ct-TSTInfo (RFC 3161, section 2.4.2).
const TST_INFO: [u8; 11] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04];
/// Contents of 1.2.840.113549.1.9.16.2.47, id-aa-signingCertificateV2 (RFC 5035, section 5.4).
const SIGNING_CERTIFICATE_V2: [u8; 11] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F];

/// A verified time-stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStamp {
    /// `genTime`: the instant before which the stamped bytes existed, Unix seconds.
    pub time: i64,
    /// The certificate of the time-stamping authority.
    pub authority: Certificate,
    /// Serial number of the token, lower-case hexadecimal.
    pub serial: String,
    /// Digest algorithm of the imprint.
    pub imprint_algorithm: DigestAlgorithm,
    /// What is known about the authority's certificate.
    pub trusted: Trusted,
}

/// Why a time-stamp is not accepted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TimeStampError {
    /// The token is not CMS SignedData holding a TSTInfo.
    #[error("the time-stamp is not a readable RFC 3161 token: {0}")]
    Unreadable(&'static str),
    /// The authority's certificate inside the token is not readable.
    #[error("the certificate inside the time-stamp is not readable: {0}")]
    Certificate(#[from] CertificateError),
    /// The token's signed attributes do not name the certificate that signed it.
    #[error("the time-stamp does not name the certificate of {subject}, which signed it")]
    OtherCertificate {
        /// Subject of the certificate that signed the token.
        subject: String,
    },
    /// The signature of the token is wrong.
    #[error("the signature of the time-stamp itself is wrong: {0}")]
    Signature(String),
    /// The token stamps other bytes.
    #[error("the time-stamp was made for other data than the signature value it accompanies")]
    Imprint,
    /// The authority is not believed.
    #[error("the time-stamping authority is not trusted: {0}")]
    Trust(#[from] TrustError),
}

impl TimeStamp {
    /// Verifies the token (DER of the CMS ContentInfo) over `data`: imprint, signature, authority at `genTime`.
    ///
    /// # Errors
    /// A [`TimeStampError`] that tells the first check that did not hold.
    pub fn verify(token: &[u8], data: &[u8], trust: &Trust) -> Result<TimeStamp, TimeStampError> {
        let content = verify_cms(token)?;
        let info = TstInfo::read(&content).ok_or(TimeStampError::Unreadable("its TSTInfo is malformed"))?;
        if !digest::same(&info.imprint_algorithm.digest(data), info.imprint) {
            return Err(TimeStampError::Imprint);
        }
        let (authority, others) = certificates(token)?;
        let (algorithm, named) = signed_certificate_digest(token)
            .ok_or(TimeStampError::Unreadable("it does not say which certificate signed it"))?;
        if !digest::same(&authority.digest(algorithm), named) {
            return Err(TimeStampError::OtherCertificate { subject: authority.subject().to_owned() });
        }
        let trusted = trust.check(&authority, &others, info.time, Purpose::TimeStamp)?;
        Ok(TimeStamp {
            time: info.time,
            authority,
            serial: info.serial.iter().map(|byte| format!("{byte:02x}")).collect(),
            imprint_algorithm: info.imprint_algorithm,
            trusted,
        })
    }
}

/// The fields of TSTInfo that are used (RFC 3161, section 2.4.2).
struct TstInfo<'d> {
    imprint_algorithm: DigestAlgorithm,
    imprint: &'d [u8],
    serial: &'d [u8],
    time: i64,
}

impl<'d> TstInfo<'d> {
    fn read(content: &'d [u8]) -> Option<TstInfo<'d>> {
        let mut outer = Reader::new(content);
        let mut info = outer.sequence()?;
        if !outer.is_empty() || info.value(der::INTEGER)? != [1] {
            return None;
        }
        info.value(der::OID)?;
        let mut message_imprint = info.sequence()?;
        let imprint_algorithm = digest_algorithm(message_imprint.sequence()?.value(der::OID)?)?;
        let imprint = message_imprint.value(der::OCTET_STRING)?;
        let serial = info.value(der::INTEGER)?;
        let time = instant::from_generalized_time(std::str::from_utf8(info.value(der::GENERALIZED_TIME)?).ok()?)?;
        Some(TstInfo { imprint_algorithm, imprint, serial, time })
    }
}

/// The signed content of the token, after its signature was found right.
fn verify_cms(token: &[u8]) -> Result<Vec<u8>, TimeStampError> {
    // The content type is not part of what the library reports, so it is looked for where CMS puts it.
    if !has_tst_info_type(token) {
        return Err(TimeStampError::Unreadable("it is not signed data that holds a TSTInfo"));
    }
    let mut cms = CmsContentInfo::from_der(token).map_err(|_| TimeStampError::Unreadable("it is not CMS"))?;
    let mut content = Vec::new();
    // The chain is not checked here but against the caller's trust, at the instant the token names.
    let options = CMSOptions::NO_SIGNER_CERT_VERIFY | CMSOptions::BINARY;
    cms.verify(None, None, None, Some(&mut content), options)
        .map_err(|error| TimeStampError::Signature(error.to_string()))?;
    Ok(content)
}

/// The digest algorithm of the SHA-2 family that an object identifier names.
fn digest_algorithm(oid: &[u8]) -> Option<DigestAlgorithm> {
    match oid.strip_prefix(&SHA2)? {
        [1] => Some(DigestAlgorithm::Sha256),
        [2] => Some(DigestAlgorithm::Sha384),
        [3] => Some(DigestAlgorithm::Sha512),
        _ => None,
    }
}

/// The SignedData inside the token, read up to its content (RFC 5652, section 5.1).
fn signed_data(token: &[u8]) -> Option<Reader<'_>> {
    let mut content_info = Reader::new(token).sequence()?;
    content_info.value(der::OID)?;
    let mut signed_data = Reader::new(content_info.value(0xA0)?).sequence()?;
    signed_data.value(der::INTEGER)?;
    signed_data.value(der::SET)?;
    Some(signed_data)
}

/// Whether the content of the token is a TSTInfo.
fn has_tst_info_type(token: &[u8]) -> bool {
    let read = || signed_data(token)?.sequence()?.value(der::OID);
    read() == Some(&TST_INFO)
}

/// The certificate digest in the signed attributes of the only signer (RFC 5816, section 2.2.1): whoever exchanges the
/// certificate in the token for another with the same issuer and number is noticed here.
fn signed_certificate_digest(token: &[u8]) -> Option<(DigestAlgorithm, &[u8])> {
    let mut signed_data = signed_data(token)?;
    signed_data.sequence()?;
    // Certificates and revocation lists, both optional.
    for tag in [0xA0, 0xA1] {
        if signed_data.tag() == Some(tag) {
            signed_data.value(tag)?;
        }
    }
    let mut signer = Reader::new(signed_data.value(der::SET)?).sequence()?;
    signer.value(der::INTEGER)?;
    let by_name = signer.tag()? == der::SEQUENCE;
    signer.value(if by_name { der::SEQUENCE } else { 0x80 })?;
    signer.sequence()?;
    let mut attributes = Reader::new(signer.value(0xA0)?);
    while !attributes.is_empty() {
        let mut attribute = attributes.sequence()?;
        if attribute.value(der::OID)? == SIGNING_CERTIFICATE_V2 {
            // SET of SigningCertificateV2, SEQUENCE OF ESSCertIDv2; the first names the signer.
            let mut signing_certificate = Reader::new(attribute.value(der::SET)?).sequence()?;
            let mut first = signing_certificate.sequence()?.sequence()?;
            let algorithm = match first.tag()? {
                der::SEQUENCE => digest_algorithm(first.sequence()?.value(der::OID)?)?,
                _ => DigestAlgorithm::Sha256,
            };
            return Some((algorithm, first.value(der::OCTET_STRING)?));
        }
    }
    None
}

/// The certificate that signed the token, and all certificates inside it.
fn certificates(token: &[u8]) -> Result<(Certificate, Vec<Certificate>), TimeStampError> {
    let read = || -> Result<_, ErrorStack> {
        let pkcs7 = Pkcs7::from_der(token)?;
        let signers = pkcs7.signers(&*Stack::new()?, Pkcs7Flags::empty())?;
        let signers: Vec<_> = signers.iter().map(|signer| signer.to_owned()).collect();
        let inside = pkcs7.signed().and_then(|signed| signed.certificates());
        let inside: Vec<_> = inside.map(|all| all.iter().map(|one| one.to_owned()).collect()).unwrap_or_default();
        Ok((signers, inside))
    };
    let (signers, inside) = read().map_err(|_| TimeStampError::Unreadable("its signer is not told"))?;
    let [signer] =
        <[_; 1]>::try_from(signers).map_err(|_| TimeStampError::Unreadable("it does not have exactly one signer"))?;
    let others = inside.into_iter().map(Certificate::from_x509).collect::<Result<_, _>>()?;
    Ok((Certificate::from_x509(signer)?, others))
}
