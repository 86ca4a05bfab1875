//! What a verifier trusts, and the check of a certificate chain at a given instant.
//!
//! It never reads the system's certificate store and never fetches anything: revocation lists are not consulted here.

use openssl::error::ErrorStack;
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509KeyUsage, X509PurposeId, X509StoreContext};

use crate::certificate::Certificate;
use crate::instant;

/// Which certificates a verifier believes.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Certificates that chain to one of these, or are one of these. A root, an intermediate or a single
    /// self-signed seal may be given.
    Anchors(Vec<Certificate>),
    /// Exactly this certificate, which must be valid at the instant of the check; its issuer is not looked at.
    Pinned(Box<Certificate>),
    /// Anybody: only the integrity of the document is proved, not who sealed it.
    IntegrityOnly,
}

/// What was found about a certificate that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trusted {
    /// It chains to the anchor with this subject.
    Anchor(String),
    /// It is the pinned certificate.
    Pinned,
    /// Nobody asked.
    NotChecked,
}

/// Why a certificate is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// No chain to an anchor.
    #[error("the certificate of {subject} does not lead to a trusted authority at {at}: {reason}")]
    NotAnchored {
        /// Subject of the certificate.
        subject: String,
        /// The instant of the check, `xs:dateTime`.
        at: String,
        /// The reason in the words of the cryptographic library.
        reason: String,
    },
    /// Another certificate than the pinned one.
    #[error("the certificate of {subject} is not the one expected, which belongs to {expected}")]
    NotPinned {
        /// Subject of the certificate.
        subject: String,
        /// Subject of the pinned certificate.
        expected: String,
    },
    /// The pinned certificate is not valid at the instant of the check.
    #[error("the certificate of {subject} is not valid at {at}")]
    OutsideValidity {
        /// Subject of the certificate.
        subject: String,
        /// The instant of the check, `xs:dateTime`.
        at: String,
    },
    /// The certificate is for something else than signing, by its `keyUsage` (RFC 5280, section 4.2.1.3).
    #[error("the certificate of {subject} was not issued for signing or sealing documents")]
    NotForSealing {
        /// Subject of the certificate.
        subject: String,
    },
}

/// What the certificate must be allowed to do.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Purpose {
    Seal,
    TimeStamp,
}

impl Trust {
    /// Whether the holder of `certificate` is believed to seal at the instant `at` (Unix seconds), with `others` as
    /// possible intermediates. Revocation is not looked at.
    ///
    /// # Errors
    /// A [`TrustError`] that tells why not.
    pub fn check_seal(
        &self,
        certificate: &Certificate,
        others: &[Certificate],
        at: i64,
    ) -> Result<Trusted, TrustError> {
        self.check(certificate, others, at, Purpose::Seal)
    }

    /// The same for a time-stamping authority.
    ///
    /// # Errors
    /// A [`TrustError`] that tells why not.
    pub fn check_authority(
        &self,
        certificate: &Certificate,
        others: &[Certificate],
        at: i64,
    ) -> Result<Trusted, TrustError> {
        self.check(certificate, others, at, Purpose::TimeStamp)
    }

    /// Checks `certificate` at the instant `at` (Unix seconds), with `others` as possible intermediates.
    pub(crate) fn check(
        &self,
        certificate: &Certificate,
        others: &[Certificate],
        at: i64,
        purpose: Purpose,
    ) -> Result<Trusted, TrustError> {
        let subject = || certificate.subject().to_owned();
        match self {
            Trust::IntegrityOnly => Ok(Trusted::NotChecked),
            _ if purpose == Purpose::Seal && !may_sign(certificate) => {
                Err(TrustError::NotForSealing { subject: subject() })
            }
            Trust::Pinned(expected) if **expected != *certificate => {
                Err(TrustError::NotPinned { subject: subject(), expected: expected.subject().to_owned() })
            }
            Trust::Pinned(_) if at < certificate.not_before() || at > certificate.not_after() => {
                Err(TrustError::OutsideValidity { subject: subject(), at: instant::to_date_time(at) })
            }
            Trust::Pinned(_) => Ok(Trusted::Pinned),
            Trust::Anchors(anchors) => {
                let build = |anchors: &[&Certificate]| {
                    build_chain(certificate, others, anchors, at, purpose)
                        .unwrap_or_else(|error| Err(error.to_string()))
                };
                let all: Vec<&Certificate> = anchors.iter().collect();
                let reason = match build(&all) {
                    Ok(anchor) => return Ok(Trusted::Anchor(anchor)),
                    Err(reason) => reason,
                };
                // The library takes the first authority of the right name and does not come back when its key is the
                // wrong one, so authorities that renewed their key under one name are tried one by one.
                let renewed =
                    all.iter().filter(|one| anchors.iter().filter(|a| a.subject() == one.subject()).count() > 1);
                match renewed.into_iter().find_map(|anchor| build(&[anchor]).ok()) {
                    Some(anchor) => Ok(Trusted::Anchor(anchor)),
                    None => Err(TrustError::NotAnchored { subject: subject(), at: instant::to_date_time(at), reason }),
                }
            }
        }
    }
}

/// Whether `keyUsage`, when the certificate has it, allows digital signatures or seals.
fn may_sign(certificate: &Certificate) -> bool {
    let signing = X509KeyUsage::DIGITAL_SIGNATURE | X509KeyUsage::NON_REPUDIATION;
    certificate.x509().key_usage().is_none_or(|usage| usage.intersects(signing))
}

/// The subject of the anchor reached, or the reason why none was.
fn build_chain(
    certificate: &Certificate,
    others: &[Certificate],
    anchors: &[&Certificate],
    at: i64,
    purpose: Purpose,
) -> Result<Result<String, String>, ErrorStack> {
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_time(at);
    // Level 1 refuses SHA-1 signatures and keys under 80 bits of strength anywhere in the chain.
    parameters.set_auth_level(1);
    // An anchor need not be self-signed.
    parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    if purpose == Purpose::TimeStamp {
        parameters.set_purpose(X509PurposeId::TIMESTAMP_SIGN)?;
    }
    let mut store = X509StoreBuilder::new()?;
    for anchor in anchors {
        store.add_cert(anchor.x509().clone())?;
    }
    store.set_param(&parameters)?;
    let mut untrusted: Stack<X509> = Stack::new()?;
    for other in others {
        untrusted.push(other.x509().clone())?;
    }
    X509StoreContext::new()?.init(&store.build(), certificate.x509(), &untrusted, |context| {
        if !context.verify_cert()? {
            return Ok(Err(context.error().error_string().to_owned()));
        }
        let last = context.chain().and_then(|chain| chain.iter().last().map(|anchor| anchor.to_owned()));
        Ok(Ok(last
            .and_then(|anchor| Certificate::from_x509(anchor).ok())
            .map_or_else(String::new, |anchor| anchor.subject().to_owned())))
    })
}
