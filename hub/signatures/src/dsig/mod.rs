//! Reads and verifies one `ds:Signature` against an expectation (W3C XML Signature 1.1).
//!
//! The caller says what must be covered and which algorithms and transforms may be used; the answer is what was
//! covered, as the very bytes that were digested. Transforms form a closed list; everything else is an error that names
//! it. It never looks for a key: the caller gives the certificate.

use roxmltree::{Node, NodeId};

use crate::DSIG_NAMESPACE;
use crate::algorithm::SignatureAlgorithm;
use crate::c14n::{Algorithm, Apex, Method, canonicalize};
use crate::certificate::{Certificate, CertificateError};
use crate::digest::{self, DigestAlgorithm};
use crate::tree::Tree;

mod read;

use read::{algorithm_uri, read_certificates, read_references};
pub(crate) use read::{base64_text, only_child, read_canonicalization, read_digest, text_of};

/// Most references one signature may have.
pub const MAX_REFERENCES: usize = 64;

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const FILTER2: &str = "http://www.w3.org/2002/06/xmldsig-filter2";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// Why a signature is not accepted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DsigError {
    /// An element of the signature that must be there exactly once is missing or repeated.
    #[error("the signature must have exactly one {0}, here it is missing or repeated")]
    NotExactlyOne(&'static str),
    /// An element or attribute that the signature must have is missing or out of place.
    #[error("the signature is not built as the standard says: {0}")]
    Structure(&'static str),
    /// The signature has more references than are accepted.
    #[error("the signature refers to {0} things, more than are accepted")]
    TooManyReferences(usize),
    /// A canonicalization method outside the closed list.
    #[error("the signature uses the canonicalization method {0:?}, which is not accepted")]
    UnsupportedCanonicalization(String),
    /// A signature algorithm that is unknown or not allowed here.
    #[error("the signature uses the signature algorithm {0:?}, which is not accepted")]
    UnsupportedSignatureAlgorithm(String),
    /// A digest algorithm that is unknown or not allowed here.
    #[error("the signature uses the digest algorithm {0:?}, which is not accepted")]
    UnsupportedDigestAlgorithm(String),
    /// A transform that is unknown, not allowed here, or out of order.
    #[error("the signature uses the transform {0:?}, which is not accepted here")]
    UnsupportedTransform(String),
    /// An XPath filter other than the ones understood.
    #[error("the signature selects what it covers with the expression {0:?}, which is not accepted")]
    UnsupportedXPath(String),
    /// A reference to something that was not expected to be covered.
    #[error("the signature refers to {0:?}, which is not what it must cover")]
    UnexpectedReference(String),
    /// Something that must be covered is not.
    #[error("the signature does not cover {0}, which it must cover")]
    NotCovered(String),
    /// A base64 value is malformed.
    #[error("the value of {0} in the signature is not base64")]
    NotBase64(&'static str),
    /// A certificate in KeyInfo is malformed.
    #[error("a certificate inside the signature is not readable: {0}")]
    Certificate(#[from] CertificateError),
    /// The covered bytes were changed.
    #[error("{0} was changed after it was signed: its digest is not the signed one")]
    DigestMismatch(String),
    /// The signature value is wrong for the key.
    #[error("the signature value is wrong: it was not made with the key of {subject}, or the signature was changed")]
    WrongSignatureValue {
        /// Subject of the certificate.
        subject: String,
    },
}

/// Something a reference may cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The whole document: `URI=""`.
    Document,
    /// One element, named by its Id.
    Element(NodeId),
}

/// A transform of the closed list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transform {
    /// Leaves out the signature itself (XML Signature 1.1, section 6.6.4).
    Enveloped,
    /// XPath Filter 2.0 `subtract` of all `ds:Signature` elements.
    SubtractSignatures,
    /// Canonicalization, exclusive or inclusive, without comments.
    Canonicalize(Method),
}

/// The kinds of [`Transform`], for saying which are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransformKind {
    /// [`Transform::Enveloped`].
    Enveloped,
    /// [`Transform::SubtractSignatures`].
    SubtractSignatures,
    /// [`Transform::Canonicalize`] with this algorithm.
    Canonicalize(Algorithm),
}

impl TransformKind {
    /// Every transform of the closed list.
    pub const ALL: [TransformKind; 4] = [
        TransformKind::Enveloped,
        TransformKind::SubtractSignatures,
        TransformKind::Canonicalize(Algorithm::Exclusive),
        TransformKind::Canonicalize(Algorithm::Inclusive),
    ];
}

