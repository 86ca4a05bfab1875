//! The keys and certificates of the twin: a root, a certificate that stamps, and one that expired long ago.

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder};

const DAY: i64 = 86_400;
/// How long a certificate that stamps is valid where nobody says, in seconds.
pub(super) const LIFETIME: i64 = 2_000 * DAY;

/// A key that stamps, and its certificate.
pub(super) struct Stamper {
    pub(super) key: PKey<Private>,
    pub(super) certificate: X509,
}

/// The authority.
pub(super) struct Authority {
    pub(super) root_pem: String,
    pub(super) current: Stamper,
    pub(super) expired: Stamper,
}

impl Authority {
    /// Fresh keys, with certificates around `now`; the one that stamps is valid for so many seconds more.
    pub(super) fn new(now: i64, lifetime: i64) -> Result<Authority, ErrorStack> {
        let root_key = key()?;
        let root_name = name("Autoritate de test")?;
        let mut root = certificate(&root_key, (&root_name, &root_name), 1, now - 3_000 * DAY, now + 3_000 * DAY)?;
        root.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        root.append_extension(KeyUsage::new().critical().key_cert_sign().build()?)?;
        root.sign(&root_key, MessageDigest::sha256())?;
        let stamper = |serial, from, until| -> Result<Stamper, ErrorStack> {
            let (key, name) = (key()?, name("Marcă temporală de test")?);
            let mut stamper = certificate(&key, (&name, &root_name), serial, from, until)?;
            stamper.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
            stamper.append_extension(ExtendedKeyUsage::new().critical().time_stamping().build()?)?;
            stamper.sign(&root_key, MessageDigest::sha256())?;
            Ok(Stamper { key, certificate: stamper.build() })
        };
        Ok(Authority {
            root_pem: String::from_utf8_lossy(&root.build().to_pem()?).into_owned(),
            current: stamper(2, now - DAY, now + lifetime)?,
            expired: stamper(3, now - 2_000 * DAY, now - DAY)?,
        })
    }
}

fn key() -> Result<PKey<Private>, ErrorStack> {
    PKey::from_ec_key(EcKey::generate(EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?.as_ref())?)
}

fn name(common: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_nid(Nid::COUNTRYNAME, "RO")?;
    name.append_entry_by_nid(Nid::ORGANIZATIONNAME, "Punte sandbox")?;
    name.append_entry_by_nid(Nid::COMMONNAME, common)?;
    Ok(name.build())
}

/// A certificate without extensions and not yet signed.
fn certificate(
    key: &PKey<Private>,
    (subject, issuer): (&X509Name, &X509Name),
    serial: u32,
    from: i64,
    until: i64,
) -> Result<X509Builder, ErrorStack> {
    let mut builder = X509Builder::new()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*Asn1Integer::from_bn(&*BigNum::from_u32(serial)?)?)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_not_before(&*Asn1Time::from_unix(from)?)?;
    builder.set_not_after(&*Asn1Time::from_unix(until)?)?;
    builder.set_pubkey(key)?;
    Ok(builder)
}
