//! Whether an answer is signed by somebody the channel trusts, and what exactly they signed.
//!
//! What comes out are the very bytes of the body that were digested, so that nobody reads anything the signature does not
//! speak about (signature wrapping). It fetches nothing; revocation is not looked at.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hub_signatures::algorithm::SignatureAlgorithm;
use hub_signatures::c14n::Algorithm;
use hub_signatures::certificate::Certificate;
use hub_signatures::digest::DigestAlgorithm;
use hub_signatures::dsig::{Expectation, Signature, Target, TransformKind};
use hub_signatures::instant::from_date_time;
use hub_signatures::tree::{Limits, Tree};
use hub_signatures::trust::Trust;
use hub_signatures::{DSIG_NAMESPACE, WSU_NAMESPACE};
use roxmltree::Node;

use super::WSSE;
use crate::settings::Version;

/// How far the clocks of two machines may be apart, in seconds.
const CLOCK_SKEW: i64 = 300;
/// The most certificates that are tried for a signature that names none.
const MOST_CANDIDATES: usize = 8;
/// The longest answer that is verified, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;

/// The canonical bytes of the body an answer's signature covers, or why there are none to be believed.
pub(crate) fn covered_body(answer: &[u8], version: Version, trust: &Trust, now: i64) -> Result<Vec<u8>, String> {
    let limits = Limits { bytes: LONGEST, depth: 72, ..Limits::default() };
    let tree = Tree::parse(answer, &limits).map_err(|error| error.to_string())?;
    let namespace = version.namespace();
    let envelope = tree.root();
    if !envelope.has_tag_name((namespace, "Envelope")) {
        return Err("nu este un Envelope al versiunii cerute".to_owned());
    }
    let header = only(envelope, namespace, "Header")?;
    let body = only(envelope, namespace, "Body")?;
    let security = only(header, WSSE, "Security")?;
    let signature =
        Signature::read(&tree, only(security, DSIG_NAMESPACE, "Signature")?).map_err(|error| error.to_string())?;
    let mut targets = Vec::new();
    for reference in signature.references() {
        let target = reference.uri.strip_prefix('#').and_then(|id| tree.by_id(id));
        let target = target.ok_or_else(|| format!("semnătura se referă la {:?}, care nu există", reference.uri))?;
        // Beside the body only what stands in the header may be signed; a second body elsewhere may not.
        if target != body && !target.ancestors().skip(1).any(|ancestor| ancestor == header) {
            return Err("semnătura acoperă altceva decât corpul și antetul".to_owned());
        }
        targets.push(Target::Element(target.id()));
    }
    let wanted = Target::Element(body.id());
    if !targets.contains(&wanted) {
        return Err("semnătura nu acoperă corpul".to_owned());
    }
    let expectation = Expectation {
        targets: &targets,
        signature_algorithms: &SignatureAlgorithm::ALL,
        digest_algorithms: &[DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512],
        transforms: &[TransformKind::Canonicalize(Algorithm::Exclusive)],
    };
    // A signature that only names its certificate is tried with those the channel trusts.
    let candidates = match (token(&tree, signature.element())?, trust) {
        (Some(certificate), _) => vec![certificate],
        (None, Trust::Anchors(anchors)) => anchors.iter().take(MOST_CANDIDATES).cloned().collect(),
        (None, _) => Vec::new(),
    };
    let mut verified = Err("certificatul cu care s-a semnat nu este nici în răspuns, nici în canal".to_owned());
    for certificate in &candidates {
        verified = signature.verify(&expectation, certificate).map_err(|error| error.to_string());
        if verified.is_ok() {
            let trusted = trust.check_seal(certificate, signature.certificates(), now);
            trusted.map_err(|error| error.to_string())?;
            break;
        }
    }
    let covered = verified?;
    let signed_time = |node: &Node<'_, '_>| targets.contains(&Target::Element(node.id()));
    if let Some(timestamp) = child(security, WSU_NAMESPACE, "Timestamp").filter(signed_time) {
        fresh(timestamp, now)?;
    }
    let covered = covered.into_iter().find(|one| one.target == wanted);
    covered.map(|one| one.bytes).ok_or_else(|| "semnătura nu acoperă corpul".to_owned())
}

/// The certificate a signature was made with, where it comes along: as a token of the same header, or inside the signature.
/// None where it is only named, by key identifier or issuer and number (X.509 Token Profile 1.1.1, section 3.2).
fn token(tree: &Tree<'_>, signature: Node<'_, '_>) -> Result<Option<Certificate>, String> {
    let key_info = only(signature, DSIG_NAMESPACE, "KeyInfo")?;
    let reference = child(key_info, WSSE, "SecurityTokenReference");
    if let Some(direct) = reference.and_then(|reference| child(reference, WSSE, "Reference")) {
        let id = direct.attribute("URI").and_then(|uri| uri.strip_prefix('#')).unwrap_or_default();
        let token = tree.by_id(id).filter(|node| node.has_tag_name((WSSE, "BinarySecurityToken")));
        return certificate(token.ok_or("certificatul la care se referă semnătura lipsește")?).map(Some);
    }
    let data = child(reference.unwrap_or(key_info), DSIG_NAMESPACE, "X509Data");
    match data.and_then(|data| child(data, DSIG_NAMESPACE, "X509Certificate")) {
        Some(inside) => certificate(inside).map(Some),
        None => Ok(None),
    }
}

fn certificate(node: Node<'_, '_>) -> Result<Certificate, String> {
    let text: String = node.children().filter_map(|part| part.text()).collect();
    let compact: String = text.split_ascii_whitespace().collect();
    let der = STANDARD.decode(compact).map_err(|_| "certificatul nu este base64".to_owned())?;
    Certificate::from_der(&der).map_err(|error| error.to_string())
}

fn fresh(timestamp: Node<'_, '_>, now: i64) -> Result<(), String> {
    let instant = |name: &'static str| {
        let text = child(timestamp, WSU_NAMESPACE, name).and_then(|node| node.text());
        text.map(|text| from_date_time(text.trim()).ok_or_else(|| format!("{name} nu este o dată")))
    };
    let created = instant("Created").transpose()?;
    let expires = instant("Expires").transpose()?;
    if created.is_some_and(|created| created > now + CLOCK_SKEW)
        || expires.is_some_and(|expires| expires < now - CLOCK_SKEW)
    {
        return Err("semnătura este a unui răspuns vechi sau din viitor".to_owned());
    }
    Ok(())
}

fn child<'t, 'input>(parent: Node<'t, 'input>, namespace: &str, name: &str) -> Option<Node<'t, 'input>> {
    parent.children().find(|child| child.has_tag_name((namespace, name)))
}

fn only<'t, 'input>(parent: Node<'t, 'input>, namespace: &str, name: &str) -> Result<Node<'t, 'input>, String> {
    let mut found = parent.children().filter(|child| child.has_tag_name((namespace, name)));
    match (found.next(), found.next()) {
        (Some(child), None) => Ok(child),
        _ => Err(format!("lipsește {name} sau este de mai multe ori")),
    }
}
