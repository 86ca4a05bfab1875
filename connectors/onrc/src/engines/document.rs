//! `onrc-document`: certificates that were brought by mail or fetched from the portal, laid into a folder.
//!
//! Each is verified at every question, against the anchors of the channel: what is laid there is foreign until then. Of
//! several about one company the newest counts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use connectors_contract::{Answer, Channel, Document, Engine, Lookup, Manifest, ManifestError, Question, Reply};
use hub_signatures::certificate::Certificate;
use hub_signatures::trust::Trust;
use serde_json::{Value, json};

use super::question::{Which, local, refused, unavailable, which};
use crate::company::Field;
use crate::document::{self, LONGEST};

/// Most documents that are looked at.
const MOST_DOCUMENTS: usize = 1_000;

/// The time in seconds since 1970, given by whoever builds the engine.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Asks the certificates in a folder.
pub struct DocumentEngine {
    folder: PathBuf,
    clock: Clock,
}

impl DocumentEngine {
    /// An engine for the folder that certificates are laid into.
    #[must_use]
    pub fn new(folder: PathBuf, clock: Clock) -> Self {
        Self { folder, clock }
    }
}

impl Engine for DocumentEngine {
    fn name(&self) -> &'static str {
        "onrc-document"
    }

    fn lookup(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Lookup>, ManifestError> {
        let missing =
            || self.without(manifest, "certificates without anchors", "give the channel the roots of the signers");
        let roots = channel.roots.as_deref().ok_or_else(missing)?;
        let anchors = Certificate::all_from_pem(roots.as_bytes()).map_err(|_| missing())?;
        let trust = Trust::Anchors(anchors);
        Ok(Arc::new(DocumentLookup { folder: self.folder.clone(), clock: Arc::clone(&self.clock), trust }))
    }
}

struct DocumentLookup {
    folder: PathBuf,
    clock: Clock,
    trust: Trust,
}

#[async_trait]
impl Lookup for DocumentLookup {
    async fn ask(&self, question: &Question) -> Reply {
        let started = Instant::now();
        let which = match which(question) {
            Ok(which) => which,
            Err(answer) => return local(*answer, started),
        };
        let (folder, trust, now) = (self.folder.clone(), self.trust.clone(), (self.clock)());
        let answer = tokio::task::spawn_blocking(move || find(&folder, &trust, now, &which)).await;
        let answer = answer.unwrap_or_else(|_| unavailable("Citirea certificatelor s-a întrerupt; încercați din nou."));
        local(answer, started)
    }
}

fn find(folder: &std::path::Path, trust: &Trust, now: i64, which: &Which) -> Answer {
    let documents = match documents(folder) {
        Ok(documents) => documents,
        Err(error) => return unavailable(format!("Folderul certificatelor nu poate fi citit: {error}")),
    };
    let mut newest: Option<(String, Answer)> = None;
    let mut not_accepted = Vec::new();
    for path in documents {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Ok(content) = std::fs::read(&path) else { continue };
        let certificate = match document::read(&content, trust, trust, now) {
            Ok(certificate) => certificate,
            Err(error) => {
                not_accepted.push(json!({ "fisier": name, "motiv": error.in_romanian() }));
                continue;
            }
        };
        if !is_about(&certificate.company, which) {
            continue;
        }
        let as_of = certificate.company.get(Field::Denumire).map_or_else(String::new, |(_, from)| from.as_of.clone());
        if newest.as_ref().is_some_and(|(newer, _)| *newer >= as_of) {
            continue;
        }
        let signer = certificate.signatures.last().map(|one| one.signer.subject().to_owned());
        let mut value = certificate.company.to_json();
        value["document"] =
            json!({ "fisier": name, "semnatar": signer, "sha256": hex::encode(openssl::sha::sha256(&content)) });
        let document = Document { content_type: "application/pdf".to_owned(), content: Bytes::from(content) };
        let answer = Answer::Found { value, as_of: Some(as_of.clone()), document: Some(document) };
        newest = Some((as_of, answer));
    }
    match newest {
        Some((_, answer)) => answer,
        None if not_accepted.is_empty() => Answer::Absent,
        // A document that may be the one asked for was not accepted: the clerk must see why.
        None => refused("ONRC-DOC", &reasons(&not_accepted)),
    }
}

fn reasons(not_accepted: &[Value]) -> String {
    let lines = not_accepted.iter().take(3).map(|one| {
        format!("{}: {}", one["fisier"].as_str().unwrap_or_default(), one["motiv"].as_str().unwrap_or_default())
    });
    let text = lines.collect::<Vec<_>>().join(" ");
    text.chars().take(500).collect()
}

/// The PDF files of the folder; what is larger than a certificate is passed over.
fn documents(folder: &std::path::Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    for entry in entries.take(MOST_DOCUMENTS) {
        let entry = entry?;
        let is_pdf = entry.path().extension().is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"));
        if is_pdf && entry.metadata()?.is_file() && entry.metadata()?.len() <= LONGEST as u64 {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn is_about(company: &crate::company::Company, which: &Which) -> bool {
    let text = |field| company.get(field).and_then(|(value, _)| value.as_str().map(str::to_owned));
    match which {
        Which::Cui(cui) => text(Field::Cui).as_deref() == Some(cui.as_str()),
        Which::Number(number) => text(Field::NrReg).as_deref() == Some(number.as_str()),
        Which::Name { .. } => false,
    }
}
