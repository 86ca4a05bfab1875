//! One message sent to one institution: three sealed evidences in a log with a stamped head, packed. Names are invented.

use std::convert::Infallible;

use hub_proofs::Trusted;
use hub_proofs::event::Event;
use hub_proofs::exhibits::Continuation;
use hub_proofs::package::{NamedFile, Pack, PackedEvidence, PackedHead, PayloadDigest, prepare};
use hub_signatures::certificate::Certificate;
use hub_signatures::digest::{DigestAlgorithm, sha256};
use hub_signatures::evidence_record::{Batch, EvidenceRecord};
use hub_signatures::log::checkpoint::Checkpoint;
use hub_signatures::log::key::{KeyUse, SigningKey};
use hub_signatures::log::proof::LogProof;
use hub_signatures::log::tree::{self, Frontier, Hash, Nodes, evidence_leaf};
use hub_signatures::log::{consistency, inclusion};
use hub_signatures::signer::{FileSigner, Signer, development_seal};
use hub_signatures::xades;

use super::authority::Authority;
use super::xml::Written;
use super::{NEW_YEAR_2026, program};

pub const ORIGIN: &str = "hub.example.ro/evidence";
pub const SIGNING_TIME: &str = "2026-03-02T09:15:05Z";
pub const CONTENT: &[u8] = b"Anexa de proba";
/// A little after the authority of the tests stamps.
pub const YEAR: i64 = 365 * 86_400;

/// Everything there is about the message.
pub struct Matter {
    pub authority: Authority,
    pub signer: FileSigner,
    pub seal_pem: Vec<u8>,
    pub evidences: Vec<Vec<u8>>,
    pub proofs: Vec<String>,
    pub records: Vec<Vec<u8>>,
    pub heads: Vec<(String, Vec<u8>)>,
    pub consistency: Vec<Continuation>,
    pub log_keys: String,
    pub trusted: Trusted,
    /// The time of the check.
    pub at: i64,
}

/// A log kept in memory.
pub struct Log {
    pub leaves: Vec<Hash>,
    nodes: Vec<(u8, u64, Hash)>,
    pub key: SigningKey,
}

impl Nodes for &Log {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        Ok(self.nodes.iter().find(|(l, i, _)| (*l, *i) == (level, index)).expect("the node was written").2)
    }
}

impl Log {
    pub fn new(origin: &str, seed: u8, leaves: Vec<Hash>) -> Log {
        let mut log = Log {
            leaves: Vec::new(),
            nodes: Vec::new(),
            key: SigningKey::from_seed(origin, KeyUse::Log, &[seed; 32]).unwrap(),
        };
        let mut frontier = Frontier::load(&&log, 0).unwrap();
        let nodes = frontier.append(&leaves);
        log.nodes = nodes.into_iter().map(|node| (node.level, node.index, node.hash)).collect();
        log.leaves = leaves;
        log
    }

    pub fn head(&self, size: u64) -> Checkpoint {
        Checkpoint::new(self.key.verifier().name(), size, tree::root(&self, size).unwrap())
    }

    pub fn proof(&self, index: u64, size: u64, salt: Option<[u8; 32]>) -> LogProof {
        let checkpoint = self.note(size);
        LogProof { index, salt, path: inclusion::prove(&self, index, size).unwrap(), checkpoint }
    }

    /// The head signed by log and witness.
    pub fn note(&self, size: u64) -> hub_signatures::log::note::SignedNote {
        let mut note = self.head(size).sign(&self.key).unwrap();
        note.cosign(&witness(), 1_772_442_910).unwrap();
        note
    }
}

pub fn witness() -> SigningKey {
    SigningKey::from_seed("martor.example.ro", KeyUse::Witness, &[9; 32]).unwrap()
}

pub fn signer_named(name: &str) -> (FileSigner, Vec<u8>) {
    let (key, certificate) = development_seal(name, NEW_YEAR_2026, 730, 7).unwrap();
    (FileSigner::from_pem(&key, &certificate).unwrap(), certificate)
}

/// The three evidences of a message that reached its one recipient.
pub fn three() -> Vec<Written> {
    let story = [
        (Event::SubmissionAcceptance, "2026-03-02T09:15:04Z"),
        (Event::ContentConsignment, "2026-03-02T09:15:06Z"),
        (Event::ContentHandover, "2026-03-02T09:20:00Z"),
    ];
    let written = |(event, time): (Event, &str)| Written {
        time: time.to_owned(),
        recipients: 1,
        parts: vec![("anexă-1.pdf".to_owned(), sha256(CONTENT))],
        ..Written::new(event)
    };
    story.map(written).into()
}

