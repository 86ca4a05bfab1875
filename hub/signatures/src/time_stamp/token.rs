//! Reads the parts of a token and of its authority's certificate out of their DER. It judges nothing.

use crate::der::{self, Reader};
use crate::digest::{self, DigestAlgorithm};
use crate::instant;

use super::oid;

/// Contents of the object identifiers of the SHA-2 family, 2.16.840.1.101.3.4.2.{1,2,3}, without the last number.
const SHA2: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
/// Contents of 1.2.840.113549.1.9.16.1.4, id-ct-TSTInfo (RFC 3161, section 2.4.2).
const TST_INFO: [u8; 11] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04];
/// Contents of 1.2.840.113549.1.9.3, id-contentType (RFC 5652, section 11.1).
const CONTENT_TYPE: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
/// Contents of 1.2.840.113549.1.9.16.2.47, id-aa-signingCertificateV2 (RFC 5035, section 5.4).
const SIGNING_CERTIFICATE_V2: [u8; 11] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F];
/// Contents of 1.2.840.113549.1.9.16.2.12, id-aa-signingCertificate (RFC 2634, section 5.4).
const SIGNING_CERTIFICATE: [u8; 11] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x0C];
/// Contents of 2.5.29.37, id-ce-extKeyUsage (RFC 5280, section 4.2.1.12).
const EXTENDED_KEY_USAGE: [u8; 3] = [0x55, 0x1D, 0x25];
/// Contents of 1.3.6.1.5.5.7.3.8, id-kp-timeStamping (RFC 3161, section 2.3).
const TIME_STAMPING: [u8; 8] = [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
const BOOLEAN: u8 = 0x01;

/// The fields of TSTInfo that are used (RFC 3161, section 2.4.2).
pub(super) struct TstInfo<'d> {
    pub(super) policy: String,
    pub(super) imprint_algorithm: DigestAlgorithm,
    pub(super) imprint: &'d [u8],
    pub(super) serial: &'d [u8],
    pub(super) time: i64,
    /// How many seconds the time may be off, rounded up.
    pub(super) accuracy: Option<u32>,
    pub(super) nonce: Option<&'d [u8]>,
}

