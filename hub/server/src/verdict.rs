//! The verdict on an evidence file, with nothing but the file and a certificate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_flow::clock::Timestamp;
use hub_flow::seal::SealRecord;
use hub_signatures::certificate::Certificate;
use hub_signatures::trust::{Trust, Trusted};
use hub_signatures::xades::{self, Verified, VerifyError};
use roxmltree::{Document, Node};
use serde_json::{Value, json};

const ERDS: &str = "http://uri.etsi.org/19522/v1#";

/// What the signer is held against.
pub enum Against<'a> {
    /// This very certificate (PEM), or the anchors in it.
    Certificate(&'a [u8]),
    /// The seals of a hub, each believed for the time in which it was in use.
    Seals(&'a [SealRecord]),
    /// Nothing: only that the file is unchanged since it was signed by whoever signed it.
    IntegrityOnly,
}

/// Why an evidence does not verify.
#[derive(Debug, thiserror::Error)]
pub enum Unverified {
    /// The certificate file holds none.
    #[error("the certificate file cannot be read: {0}")]
    Certificate(String),
    /// The signature does not hold.
    #[error("{0}")]
    Signature(#[from] VerifyError),
    /// Nobody of this hub sealed it, or not then.
    #[error("{0}")]
    NotOurs(String),
    /// What is signed is not an evidence.
    #[error("the signed document is not an ERDS evidence (EN 319 522): {0}")]
    NotEvidence(String),
}

/// Verifies the file and tells what it attests, read from the signed bytes alone.
///
/// # Errors
/// [`Unverified`] says what fails.
pub fn of(file: &[u8], against: &Against<'_>) -> Result<Value, Unverified> {
    let verified = verified(file, against)?;
    // Read what the signature covers, never what surrounds it.
    let covered = std::str::from_utf8(&verified.covered).map_err(|error| Unverified::NotEvidence(error.to_string()))?;
    let document = Document::parse(covered).map_err(|error| Unverified::NotEvidence(error.to_string()))?;
    let root = document.root_element();
    if !root.has_tag_name((ERDS, "Evidence")) {
        return Err(Unverified::NotEvidence(format!("its root is {}", root.tag_name().name())));
    }
    Ok(json!({
        "verified": true,
        "trusted": match &verified.trusted {
            Trusted::Anchor(subject) => json!({"anchor": subject}),
            Trusted::Pinned => json!("certificate"),
            Trusted::NotChecked => json!(false),
        },
        "signer": verified.certificate.subject(),
        "certificate_sha256": hex::encode(verified.certificate.sha256()),
        "signing_time": verified.signing_time,
        "time_stamp": verified.time_stamp.as_ref().map(|stamp| {
            json!({"time": Timestamp(stamp.time * 1_000_000).to_utc(), "authority": stamp.authority.subject()})
        }),
        "evidence": facts(root),
    }))
}

/// A given certificate is the signer's own or one above it; the file says which.
fn verified(file: &[u8], against: &Against<'_>) -> Result<Verified, Unverified> {
    let pem = match against {
        Against::Certificate(pem) => pem,
        Against::Seals(seals) => return by_seals(file, seals),
        Against::IntegrityOnly => return Ok(xades::verify(file, &Trust::IntegrityOnly, &Trust::IntegrityOnly)?),
    };
    let given = Certificate::all_from_pem(pem).map_err(|error| Unverified::Certificate(error.to_string()))?;
    let Some(first) = given.first() else { return Err(Unverified::Certificate("no certificate in it".to_owned())) };
    let pinned = Trust::Pinned(Box::new(first.clone()));
    xades::verify(file, &pinned, &Trust::IntegrityOnly)
        .or_else(|error| {
            // The anchors decide only what the pinned certificate did not; its own error says more.
            xades::verify(file, &Trust::Anchors(given), &Trust::IntegrityOnly).map_err(|_| error)
        })
        .map_err(Unverified::from)
}

/// Against the seals of a hub. The time is the one the signature claims; a seal vouches for nothing before its first use
/// and nothing after it was retired or revoked.
fn by_seals(file: &[u8], seals: &[SealRecord]) -> Result<Verified, Unverified> {
    let signer = xades::verify(file, &Trust::IntegrityOnly, &Trust::IntegrityOnly)?.certificate;
    let stranger = || Unverified::NotOurs(format!("the certificate of {} was never a seal here", signer.subject()));
    let record = seals.iter().find(|seal| seal.sha256 == *signer.sha256()).ok_or_else(stranger)?;
    let verified = xades::verify(file, &Trust::Pinned(Box::new(signer.clone())), &Trust::IntegrityOnly)?;
    if record.was_in_use_at(verified.signing_time_unix) {
        return Ok(verified);
    }
    let until = record.retired_at.into_iter().chain(record.revoked_at).min();
    let until = until.map_or_else(|| "now".to_owned(), Timestamp::to_utc);
    let (from, subject) = (record.first_used.to_utc(), &record.subject);
    Err(Unverified::NotOurs(format!(
        "the seal of {subject} was in use here from {from} to {until}, and not at {}",
        verified.signing_time
    )))
}

fn facts(root: Node<'_, '_>) -> Value {
    let text = |path: &[&str]| descend(root, path).and_then(|node| node.text()).map(str::trim);
    let last = |uri: Option<&str>| uri.and_then(|uri| uri.rsplit('/').next()).map(str::to_owned);
    let reasons = root.descendants().filter(|node| named(*node, "EventReason"));
    let parts = root.descendants().filter(|node| named(*node, "PartInfo"));
    let recipients = root.children().filter(|node| named(*node, "RecipientDetails"));
    json!({
        "id": text(&["EvidenceIdentifier"]),
        "event": last(text(&["ERDSEventId"])),
        "event_time": text(&["EventTime"]),
        "issuer": attribute_value(descend(root, &["EvidenceIssuerDetails"]), "LegalName"),
        "reasons": reasons.map(reason).collect::<Vec<_>>(),
        "sender": descend(root, &["SenderDetails"]).map(party),
        "recipients": recipients.map(party).collect::<Vec<_>>(),
        "concerns_recipient": text(&["EvidenceRefersToRecipient"]),
        "message_id": text(&["MessageIdentifier"]),
        "submission_time": text(&["SubmissionTime"]),
        "parts": parts.map(part).collect::<Vec<_>>(),
        "sender_registration": registration(root, "SenderRegistration"),
        "recipient_registration": registration(root, "RecipientRegistration"),
        "transformation": root.descendants().find(|node| named(*node, "Transformation")).map(|node| {
            json!({"mapping": node.attribute("mapping"), "version": node.attribute("version")})
        }),
    })
}

fn named(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn descend<'a, 'input>(node: Node<'a, 'input>, path: &[&str]) -> Option<Node<'a, 'input>> {
    path.iter().try_fold(node, |node, name| node.children().find(|child| named(*child, name)))
}

fn attribute_value(node: Option<Node<'_, '_>>, friendly_name: &str) -> Option<String> {
    let attribute = node?.descendants().find(|node| node.attribute("FriendlyName") == Some(friendly_name))?;
    attribute.children().find(|node| named(*node, "AttributeValue"))?.text().map(str::to_owned)
}

fn party(node: Node<'_, '_>) -> Value {
    json!({
        "id": descend(node, &["Identifier"]).and_then(|node| node.text()),
        "name": attribute_value(Some(node), "LegalName"),
    })
}

fn reason(node: Node<'_, '_>) -> Value {
    let texts: Vec<&str> =
        node.children().filter_map(|child| child.text()).map(str::trim).filter(|text| !text.is_empty()).collect();
    json!(texts)
}

fn part(node: Node<'_, '_>) -> Value {
    let text = |name: &str| node.children().find(|child| named(*child, name)).and_then(|child| child.text());
    let digest = text("DigestValue").and_then(|value| BASE64.decode(value.trim()).ok()).map(hex::encode);
    json!({"name": text("Identifier"), "content_type": text("ContentType"), "digest": digest})
}

fn registration(root: Node<'_, '_>, name: &str) -> Value {
    root.descendants().find(|node| named(*node, name)).map_or(Value::Null, |node| {
        json!({
            "register": node.attribute("register"), "number": node.attribute("number"), "date": node.attribute("date"),
        })
    })
}
