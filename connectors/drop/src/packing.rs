//! Makes the package of a delivery.
//!
//! The bytes depend on the consignment alone: fixed dates, fixed order, nothing compressed. A second sending is the same
//! file to the byte.

use std::collections::BTreeSet;
use std::path::Path;

use bytes::Bytes;
use connectors_contract::{Body, Consignment, Part, PartContent};
use hub_signatures::asice::zip;
use serde_json::{Map, Value, json};

use crate::{MANIFEST, sha256};

/// A package ready to go.
#[derive(Debug, Clone)]
pub struct Packed {
    /// The zip file.
    pub bytes: Bytes,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// Why a package cannot be made. The texts are for the clerk who looks at the delivery.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// More bytes than the way can carry.
    #[error(
        "documentul are {size} de octeți, iar pe acest canal încap cel mult {limit}; alegeți pentru destinatar un canal API"
    )]
    TooLarge {
        /// Bytes of all parts.
        size: u64,
        /// Bytes accepted.
        limit: u64,
    },
    /// A stored part is not what was received. Sending it would make the evidence false.
    #[error("partea {name} nu mai are octeții care au fost primiți")]
    Changed {
        /// The part.
        name: String,
    },
    /// A stored part cannot be read now.
    #[error("partea {name} nu poate fi citită: {source}")]
    Read {
        /// The part.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A part has a name that a package cannot carry.
    #[error("numele părții {name} nu poate sta într-o arhivă")]
    Name {
        /// The part.
        name: String,
    },
}

/// Makes the package. Reads parts from files, so it belongs where blocking is allowed.
///
/// # Errors
/// A part cannot be read, is not what was received, or all together are too large.
pub fn pack(consignment: &Consignment, limit: u64) -> Result<Packed, PackError> {
    let size = consignment.parts.iter().chain(&consignment.evidence).map(|part| part.size).sum::<u64>()
        + consignment.body.content.len() as u64;
    if size > limit {
        return Err(PackError::TooLarge { size, limit });
    }
    let mut names = BTreeSet::from([MANIFEST.to_owned()]);
    let mut files = Vec::new();
    let parts = consignment.parts.iter().map(|part| file(part, &mut names, &mut files));
    let parts = parts.collect::<Result<Vec<Value>, PackError>>()?;
    let evidence = consignment.evidence.iter().map(|part| file(part, &mut names, &mut files));
    let evidence = evidence.collect::<Result<Vec<Value>, PackError>>()?;
    let document = document(&consignment.body, &mut names, &mut files);
    let mut manifest = facts(consignment);
    manifest.insert("document".to_owned(), document);
    manifest.insert("parts".to_owned(), parts.into());
    if !evidence.is_empty() {
        manifest.insert("evidence".to_owned(), evidence.into());
    }
    let mut text = serde_json::to_vec_pretty(&manifest).expect("a map with text keys is always JSON");
    text.push(b'\n');
    let mut entries = vec![(MANIFEST, text.as_slice())];
    entries.extend(files.iter().map(|(name, content)| (name.as_str(), &content[..])));
    let bytes = zip::write(&entries).ok_or(PackError::TooLarge { size, limit: u64::from(u32::MAX) })?;
    Ok(Packed { sha256: sha256(&bytes), bytes: bytes.into() })
}

/// What two registries need to agree: both institutions, the sender's number and date, the delivery, the matter.
fn facts(consignment: &Consignment) -> Map<String, Value> {
    let fact = |name: &str| consignment.facts.get(name).cloned();
    let mut manifest = Map::new();
    manifest.insert("type".to_owned(), "document.delivered".into());
    manifest.insert("idempotency_key".to_owned(), consignment.idempotency_key.clone().into());
    let names = [
        "message_id",
        "delivery_id",
        "sender",
        "sender_name",
        "recipient",
        "recipient_unit",
        "document_type",
        "document_version",
        "subject",
        "submitted_at",
    ];
    for name in names {
        if let Some(value) = fact(name) {
            manifest.insert(name.to_owned(), value.into());
        }
    }
    if let Some(number) = fact("sender_number") {
        manifest.insert("sender_registration".to_owned(), json!({ "number": number, "date": fact("sender_date") }));
    }
    manifest
}

/// A part as a file beside the manifest, and its line in it.
fn file(part: &Part, names: &mut BTreeSet<String>, files: &mut Vec<(String, Bytes)>) -> Result<Value, PackError> {
    let content = content(part)?;
    let plain = !part.name.is_empty()
        && !part.name.contains(['/', '\\', ':'])
        && !part.name.chars().any(char::is_control)
        && !matches!(part.name.as_str(), "." | "..");
    if !plain || !names.insert(part.name.to_lowercase()) {
        return Err(PackError::Name { name: part.name.clone() });
    }
    let line = line(&part.name, &part.content_type, &content);
    files.push((part.name.clone(), content));
    Ok(line)
}

/// The translated document. It is named apart from the parts, which are the sender's own bytes.
fn document(body: &Body, names: &mut BTreeSet<String>, files: &mut Vec<(String, Bytes)>) -> Value {
    let same = files.iter().find(|(_, content)| *content == body.content).map(|(name, _)| name.clone());
    let name = same.unwrap_or_else(|| {
        let media_type = body.content_type.split(';').next().unwrap_or_default().trim();
        let ending = match media_type {
            "application/json" => "json",
            "application/xml" | "text/xml" => "xml",
            "text/plain" => "txt",
            _ => "bin",
        };
        let mut name = format!("document.{ending}");
        let mut turn = 1;
        while !names.insert(name.clone()) {
            turn += 1;
            name = format!("document-{turn}.{ending}");
        }
        files.push((name.clone(), body.content.clone()));
        name
    });
    line(&name, &body.content_type, &body.content)
}

fn line(name: &str, content_type: &str, content: &[u8]) -> Value {
    let hash = hex::encode(sha256(content));
    json!({ "name": name, "content_type": content_type, "size": content.len(), "sha256": hash })
}

fn content(part: &Part) -> Result<Bytes, PackError> {
    let content = match &part.content {
        PartContent::Inline(bytes) => bytes.clone(),
        PartContent::File(path) => read(path, part)?,
    };
    if sha256(&content) == part.sha256 { Ok(content) } else { Err(PackError::Changed { name: part.name.clone() }) }
}

fn read(path: &Path, part: &Part) -> Result<Bytes, PackError> {
    std::fs::read(path).map(Bytes::from).map_err(|source| PackError::Read { name: part.name.clone(), source })
}
