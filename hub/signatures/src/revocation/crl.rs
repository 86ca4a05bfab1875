//! Revocation lists. Complete lists of the issuer itself only: no deltas, no indirect lists, no lists for some reasons.

use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::x509::{CrlStatus, X509Crl};

use crate::certificate::Certificate;
use crate::der::{self, Reader};

use super::{Answer, RevocationError, Status};

/// Contents of 2.5.29.28, id-ce-issuingDistributionPoint (RFC 5280, section 5.2.5).
const ISSUING_DISTRIBUTION_POINT: [u8; 3] = [0x55, 0x1D, 0x1C];
const BOOLEAN: u8 = 0x01;

/// The DER of a list given as PEM or DER.
///
/// # Errors
/// The bytes are neither.
pub fn crl_from_file(bytes: &[u8]) -> Result<Vec<u8>, RevocationError> {
    let list = X509Crl::from_der(bytes).or_else(|_| X509Crl::from_pem(bytes))?;
    Ok(list.to_der()?)
}

pub(super) fn judge(value: &[u8], certificate: &Certificate, issuer: &Certificate) -> Result<Answer, RevocationError> {
    let list = X509Crl::from_der(value)?;
    if list.issuer_name().to_der()? != issuer.x509().subject_name().to_der()? {
        return Err(RevocationError::OtherScope("it is the list of another issuer"));
    }
    match list.verify(issuer.public_key()) {
        Ok(true) => {}
        Ok(false) => return Err(RevocationError::Signature("the value is wrong".to_owned())),
        Err(error) => return Err(RevocationError::Signature(error.to_string())),
    }
    whole_list(value).ok_or(RevocationError::OtherScope("it is a partial list, or one with a rule not known here"))?;
    let status = match list.get_by_serial(certificate.x509().serial_number()) {
        CrlStatus::NotRevoked | CrlStatus::RemoveFromCrl(_) => Status::Good,
        CrlStatus::Revoked(entry) => Status::Revoked { since: unix(entry.revocation_date())? },
    };
    let next_update = list.next_update().map(unix).transpose()?;
    Ok(Answer { status, this_update: unix(list.last_update())?, next_update })
}

fn unix(time: &Asn1TimeRef) -> Result<i64, ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(i64::from(since.days) * 86_400 + i64::from(since.secs))
}

/// Something, when no critical extension narrows the list to less than all reasons of certificates of end entities.
fn whole_list(list: &[u8]) -> Option<()> {
    let mut to_be_signed = Reader::new(list).sequence()?.sequence()?;
    while !to_be_signed.is_empty() {
        let tag = to_be_signed.tag()?;
        let contents = to_be_signed.value(tag)?;
        if tag != 0xA0 {
            continue;
        }
        let mut extensions = Reader::new(contents).sequence()?;
        while !extensions.is_empty() {
            let mut extension = extensions.sequence()?;
            let oid = extension.value(der::OID)?;
            let critical = extension.tag() == Some(BOOLEAN) && extension.value(BOOLEAN)? != [0];
            let value = extension.value(der::OCTET_STRING)?;
            if oid == ISSUING_DISTRIBUTION_POINT {
                let mut point = Reader::new(value).sequence()?;
                while !point.is_empty() {
                    // A name of the point, or "only certificates of users"; everything else narrows too much.
                    let tag = point.tag().filter(|tag| matches!(tag, 0xA0 | 0x81))?;
                    point.value(tag)?;
                }
            } else if critical {
                return None;
            }
        }
    }
    Some(())
}