impl<'d> TstInfo<'d> {
    /// Reads the content of a token; none too when it carries a critical extension, since none is known here.
    pub(super) fn read(content: &'d [u8]) -> Option<TstInfo<'d>> {
        let mut outer = Reader::new(content);
        let mut info = outer.sequence()?;
        if !outer.is_empty() || info.value(der::INTEGER)? != [1] {
            return None;
        }
        let policy = oid::dotted(info.value(der::OID)?)?;
        let mut message_imprint = info.sequence()?;
        let imprint_algorithm = digest_algorithm(message_imprint.sequence()?.value(der::OID)?)?;
        let imprint = message_imprint.value(der::OCTET_STRING)?;
        let serial = info.value(der::INTEGER)?;
        let time = instant::from_generalized_time(std::str::from_utf8(info.value(der::GENERALIZED_TIME)?).ok()?)?;
        let accuracy = match info.tag() {
            Some(der::SEQUENCE) => Some(read_accuracy(info.sequence()?)?),
            _ => None,
        };
        if info.tag() == Some(BOOLEAN) {
            info.value(BOOLEAN)?;
        }
        let nonce = match info.tag() {
            Some(der::INTEGER) => Some(info.value(der::INTEGER)?),
            _ => None,
        };
        if info.tag() == Some(0xA0) {
            info.value(0xA0)?;
        }
        if info.tag() == Some(0xA1) && has_critical(Reader::new(info.value(0xA1)?))? {
            return None;
        }
        info.is_empty().then_some(TstInfo { policy, imprint_algorithm, imprint, serial, time, accuracy, nonce })
    }
}

/// Seconds, and one more when there are milliseconds or microseconds.
fn read_accuracy(mut accuracy: Reader<'_>) -> Option<u32> {
    let mut seconds = 0;
    if accuracy.tag() == Some(der::INTEGER) {
        let bytes = accuracy.value(der::INTEGER)?;
        if bytes.is_empty() || bytes.len() > 4 || bytes[0] & 0x80 != 0 {
            return None;
        }
        seconds = bytes.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    }
    Some(if accuracy.is_empty() { seconds } else { seconds.saturating_add(1) })
}

/// Whether one of these extensions is critical (RFC 5280, section 4.1).
fn has_critical(mut extensions: Reader<'_>) -> Option<bool> {
    let mut critical = false;
    while !extensions.is_empty() {
        let mut extension = extensions.sequence()?;
        extension.value(der::OID)?;
        critical |= extension.tag() == Some(BOOLEAN) && extension.value(BOOLEAN)? != [0];
    }
    Some(critical)
}

/// The digest algorithm of the SHA-2 family that an object identifier names.
pub(crate) fn digest_algorithm(oid: &[u8]) -> Option<DigestAlgorithm> {
    match oid.strip_prefix(&SHA2)? {
        [1] => Some(DigestAlgorithm::Sha256),
        [2] => Some(DigestAlgorithm::Sha384),
        [3] => Some(DigestAlgorithm::Sha512),
        _ => None,
    }
}

/// The DER AlgorithmIdentifier of a digest algorithm, without parameters (RFC 5754, section 2).
pub(crate) fn algorithm_identifier(algorithm: DigestAlgorithm) -> Vec<u8> {
    let last = match algorithm {
        DigestAlgorithm::Sha256 => 1,
        DigestAlgorithm::Sha384 => 2,
        DigestAlgorithm::Sha512 => 3,
    };
    der::value(der::SEQUENCE, &der::value(der::OID, &[&SHA2[..], &[last]].concat()))
}

/// The SignedData inside the token, read up to its content (RFC 5652, section 5.1).
fn signed_data(token: &[u8]) -> Option<Reader<'_>> {
    let mut outer = Reader::new(token);
    let mut content_info = outer.sequence()?;
    content_info.value(der::OID)?;
    let mut signed_data = Reader::new(content_info.value(0xA0)?).sequence()?;
    signed_data.value(der::INTEGER)?;
    signed_data.value(der::SET)?;
    outer.is_empty().then_some(signed_data)
}

/// Whether the content of the token is a TSTInfo.
pub(super) fn has_tst_info_type(token: &[u8]) -> bool {
    let read = || signed_data(token)?.sequence()?.value(der::OID);
    read() == Some(&TST_INFO)
}

/// How a token names the certificate of its signer.
pub(super) enum NamedCertificate<'d> {
    /// By a digest of the SHA-2 family (ESSCertIDv2, RFC 5816, section 2.2.1).
    Digest(DigestAlgorithm, &'d [u8]),
    /// By SHA-1 (ESSCertID, RFC 3161, section 2.4.2), as many authorities still do. It only holds a certificate in its
    /// place whose key made the signature: who wants to exchange it needs a second preimage, not a collision.
    Sha1(&'d [u8]),
}

impl NamedCertificate<'_> {
    /// Whether this is the named certificate (DER).
    pub(super) fn is(&self, certificate: &[u8]) -> bool {
        match self {
            NamedCertificate::Digest(algorithm, value) => digest::same(&algorithm.digest(certificate), value),
            NamedCertificate::Sha1(value) => digest::same(&openssl::sha::sha1(certificate), value),
        }
    }
}

/// The certificate that the signed attributes of the only signer name (RFC 5816, section 2.2.1): whoever exchanges the
/// certificate in the token for another with the same issuer and number is noticed here. None too when the signed
/// attributes name another type of content. Where both forms are there, the newer one counts.
pub(super) fn named_certificate(token: &[u8]) -> Option<NamedCertificate<'_>> {
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
    let (mut content_type, mut older, mut newer) = (None, None, None);
    while !attributes.is_empty() {
        let mut attribute = attributes.sequence()?;
        match attribute.value(der::OID)? {
            oid if oid == CONTENT_TYPE => {
                content_type = Some(Reader::new(attribute.value(der::SET)?).value(der::OID)?);
            }
            oid if oid == SIGNING_CERTIFICATE_V2 && newer.is_none() => newer = Some(read_named(attribute, true)?),
            oid if oid == SIGNING_CERTIFICATE && older.is_none() => older = Some(read_named(attribute, false)?),
            _ => {}
        }
    }
    newer.or(older).filter(|_| content_type == Some(&TST_INFO))
}

