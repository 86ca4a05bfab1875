//! The questions and answers of OCSP. One certificate in each; no nonce, since responders answer from a store and the
//! dates of the answer tell how fresh it is (RFC 6960, section 2.4).

use openssl::hash::MessageDigest;
use openssl::ocsp::{OcspCertId, OcspCertStatus, OcspFlag, OcspRequest, OcspResponse, OcspResponseStatus};
use openssl::stack::Stack;
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};

use crate::certificate::Certificate;
use crate::der::{self, Reader};
use crate::instant;

use super::{Answer, RevocationError, Status};

/// Media type of a request over HTTP (RFC 6960, appendix A).
pub const OCSP_REQUEST_TYPE: &str = "application/ocsp-request";
/// Media type of an answer.
pub const OCSP_REPLY_TYPE: &str = "application/ocsp-response";

/// The request (DER) for the status of `certificate`, which `issuer` issued.
///
/// # Errors
/// The library refuses.
pub fn ocsp_request(certificate: &Certificate, issuer: &Certificate) -> Result<Vec<u8>, RevocationError> {
    let mut request = OcspRequest::new()?;
    request.add_id(id(certificate, issuer)?)?;
    Ok(request.to_der()?)
}

/// SHA-1 only names the issuer here and protects nothing; it is what every responder must know (RFC 5019, 2.1.1).
fn id(certificate: &Certificate, issuer: &Certificate) -> Result<OcspCertId, RevocationError> {
    Ok(OcspCertId::from_cert(MessageDigest::sha1(), certificate.x509(), issuer.x509())?)
}

pub(super) fn judge(
    value: &[u8],
    certificate: &Certificate,
    issuer: &Certificate,
    at: i64,
) -> Result<Answer, RevocationError> {
    let response = OcspResponse::from_der(value)?;
    if response.status() != OcspResponseStatus::SUCCESSFUL {
        return Err(RevocationError::NoStatus("it refused the request"));
    }
    let basic = response.basic()?;
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_time(at);
    parameters.set_auth_level(1);
    parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    let mut store = X509StoreBuilder::new()?;
    store.add_cert(issuer.x509().clone())?;
    store.set_param(&parameters)?;
    let mut certificates: Stack<X509> = Stack::new()?;
    certificates.push(issuer.x509().clone())?;
    // The library takes the issuer itself, or one to whom the issuer delegated it (RFC 6960, section 4.2.2.2).
    basic
        .verify(&certificates, &store.build(), OcspFlag::empty())
        .map_err(|error| RevocationError::Signature(error.to_string()))?;
    let found = basic.find_status(&*id(certificate, issuer)?);
    let found = found.ok_or(RevocationError::OtherScope("it answers for another certificate"))?;
    let single = Single::read(value).ok_or(RevocationError::OtherScope("it does not answer for exactly one"))?;
    let status = match found.status {
        OcspCertStatus::GOOD => Status::Good,
        OcspCertStatus::REVOKED => {
            let since = single.revoked.ok_or(RevocationError::NoStatus("it does not say since when"))?;
            Status::Revoked { since }
        }
        _ => return Err(RevocationError::NoStatus("it does not know the certificate")),
    };
    Ok(Answer { status, this_update: single.this_update, next_update: single.next_update })
}

/// The times of the only SingleResponse (RFC 6960, section 4.2.1), which the library gives as text for people only.
struct Single {
    revoked: Option<i64>,
    this_update: i64,
    next_update: Option<i64>,
}

impl Single {
    fn read(response: &[u8]) -> Option<Single> {
        const ENUMERATED: u8 = 0x0A;
        let mut outer = Reader::new(response).sequence()?;
        outer.value(ENUMERATED)?;
        let mut bytes = Reader::new(outer.value(0xA0)?).sequence()?;
        bytes.value(der::OID)?;
        let mut data = Reader::new(bytes.value(der::OCTET_STRING)?).sequence()?.sequence()?;
        if data.tag() == Some(0xA0) {
            data.value(0xA0)?;
        }
        let responder = data.tag().filter(|tag| matches!(tag, 0xA1 | 0xA2))?;
        data.value(responder)?;
        data.value(der::GENERALIZED_TIME)?;
        let mut responses = data.sequence()?;
        let mut single = responses.sequence()?;
        if !responses.is_empty() {
            return None;
        }
        single.value(der::SEQUENCE)?;
        let status = single.tag()?;
        let told = single.value(status)?;
        let revoked = if status == 0xA1 { Some(time(&mut Reader::new(told))?) } else { None };
        let this_update = time(&mut single)?;
        let next_update = match single.tag() {
            Some(0xA0) => Some(time(&mut Reader::new(single.value(0xA0)?))?),
            _ => None,
        };
        Some(Single { revoked, this_update, next_update })
    }
}

fn time(reader: &mut Reader<'_>) -> Option<i64> {
    instant::from_generalized_time(std::str::from_utf8(reader.value(der::GENERALIZED_TIME)?).ok()?)
}
