//! The file of an answer about many persons: JSON inside a CMS signature of the twin's own key.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509, X509NameBuilder};

/// The key that signs files, and its certificate; both made at the start and worth nothing to anybody.
pub(super) struct FileSeal {
    key: PKey<Private>,
    certificate: X509,
}

impl FileSeal {
    /// A key valid around that time.
    pub(super) fn new(now: i64) -> Result<Self, ErrorStack> {
        let key = PKey::from_ec_key(EcKey::generate(&*EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?)?)?;
        let mut name = X509NameBuilder::new()?;
        name.append_entry_by_text("CN", "PatrimVen inventat")?;
        let name = name.build();
        let mut certificate = X509::builder()?;
        certificate.set_version(2)?;
        certificate.set_serial_number(&*BigNum::from_u32(1)?.to_asn1_integer()?)?;
        certificate.set_subject_name(&name)?;
        certificate.set_issuer_name(&name)?;
        certificate.set_pubkey(&key)?;
        certificate.set_not_before(&*Asn1Time::from_unix(now - 86_400)?)?;
        certificate.set_not_after(&*Asn1Time::from_unix(now + 365 * 86_400)?)?;
        certificate.sign(&key, MessageDigest::sha256())?;
        Ok(Self { key, certificate: certificate.build() })
    }

    /// The content and its signature, DER.
    pub(super) fn seal(&self, content: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let options = CMSOptions::BINARY | CMSOptions::NOSMIMECAP;
        CmsContentInfo::sign(Some(&self.certificate), Some(&self.key), None, Some(content), options)?.to_der()
    }

    /// The certificate, PEM.
    pub(super) fn certificate_pem(&self) -> Result<Vec<u8>, ErrorStack> {
        self.certificate.to_pem()
    }
}
