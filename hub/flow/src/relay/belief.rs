//! What is believed of another service: sealed by one of its own certificates, an evidence by the standard, and about
//! this very message.
//!
//! Certificates are pinned: an authority above them vouches for many, and any of those could speak in the partner's name.

use hub_proofs::evidence::Evidence;
use hub_proofs::rules::{self, Variant};
use hub_signatures::certificate::Certificate;
use hub_signatures::trust::Trust;
use hub_signatures::xades::{self, Verified, VerifyError};
use secrecy::ExposeSecret as _;

use crate::directory::Party;
use crate::evidence::{PartFacts, PartyFacts};
use crate::hub::Hub;

/// Why a document of another service is not believed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Disbelief {
    /// Whoever sealed it is not the partner, or its certificate was not valid then.
    #[error("certificatul nu este al serviciului partener: {0}")]
    Certificate(String),
    /// The seal does not hold.
    #[error("sigiliul nu se verifică: {0}")]
    Seal(String),
    /// It is sealed, and no evidence by the standard.
    #[error("nu este o dovadă conformă EN 319 522: {0}")]
    Form(String),
    /// It is an evidence, and about something else.
    #[error("nu este despre acest mesaj: {0}")]
    Matter(String),
}

/// The certificates a partner's evidence is believed under.
///
/// # Errors
/// The directory's reference leads nowhere, or to no certificate.
pub fn certificates(hub: &Hub, service: &Party) -> Result<Vec<Certificate>, Disbelief> {
    let given = service.evidence_certificate.as_deref().unwrap_or_default();
    let pem = if given.contains("-----BEGIN") {
        given.to_owned()
    } else {
        let held = hub.connectors.referenced(given).map(|held| held.expose_secret().to_owned());
        held.ok_or_else(|| Disbelief::Certificate(format!("referința {given} nu duce la un fișier")))?
    };
    Certificate::all_from_pem(pem.as_bytes()).map_err(|error| Disbelief::Certificate(error.to_string()))
}

/// Verifies a seal of the partner; answers what it covers.
///
/// # Errors
/// It does not hold, or is not the partner's.
pub fn sealed(document: &[u8], certificates: &[Certificate]) -> Result<Vec<u8>, Disbelief> {
    let mut first: Option<VerifyError> = None;
    for certificate in certificates {
        match xades::verify(document, &Trust::Pinned(Box::new(certificate.clone())), &Trust::IntegrityOnly) {
            Ok(Verified { covered, .. }) => return Ok(covered),
            Err(error) => drop(first.get_or_insert(error)),
        }
    }
    Err(match first {
        Some(error @ VerifyError::Trust(_)) => Disbelief::Certificate(error.to_string()),
        Some(error) => Disbelief::Seal(error.to_string()),
        None => Disbelief::Certificate("directorul nu are niciun certificat al lui".to_owned()),
    })
}

/// Verifies and reads an evidence of the partner, from the sealed bytes alone.
///
/// # Errors
/// [`Disbelief`] says what fails first.
pub fn evidence(document: &[u8], service: &Party, certificates: &[Certificate]) -> Result<Evidence, Disbelief> {
    let covered = sealed(document, certificates)?;
    let evidence = Evidence::read(&covered).map_err(|error| Disbelief::Form(error.to_string()))?;
    if let Some(finding) = rules::check(&evidence, Variant::General).into_iter().next() {
        return Err(Disbelief::Form(format!("{} {}", finding.component, finding.words.ro)));
    }
    if evidence.issuer.name() != Some(&service.name) {
        let issuer = evidence.issuer.name().unwrap_or("nimeni");
        return Err(Disbelief::Certificate(format!("emitentul este {issuer}, nu {}", service.name)));
    }
    Ok(evidence)
}

/// Checks that an evidence is about this message, these parts and this recipient.
///
/// # Errors
/// [`Disbelief::Matter`] says what it is about instead.
pub fn about(
    evidence: &Evidence,
    identifier: &str,
    parts: &[PartFacts],
    recipient: &PartyFacts,
) -> Result<(), Disbelief> {
    let other = |what: &str| Err(Disbelief::Matter(what.to_owned()));
    if evidence.message.as_deref() != Some(identifier) {
        return other("are alt identificator de mesaj");
    }
    let named = evidence.content.iter().flat_map(|content| &content.parts);
    let mut named: Vec<(&str, Option<&[u8]>)> =
        named.map(|part| (part.identifier.as_str(), part.digest.as_ref().map(|(_, digest)| &digest[..]))).collect();
    let lines: Vec<_> = parts.iter().map(|part| (crate::message::printable(&part.name), &part.sha256[..])).collect();
    let mut ours: Vec<(&str, Option<&[u8]>)> = lines.iter().map(|(name, digest)| (&**name, Some(*digest))).collect();
    named.sort_unstable();
    ours.sort_unstable();
    if named != ours {
        return other("are alte părți sau alte rezumate");
    }
    // What is about one recipient must be about this one; what is about the message must name it.
    let recipients: Vec<_> = match evidence.concerned() {
        Some((_, one)) => vec![one],
        None => evidence.recipients.iter().collect(),
    };
    let is_ours = recipients.into_iter().filter_map(|one| one.identifier.as_ref());
    if !is_ours.into_iter().any(|one| recipient.is(&one.scheme, &one.value)) {
        return other("are alt destinatar");
    }
    Ok(())
}
