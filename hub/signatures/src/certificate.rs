//! An X.509 certificate with the facts a reader asks for, and the strings a seal repeats.
//!
//! It never judges: validity, purpose and chain are the business of [`crate::trust`].

use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Public};
use openssl::x509::{X509, X509NameRef, X509VerifyResult};

use crate::algorithm::VerificationKey;
use crate::der;
use crate::digest::{self, DigestAlgorithm};
use crate::remembered;

/// Bytes that are not a certificate.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the data is not a readable X.509 certificate: {0}")]
pub struct CertificateError(String);

impl From<ErrorStack> for CertificateError {
    fn from(error: ErrorStack) -> CertificateError {
        CertificateError(error.to_string())
    }
}

/// A parsed certificate. A clone is the same certificate once more, not a copy of it.
#[derive(Debug, Clone)]
pub struct Certificate(Arc<Facts>);

#[derive(Debug)]
struct Facts {
    x509: X509,
    key: PKey<Public>,
    der: Vec<u8>,
    subject: String,
    issuer: String,
    issuer_name: Vec<u8>,
    serial_bytes: Vec<u8>,
    serial: String,
    not_before: i64,
    not_after: i64,
    sha256: [u8; 32],
    /// Made when a signature is checked with the certificate.
    verification_key: OnceLock<VerificationKey>,
    /// Made when a seal is written with the certificate.
    seal_parts: OnceLock<SealParts>,
}

/// The base64 strings a XAdES seal repeats for this certificate, made once.
#[derive(Debug, Clone)]
pub(crate) struct SealParts {
    pub(crate) certificate: String,
    pub(crate) sha256: String,
    pub(crate) issuer_serial: String,
}

impl Certificate {
    /// Reads one DER certificate.
    ///
    /// # Errors
    /// When the bytes are not a certificate with a readable public key.
    pub fn from_der(der: &[u8]) -> Result<Certificate, CertificateError> {
        if let Some(known) = remembered::certificate(der) {
            return Ok(known);
        }
        let certificate = Certificate::from_x509(X509::from_der(der)?)?;
        // The library stops reading at the end of the certificate; what follows would be bytes nobody looks at.
        if certificate.0.der != der {
            return Err(CertificateError("something follows the certificate".to_owned()));
        }
        Ok(certificate)
    }

    /// Reads every certificate of a PEM text, in order.
    ///
    /// # Errors
    /// When there is none, or one is not readable.
    pub fn all_from_pem(pem: &[u8]) -> Result<Vec<Certificate>, CertificateError> {
        if let Some(known) = remembered::all_of_pem(pem) {
            return Ok(known);
        }
        let certificates = X509::stack_from_pem(pem)?;
        if certificates.is_empty() {
            return Err(CertificateError("the PEM text holds no certificate".to_owned()));
        }
        certificates.into_iter().map(Certificate::from_x509).collect()
    }

    pub(crate) fn from_x509(x509: X509) -> Result<Certificate, CertificateError> {
        let der = x509.to_der()?;
        if let Some(known) = remembered::certificate(&der) {
            return Ok(known);
        }
        let epoch = Asn1Time::from_unix(0)?;
        let seconds = |time| epoch.diff(time).map(|diff| i64::from(diff.days) * 86_400 + i64::from(diff.secs));
        let mut serial = x509.serial_number().to_bn()?.to_vec();
        if serial.is_empty() {
            // The library writes the number zero in no bytes.
            serial.push(0);
        }
        let hexadecimal_serial = serial.iter().map(|byte| format!("{byte:02x}")).collect();
        let sha256 = digest::sha256(&der);
        let certificate = Certificate(Arc::new(Facts {
            key: x509.public_key()?,
            subject: name(x509.subject_name()),
            issuer: name(x509.issuer_name()),
            issuer_name: x509.issuer_name().to_der()?,
            serial_bytes: serial,
            serial: hexadecimal_serial,
            not_before: seconds(x509.not_before())?,
            not_after: seconds(x509.not_after())?,
            x509,
            der,
            sha256,
            verification_key: OnceLock::new(),
            seal_parts: OnceLock::new(),
        }));
        remembered::remember(&certificate);
        Ok(certificate)
    }

    /// The DER bytes.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Subject as `CN=…, O=…, C=…`, most specific part first (RFC 4514 order, for people to read).
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Issuer, in the same notation as [`Certificate::subject`].
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// Serial number in lower-case hexadecimal.
    pub fn serial(&self) -> &str {
        &self.0.serial
    }

