//! Verifies an enveloped XAdES seal over a whole document, in the order that a court expert would ask.
//!
//! No DOCTYPE, one signature, last child of the root; two references, one over the whole document, one over the
//! SignedProperties of this very signature; digests; signature value; signing certificate; time-stamp; trust. It never
//! reads anything outside the covered bytes as if it were sealed.

use roxmltree::Node;

use super::SIGNED_PROPERTIES_TYPE;
use crate::algorithm::SignatureAlgorithm;
use crate::c14n::{Apex, canonicalize};
use crate::certificate::Certificate;
use crate::digest::{self, DigestAlgorithm};
use crate::dsig::{self, DsigError, Expectation, Signature, Target, TransformKind};
use crate::instant;
use crate::time_stamp::{TimeStamp, TimeStampError};
use crate::tree::{Limits, Tree, TreeError};
use crate::trust::{Purpose, Trust, TrustError, Trusted};
use crate::{DSIG_NAMESPACE, XADES_NAMESPACE};

/// Most time-stamps looked at in one signature.
const MAX_TIME_STAMPS: usize = 8;

/// Why a sealed document is not accepted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VerifyError {
    /// The bytes are not an acceptable XML document.
    #[error(transparent)]
    Document(#[from] TreeError),
    /// The document has no signature, or several.
    #[error("the document must have exactly one signature, here it has {0}")]
    SignatureCount(usize),
    /// The signature is somewhere else.
    #[error("the signature is not the last part of the document, where it must be")]
    SignatureNotLast,
    /// A comment stands inside a value, where readers may see different values.
    #[error("the document hides a comment inside the value of {0}, which a signature does not protect")]
    CommentInValue(String),
    /// The signature is malformed, covers the wrong things, or is wrong.
    #[error(transparent)]
    Signature(#[from] DsigError),
    /// The XAdES properties are missing, repeated or belong to another signature.
    #[error("the signed properties of the signature are not as XAdES says: {0}")]
    Properties(&'static str),
    /// The second reference does not say that it covers the SignedProperties.
    #[error("the signature does not say that it covers its own signed properties")]
    PropertiesReference,
    /// There is no certificate to verify with.
    #[error("the signature carries no certificate")]
    NoCertificate,
    /// SigningCertificateV2 names another certificate than the one that verifies.
    #[error(
        "the signed properties name another certificate than that of {subject}, with which the signature was verified"
    )]
    OtherCertificate {
        /// Subject of the certificate used.
        subject: String,
    },
    /// The time-stamp is not accepted.
    #[error(transparent)]
    TimeStamp(#[from] TimeStampError),
    /// The signer is not believed.
    #[error("the signer is not trusted: {0}")]
    Trust(#[from] TrustError),
}

/// A document whose seal holds.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The signer's certificate.
    pub certificate: Certificate,
    /// What is known about that certificate.
    pub trusted: Trusted,
    /// The signature algorithm.
    pub algorithm: SignatureAlgorithm,
    /// `SigningTime` as the signer wrote it (`xs:dateTime`): a claim of the signer.
    pub signing_time: String,
    /// `SigningTime` in Unix seconds.
    pub signing_time_unix: i64,
    /// The earliest signature time-stamp, when there is one.
    pub time_stamp: Option<TimeStamp>,
    /// The canonical bytes of the whole document without the signature: exactly what is sealed. Read these, or the
    /// bytes given to [`verify`]; both say the same, since one signature is taken away and nothing else.
    pub covered: Vec<u8>,
}

/// A seal whose signature is right, before anybody asks whether signer and authorities are believed.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The signer's certificate.
    pub certificate: Certificate,
    /// Every certificate of KeyInfo, in its order.
    pub certificates: Vec<Certificate>,
    /// The signature algorithm.
    pub algorithm: SignatureAlgorithm,
    /// `SigningTime` as the signer wrote it (`xs:dateTime`): a claim of the signer.
    pub signing_time: String,
    /// `SigningTime` in Unix seconds.
    pub signing_time_unix: i64,
    /// The earliest signature time-stamp, its authority not judged, or why one is wrong.
    pub time_stamp: Result<Option<TimeStamp>, VerifyError>,
    /// The canonical bytes of the whole document without the signature, as in [`Verified::covered`].
    pub covered: Vec<u8>,
}

