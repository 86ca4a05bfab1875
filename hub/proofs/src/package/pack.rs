//! Lays out and seals a court pack.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_signatures::asice::{DataFile, Draft, WriteError};
use hub_signatures::certificate::Certificate;
use hub_signatures::log::checkpoint::Checkpoint;
use hub_signatures::log::note::SignedNote;
use hub_signatures::signer::Signer;
use hub_signatures::time_stamp::TimeStamp;
use hub_signatures::trust::Trust;
use hub_signatures::xades;
use openssl::x509::X509Crl;
use serde_json::json;

use super::layout::{
    CERTIFICATES, CONSISTENCY, DIGESTS, DIGESTS_FORMAT, EVIDENCE, HEADS, KEYS, LOG, PAYLOADS, README, RECORDS,
    REVOCATION, plain,
};
use super::readme;
use crate::evidence::{Evidence, EvidenceError};
use crate::exhibits::Continuation;

/// What goes into a court pack. Plain data.
#[derive(Debug, Clone, Default)]
pub struct Pack<'p> {
    /// Evidences of one message, in the order of their events.
    pub evidences: Vec<PackedEvidence<'p>>,
    /// Heads of the log with their time-stamps.
    pub heads: Vec<PackedHead<'p>>,
    /// Proofs that one of the heads continues another.
    pub consistency: Vec<Continuation>,
    /// Verifier keys of log and witnesses, one a line.
    pub log_keys: &'p str,
    /// Certificates above those of seals and authorities; the ones inside evidences and tokens are added here.
    pub certificates: Vec<Certificate>,
    /// CRLs and OCSP answers, DER.
    pub revocation: Vec<&'p [u8]>,
    /// Names and digests of what was sent, always.
    pub payload_digests: Vec<PayloadDigest<'p>>,
    /// What was sent, unless it was erased.
    pub payloads: Vec<NamedFile<'p>>,
    /// The story for people, made elsewhere: PDF and text.
    pub narratives: Vec<NamedFile<'p>>,
    /// Text for who opens the pack; a general one when absent.
    pub readme: Option<&'p str>,
}

/// An evidence with what speaks about it.
#[derive(Debug, Clone, Copy)]
pub struct PackedEvidence<'p> {
    /// The sealed document.
    pub xml: &'p [u8],
    /// Proof that it is in the log, C2SP tlog-proof.
    pub proof: Option<&'p str>,
    /// RFC 4998 evidence record over the document, DER.
    pub record: Option<&'p [u8]>,
}

/// A head of the log.
#[derive(Debug, Clone)]
pub struct PackedHead<'p> {
    /// The signed note.
    pub note: &'p str,
    /// RFC 3161 tokens over its bytes, DER.
    pub tokens: Vec<&'p [u8]>,
}

/// A part that was sent.
#[derive(Debug, Clone, Copy)]
pub struct PayloadDigest<'p> {
    /// File name as the evidences have it.
    pub name: &'p str,
    /// Media type.
    pub media_type: &'p str,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// A file with its name.
#[derive(Debug, Clone, Copy)]
pub struct NamedFile<'p> {
    /// The name.
    pub name: &'p str,
    /// Media type.
    pub media_type: &'p str,
    /// The bytes.
    pub bytes: &'p [u8],
}

/// Why a pack cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// There is nothing to prove.
    #[error("a court pack needs at least one evidence")]
    Empty,
    /// An evidence cannot be read.
    #[error("evidence {position} of the pack: {why}")]
    Evidence {
        /// Counted from one.
        position: usize,
        /// The reason.
        why: EvidenceError,
    },
    /// A head is not one.
    #[error("head {position} of the pack is not a signed checkpoint")]
    Head {
        /// Counted from one.
        position: usize,
    },
    /// A name would not be extracted everywhere, or belongs to the pack itself.
    #[error("a narrative cannot be named {0:?}: use plain ASCII without folders, and no name of the pack itself")]
    Name(String),
    /// The package could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// A sealed pack that may still wait for its time-stamp.
#[derive(Debug, Clone)]
pub struct Prepared(Draft<'static>);

impl Prepared {
    /// SHA-256 to be stamped: of the canonical signature value (XAdES signature time-stamp).
    ///
    /// # Errors
    /// Never for what [`prepare`] made.
    pub fn imprint(&self) -> Result<[u8; 32], PackError> {
        Ok(self.0.signature_imprint()?)
    }

    /// The file, with the time-stamp token (DER of the CMS ContentInfo of RFC 3161) when there is one.
    ///
    /// # Errors
    /// When the token is not one over [`Prepared::imprint`], or the file would be too large.
    pub fn finish(mut self, token: Option<&[u8]>) -> Result<Vec<u8>, PackError> {
        if let Some(token) = token {
            self.0.attach_signature_time_stamp(token)?;
        }
        Ok(self.0.finish()?)
    }
}

/// Lays the pack out and seals every file of it: XAdES baseline B-B, detached. `signing_time` is an `xs:dateTime` in UTC.
///
/// # Errors
/// A [`PackError`] that names what cannot be packed.
pub fn prepare(pack: &Pack<'_>, signer: &dyn Signer, signing_time: &str) -> Result<Prepared, PackError> {
    let files = lay_out(pack)?;
    let files: Vec<_> = files.iter().map(Laid::as_data_file).collect();
    let mut draft = Draft::new(&files)?;
    draft.sign(signer, signing_time)?;
    Ok(Prepared(draft.into_owned()))
}

struct Laid<'p> {
    name: String,
    media_type: Cow<'p, str>,
    content: Cow<'p, [u8]>,
}

impl Laid<'_> {
    fn as_data_file(&self) -> DataFile<'_> {
        DataFile { name: &self.name, media_type: &self.media_type, content: &self.content }
    }
}