impl Matter {
    /// The usual matter; none when the openssl program is not installed.
    pub fn new() -> Option<Matter> {
        program("openssl", "version")?;
        Matter::of(three())
    }

    pub fn of(written: Vec<Written>) -> Option<Matter> {
        let authority = Authority::new()?;
        let (signer, seal_pem) = signer_named("Hub de probă");
        let evidences: Vec<Vec<u8>> =
            written.iter().map(|one| xades::seal(&one.xml(), &signer, SIGNING_TIME).unwrap().into_bytes()).collect();

        let salt = |index: usize| [index as u8 + 1; 32];
        // Records of other messages stand around ours.
        let mut leaves: Vec<Hash> = (0..4_u8).map(|other| evidence_leaf(None, &[other; 32])).collect();
        let first = leaves.len() as u64;
        leaves.extend(evidences.iter().enumerate().map(|(at, xml)| evidence_leaf(Some(&salt(at)), &sha256(xml))));
        leaves.extend((10..14_u8).map(|other| evidence_leaf(None, &[other; 32])));
        let size = leaves.len() as u64;
        let log = Log::new(ORIGIN, 7, leaves);
        let proof = |at: usize| log.proof(first + at as u64, size - 2, Some(salt(at))).to_string();
        let proofs = (0..evidences.len()).map(proof).collect();
        let heads: Vec<(String, Vec<u8>)> = [size - 2, size]
            .map(|size| {
                let note = log.note(size).to_string();
                // What is stamped is the text that the log signed: cosignatures come later.
                let end = note.find("\n\n").unwrap();
                let token = authority.stamp(&sha256(&note.as_bytes()[..=end]));
                (note, token)
            })
            .into();
        let path = consistency::prove(&&log, size - 2, size).unwrap();

        let objects = evidences.iter().map(|xml| vec![sha256(xml).to_vec()]).collect();
        let batch = Batch::new(DigestAlgorithm::Sha256, objects).unwrap();
        let stamps = batch.stamped(&authority.stamp(batch.root())).unwrap();
        let records = stamps.into_iter().map(|stamp| EvidenceRecord::new(stamp).to_der()).collect();

        let trusted = Trusted {
            periods: Vec::new(),
            seals: Some(Certificate::all_from_pem(&seal_pem).unwrap()),
            authorities: Some(vec![authority.certificate()]),
            log_keys: vec![log.key.verifier().clone(), witness().verifier().clone()],
            witnesses: 1,
            known_heads: Vec::new(),
        };
        let at = authority.certificate().not_before() + 3_600;
        let log_keys = format!("{}\n{}\n", log.key.verifier(), witness().verifier());
        let consistency = vec![Continuation { old: size - 2, new: size, path }];
        Some(Matter {
            authority,
            signer,
            seal_pem,
            evidences,
            proofs,
            records,
            heads,
            consistency,
            log_keys,
            trusted,
            at,
        })
    }

    /// The pack of the matter, its content in it.
    pub fn pack(&self) -> Pack<'_> {
        let all = self.evidences.iter().zip(&self.proofs).zip(&self.records);
        Pack {
            evidences: all
                .map(|((xml, proof), record)| PackedEvidence { xml, proof: Some(proof), record: Some(record) })
                .collect(),
            heads: self.heads.iter().map(|(note, token)| PackedHead { note, tokens: vec![token] }).collect(),
            consistency: self.consistency.clone(),
            log_keys: &self.log_keys,
            payload_digests: vec![PayloadDigest {
                name: "anexă-1.pdf",
                media_type: "application/pdf",
                sha256: sha256(CONTENT),
            }],
            payloads: vec![NamedFile { name: "anexă-1.pdf", media_type: "application/pdf", bytes: CONTENT }],
            narratives: vec![NamedFile { name: "narativ.txt", media_type: "text/plain", bytes: "Povestea".as_bytes() }],
            ..Pack::default()
        }
    }

    /// The pack, sealed and stamped.
    pub fn sealed(&self, pack: &Pack<'_>) -> Vec<u8> {
        let prepared = prepare(pack, &self.signer, SIGNING_TIME).unwrap();
        let token = self.authority.stamp(&prepared.imprint().unwrap());
        prepared.finish(Some(&token)).unwrap()
    }

    pub fn seal_certificate(&self) -> &Certificate {
        &self.signer.certificate_chain()[0]
    }
}