/// Examines a document sealed with one enveloped XAdES signature: everything that can be said without trusting anybody.
///
/// # Errors
/// A [`VerifyError`] that tells the first check that did not hold; a wrong time-stamp is told in the result.
pub fn examine(xml: &[u8]) -> Result<Examined, VerifyError> {
    examine_against(xml, &Trust::IntegrityOnly)
}

/// Verifies a document sealed with one enveloped XAdES signature.
///
/// The signer's certificate is checked against `trust` at the time of the time-stamp, or at SigningTime when there is
/// none; the time-stamping authority's against `time_stamp_trust` at its own time. Revocation is not checked.
///
/// # Errors
/// A [`VerifyError`] that tells the first check that did not hold.
pub fn verify(xml: &[u8], trust: &Trust, time_stamp_trust: &Trust) -> Result<Verified, VerifyError> {
    let examined = examine_against(xml, time_stamp_trust)?;
    let time_stamp = examined.time_stamp?;
    let at = time_stamp.as_ref().map_or(examined.signing_time_unix, |stamp| stamp.time);
    let trusted = trust.check(&examined.certificate, &examined.certificates, at, Purpose::Seal)?;
    Ok(Verified {
        certificate: examined.certificate,
        trusted,
        algorithm: examined.algorithm,
        signing_time: examined.signing_time,
        signing_time_unix: examined.signing_time_unix,
        time_stamp,
        covered: examined.covered,
    })
}

fn examine_against(xml: &[u8], time_stamp_trust: &Trust) -> Result<Examined, VerifyError> {
    let tree = Tree::parse(xml, &Limits::default())?;
    let signature = Signature::read(&tree, only_signature(&tree)?)?;
    refuse_comments_in_values(&tree)?;
    let properties = Properties::read(signature.element())?;

    let expectation = Expectation {
        targets: &[Target::Document, Target::Element(properties.signed.id())],
        signature_algorithms: &SignatureAlgorithm::ALL,
        digest_algorithms: &DigestAlgorithm::ALL,
        transforms: &TransformKind::ALL,
    };
    let covered = signature.verify_references(&expectation)?;
    let typed = covered.iter().zip(signature.references()).all(|(covered, reference)| {
        covered.target == Target::Document || reference.reference_type.as_deref() == Some(SIGNED_PROPERTIES_TYPE)
    });
    if !typed {
        return Err(VerifyError::PropertiesReference);
    }

    let certificate = verify_value(&signature, &properties)?.clone();
    let time_stamp = earliest_time_stamp(&tree, &signature, &properties, time_stamp_trust);
    let document = covered.into_iter().find(|covered| covered.target == Target::Document);
    Ok(Examined {
        certificate,
        certificates: signature.certificates().to_vec(),
        algorithm: signature.algorithm(),
        signing_time: properties.signing_time,
        signing_time_unix: properties.signing_time_unix,
        time_stamp,
        covered: document.expect("verify_references finds every expected target").bytes,
    })
}

/// Who signed and when.
pub(crate) struct Signer {
    pub(crate) certificate: Certificate,
    pub(crate) trusted: Trusted,
    pub(crate) time_stamp: Option<TimeStamp>,
}

/// The checks that come after the references, the same for enveloped and detached signatures: signature value, signing
/// certificate, time-stamp, trust.
pub(crate) fn verify_signer(
    tree: &Tree<'_>,
    signature: &Signature<'_, '_>,
    properties: &Properties<'_, '_>,
    trust: &Trust,
    time_stamp_trust: &Trust,
) -> Result<Signer, VerifyError> {
    let certificate = verify_value(signature, properties)?;
    let time_stamp = earliest_time_stamp(tree, signature, properties, time_stamp_trust)?;
    let at = time_stamp.as_ref().map_or(properties.signing_time_unix, |stamp| stamp.time);
    let trusted = trust.check(certificate, signature.certificates(), at, Purpose::Seal)?;
    Ok(Signer { certificate: certificate.clone(), trusted, time_stamp })
}

