//! A client certificate that was verified, as the door remembers it.

use hub_flow::clock::Timestamp;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::sha::sha256;
use openssl::x509::X509;

use super::anchors::Anchors;

/// A verified client certificate.
pub struct ClientCertificate {
    /// SHA-256 of the whole certificate in DER (`x5t#S256` of RFC 8705).
    pub sha256: [u8; 32],
    /// SHA-256 of its public key (SubjectPublicKeyInfo in DER): the same after a renewal with the same key.
    pub spki_sha256: [u8; 32],
    /// Its first moment.
    pub not_before: Timestamp,
    /// Its last moment.
    pub not_after: Timestamp,
    certificate: X509,
}

impl ClientCertificate {
    /// Reads what is needed of a certificate that was verified.
    ///
    /// # Errors
    /// It has no public key or no times that OpenSSL can read.
    pub fn of(certificate: X509) -> Result<Self, ErrorStack> {
        Ok(Self {
            sha256: sha256(&certificate.to_der()?),
            spki_sha256: sha256(&certificate.public_key()?.public_key_to_der()?),
            not_before: moment(certificate.not_before())?,
            not_after: moment(certificate.not_after())?,
            certificate,
        })
    }

    /// Whether it may still be used, on a connection that has been open for long: its time is not over, and no list that
    /// came meanwhile names it.
    #[must_use]
    pub fn stands(&self, now: Timestamp, anchors: Option<&Anchors>) -> bool {
        (self.not_before..=self.not_after).contains(&now)
            && anchors.is_none_or(|anchors| !anchors.revokes(&self.certificate))
    }
}

fn moment(time: &Asn1TimeRef) -> Result<Timestamp, ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(Timestamp(0).plus_seconds(i64::from(since.days) * 86_400 + i64::from(since.secs)))
}
