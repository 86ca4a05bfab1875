//! The CMS signature inside a PDF: detached SignedData with one signer (RFC 5652, ETSI EN 319 122-1).

use openssl::cms::{CMSOptions, CmsContentInfo};

use super::PdfError;
use crate::certificate::Certificate;
use crate::der::{self, Reader};
use crate::digest;
use crate::instant;
use crate::time_stamp;

/// Contents of 1.2.840.113549.1.7.1, id-data.
const DATA: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01];
/// Contents of 1.2.840.113549.1.9.3, id-contentType.
const CONTENT_TYPE: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
/// Contents of 1.2.840.113549.1.9.5, id-signingTime (RFC 5652, section 11.3).
const SIGNING_TIME: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05];
/// Contents of 1.2.840.113549.1.9.16.2.14, id-aa-timeStampToken (RFC 3161, appendix A).
const TIME_STAMP: [u8; 11] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x0E];
/// Contents of 1.2.840.113549.1.9.16.2.47, id-aa-signingCertificateV2 (RFC 5035, section 5.4).
const SIGNING_CERTIFICATE_V2: [u8; 11] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F];
const UTC_TIME: u8 = 0x17;

/// What a signature that is right says.
pub(super) struct Read {
    pub(super) signer: Certificate,
    pub(super) certificates: Vec<Certificate>,
    pub(super) signing_time: Option<i64>,
    /// The signature value, over which a time-stamp is made.
    pub(super) value: Vec<u8>,
    pub(super) time_stamp: Option<Vec<u8>>,
}

/// Verifies a signature over the signed bytes. Who signed is not judged.
pub(super) fn verify(contents: &[u8], signed: &[u8], nth: usize) -> Result<Read, PdfError> {
    let unreadable = |problem| PdfError::Unreadable { nth, problem };
    let wrong = |error: openssl::error::ErrorStack| PdfError::Wrong { nth, reason: error.to_string() };
    let mut cms = CmsContentInfo::from_der(contents).map_err(|_| unreadable("it is not CMS"))?;
    // Some writers use indefinite lengths; what is read further is the library's own, strict form of it.
    let own = cms.to_der().map_err(|_| unreadable("it is not CMS"))?;
    let parts = Parts::read(&own).ok_or_else(|| unreadable("it is not detached signed data of one signer"))?;
    if !parts.digest_is_accepted {
        return Err(PdfError::WeakDigest { nth });
    }
    // The chain is not checked here but against the caller's trust.
    let options = CMSOptions::NO_SIGNER_CERT_VERIFY | CMSOptions::BINARY | CMSOptions::DETACHED;
    cms.verify(None, None, Some(signed), None, options).map_err(wrong)?;
    let (signer, certificates) =
        time_stamp::certificates(&own).map_err(|_| unreadable("it does not hold the certificate of its signer"))?;
    let fits =
        parts.named.as_ref().is_none_or(|(algorithm, value)| digest::same(&algorithm.digest(signer.der()), value));
    if !fits {
        return Err(PdfError::OtherCertificate { nth, subject: signer.subject().to_owned() });
    }
    Ok(Read {
        signing_time: parts.signing_time,
        value: parts.value.to_vec(),
        time_stamp: parts.time_stamp.map(<[u8]>::to_vec),
        signer,
        certificates,
    })
}

struct Parts<'d> {
    digest_is_accepted: bool,
    named: Option<(digest::DigestAlgorithm, &'d [u8])>,
    signing_time: Option<i64>,
    value: &'d [u8],
    time_stamp: Option<&'d [u8]>,
}

impl<'d> Parts<'d> {
    /// Reads SignedData with one SignerInfo that has signed attributes and no content of its own.
    fn read(cms: &'d [u8]) -> Option<Parts<'d>> {
        let mut content_info = Reader::new(cms).sequence()?;
        content_info.value(der::OID)?;
        let mut signed_data = Reader::new(content_info.value(0xA0)?).sequence()?;
        signed_data.value(der::INTEGER)?;
        signed_data.value(der::SET)?;
        let mut encapsulated = signed_data.sequence()?;
        if encapsulated.value(der::OID)? != DATA || !encapsulated.is_empty() {
            return None;
        }
        for tag in [0xA0, 0xA1] {
            if signed_data.tag() == Some(tag) {
                signed_data.value(tag)?;
            }
        }
        let mut signers = Reader::new(signed_data.value(der::SET)?);
        let mut signer = signers.sequence()?;
        if !signers.is_empty() {
            return None;
        }
        signer.value(der::INTEGER)?;
        signer.value(signer.tag()?)?;
        let digest = time_stamp::digest_algorithm(signer.sequence()?.value(der::OID)?);
        let mut parts = Parts {
            digest_is_accepted: digest.is_some(),
            named: None,
            signing_time: None,
            value: &[],
            time_stamp: None,
        };
        let mut attributes = Reader::new(signer.value(0xA0)?);
        let mut content_type = None;
        while !attributes.is_empty() {
            let mut attribute = attributes.sequence()?;
            let name = attribute.value(der::OID)?;
            let mut values = Reader::new(attribute.value(der::SET)?);
            match name {
                name if name == CONTENT_TYPE => content_type = Some(values.value(der::OID)?),
                name if name == SIGNING_TIME => parts.signing_time = time(values),
                name if name == SIGNING_CERTIFICATE_V2 && parts.named.is_none() => parts.named = Some(named(values)?),
                _ => {}
            }
        }
        signer.sequence()?;
        parts.value = signer.value(der::OCTET_STRING)?;
        if signer.tag() == Some(0xA1) {
            let mut attributes = Reader::new(signer.value(0xA1)?);
            while !attributes.is_empty() {
                let mut attribute = attributes.sequence()?;
                if attribute.value(der::OID)? == TIME_STAMP {
                    parts.time_stamp = Some(Reader::new(attribute.value(der::SET)?).whole(der::SEQUENCE)?);
                }
            }
        }
        (content_type == Some(&DATA)).then_some(parts)
    }
}

/// The certificate that SigningCertificateV2 names first.
fn named(mut values: Reader<'_>) -> Option<(digest::DigestAlgorithm, &[u8])> {
    let mut first = values.sequence()?.sequence()?.sequence()?;
    let algorithm = match first.tag()? {
        der::SEQUENCE => time_stamp::digest_algorithm(first.sequence()?.value(der::OID)?)?,
        _ => digest::DigestAlgorithm::Sha256,
    };
    Some((algorithm, first.value(der::OCTET_STRING)?))
}

/// UTCTime until 2049, GeneralizedTime after (RFC 5652, section 11.3).
fn time(mut values: Reader<'_>) -> Option<i64> {
    if values.tag() == Some(UTC_TIME) {
        let text = std::str::from_utf8(values.value(UTC_TIME)?).ok()?;
        let century = if text.get(..2)? < "50" { "20" } else { "19" };
        return instant::from_generalized_time(&format!("{century}{text}"));
    }
    instant::from_generalized_time(std::str::from_utf8(values.value(der::GENERALIZED_TIME)?).ok()?)
}