/// The certificate whose key made the signature, which is the one that the signed properties name.
fn verify_value<'s>(
    signature: &'s Signature<'_, '_>,
    properties: &Properties<'_, '_>,
) -> Result<&'s Certificate, VerifyError> {
    // The order of certificates in KeyInfo is free, and KeyInfo is not signed: the signed digest names the right one.
    let is_named = |certificate: &&Certificate| properties.names(certificate);
    let certificates = signature.certificates();
    let certificate = certificates.iter().find(is_named).or(certificates.first()).ok_or(VerifyError::NoCertificate)?;
    signature.verify_value(certificate)?;
    if !properties.names(certificate) {
        return Err(VerifyError::OtherCertificate { subject: certificate.subject().to_owned() });
    }
    Ok(certificate)
}

/// The one signature of the document, which must be the last element of the root.
fn only_signature<'t, 'input>(tree: &'t Tree<'input>) -> Result<Node<'t, 'input>, VerifyError> {
    let all: Vec<_> =
        tree.document().descendants().filter(|node| node.has_tag_name((DSIG_NAMESPACE, "Signature"))).collect();
    let [signature] = all[..] else {
        return Err(VerifyError::SignatureCount(all.len()));
    };
    let after = signature.next_siblings().skip(1);
    let only_space = after.into_iter().all(|node| node.is_text() && node.text().unwrap_or("").trim().is_empty());
    if signature.parent_element() == Some(tree.root()) && only_space {
        Ok(signature)
    } else {
        Err(VerifyError::SignatureNotLast)
    }
}

/// Refuses comments beside text: `<a>good<!-- -->evil</a>` has one canonical form, but naive readers see `good`.
fn refuse_comments_in_values(tree: &Tree<'_>) -> Result<(), VerifyError> {
    // By element and not by comment, so that a million comments beside each other are looked at once each.
    for element in tree.document().descendants().filter(Node::is_element) {
        let (mut has_comment, mut has_text) = (false, false);
        for child in element.children() {
            has_comment |= child.is_comment();
            has_text |= child.is_text() && !child.text().unwrap_or("").trim().is_empty();
        }
        if has_comment && has_text {
            return Err(VerifyError::CommentInValue(tree.qualified_name(element).to_owned()));
        }
    }
    Ok(())
}

/// The XAdES properties of one signature.
pub(crate) struct Properties<'t, 'input> {
    signed: Node<'t, 'input>,
    qualifying: Node<'t, 'input>,
    signing_time: String,
    signing_time_unix: i64,
    certificate_digest: (DigestAlgorithm, Vec<u8>),
}