/// What a signature must be to be accepted.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'e> {
    /// Exactly these targets must be covered, each by one reference, in any order, and nothing else.
    pub targets: &'e [Target],
    /// Accepted signature algorithms.
    pub signature_algorithms: &'e [SignatureAlgorithm],
    /// Accepted digest algorithms.
    pub digest_algorithms: &'e [DigestAlgorithm],
    /// Accepted transforms. Removal of signatures must come before canonicalization, each at most once.
    pub transforms: &'e [TransformKind],
}

/// One `ds:Reference`, read.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The `URI` attribute as written.
    pub uri: String,
    /// The `Type` attribute, when present.
    pub reference_type: Option<String>,
    /// The transforms in order.
    pub transforms: Vec<Transform>,
    /// The digest algorithm.
    pub digest_algorithm: DigestAlgorithm,
    /// The signed digest.
    pub digest_value: Vec<u8>,
}

/// What one reference was found to cover.
#[derive(Debug, Clone)]
pub struct Covered {
    /// The target.
    pub target: Target,
    /// The canonical bytes that were digested: the only bytes the signature speaks about.
    pub bytes: Vec<u8>,
}

/// A `ds:Signature` element, read but not verified.
#[derive(Debug)]
pub struct Signature<'t, 'input> {
    tree: &'t Tree<'input>,
    element: Node<'t, 'input>,
    signed_info: Node<'t, 'input>,
    value_element: Node<'t, 'input>,
    method: Method,
    algorithm: SignatureAlgorithm,
    references: Vec<Reference>,
    value: Vec<u8>,
    certificates: Vec<Certificate>,
}

impl<'t, 'input> Signature<'t, 'input> {
    /// Reads the signature at `element`.
    ///
    /// # Errors
    /// When it is not built as XML Signature 1.1 says, or uses something outside the closed lists.
    pub fn read(tree: &'t Tree<'input>, element: Node<'t, 'input>) -> Result<Signature<'t, 'input>, DsigError> {
        Signature::read_with(tree, element, MAX_REFERENCES)
    }

    /// Reads the signature at `element`, which may have this many references: files without transforms are cheap.
    pub(crate) fn read_with(
        tree: &'t Tree<'input>,
        element: Node<'t, 'input>,
        most_references: usize,
    ) -> Result<Signature<'t, 'input>, DsigError> {
        if !element.has_tag_name((DSIG_NAMESPACE, "Signature")) {
            return Err(DsigError::Structure("the element is not a ds:Signature"));
        }
        let signed_info = only_child(element, "SignedInfo")?;
        let value_element = only_child(element, "SignatureValue")?;
        let method = read_canonicalization(only_child(signed_info, "CanonicalizationMethod")?)?
            .map_err(DsigError::UnsupportedCanonicalization)?;
        let signature_method = only_child(signed_info, "SignatureMethod")?;
        if signature_method.first_element_child().is_some() {
            return Err(DsigError::Structure("SignatureMethod has parameters, which no accepted algorithm takes"));
        }
        let uri = algorithm_uri(signature_method)?;
        let algorithm = SignatureAlgorithm::from_uri(uri)
            .ok_or_else(|| DsigError::UnsupportedSignatureAlgorithm(uri.to_owned()))?;
        Ok(Signature {
            tree,
            element,
            signed_info,
            value_element,
            method,
            algorithm,
            references: read_references(signed_info, most_references)?,
            value: base64_text(value_element, "SignatureValue")?,
            certificates: read_certificates(element)?,
        })
    }

    /// The `ds:Signature` element.
    pub fn element(&self) -> Node<'t, 'input> {
        self.element
    }

    /// The `ds:SignatureValue` element, which a signature time-stamp covers.
    pub fn value_element(&self) -> Node<'t, 'input> {
        self.value_element
    }

    /// The signature algorithm.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The references in document order.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// The certificates of `KeyInfo/X509Data`, in document order; nothing is known about them yet.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Verifies the signature with the key of `certificate`, and returns what it covers in the order of its references.
    ///
    /// The order of checks: algorithms, references against the expectation, digests, signature value.
    ///
    /// # Errors
    /// A [`DsigError`] that tells the first check that did not hold.
    pub fn verify(&self, expectation: &Expectation<'_>, certificate: &Certificate) -> Result<Vec<Covered>, DsigError> {
        let covered = self.verify_references(expectation)?;
        self.verify_value(certificate)?;
        Ok(covered)
    }

    /// The checks of [`Signature::verify`] up to the digests, which need no key.
    pub(crate) fn verify_references(&self, expectation: &Expectation<'_>) -> Result<Vec<Covered>, DsigError> {
        if !expectation.signature_algorithms.contains(&self.algorithm) {
            return Err(DsigError::UnsupportedSignatureAlgorithm(self.algorithm.uri().to_owned()));
        }
        let targets = self.match_targets(expectation.targets)?;
        let mut covered = Vec::with_capacity(targets.len());
        for (reference, target) in self.references.iter().zip(targets) {
            if !expectation.digest_algorithms.contains(&reference.digest_algorithm) {
                return Err(DsigError::UnsupportedDigestAlgorithm(reference.digest_algorithm.uri().to_owned()));
            }
            let bytes = self.verify_reference(reference, target, expectation.transforms)?;
            covered.push(Covered { target, bytes });
        }
        Ok(covered)
    }

