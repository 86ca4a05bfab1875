//! Gathering what is filed: documents, evidence and what validates it, each put into the vault as it is found.

use std::collections::BTreeSet;

use bytes::Bytes;
use hub_vault::Source;
use openssl::sha::sha256;

use crate::archive::filing::{self, Due, NewDocument, NewFiling, Outcome, Role, SheetFacts, Subject};
use crate::archive::{content, nomenclator};
use crate::clock::Timestamp;
use crate::evidence::{self, Evidence, Level};
use crate::hub::Hub;
use crate::log::{self, Proof};
use crate::message::{MessageId, Payload};
use crate::registration::{Entry, GENERAL};
use crate::{delivery, preservation, seal};

use super::ArchivistError;
use super::archivist::soon;
use super::entries;
use super::facts::Facts;

/// Up to so many bytes pages of a PDF are counted.
const COUNTED: u64 = 8 * 1024 * 1024;

/// What is to be written down, and the entry that is to say so.
pub(super) struct Gathered {
    pub outcome: (Outcome, Timestamp),
    pub entry: Option<Entry>,
}

/// Gathers a filing. Its bytes are in the vault when this returns.
pub(super) async fn gather(hub: &Hub, due: &Due) -> Result<Gathered, ArchivistError> {
    match &due.subject {
        Subject::Message(id) => of_message(hub, due, *id).await,
        Subject::Entry(place) => entries::gather(hub, due, place).await,
    }
}

async fn of_message(hub: &Hub, due: &Due, id: MessageId) -> Result<Gathered, ArchivistError> {
    let now = hub.clock.now();
    let Some(facts) = Facts::load(hub, &due.party, id).await? else {
        return Ok(soon(due, now, "mesajul nu poate fi citit încă"));
    };
    let register = facts.entry.as_ref().map_or(GENERAL, |entry| entry.key.register.as_str());
    let kind = (facts.message.envelope.document_type.as_str(), register, facts.direction());
    let entered = facts.entry.as_ref().and_then(|entry| entry.state.particulars.dossier_code.clone());
    let code = match code(hub, due, entered, kind).await? {
        Ok(code) => code,
        Err(reason) => return Ok(unclassified(due, reason, now)),
    };
    let mut folder = Folder::new(hub, facts.sheet(hub, &due.party), now, Vec::new());
    if !folder.message(&facts).await? {
        return Ok(soon(due, now, "dovezile nu sunt încă sub un cap de jurnal cu marcă temporală"));
    }
    let new = NewFiling {
        filing: due.id,
        party: due.party.clone(),
        year: facts.year(),
        code,
        message: Some(id),
        dossier: hub.ids.uuid(now),
        documents: folder.documents,
    };
    Ok(Gathered { outcome: (Outcome::Ready(new), now), entry: facts.entry })
}

/// A filing that waits for a clerk.
pub(super) fn unclassified(due: &Due, reason: String, now: Timestamp) -> Gathered {
    Gathered { outcome: (Outcome::Unclassified { filing: due.id, reason }, now), entry: None }
}

/// The code a clerk, the entry or a rule gives it, or what a clerk must know to give it one.
/// `kind` is what rules look at: document type, register, direction.
pub(super) async fn code(
    hub: &Hub,
    due: &Due,
    entered: Option<String>,
    kind: (&str, &str, &str),
) -> Result<Result<String, String>, ArchivistError> {
    let day = hub.clock.now().romanian_date();
    let known = match due.code.clone().or(entered) {
        Some(code) => Some(code),
        None => filing::code_by_rule(&hub.db, &due.party, kind, day).await?,
    };
    // Without a code the refusal says whether there is a nomenclator at all.
    let found = nomenclator::in_force(&hub.db, (&due.party, known.as_deref().unwrap_or_default()), day).await?;
    Ok(match (known, found) {
        (_, Ok(code)) => Ok(code),
        (Some(_), Err(refused)) => Err(filing::told(&refused)),
        (None, Err(crate::archive::NotDone::UnknownCode { .. })) => {
            Err(format!("nicio regulă nu spune indicativul pentru {}; clasificați", kind.0))
        }
        (None, Err(refused)) => Err(filing::told(&refused)),
    })
}

/// What is filed together, growing.
pub(super) struct Folder<'h> {
    hub: &'h Hub,
    facts: SheetFacts,
    at: Timestamp,
    /// What the filing holds already, where something is added to it.
    known: Known,
    pub(super) documents: Vec<NewDocument>,
}

/// What a filing holds: role, name, SHA-256.
pub(super) type Known = Vec<(String, String, [u8; 32])>;