    /// First second of validity, Unix time.
    pub fn not_before(&self) -> i64 {
        self.0.not_before
    }

    /// Last second of validity, Unix time.
    pub fn not_after(&self) -> i64 {
        self.0.not_after
    }

    /// SHA-256 of the DER bytes.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.0.sha256
    }

    /// The digest of the DER bytes, as `CertDigest` of XAdES carries it (EN 319 132-1, clause 5.2.2).
    pub fn digest(&self, algorithm: DigestAlgorithm) -> Vec<u8> {
        match algorithm {
            DigestAlgorithm::Sha256 => self.0.sha256.to_vec(),
            other => other.digest(&self.0.der),
        }
    }

    /// Base64 of the DER `IssuerSerial` that `IssuerSerialV2` of XAdES carries (EN 319 132-1, clause 5.2.2).
    pub fn issuer_serial_v2(&self) -> &str {
        &self.seal_parts().issuer_serial
    }

    /// Where its issuer keeps the revocation list: the web addresses of cRLDistributionPoints (RFC 5280, 4.2.1.13).
    pub fn crl_addresses(&self) -> Vec<String> {
        let points = self.0.x509.crl_distribution_points();
        let names = points.iter().flatten().filter_map(|point| point.distpoint()?.fullname());
        names.flatten().filter_map(|name| name.uri()).filter(|uri| is_web(uri)).map(str::to_owned).collect()
    }

    /// Where its issuer answers OCSP: the web addresses of authorityInfoAccess (RFC 5280, section 4.2.2.1).
    pub fn ocsp_addresses(&self) -> Vec<String> {
        let responders = self.0.x509.ocsp_responders();
        let addresses = responders.iter().flatten().map(|uri| uri.to_string());
        addresses.filter(|uri| is_web(uri)).collect()
    }

    /// Whether `issuer` issued this certificate: name and signature fit.
    pub fn is_issued_by(&self, issuer: &Certificate) -> bool {
        issuer.0.x509.issued(&self.0.x509) == X509VerifyResult::OK && self.0.x509.verify(&issuer.0.key).unwrap_or(false)
    }

    /// The certificate as PEM text.
    pub fn to_pem(&self) -> String {
        let body = STANDARD.encode(&self.0.der);
        let lines = body.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line) + "\n").collect::<String>();
        format!("-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n")
    }

    /// The public key.
    pub fn public_key(&self) -> &PKey<Public> {
        &self.0.key
    }

    /// The public key as signatures are checked with it.
    pub(crate) fn verification_key(&self) -> &VerificationKey {
        self.0.verification_key.get_or_init(|| VerificationKey::of(&self.0.key))
    }

    pub(crate) fn x509(&self) -> &X509 {
        &self.0.x509
    }

    pub(crate) fn seal_parts(&self) -> &SealParts {
        self.0.seal_parts.get_or_init(|| SealParts {
            certificate: STANDARD.encode(&self.0.der),
            sha256: STANDARD.encode(self.0.sha256),
            issuer_serial: STANDARD.encode(issuer_serial(&self.0.issuer_name, &self.0.serial_bytes)),
        })
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Certificate) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

fn is_web(address: &str) -> bool {
    address.starts_with("http://") || address.starts_with("https://")
}

fn name(name: &X509NameRef) -> String {
    let mut parts: Vec<String> = name
        .entries()
        .map(|entry| {
            let key = entry.object().nid().short_name().unwrap_or("OID");
            let value = entry.data().to_string().unwrap_or_default();
            format!("{key}={}", escaped(&value))
        })
        .collect();
    parts.reverse();
    parts.join(", ")
}

/// A value that cannot be taken for another part of the name, nor be shown as something else: what separates parts gets
/// a backslash, what is not visible or turns the direction of writing is written in hexadecimal (RFC 4514, section 2.4).
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' => out.extend(['\\', c]),
            '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => {
                hexadecimal(c, &mut out)
            }
            _ if c.is_control() => hexadecimal(c, &mut out),
            _ => out.push(c),
        }
    }
    out
}

fn hexadecimal(c: char, out: &mut String) {
    out.extend(c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("\\{byte:02X}")));
}

/// DER of `IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber INTEGER }` (RFC 5035, section 5.4), with one
/// directoryName.
fn issuer_serial(issuer: &[u8], serial: &[u8]) -> Vec<u8> {
    let directory_name = der::value(0xA4, issuer);
    let mut contents = der::value(der::SEQUENCE, &directory_name);
    contents.extend(der::integer(serial));
    der::value(der::SEQUENCE, &contents)
}
