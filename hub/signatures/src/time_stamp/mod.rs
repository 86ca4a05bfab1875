//! RFC 3161 time-stamp tokens: what they say, and whether they say it about given bytes.
//!
//! The token's own signature is always checked with the certificate inside the token; whether that certificate is
//! believed is a matter of [`Trust`]. It never asks a time-stamping authority for anything.

use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::error::ErrorStack;
use openssl::pkcs7::{Pkcs7, Pkcs7Flags};
use openssl::stack::Stack;

use crate::certificate::{Certificate, CertificateError};
use crate::digest::{self, DigestAlgorithm};
use crate::remembered;
use crate::trust::{Purpose, Trust, TrustError, Trusted};

pub(crate) mod oid;
mod token;

use token::{TstInfo, certificates_inside, has_tst_info_type, is_for_time_stamps, named_certificate};
pub(crate) use token::{algorithm_identifier, digest_algorithm};

/// A verified time-stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStamp {
    /// `genTime`: the instant before which the stamped bytes existed, Unix seconds.
    pub time: i64,
    /// The certificate of the time-stamping authority.
    pub authority: Certificate,
    /// Every certificate inside the token, the authority's own among them.
    pub certificates: Vec<Certificate>,
    /// Serial number of the token, lower-case hexadecimal.
    pub serial: String,
    /// The policy under which the authority stamped, in dotted notation.
    pub policy: String,
    /// How many seconds the time may be off either way, rounded up, when the authority says so.
    pub accuracy: Option<u32>,
    /// The number that the request carried, as the contents of a DER INTEGER.
    pub nonce: Option<Vec<u8>>,
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
    #[error("the time-stamp was made for other data than the one it accompanies")]
    Imprint,
    /// The authority's certificate is for something else than time-stamps alone (RFC 3161, section 2.3).
    #[error("the certificate of {subject}, which made the time-stamp, was not issued for time-stamps alone")]
    NotForTimeStamps {
        /// Subject of the certificate.
        subject: String,
    },
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
        TimeStamp::verify_either(token, &[data], trust)
    }

    /// The same where the token may be over one of several forms of the data.
    ///
    /// # Errors
    /// A [`TimeStampError`] that tells the first check that did not hold.
    pub fn verify_either(token: &[u8], forms: &[&[u8]], trust: &Trust) -> Result<TimeStamp, TimeStampError> {
        verify_token(token, trust, |algorithm, imprint| {
            forms.iter().any(|data| digest::same(&algorithm.digest(data), imprint))
        })
    }

    /// The certificates inside a token, that of its signer first. Nothing is verified.
    ///
    /// # Errors
    /// The token or a certificate is not readable.
    pub fn certificates(token: &[u8]) -> Result<Vec<Certificate>, TimeStampError> {
        let (signer, mut others) = certificates(token)?;
        others.retain(|one| *one != signer);
        others.insert(0, signer);
        Ok(others)
    }

    /// The same for data of which only the digest is known.
    ///
    /// # Errors
    /// A [`TimeStampError`] that tells the first check that did not hold.
    pub fn verify_imprint(
        token: &[u8],
        algorithm: DigestAlgorithm,
        imprint: &[u8],
        trust: &Trust,
    ) -> Result<TimeStamp, TimeStampError> {
        verify_token(token, trust, |used, stamped| used == algorithm && digest::same(imprint, stamped))
    }
}

fn verify_token(
    token: &[u8],
    trust: &Trust,
    is_ours: impl FnOnce(DigestAlgorithm, &[u8]) -> bool,
) -> Result<TimeStamp, TimeStampError> {
    let content = verify_cms(token)?;
    let info = TstInfo::read(&content).ok_or(TimeStampError::Unreadable("its TSTInfo is malformed"))?;
    if !is_ours(info.imprint_algorithm, info.imprint) {
        return Err(TimeStampError::Imprint);
    }
    // The only signer of a token is among the certificates in it, most often alone.
    let (authority, others) = remembered::within(|| certificates(token))?;
    let named = named_certificate(token);
    let named = named.ok_or(TimeStampError::Unreadable("it does not say which certificate signed it"))?;
    if !named.is(authority.der()) {
        return Err(TimeStampError::OtherCertificate { subject: authority.subject().to_owned() });
    }
    if !is_for_time_stamps(authority.der()) {
        return Err(TimeStampError::NotForTimeStamps { subject: authority.subject().to_owned() });
    }
    let trusted = trust.check(&authority, &others, info.time, Purpose::TimeStamp)?;
    Ok(TimeStamp {
        time: info.time,
        authority,
        certificates: others,
        serial: info.serial.iter().map(|byte| format!("{byte:02x}")).collect(),
        policy: info.policy,
        accuracy: info.accuracy,
        nonce: info.nonce.map(<[u8]>::to_vec),
        imprint_algorithm: info.imprint_algorithm,
        trusted,
    })
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

/// The certificate that signed the token (or any other signed data of one signer), and all certificates inside it.
pub(crate) fn certificates(token: &[u8]) -> Result<(Certificate, Vec<Certificate>), TimeStampError> {
    // The usual form is read here, so that a certificate met before is not read again; the library has the last word.
    let usual = certificates_inside(token).and_then(|(inside, signer)| {
        let inside: Vec<_> = inside.into_iter().map(Certificate::from_der).collect::<Result<_, _>>().ok()?;
        Some((inside.get(signer)?.clone(), inside))
    });
    if let Some(read) = usual {
        return Ok(read);
    }
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