impl<'h> Folder<'h> {
    pub(super) const fn new(hub: &'h Hub, facts: SheetFacts, at: Timestamp, known: Known) -> Self {
        Self { hub, facts, at, known, documents: Vec::new() }
    }

    fn knows(&self, role: Role, name: &str) -> bool {
        self.known.iter().any(|(known, called, _)| known == role.as_str() && called == name)
    }

    /// Gathers a message as its institution has it; what the filing holds already is left out. Answers `false` where the
    /// log cannot prove all of it yet.
    pub(super) async fn message(&mut self, facts: &Facts) -> Result<bool, ArchivistError> {
        let mut proofs = Vec::with_capacity(facts.evidences.len());
        for (evidence, place) in facts.evidences.iter().zip(1..) {
            if self.knows(Role::Evidence, &format!("{}.xml", stem(evidence, place))) {
                proofs.push(None);
                continue;
            }
            match log::proof_of(&self.hub.db, evidence.message, evidence.id).await? {
                Some(proof) if proof.stamp.is_some() || self.hub.log.authority().is_none() => proofs.push(Some(proof)),
                _ => return Ok(false),
            }
        }
        if self.known.is_empty() {
            self.documents(facts).await?;
        }
        self.evidence(facts).await?;
        self.validation(facts, &proofs).await?;
        Ok(true)
    }

    async fn documents(&mut self, facts: &Facts) -> Result<(), ArchivistError> {
        let entered = facts.entry.as_ref().and_then(|entry| entry.state.particulars.pages).map(i64::from);
        for (payload, position) in facts.message.payloads.iter().zip(0_i64..) {
            let pages = self.payload(payload).await?;
            // The clerk counted all pages of all parts: they stand at the first.
            let pages = match (entered, position) {
                (Some(counted), 0) => counted,
                (Some(_), _) => 0,
                (None, _) => pages,
            };
            let (name, content_type) = (payload.name.clone(), payload.content_type.clone());
            self.add(Role::Document, (name, content_type), (payload.sha256, payload.size), Some(position));
            self.last().pages = pages;
        }
        for one in facts.deliveries.iter().filter(|_| !facts.sent) {
            let Some((mapping, version, _, _, content_type, bytes)) =
                delivery::translation(&self.hub.db, one.id).await?
            else {
                continue;
            };
            let name = format!("forma-transmisa-{mapping}-{version}");
            self.keep(Role::Document, (name, content_type), bytes.into()).await?;
            self.last().payload = Some(NewDocument::TRANSLATED);
        }
        Ok(())
    }

    /// Puts a payload into the vault; answers its pages.
    async fn payload(&self, payload: &Payload) -> Result<i64, ArchivistError> {
        let path = self.hub.blobs.path(&payload.sha256);
        let source = match &payload.content {
            Some(content) => Source::Bytes(content.clone()),
            None => Source::File(&path),
        };
        let kept = self.hub.vault.put(source).await?;
        if kept.address != payload.sha256 {
            let why = format!("the bytes of {} are not those that were received", payload.name);
            return Err(std::io::Error::other(why).into());
        }
        if payload.content_type != PDF || payload.size > COUNTED {
            return Ok(1);
        }
        Ok(match &payload.content {
            Some(content) => content::examine(PDF, content).pages,
            None => content::examine(PDF, &tokio::fs::read(&path).await?).pages,
        })
    }

    async fn evidence(&mut self, facts: &Facts) -> Result<(), ArchivistError> {
        for (one, place) in facts.evidences.iter().zip(1..) {
            if self.knows(Role::Evidence, &format!("{}.xml", stem(one, place))) {
                continue;
            }
            let stamped = evidence::at_level(&self.hub.db, one, Level::T).await?;
            let document = stamped.unwrap_or_else(|| one.document.clone());
            self.keep(Role::Evidence, (format!("{}.xml", stem(one, place)), XML.to_owned()), document.into()).await?;
            self.dated(one.at);
        }
        for (one, place) in facts.received.iter().zip(1..) {
            let name = format!("primita-{place:02}-{}.xml", one.evidence.event);
            if self.knows(Role::Evidence, &name) {
                continue;
            }
            self.keep(Role::Evidence, (name, XML.to_owned()), one.evidence.document.clone().into()).await?;
        }
        Ok(())
    }