/// The certificates (DER) inside a token of the usual form, and which of them is its only signer's. None for every other
/// form, and where another certificate has the same number: that tells nothing, and is for the library to read.
pub(super) fn certificates_inside(token: &[u8]) -> Option<(Vec<&[u8]>, usize)> {
    let mut signed_data = signed_data(token)?;
    signed_data.sequence()?;
    let mut set = Reader::new(signed_data.value(0xA0)?);
    let mut inside = Vec::new();
    while !set.is_empty() {
        inside.push(set.whole(der::SEQUENCE)?);
    }
    let mut signers = Reader::new(signed_data.value(der::SET)?);
    let mut signer = signers.sequence()?;
    if !signers.is_empty() || !signed_data.is_empty() {
        return None;
    }
    signer.value(der::INTEGER)?;
    let mut named = signer.sequence()?;
    let named = (named.whole(der::SEQUENCE)?, named.value(der::INTEGER)?);
    let names = inside.iter().map(|one| issuer_and_number(one)).collect::<Option<Vec<_>>>()?;
    let mut same_number = names.iter().enumerate().filter(|(_, (_, number))| *number == named.1);
    match (same_number.next(), same_number.next()) {
        (Some((position, found)), None) if *found == named => Some((inside, position)),
        _ => None,
    }
}

/// The issuer and the number of a certificate (RFC 5280, section 4.1).
fn issuer_and_number(certificate: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut to_be_signed = Reader::new(certificate).sequence()?.sequence()?;
    if to_be_signed.tag() == Some(0xA0) {
        to_be_signed.value(0xA0)?;
    }
    let number = to_be_signed.value(der::INTEGER)?;
    to_be_signed.sequence()?;
    Some((to_be_signed.whole(der::SEQUENCE)?, number))
}

/// SET of SigningCertificate, SEQUENCE OF ESSCertID; the first names the signer.
fn read_named(mut attribute: Reader<'_>, newer: bool) -> Option<NamedCertificate<'_>> {
    let mut signing_certificate = Reader::new(attribute.value(der::SET)?).sequence()?;
    let mut first = signing_certificate.sequence()?.sequence()?;
    let algorithm = match first.tag()? {
        der::SEQUENCE if newer => digest_algorithm(first.sequence()?.value(der::OID)?)?,
        _ => DigestAlgorithm::Sha256,
    };
    let value = first.value(der::OCTET_STRING)?;
    Some(if newer { NamedCertificate::Digest(algorithm, value) } else { NamedCertificate::Sha1(value) })
}

/// Whether a certificate (DER) is for time-stamps only: a critical extended key usage that names nothing else
/// (RFC 3161, section 2.3).
pub(super) fn is_for_time_stamps(certificate: &[u8]) -> bool {
    let usage = || {
        let mut to_be_signed = Reader::new(certificate).sequence()?.sequence()?;
        while to_be_signed.tag()? != 0xA3 {
            to_be_signed.value(to_be_signed.tag()?)?;
        }
        let mut extensions = Reader::new(to_be_signed.value(0xA3)?).sequence()?;
        while !extensions.is_empty() {
            let mut extension = extensions.sequence()?;
            if extension.value(der::OID)? != EXTENDED_KEY_USAGE {
                continue;
            }
            let critical = extension.tag() == Some(BOOLEAN) && extension.value(BOOLEAN)? != [0];
            let mut purposes = Reader::new(extension.value(der::OCTET_STRING)?).sequence()?;
            let only = purposes.value(der::OID)? == TIME_STAMPING && purposes.is_empty();
            return Some(critical && only);
        }
        None
    };
    usage() == Some(true)
}
