//! Signed answers: the body signed with an X.509 key (OASIS Web Services Security X.509 Token Profile 1.1).
//!
//! What it writes is canonical as written (exclusive XML canonicalization), so that the bytes are digested as they go out.

use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sha::sha256;
use openssl::sign::Signer;
use openssl::x509::extension::{BasicConstraints, KeyUsage};
use openssl::x509::{X509, X509NameBuilder};

use super::answer::{namespace, written};
use super::{Version, WSSE, WSU};

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const X509_V3: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";
const BASE64: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// The key of an institution and its certificate.
pub(crate) struct Seal {
    pub(crate) key: PKey<Private>,
    pub(crate) certificate: X509,
}

const DAY: i64 = 86_400;

impl Seal {
    /// A fresh RSA key with a certificate of its own, valid around `now`. RSA, because every SOAP client verifies it.
    pub(crate) fn fresh(name: &str, now: i64) -> Result<Seal, ErrorStack> {
        let key = PKey::from_rsa(Rsa::generate(2_048)?)?;
        let mut subject = X509NameBuilder::new()?;
        subject.append_entry_by_nid(Nid::COUNTRYNAME, "RO")?;
        subject.append_entry_by_nid(Nid::ORGANIZATIONNAME, "Punte sandbox")?;
        subject.append_entry_by_nid(Nid::COMMONNAME, name)?;
        let subject = subject.build();
        let mut certificate = X509::builder()?;
        certificate.set_version(2)?;
        certificate.set_serial_number(&*Asn1Integer::from_bn(&*BigNum::from_u32(1)?)?)?;
        certificate.set_subject_name(&subject)?;
        certificate.set_issuer_name(&subject)?;
        certificate.set_not_before(&*Asn1Time::from_unix(now - DAY)?)?;
        certificate.set_not_after(&*Asn1Time::from_unix(now + 1_000 * DAY)?)?;
        certificate.set_pubkey(&key)?;
        certificate.append_extension(BasicConstraints::new().critical().build()?)?;
        certificate.append_extension(KeyUsage::new().critical().digital_signature().non_repudiation().build()?)?;
        certificate.sign(&key, MessageDigest::sha256())?;
        Ok(Seal { key, certificate: certificate.build() })
    }

    /// The certificate in PEM.
    pub(crate) fn pem(&self) -> String {
        self.certificate.to_pem().map_or_else(|_| String::new(), |pem| String::from_utf8_lossy(&pem).into_owned())
    }
}

/// The same answer, its body signed.
pub(crate) fn signed(version: Version, payload: &str, seal: &Seal) -> Result<Response, ErrorStack> {
    let soap = namespace(version);
    let body = format!("<soap:Body xmlns:soap=\"{soap}\" xmlns:wsu=\"{WSU}\" wsu:Id=\"corp\">{payload}</soap:Body>");
    let digest = STANDARD.encode(sha256(body.as_bytes()));
    let info = format!(
        "<ds:SignedInfo xmlns:ds=\"{DS}\"><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></ds:SignatureMethod>\
         <ds:Reference URI=\"#corp\"><ds:Transforms><ds:Transform Algorithm=\"{EXCLUSIVE}\"></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    );
    let mut signer = Signer::new(MessageDigest::sha256(), &seal.key)?;
    signer.update(info.as_bytes())?;
    let value = STANDARD.encode(signer.sign_to_vec()?);
    let token = STANDARD.encode(seal.certificate.to_der()?);
    let security = format!(
        "<wsse:Security xmlns:wsse=\"{WSSE}\" xmlns:wsu=\"{WSU}\" soap:mustUnderstand=\"1\">\
         <wsse:BinarySecurityToken EncodingType=\"{BASE64}\" ValueType=\"{X509_V3}\" wsu:Id=\"certificat\">{token}</wsse:BinarySecurityToken>\
         <ds:Signature xmlns:ds=\"{DS}\">{info}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo>\
         <wsse:SecurityTokenReference><wsse:Reference URI=\"#certificat\" ValueType=\"{X509_V3}\"></wsse:Reference>\
         </wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature></wsse:Security>"
    );
    let envelope =
        format!("<soap:Envelope xmlns:soap=\"{soap}\"><soap:Header>{security}</soap:Header>{body}</soap:Envelope>");
    Ok(written(version, StatusCode::OK, envelope))
}