    async fn validation(&mut self, facts: &Facts, proofs: &[Option<Proof>]) -> Result<(), ArchivistError> {
        let db = &self.hub.db;
        let mut seen = BTreeSet::new();
        for ((one, proof), place) in facts.evidences.iter().zip(proofs).zip(1..) {
            let stem = stem(one, place);
            if let Some(record) = preservation::record_of(db, one.id).await? {
                self.record(&stem, record, one.at).await?;
            }
            // What proves an evidence that was filed before was filed with it.
            let Some(proof) = proof else { continue };
            let text = proof.proof.to_string().into_bytes();
            self.validate((format!("{stem}.tlog-proof"), "text/plain"), text, one.at).await?;
            let mut material = vec![evidence::validation_material(db, one).await?];
            if let Some(stamp) = &proof.stamp {
                if seen.insert(sha256(&stamp.token)) {
                    let name = format!("cap-{}.tst", proof.head.size);
                    self.validate((name, "application/timestamp-reply"), stamp.token.clone(), stamp.at).await?;
                }
                let inside = hub_signatures::time_stamp::TimeStamp::certificates(&stamp.token).unwrap_or_default();
                let used: Vec<_> = inside.into_iter().map(|certificate| (certificate, stamp.at)).collect();
                material.push(seal::validation_material(db, &used).await?);
            }
            for held in material {
                let kinds = [
                    (held.certificates, "cer", "application/pkix-cert"),
                    (held.crls, "crl", "application/pkix-crl"),
                    (held.ocsp_responses, "ors", "application/ocsp-response"),
                ];
                for (values, ending, content_type) in kinds {
                    for value in values {
                        let digest = sha256(&value);
                        if seen.insert(digest) {
                            let name = format!("{}.{ending}", &hex::encode(digest)[..32]);
                            self.validate((name, content_type), value, one.at).await?;
                        }
                    }
                }
            }
        }
        if proofs.iter().all(Option::is_none) {
            return Ok(());
        }
        let keys: String = self.hub.log.verifiers().iter().map(|key| format!("{key}\n")).collect();
        self.validate(("chei-jurnal.txt".to_owned(), "text/plain"), keys.into_bytes(), self.at).await
    }

    /// The record of preservation of an evidence; a renewed one is kept beside those before.
    async fn record(&mut self, stem: &str, record: Vec<u8>, at: Timestamp) -> Result<(), ArchivistError> {
        let digest = sha256(&record);
        let mine =
            |name: &str| name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.') || rest.starts_with("-r"));
        let held: Vec<_> =
            self.known.iter().filter(|(_, name, _)| name.ends_with(".ers") && mine(name)).map(|one| one.2).collect();
        if held.contains(&digest) {
            return Ok(());
        }
        let name = match held.len() {
            0 => format!("{stem}.ers"),
            renewed => format!("{stem}-r{renewed}.ers"),
        };
        self.validate((name, "application/octet-stream"), record, at).await
    }

    async fn validate(
        &mut self,
        (name, content_type): (String, &str),
        bytes: Vec<u8>,
        at: Timestamp,
    ) -> Result<(), ArchivistError> {
        if self.knows(Role::Validation, &name) {
            return Ok(());
        }
        self.keep(Role::Validation, (name, content_type.to_owned()), bytes.into()).await?;
        self.dated(at);
        Ok(())
    }

    pub(super) async fn keep(
        &mut self,
        role: Role,
        named: (String, String),
        bytes: Bytes,
    ) -> Result<(), ArchivistError> {
        let kept = self.hub.vault.put(Source::Bytes(bytes)).await?;
        self.add(role, named, (kept.address, kept.size), None);
        Ok(())
    }

    pub(super) fn add(&mut self, role: Role, named: (String, String), bytes: ([u8; 32], u64), payload: Option<i64>) {
        let ((name, content_type), (sha256, size)) = (named, bytes);
        let (id, facts) = (self.hub.ids.uuid(self.at), self.facts.clone());
        let pages = i64::from(role == Role::Document);
        self.documents.push(NewDocument {
            id,
            role,
            name,
            content_type,
            size,
            pages,
            sha256,
            payload,
            copy_of: None,
            facts,
        });
    }

    /// What the hub issued bears its date and name.
    pub(super) fn dated(&mut self, at: Timestamp) {
        let service = self.hub.seal.issuer.name.clone();
        let facts = &mut self.last().facts;
        facts.issued_on = at.romanian_date().to_string();
        facts.issuer = service;
        facts.document_type = "dovadă a livrării înregistrate".to_owned();
    }

    pub(super) fn last(&mut self) -> &mut NewDocument {
        self.documents.last_mut().expect("something was just added")
    }
}

/// Media type of PDF.
const PDF: &str = "application/pdf";
/// Media type of evidence.
pub(super) const XML: &str = "application/xml";

/// The name of an evidence among the others of its message.
fn stem(evidence: &Evidence, place: usize) -> String {
    format!("{place:02}-{}", evidence.event)
}
