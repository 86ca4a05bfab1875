//! Reads the parts of a `ds:Signature` into values, and refuses everything outside the closed lists.
//!
//! It looks at direct children only, never verifies anything and never follows a reference.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use super::{DsigError, ENVELOPED, EXCLUSIVE, FILTER2, Reference, Transform};
use crate::DSIG_NAMESPACE;
use crate::c14n::{Algorithm, Method};
use crate::certificate::Certificate;
use crate::digest::DigestAlgorithm;

/// Most certificates of one KeyInfo; a chain has two to four.
const MAX_CERTIFICATES: usize = 10;
/// Most prefixes of one PrefixList.
const MAX_PREFIXES: usize = 64;

/// The one child of `parent` with this name in the namespace of XML Signature.
pub(crate) fn only_child<'t, 'input>(
    parent: Node<'t, 'input>,
    name: &'static str,
) -> Result<Node<'t, 'input>, DsigError> {
    let mut found = parent.children().filter(|child| child.has_tag_name((DSIG_NAMESPACE, name)));
    match (found.next(), found.next()) {
        (Some(child), None) => Ok(child),
        _ => Err(DsigError::NotExactlyOne(name)),
    }
}

/// The text of an element as canonicalization sees it: comments inside do not split it.
pub(crate) fn text_of(element: Node<'_, '_>) -> String {
    element.children().filter(Node::is_text).filter_map(|text| text.text()).collect()
}

/// The bytes of an element that holds base64, white space allowed.
pub(crate) fn base64_text(element: Node<'_, '_>, name: &'static str) -> Result<Vec<u8>, DsigError> {
    let mut text = text_of(element);
    text.retain(|c| !c.is_ascii_whitespace());
    if text.is_empty() || element.first_element_child().is_some() {
        return Err(DsigError::NotBase64(name));
    }
    STANDARD.decode(text).map_err(|_| DsigError::NotBase64(name))
}

/// The digest algorithm and value that are children of `parent`.
pub(crate) fn read_digest(parent: Node<'_, '_>) -> Result<(DigestAlgorithm, Vec<u8>), DsigError> {
    let uri = algorithm_uri(only_child(parent, "DigestMethod")?)?;
    let algorithm =
        DigestAlgorithm::from_uri(uri).ok_or_else(|| DsigError::UnsupportedDigestAlgorithm(uri.to_owned()))?;
    Ok((algorithm, base64_text(only_child(parent, "DigestValue")?, "DigestValue")?))
}

/// The canonicalization an element names; the inner error is its URI when it is outside the closed list.
pub(crate) fn read_canonicalization(element: Node<'_, '_>) -> Result<Result<Method, String>, DsigError> {
    let uri = algorithm_uri(element)?;
    let algorithm = match Algorithm::from_uri(uri) {
        Some(algorithm @ (Algorithm::Exclusive | Algorithm::Inclusive)) => algorithm,
        _ => return Ok(Err(uri.to_owned())),
    };
    let mut prefix_list = Vec::new();
    for (position, child) in element.children().filter(Node::is_element).enumerate() {
        let is_list = child.has_tag_name((EXCLUSIVE, "InclusiveNamespaces"));
        if !is_list || position > 0 || algorithm != Algorithm::Exclusive {
            return Err(DsigError::Structure("a canonicalization has parameters it does not take"));
        }
        let prefixes = child.attribute("PrefixList").unwrap_or("");
        prefix_list.extend(prefixes.split_ascii_whitespace().map(str::to_owned));
        if prefix_list.len() > MAX_PREFIXES {
            return Err(DsigError::Structure("a PrefixList has too many prefixes"));
        }
    }
    Ok(Ok(Method { algorithm, prefix_list }))
}

/// The `Algorithm` attribute of an element.
pub(super) fn algorithm_uri<'t>(element: Node<'t, '_>) -> Result<&'t str, DsigError> {
    element.attribute("Algorithm").ok_or(DsigError::Structure("an Algorithm attribute is missing"))
}