fn lay_out<'p>(pack: &Pack<'p>) -> Result<Vec<Laid<'p>>, PackError> {
    if pack.evidences.is_empty() {
        return Err(PackError::Empty);
    }
    let mut files = Vec::new();
    let mut lay = |name: String, media_type: &'p str, content: Cow<'p, [u8]>| {
        files.push(Laid { name, media_type: media_type.into(), content });
    };
    lay(README.to_owned(), "text/plain", pack.readme.unwrap_or(readme::TEXT).as_bytes().into());
    for file in &pack.narratives {
        check_narrative(file.name)?;
        lay(file.name.to_owned(), file.media_type, file.bytes.into());
    }
    for (number, packed) in (1..).zip(&pack.evidences) {
        let evidence = Evidence::read(packed.xml).map_err(|why| PackError::Evidence { position: number, why })?;
        lay(format!("{EVIDENCE}{number:02}-{}.xml", evidence.event.name()), "text/xml", packed.xml.into());
        if let Some(proof) = packed.proof {
            lay(format!("{LOG}{number:02}.tlog-proof"), "text/plain", proof.as_bytes().into());
        }
        if let Some(record) = packed.record {
            lay(format!("{RECORDS}{number:02}.ers"), "application/octet-stream", record.into());
        }
    }
    let mut taken = Vec::new();
    for (position, head) in (1..).zip(&pack.heads) {
        let note = SignedNote::parse(head.note).ok().and_then(|note| Checkpoint::from_text(note.text()).ok());
        let size = note.ok_or(PackError::Head { position })?.size;
        let again = taken.iter().filter(|known| **known == size).count();
        taken.push(size);
        let stem = if again == 0 { format!("{HEADS}{size}") } else { format!("{HEADS}{size}-{}", again + 1) };
        lay(format!("{stem}.checkpoint"), "text/plain", head.note.as_bytes().into());
        for (at, token) in head.tokens.iter().enumerate() {
            let name = if at == 0 { format!("{stem}.tst") } else { format!("{stem}.{}.tst", at + 1) };
            lay(name, "application/vnd.etsi.timestamp-token", (*token).into());
        }
    }
    for Continuation { old, new, path } in &pack.consistency {
        let lines: String = path.iter().map(|hash| BASE64.encode(hash) + "\n").collect();
        lay(format!("{CONSISTENCY}{old}-{new}.txt"), "text/plain", lines.into_bytes().into());
    }
    if !pack.log_keys.is_empty() {
        lay(KEYS.to_owned(), "text/plain", pack.log_keys.as_bytes().into());
    }
    for (number, certificate) in (1..).zip(certificates(pack)) {
        lay(format!("{CERTIFICATES}{number:02}.pem"), "application/x-pem-file", pem(&certificate).into_bytes().into());
    }
    for (number, value) in (1..).zip(&pack.revocation) {
        let is_list = X509Crl::from_der(value).is_ok();
        let (end, media_type) =
            if is_list { ("crl", "application/pkix-crl") } else { ("ocsp", "application/ocsp-response") };
        lay(format!("{REVOCATION}{number:02}.{end}"), media_type, (*value).into());
    }
    lay(DIGESTS.to_owned(), "application/json", digests(pack).into_bytes().into());
    for (number, file) in (1..).zip(&pack.payloads) {
        lay(payload_name(number, file.name), file.media_type, file.bytes.into());
    }
    Ok(files)
}

fn check_narrative(name: &str) -> Result<(), PackError> {
    let own = [README, DIGESTS].iter().any(|own| own.eq_ignore_ascii_case(name));
    if own || name.is_empty() || plain(name) != name {
        return Err(PackError::Name(name.to_owned()));
    }
    Ok(())
}

fn payload_name(number: usize, name: &str) -> String {
    format!("{PAYLOADS}{number:02}-{}", plain(name))
}

/// All certificates that a verifier may need, each once: the given ones, those of seals, those of authorities.
fn certificates(pack: &Pack<'_>) -> Vec<Certificate> {
    let mut all: Vec<Certificate> = Vec::new();
    let mut add = |certificates: Vec<Certificate>| {
        for certificate in certificates {
            if !all.contains(&certificate) {
                all.push(certificate);
            }
        }
    };
    for packed in &pack.evidences {
        if let Ok(examined) = xades::examine(packed.xml) {
            add(examined.certificates);
            if let Ok(Some(stamp)) = examined.time_stamp {
                add(stamp.certificates);
            }
        }
    }
    for head in &pack.heads {
        for token in &head.tokens {
            let stamp = TimeStamp::verify(token, head.note.as_bytes(), &Trust::IntegrityOnly);
            add(stamp.map(|stamp| stamp.certificates).unwrap_or_default());
        }
    }
    add(pack.certificates.clone());
    all
}

fn pem(certificate: &Certificate) -> String {
    let base64 = BASE64.encode(certificate.der());
    let lines: Vec<&str> = (0..base64.len()).step_by(64).map(|at| &base64[at..base64.len().min(at + 64)]).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn digests(pack: &Pack<'_>) -> String {
    let part = |part: &PayloadDigest<'_>| {
        let sha256 = hub_signatures::digest::sha256;
        let packed = (1..).zip(&pack.payloads).find(|(_, file)| sha256(file.bytes) == part.sha256);
        json!({
            "name": part.name,
            "media_type": part.media_type,
            "sha256": hex::encode(part.sha256),
            "file": packed.map(|(number, file)| payload_name(number, file.name)),
        })
    };
    let parts: Vec<_> = pack.payload_digests.iter().map(part).collect();
    format!("{:#}\n", json!({"format": DIGESTS_FORMAT, "parts": parts}))
}
