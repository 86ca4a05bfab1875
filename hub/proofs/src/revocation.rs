//! Whether a certificate was revoked at a given time, by the CRLs and OCSP answers at hand (RFC 5280, RFC 6960).
//!
//! A list or answer counts only when its issuer's signature on it is right. Nothing is fetched.

use hub_signatures::certificate::Certificate;
use hub_signatures::instant;
use openssl::asn1::{Asn1GeneralizedTimeRef, Asn1Time, Asn1TimeRef};
use openssl::hash::MessageDigest;
use openssl::ocsp::{OcspBasicResponse, OcspCertId, OcspCertStatus, OcspFlag, OcspResponse, OcspResponseStatus};
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{CrlStatus, X509, X509Crl};

use crate::claim::{Claim, Kind};
use crate::exhibits::File;

/// What one list or answer says.
enum Told {
    /// Not revoked at that time.
    Good,
    /// Revoked at this Unix time.
    Revoked(i64),
    /// It was made too early to say anything about that time.
    TooOld,
}

/// The claim that `certificate` was not revoked at `at`, Unix seconds; `others` may hold its issuer.
pub(crate) fn claim(certificate: &Certificate, others: &[Certificate], values: &[File<'_>], at: i64) -> Claim {
    let about = certificate.subject();
    let not_checked = |ro: &str, en: &str| Claim::not_checked(Kind::Revocation, about, ro, en);
    if certificate.subject() == certificate.issuer() {
        return not_checked(
            "certificatul este semnat de el însuși: nimeni nu îl poate revoca",
            "the certificate is self-signed: nobody can revoke it",
        );
    }
    if values.is_empty() {
        return not_checked("lipsește o listă CRL sau un răspuns OCSP", "there is no CRL and no OCSP answer here");
    }
    let issuers = others.iter().filter(|one| one.subject() == certificate.issuer());
    let mut too_old = false;
    for issuer in issuers {
        for value in values {
            let told = by_list(certificate, issuer, value.bytes, at)
                .or_else(|| by_answer(certificate, issuer, value.bytes, at));
            match told {
                Some(Told::Good) => {
                    let (ro, en) = ("nu era revocat", "it was not revoked");
                    return Claim::proven(Kind::Revocation, about, ro, en).by(value.name).at(at);
                }
                Some(Told::Revoked(since)) => {
                    let since = instant::to_date_time(since);
                    let (ro, en) = (format!("era revocat din {since}"), format!("it was revoked since {since}"));
                    return Claim::failed(Kind::Revocation, about, ro, en).by(value.name).at(at);
                }
                Some(Told::TooOld) => too_old = true,
                None => {}
            }
        }
    }
    if too_old {
        return not_checked(
            "lista de revocare este mai veche decât sigiliul",
            "the revocation list is older than the seal",
        );
    }
    not_checked(
        "niciuna dintre listele de față nu vorbește despre acest certificat",
        "none of the lists here speaks about this certificate",
    )
}

fn by_list(certificate: &Certificate, issuer: &Certificate, value: &[u8], at: i64) -> Option<Told> {
    let list = X509Crl::from_der(value).or_else(|_| X509Crl::from_pem(value)).ok()?;
    if !list.verify(issuer.public_key()).ok()? {
        return None;
    }
    let subject = X509::from_der(certificate.der()).ok()?;
    match list.get_by_cert(&subject) {
        CrlStatus::Revoked(entry) => {
            let since = unix(entry.revocation_date())?;
            Some(if since <= at { Told::Revoked(since) } else { Told::Good })
        }
        CrlStatus::NotRevoked | CrlStatus::RemoveFromCrl(_) => {
            let current = list.next_update().and_then(unix).unwrap_or(unix(list.last_update())?);
            Some(if current >= at { Told::Good } else { Told::TooOld })
        }
    }
}

fn by_answer(certificate: &Certificate, issuer: &Certificate, value: &[u8], at: i64) -> Option<Told> {
    let answer = OcspResponse::from_der(value).ok()?;
    if answer.status() != OcspResponseStatus::SUCCESSFUL {
        return None;
    }
    let answer = answer.basic().ok()?;
    let (subject, issuer) = (X509::from_der(certificate.der()).ok()?, X509::from_der(issuer.der()).ok()?);
    [MessageDigest::sha1(), MessageDigest::sha256()].into_iter().find_map(|digest| {
        let id = OcspCertId::from_cert(digest, &subject, &issuer).ok()?;
        let status = answer.find_status(&id)?;
        let made = generalized(status.this_update)?;
        is_by_issuer(&answer, &issuer, made)?;
        if status.status == OcspCertStatus::REVOKED {
            let since = status.revocation_time.and_then(generalized)?;
            return Some(if since <= at { Told::Revoked(since) } else { Told::Good });
        }
        let current = status.next_update().and_then(generalized).unwrap_or(made);
        (status.status == OcspCertStatus::GOOD).then_some(if current >= at { Told::Good } else { Told::TooOld })
    })
}

/// Whether the issuer, or a responder it named, signed the answer.
fn is_by_issuer(answer: &OcspBasicResponse, issuer: &X509, made: i64) -> Option<()> {
    let mut parameters = X509VerifyParam::new().ok()?;
    parameters.set_time(made);
    parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN).ok()?;
    let mut store = X509StoreBuilder::new().ok()?;
    store.add_cert(issuer.clone()).ok()?;
    store.set_param(&parameters).ok()?;
    let mut certificates = Stack::new().ok()?;
    certificates.push(issuer.clone()).ok()?;
    answer.verify(&certificates, &store.build(), OcspFlag::empty()).ok()
}

fn unix(time: &Asn1TimeRef) -> Option<i64> {
    let since = Asn1Time::from_unix(0).ok()?.diff(time).ok()?;
    Some(i64::from(since.days) * 86_400 + i64::from(since.secs))
}

/// The time as it prints is the only way to read it: `Nov 22 10:15:30 2026 GMT`.
fn generalized(time: &Asn1GeneralizedTimeRef) -> Option<i64> {
    let printed = time.to_string();
    let mut words = printed.split_ascii_whitespace();
    let (month, day, clock, year) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months.iter().position(|name| *name == month)? + 1;
    instant::from_date_time(&format!("{year}-{month:02}-{day:0>2}T{clock}Z"))
}