/// Every reference of a SignedInfo, in order.
pub(super) fn read_references(signed_info: Node<'_, '_>, limit: usize) -> Result<Vec<Reference>, DsigError> {
    let is_reference = |child: &Node<'_, '_>| child.has_tag_name((DSIG_NAMESPACE, "Reference"));
    let count = signed_info.children().filter(is_reference).count();
    if count > limit {
        return Err(DsigError::TooManyReferences(count));
    }
    signed_info.children().filter(is_reference).map(read_reference).collect()
}

fn read_reference(element: Node<'_, '_>) -> Result<Reference, DsigError> {
    let uri = element.attribute("URI").ok_or(DsigError::Structure("a Reference has no URI"))?;
    let (digest_algorithm, digest_value) = read_digest(element)?;
    let mut transforms = Vec::new();
    if element.children().any(|child| child.has_tag_name((DSIG_NAMESPACE, "Transforms"))) {
        for child in only_child(element, "Transforms")?.children().filter(Node::is_element) {
            transforms.push(read_transform(child)?);
        }
    }
    Ok(Reference {
        uri: uri.to_owned(),
        reference_type: element.attribute("Type").map(str::to_owned),
        transforms,
        digest_algorithm,
        digest_value,
    })
}

fn read_transform(element: Node<'_, '_>) -> Result<Transform, DsigError> {
    if !element.has_tag_name((DSIG_NAMESPACE, "Transform")) {
        return Err(DsigError::Structure("Transforms holds something else than Transform"));
    }
    match algorithm_uri(element)? {
        ENVELOPED if element.first_element_child().is_none() => Ok(Transform::Enveloped),
        FILTER2 => read_filter(element),
        _ => Ok(Transform::Canonicalize(read_canonicalization(element)?.map_err(DsigError::UnsupportedTransform)?)),
    }
}

/// Accepts the one filter whose meaning is known: subtract every `ds:Signature` (XPath Filter 2.0, section 3).
fn read_filter(element: Node<'_, '_>) -> Result<Transform, DsigError> {
    let mut children = element.children().filter(Node::is_element);
    let (Some(xpath), None) = (children.next(), children.next()) else {
        return Err(DsigError::Structure("a filter must have exactly one XPath"));
    };
    let expression = text_of(xpath);
    let known = matches!(expression.trim(), "/descendant::ds:Signature" | "//ds:Signature")
        && xpath.has_tag_name((FILTER2, "XPath"))
        && xpath.attribute("Filter") == Some("subtract")
        && xpath.first_element_child().is_none()
        // The prefix in the expression is only text: it means what is declared where it stands.
        && xpath.lookup_namespace_uri(Some("ds")) == Some(DSIG_NAMESPACE);
    if known {
        Ok(Transform::SubtractSignatures)
    } else {
        let filter = xpath.attribute("Filter").unwrap_or("");
        Err(DsigError::UnsupportedXPath(format!("{filter} {}", expression.trim())))
    }
}

/// Every certificate of `KeyInfo/X509Data`.
pub(super) fn read_certificates(signature: Node<'_, '_>) -> Result<Vec<Certificate>, DsigError> {
    let mut certificates = Vec::new();
    let is = |name: &'static str| move |child: &Node<'_, '_>| child.has_tag_name((DSIG_NAMESPACE, name));
    for key_info in signature.children().filter(is("KeyInfo")) {
        for data in key_info.children().filter(is("X509Data")) {
            for certificate in data.children().filter(is("X509Certificate")) {
                if certificates.len() == MAX_CERTIFICATES {
                    return Err(DsigError::Structure("KeyInfo holds too many certificates"));
                }
                certificates.push(Certificate::from_der(&base64_text(certificate, "X509Certificate")?)?);
            }
        }
    }
    Ok(certificates)
}
