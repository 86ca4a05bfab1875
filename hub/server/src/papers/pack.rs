//! The court pack: evidences, proofs, heads, time-stamps, certificates, digests and the story in one sealed ASiC-E.

use hub_flow::archive::filing;
use hub_flow::evidence::{self, Level};
use hub_flow::hub::Hub;
use hub_flow::log::{self, Head};
use hub_flow::message::Payload;
use hub_flow::preservation;
use hub_flow::seal;
use hub_proofs::exhibits::Continuation;
use hub_proofs::package::{NamedFile, Pack, PackedEvidence, PackedHead, PayloadDigest, prepare};
use hub_receipts::{Language, narrative_text};
use hub_signatures::certificate::Certificate;
use hub_signatures::time_stamp::TimeStamp;

use super::scene::Scene;
use super::{PaperError, story};

const PDF: &str = "application/pdf";
const TEXT: &str = "text/plain; charset=utf-8";

/// What a pack holds beside the proofs.
#[derive(Debug, Clone, Copy, Default)]
pub struct PackChoice {
    /// Whether the documents themselves go in; their digests always do.
    pub payloads: bool,
}

/// Makes the pack of a scene. It holds what is proven now: an evidence that is not logged or stamped yet goes in without,
/// and the verifier says so.
///
/// # Errors
/// A [`PaperError`] that names what is missing.
pub async fn pack(hub: &Hub, scene: &Scene, choice: PackChoice) -> Result<Vec<u8>, PaperError> {
    let now = hub.clock.now();
    let proven = Proven::gather(hub, scene).await?;
    let payloads = if choice.payloads { payloads(hub, scene).await? } else { Vec::new() };
    let file = |position: usize| {
        let evidence = scene.evidences.get(position)?;
        Some(format!("evidence/{:02}-{}.xml", position + 1, evidence.event))
    };
    let told = story::narrative(scene, now, file)?;
    let papers = [
        ("narativ.pdf", PDF, hub_receipts::narrative(&told, Language::Romanian)?),
        ("narativ.txt", TEXT, narrative_text(&told, Language::Romanian)?.into_bytes()),
        ("narrative-en.txt", TEXT, narrative_text(&told, Language::English)?.into_bytes()),
    ];
    let keys = hub.log.verifiers().iter().map(|key| format!("{key}\n")).collect::<String>();
    let pack = Pack {
        evidences: proven.evidences.iter().map(ProvenEvidence::packed).collect(),
        heads: proven.heads.iter().map(|(note, tokens)| packed_head(note, tokens)).collect(),
        consistency: proven.consistency,
        log_keys: &keys,
        certificates: proven.certificates,
        revocation: proven.revocation.iter().map(Vec::as_slice).collect(),
        payload_digests: scene.message.iter().flat_map(|message| &message.payloads).map(digest).collect(),
        payloads: payloads.iter().map(|(payload, bytes)| named(&payload.name, &payload.content_type, bytes)).collect(),
        narratives: papers.iter().map(|(name, media_type, bytes)| named(name, media_type, bytes)).collect(),
        readme: None,
    };
    let signer = hub.seal.signer();
    let prepared = prepare(&pack, &*signer, &now.to_utc())?;
    // The heads inside carry the time of the evidences; the pack's own seal is stamped where somebody stamps.
    let token = match hub.log.authority() {
        Some(authority) => authority.stamp(prepared.imprint()?).await.ok().map(|token| token.der),
        None => None,
    };
    Ok(prepared.finish(token.as_deref())?)
}

/// What proves the evidences of a scene.
#[derive(Default)]
struct Proven {
    evidences: Vec<ProvenEvidence>,
    /// Notes with their tokens, smallest tree first.
    heads: Vec<(String, Vec<Vec<u8>>)>,
    consistency: Vec<Continuation>,
    certificates: Vec<Certificate>,
    revocation: Vec<Vec<u8>>,
}

