//! Keys that sign: the boundary trait, a signer from PEM files' contents, and a seal for development.
//!
//! It may assume that PEM texts are given in memory. It never reads a file and never prints a private key.

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectKeyIdentifier};
use openssl::x509::{X509Builder, X509NameBuilder};

use crate::algorithm::{self, MIN_RSA_BITS, SignatureAlgorithm};
use crate::certificate::{Certificate, CertificateError};
use crate::digest::DigestAlgorithm;

/// Something that holds a private key and signs with it: a file, or a hardware module.
pub trait Signer: Send + Sync {
    /// The one algorithm this signer uses.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// The signer's certificate first, then the certificates that lead to the anchor; never empty.
    fn certificate_chain(&self) -> &[Certificate];

    /// Signs `message` (not its digest). The value has the form of XML Signature: raw `r || s` for ECDSA.
    ///
    /// # Errors
    /// When the key cannot be used, for example because a hardware module does not answer.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
}

/// Why a signer cannot be made or cannot sign.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignerError {
    /// The key PEM is not a readable, unencrypted private key.
    #[error("the private key is not a readable, unencrypted PEM key: {0}")]
    UnreadableKey(String),
    /// A certificate of the chain is not readable.
    #[error("the certificate chain of the signer is not readable: {0}")]
    UnreadableChain(#[from] CertificateError),
    /// The key is of a kind or size that is not used for seals.
    #[error("the private key is {0}, but a seal needs ECDSA P-256 or P-384, or RSA of 2048 bits or more")]
    UnsuitableKey(String),
    /// Key and certificate do not belong together.
    #[error("the private key does not belong to the first certificate of the chain, {subject}")]
    KeyMismatch {
        /// Subject of the first certificate.
        subject: String,
    },
    /// A hardware module cannot be used, or not in this way.
    #[error("the hardware module with the key cannot be used: {0}")]
    Module(String),
    /// The cryptographic library refused.
    #[error("the signature could not be made: {0}")]
    Refused(String),
}

impl From<ErrorStack> for SignerError {
    fn from(error: ErrorStack) -> SignerError {
        SignerError::Refused(error.to_string())
    }
}

/// A signer whose key was read from a file.
pub struct FileSigner {
    key: Key,
    algorithm: SignatureAlgorithm,
    chain: Vec<Certificate>,
}

enum Key {
    Rsa(PKey<Private>),
    Ec { key: EcKey<Private>, field_bytes: i32 },
}

impl std::fmt::Debug for FileSigner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let subject = self.chain[0].subject();
        formatter.debug_struct("FileSigner").field("subject", &subject).field("algorithm", &self.algorithm).finish()
    }
}

impl FileSigner {
    /// A signer from an unencrypted PEM private key and the PEM certificate chain, signer first.
    ///
    /// # Errors
    /// When either is unreadable, the key is too weak or of another kind, or key and first certificate do not match.
    pub fn from_pem(key_pem: &[u8], chain_pem: &[u8]) -> Result<FileSigner, SignerError> {
        // An empty passphrase is given so that an encrypted key is an error and not a question on the terminal.
        let key = PKey::private_key_from_pem_passphrase(key_pem, b"")
            .map_err(|error| SignerError::UnreadableKey(error.to_string()))?;
        let chain = Certificate::all_from_pem(chain_pem)?;
        if !chain[0].public_key().public_eq(&key) {
            return Err(SignerError::KeyMismatch { subject: chain[0].subject().to_owned() });
        }
        let (key, algorithm) = match (key.id(), algorithm::field_bytes(&key)) {
            (Id::RSA, _) if key.bits() >= MIN_RSA_BITS => (Key::Rsa(key), SignatureAlgorithm::RsaSha256),
            (Id::RSA, _) => return Err(SignerError::UnsuitableKey(format!("RSA of {} bits", key.bits()))),
            (_, Some(32)) => (Key::Ec { key: key.ec_key()?, field_bytes: 32 }, SignatureAlgorithm::EcdsaSha256),
            (_, Some(48)) => (Key::Ec { key: key.ec_key()?, field_bytes: 48 }, SignatureAlgorithm::EcdsaSha384),
            _ => return Err(SignerError::UnsuitableKey("of another kind".to_owned())),
        };
        Ok(FileSigner { key, algorithm, chain })
    }
}

impl Signer for FileSigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn certificate_chain(&self) -> &[Certificate] {
        &self.chain
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        match &self.key {
            Key::Rsa(key) => {
                Ok(openssl::sign::Signer::new(MessageDigest::sha256(), key)?.sign_oneshot_to_vec(message)?)
            }
            Key::Ec { key, field_bytes } => {
                let signature = match self.algorithm.digest() {
                    DigestAlgorithm::Sha256 => EcdsaSig::sign(&crate::digest::sha256(message), key)?,
                    other => EcdsaSig::sign(&other.digest(message), key)?,
                };
                let mut value = signature.r().to_vec_padded(*field_bytes)?;
                value.extend(signature.s().to_vec_padded(*field_bytes)?);
                Ok(value)
            }
        }
    }
}

/// Makes a P-256 key and a self-signed seal certificate for development: `(key PEM, certificate PEM)`.
///
/// `subject_name` becomes both CN and O, the country is RO; validity starts at `not_before_unix` (Unix seconds) and
/// lasts `days`; `keyUsage` is digitalSignature and nonRepudiation, critical. It proves nothing to anybody: never use
/// it outside development and tests.
///
/// # Errors
/// When the library refuses a value, for example an empty or over-long name.
pub fn development_seal(
    subject_name: &str,
    not_before_unix: i64,
    days: u32,
    serial: u64,
) -> Result<(Vec<u8>, Vec<u8>), SignerError> {
    let key = PKey::from_ec_key(EcKey::generate(EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?.as_ref())?)?;
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_nid(Nid::COUNTRYNAME, "RO")?;
    name.append_entry_by_nid(Nid::ORGANIZATIONNAME, subject_name)?;
    name.append_entry_by_nid(Nid::COMMONNAME, subject_name)?;
    let name = name.build();
    let mut builder = X509Builder::new()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*Asn1Integer::from_bn(&*BigNum::from_slice(&serial.to_be_bytes())?)?)?;
    builder.set_subject_name(&name)?;
    builder.set_issuer_name(&name)?;
    builder.set_not_before(&*Asn1Time::from_unix(not_before_unix)?)?;
    builder.set_not_after(&*Asn1Time::from_unix(not_before_unix + i64::from(days) * 86_400)?)?;
    builder.set_pubkey(&key)?;
    builder.append_extension(BasicConstraints::new().critical().build()?)?;
    builder.append_extension(KeyUsage::new().critical().digital_signature().non_repudiation().build()?)?;
    let key_identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
    builder.append_extension(key_identifier)?;
    builder.sign(&key, MessageDigest::sha256())?;
    Ok((key.private_key_to_pem_pkcs8()?, builder.build().to_pem()?))
}