impl<'t, 'input> Properties<'t, 'input> {
    /// Reads the properties inside this very signature; an Id elsewhere is never followed (EN 319 132-1, clause 4.3).
    pub(crate) fn read(signature: Node<'t, 'input>) -> Result<Properties<'t, 'input>, VerifyError> {
        let mut found = signature
            .children()
            .filter(|child| child.has_tag_name((DSIG_NAMESPACE, "Object")))
            .flat_map(|object| object.children())
            .filter(|child| child.has_tag_name((XADES_NAMESPACE, "QualifyingProperties")));
        let (Some(qualifying), None) = (found.next(), found.next()) else {
            return Err(VerifyError::Properties("there must be exactly one QualifyingProperties"));
        };
        let target = qualifying.attribute("Target").and_then(|target| target.strip_prefix('#'));
        if target.is_none() || target != signature.attribute("Id") {
            return Err(VerifyError::Properties("they do not name the signature they belong to"));
        }
        let signed = only(qualifying, "SignedProperties", "there must be exactly one SignedProperties")?;
        let of_signature =
            only(signed, "SignedSignatureProperties", "there must be exactly one SignedSignatureProperties")?;
        let time = only(of_signature, "SigningTime", "there must be exactly one SigningTime")?;
        let signing_time = dsig::text_of(time).trim().to_owned();
        let signing_time_unix = instant::from_date_time(&signing_time)
            .ok_or(VerifyError::Properties("SigningTime is not a date and time with a zone"))?;
        let named = "there must be exactly one SigningCertificateV2";
        let certificates = only(of_signature, "SigningCertificateV2", named)?;
        // The first Cert names the signer, others may follow (EN 319 132-1, clause 5.2.2).
        let first = certificates.children().find(|child| child.has_tag_name((XADES_NAMESPACE, "Cert")));
        let first = first.ok_or(VerifyError::Properties("SigningCertificateV2 names no certificate"))?;
        let certificate_digest = dsig::read_digest(only(first, "CertDigest", "Cert must have one CertDigest")?)?;
        Ok(Properties { signed, qualifying, signing_time, signing_time_unix, certificate_digest })
    }

    /// The SignedProperties element.
    pub(crate) fn signed(&self) -> Node<'t, 'input> {
        self.signed
    }

    /// SigningTime as written.
    pub(crate) fn signing_time(&self) -> &str {
        &self.signing_time
    }

    /// SigningTime in Unix seconds.
    pub(crate) fn signing_time_unix(&self) -> i64 {
        self.signing_time_unix
    }

    /// Whether SigningCertificateV2 names this certificate.
    fn names(&self, certificate: &Certificate) -> bool {
        let (algorithm, value) = &self.certificate_digest;
        digest::same(&certificate.digest(*algorithm), value)
    }
}

fn only<'t, 'input>(
    parent: Node<'t, 'input>,
    name: &str,
    mistake: &'static str,
) -> Result<Node<'t, 'input>, VerifyError> {
    let mut found = parent.children().filter(|child| child.has_tag_name((XADES_NAMESPACE, name)));
    match (found.next(), found.next()) {
        (Some(child), None) => Ok(child),
        _ => Err(VerifyError::Properties(mistake)),
    }
}

/// Verifies every signature time-stamp and returns the earliest (EN 319 132-1, clause 5.3).
fn earliest_time_stamp(
    tree: &Tree<'_>,
    signature: &Signature<'_, '_>,
    properties: &Properties<'_, '_>,
    trust: &Trust,
) -> Result<Option<TimeStamp>, VerifyError> {
    let is = |name: &'static str| move |child: &Node<'_, '_>| child.has_tag_name((XADES_NAMESPACE, name));
    let stamps = properties
        .qualifying
        .children()
        .filter(is("UnsignedProperties"))
        .flat_map(|unsigned| unsigned.children().filter(is("UnsignedSignatureProperties")))
        .flat_map(|unsigned| unsigned.children().filter(is("SignatureTimeStamp")));
    let mut earliest: Option<TimeStamp> = None;
    for (position, stamp) in stamps.enumerate() {
        if position == MAX_TIME_STAMPS {
            return Err(VerifyError::Properties("there are too many time-stamps"));
        }
        let method = dsig::read_canonicalization(dsig::only_child(stamp, "CanonicalizationMethod")?)?
            .map_err(DsigError::UnsupportedCanonicalization)?;
        let data = canonicalize(tree, Apex::Element(signature.value_element().id()), &[], &method);
        let token = only(stamp, "EncapsulatedTimeStamp", "a time-stamp must have exactly one token")?;
        let token = dsig::base64_text(token, "EncapsulatedTimeStamp")?;
        let verified = TimeStamp::verify(&token, &data, trust)?;
        if earliest.as_ref().is_none_or(|known| verified.time < known.time) {
            earliest = Some(verified);
        }
    }
    Ok(earliest)
}