    /// The check of one reference into this document, with these transforms allowed; the bytes that were digested.
    pub(crate) fn verify_reference(
        &self,
        reference: &Reference,
        target: Target,
        allowed: &[TransformKind],
    ) -> Result<Vec<u8>, DsigError> {
        let bytes = self.apply(reference, target, allowed)?;
        if digest::same(&reference.digest_algorithm.digest(&bytes), &reference.digest_value) {
            Ok(bytes)
        } else {
            Err(DsigError::DigestMismatch(self.describe(target)))
        }
    }

    /// The check of the signature value alone.
    pub(crate) fn verify_value(&self, certificate: &Certificate) -> Result<(), DsigError> {
        let signed_info = canonicalize(self.tree, Apex::Element(self.signed_info.id()), &[], &self.method);
        if self.algorithm.verify_with(certificate.verification_key(), &signed_info, &self.value) {
            Ok(())
        } else {
            Err(DsigError::WrongSignatureValue { subject: certificate.subject().to_owned() })
        }
    }

    /// The target of each reference, after every expected one was found exactly once.
    fn match_targets(&self, expected: &[Target]) -> Result<Vec<Target>, DsigError> {
        let mut missing = expected.to_vec();
        let mut found = Vec::with_capacity(self.references.len());
        for reference in &self.references {
            let unexpected = || DsigError::UnexpectedReference(reference.uri.clone());
            let target = if reference.uri.is_empty() {
                Target::Document
            } else {
                let id = reference.uri.strip_prefix('#').ok_or_else(unexpected)?;
                Target::Element(self.tree.by_id(id).ok_or_else(unexpected)?.id())
            };
            let position = missing.iter().position(|wanted| *wanted == target).ok_or_else(unexpected)?;
            missing.swap_remove(position);
            found.push(target);
        }
        match missing.first() {
            Some(target) => Err(DsigError::NotCovered(self.describe(*target))),
            None => Ok(found),
        }
    }

    /// The bytes that a reference digests.
    fn apply(&self, reference: &Reference, target: Target, allowed: &[TransformKind]) -> Result<Vec<u8>, DsigError> {
        let mut omit = Vec::new();
        let mut method = None;
        for transform in &reference.transforms {
            let kind = transform.kind();
            // Canonicalization ends the list, and removing signatures makes sense once.
            let in_order = method.is_none() && (omit.is_empty() || matches!(transform, Transform::Canonicalize(_)));
            if !allowed.contains(&kind) || !in_order {
                return Err(DsigError::UnsupportedTransform(transform.uri().to_owned()));
            }
            match transform {
                Transform::Enveloped => omit.push(self.element.id()),
                Transform::SubtractSignatures => {
                    let all = self.tree.document().descendants();
                    omit.extend(all.filter(|n| n.has_tag_name((DSIG_NAMESPACE, "Signature"))).map(|n| n.id()));
                }
                Transform::Canonicalize(given) => method = Some(given),
            }
        }
        // Without a canonicalization the standard prescribes the inclusive one (XML Signature 1.1, section 4.4.3.2).
        let default = Method::of(Algorithm::Inclusive);
        if method.is_none() && !allowed.contains(&TransformKind::Canonicalize(Algorithm::Inclusive)) {
            return Err(DsigError::UnsupportedTransform(Algorithm::Inclusive.uri().to_owned()));
        }
        let apex = match target {
            Target::Document => Apex::Document,
            Target::Element(id) => Apex::Element(id),
        };
        Ok(canonicalize(self.tree, apex, &omit, method.unwrap_or(&default)))
    }

    fn describe(&self, target: Target) -> String {
        match target {
            Target::Document => "the document".to_owned(),
            Target::Element(id) => {
                let name = self.tree.node(id).map_or("", |element| self.tree.qualified_name(element));
                format!("the part {name}")
            }
        }
    }
}

impl Transform {
    fn kind(&self) -> TransformKind {
        match self {
            Transform::Enveloped => TransformKind::Enveloped,
            Transform::SubtractSignatures => TransformKind::SubtractSignatures,
            Transform::Canonicalize(method) => TransformKind::Canonicalize(method.algorithm),
        }
    }

    fn uri(&self) -> &'static str {
        match self {
            Transform::Enveloped => ENVELOPED,
            Transform::SubtractSignatures => FILTER2,
            Transform::Canonicalize(method) => method.algorithm.uri(),
        }
    }
}