struct ProvenEvidence {
    xml: Vec<u8>,
    proof: Option<String>,
    record: Option<Vec<u8>>,
}

impl ProvenEvidence {
    fn packed(&self) -> PackedEvidence<'_> {
        PackedEvidence { xml: &self.xml, proof: self.proof.as_deref(), record: self.record.as_deref() }
    }
}

impl Proven {
    async fn gather(hub: &Hub, scene: &Scene) -> Result<Self, PaperError> {
        let mut proven = Self::default();
        let mut heads: Vec<Head> = Vec::new();
        for sealed in &scene.evidences {
            let Some(own) = &sealed.own else {
                let xml = sealed.document.clone().into_bytes();
                proven.evidences.push(ProvenEvidence { xml, proof: None, record: None });
                continue;
            };
            let proof = log::proof_of(&hub.db, own.message, own.id).await?;
            let stamped = evidence::at_level(&hub.db, own, Level::T).await?;
            proven.evidences.push(ProvenEvidence {
                xml: stamped.unwrap_or_else(|| own.document.clone()).into_bytes(),
                proof: proof.as_ref().map(|proof| proof.proof.to_string()),
                record: preservation::record_of(&hub.db, own.id).await?,
            });
            proven.keep(&evidence::validation_material(&hub.db, own).await?);
            let new = proof.map(|proof| proof.head).filter(|head| heads.iter().all(|held| held.size != head.size));
            heads.extend(new);
        }
        heads.sort_by_key(|head| head.size);
        for pair in heads.windows(2) {
            let (old, new) = (pair[0].size, pair[1].size);
            proven.consistency.push(Continuation { old, new, path: log::consistency(&hub.db, old, new).await? });
        }
        for head in &heads {
            let stamp = log::stamp(&hub.db, head.size).await?;
            if let Some(stamp) = &stamp {
                let inside = TimeStamp::certificates(&stamp.token).unwrap_or_default();
                let used: Vec<_> = inside.into_iter().map(|certificate| (certificate, stamp.at)).collect();
                proven.keep(&seal::validation_material(&hub.db, &used).await?);
            }
            let tokens = stamp.into_iter().map(|stamp| stamp.token).collect();
            proven.heads.push((log::with_cosignatures(&hub.db, head).await?, tokens));
        }
        Ok(proven)
    }

    fn keep(&mut self, material: &seal::ValidationMaterial) {
        for certificate in material.certificates.iter().filter_map(|der| Certificate::from_der(der).ok()) {
            if !self.certificates.contains(&certificate) {
                self.certificates.push(certificate);
            }
        }
        for value in material.crls.iter().chain(&material.ocsp_responses) {
            if !self.revocation.contains(value) {
                self.revocation.push(value.clone());
            }
        }
    }
}

fn packed_head<'p>(note: &'p str, tokens: &'p [Vec<u8>]) -> PackedHead<'p> {
    PackedHead { note, tokens: tokens.iter().map(Vec::as_slice).collect() }
}

fn digest(payload: &Payload) -> PayloadDigest<'_> {
    PayloadDigest { name: &payload.name, media_type: &payload.content_type, sha256: payload.sha256 }
}

fn named<'p>(name: &'p str, media_type: &'p str, bytes: &'p [u8]) -> NamedFile<'p> {
    NamedFile { name, media_type, bytes }
}

async fn payloads<'s>(hub: &Hub, scene: &'s Scene) -> Result<Vec<(&'s Payload, Vec<u8>)>, PaperError> {
    let mut all = Vec::new();
    let Some(message) = &scene.message else { return Ok(all) };
    for payload in &message.payloads {
        let bytes = match &payload.content {
            Some(content) => content.to_vec(),
            // Destroyed by a selection: its digest still goes in.
            None if filing::is_erased(&hub.db, message.id, &payload.name).await? => continue,
            None => tokio::fs::read(hub.blobs.path(&payload.sha256)).await?,
        };
        all.push((payload, bytes));
    }
    Ok(all)
}
