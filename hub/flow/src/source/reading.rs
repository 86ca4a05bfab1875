//! From an arrival to a submission: its envelope and parts as they came, or the envelope its source's entry makes.

use std::collections::BTreeMap;

use bytes::Bytes;
use connectors_contract::manifest::QuestionTemplate;
use connectors_contract::{Arrival, Part, PartContent};
use openssl::sha::sha256;
use serde_json::Value;
use tokio::io::AsyncReadExt as _;

use crate::blobs::Stored;
use crate::directory::{Source, Wrapping};
use crate::hub::Hub;
use crate::message::{
    Authentication, BODY, ConsignmentMode, Envelope, Origin, PartDescription, Recipient, Submission, assembled,
};

use super::model::Limits;

/// Why an arrival is no submission.
#[derive(Debug)]
pub(super) enum Unread {
    /// It is not what it should be: a sentence for whoever sent it.
    Wrong(String),
    /// Its bytes cannot be kept or read now.
    Unavailable(std::io::Error),
}

impl From<std::io::Error> for Unread {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(error)
    }
}

/// The submission an arrival is. The same arrival makes the same one every time.
pub(super) async fn submission(
    hub: &Hub,
    source: &Source,
    arrival: Arrival,
    limits: Limits,
) -> Result<Submission, Unread> {
    let key = sha256(format!("{}\n{}", source.id, arrival.id).as_bytes());
    let mut parts = arrival.parts;
    let envelope = match (arrival.envelope, &source.wrapping) {
        (Some(text), _) => read_envelope(&text, limits)?,
        (None, Some(wrapping)) => wrapped(wrapping, &arrival.facts, &mut parts)?,
        (None, None) => {
            return Err(Unread::Wrong(
                "documentul nu are plic, iar sursa nu spune cum să i se facă unul (wrapping în director)".to_owned(),
            ));
        }
    };
    let (sender, delegate) = sender(hub, source, &envelope)?;
    let mut named = Vec::with_capacity(parts.len());
    for part in parts {
        let stored = kept(hub, &part, limits).await?;
        named.push((part.name, stored));
    }
    let body = body(&envelope, &named, limits).await?;
    let (payloads, staged) = assembled(&envelope.parts, named);
    Ok(Submission {
        found: Vec::new(),
        sender,
        authentication: Authentication {
            method: "urn:punte:authentication:source".to_owned(),
            assurance: source.assurance.clone(),
            delegate,
        },
        idempotency_key: format!("source-{}", hex::encode(key)),
        envelope,
        payloads,
        staged,
        body,
        relay: None,
    })
}

/// The party the source speaks for, or one whose delegate it is.
fn sender(hub: &Hub, source: &Source, envelope: &Envelope) -> Result<(String, Option<String>), Unread> {
    let Some(party) = envelope.on_behalf_of.as_ref().filter(|party| **party != source.party) else {
        return Ok((source.party.clone(), None));
    };
    if !hub.directory().acts_for(&source.party, party) {
        return Err(Unread::Wrong("expeditorul nu este împuternicitul instituției din on_behalf_of".to_owned()));
    }
    Ok((party.clone(), Some(source.party.clone())))
}

fn read_envelope(text: &Bytes, limits: Limits) -> Result<Envelope, Unread> {
    if text.len() > limits.json_bytes {
        return Err(Unread::Wrong(format!("plicul are peste {} octeți", limits.json_bytes)));
    }
    serde_json::from_slice(without_mark(text)).map_err(|error| {
        Unread::Wrong(format!("plicul este greșit la linia {}, coloana {}: {error}", error.line(), error.column()))
    })
}

/// The envelope by the source's entry; a body of its own is added to the parts.
fn wrapped(wrapping: &Wrapping, facts: &BTreeMap<String, String>, parts: &mut Vec<Part>) -> Result<Envelope, Unread> {
    if let Some(body) = &wrapping.body {
        let body = filled(body, facts)?.unwrap_or_default();
        let content = Bytes::from(body.to_string());
        let mut name = "continut.json".to_owned();
        while parts.iter().any(|part| part.name == name) {
            name.insert(0, '_');
        }
        parts.insert(
            0,
            Part {
                name,
                content_type: "application/json".to_owned(),
                size: content.len() as u64,
                sha256: sha256(&content),
                content: PartContent::Inline(content),
            },
        );
    }
    let body = parts.iter().position(|part| part.content_type == "application/json");
    let role = |index: usize| if Some(index) == body { BODY.to_owned() } else { wrapping.part_role.clone() };
    let described = parts.iter().enumerate().map(|(index, part)| PartDescription {
        name: part.name.clone(),
        role: role(index),
        content_type: part.content_type.clone(),
        sha256: None,
    });
    let sender = facts.get("from").cloned();
    Ok(Envelope {
        recipients: vec![Recipient { party: wrapping.recipient.clone() }],
        document_type: wrapping.document_type.clone(),
        document_version: wrapping.document_version.clone(),
        subject: text(&wrapping.subject, facts)?.unwrap_or_default(),
        purpose: wrapping.purpose.clone(),
        legal_basis: wrapping.legal_basis.clone(),
        territory: None,
        sender_registration: None,
        references: Vec::new(),
        consignment: ConsignmentMode::default(),
        on_behalf_of: None,
        origin: wrapping.origin.as_ref().map(|system| Origin { system: system.clone(), sender }),
        parts: described.collect(),
    })
}

/// A text with its holes filled; none where an optional fact is missing.
fn text(template: &str, facts: &BTreeMap<String, String>) -> Result<Option<String>, Unread> {
    let template = QuestionTemplate::try_from(template.to_owned()).map_err(Unread::Wrong)?;
    template
        .fill(|name| facts.get(name).cloned())
        .map_err(|missing| Unread::Wrong(format!("sistemul nu a spus {} despre acest document", missing.0)))
}

/// A value with the holes of its texts filled; what needs an optional fact that is missing is left out.
fn filled(value: &Value, facts: &BTreeMap<String, String>) -> Result<Option<Value>, Unread> {
    Ok(Some(match value {
        Value::String(template) => match text(template, facts)? {
            Some(text) => Value::String(text),
            None => return Ok(None),
        },
        Value::Array(items) => {
            let mut all = Vec::with_capacity(items.len());
            for item in items {
                all.extend(filled(item, facts)?);
            }
            Value::Array(all)
        }
        Value::Object(members) => {
            let mut all = serde_json::Map::new();
            for (name, member) in members {
                if let Some(member) = filled(member, facts)? {
                    all.insert(name.clone(), member);
                }
            }
            Value::Object(all)
        }
        other => other.clone(),
    }))
}

/// Keeps the bytes of a part, which must be those the engine announced.
async fn kept(hub: &Hub, part: &Part, limits: Limits) -> Result<Stored, Unread> {
    let too_large = || Unread::Wrong(format!("partea {} are peste {} octeți", part.name, limits.part_bytes));
    let id = hub.ids.uuid(hub.clock.now());
    let stored = match &part.content {
        PartContent::Inline(content) if content.len() as u64 > limits.part_bytes => return Err(too_large()),
        PartContent::Inline(content) => hub.blobs.keep(id, content.clone()).await?,
        PartContent::File(path) => {
            let mut file = tokio::fs::File::open(path).await?;
            let mut upload = hub.blobs.upload(id);
            let mut chunk = vec![0; 64 * 1024];
            loop {
                let read = file.read(&mut chunk).await?;
                if read == 0 {
                    break upload.finish().await?;
                }
                if upload.size() + read as u64 > limits.part_bytes {
                    return Err(too_large());
                }
                upload.write(&chunk[..read]).await?;
            }
        }
    };
    if stored.sha256 != part.sha256 {
        return Err(Unread::Unavailable(std::io::Error::other(format!("the part {} changed under way", part.name))));
    }
    Ok(stored)
}

async fn body(envelope: &Envelope, named: &[(String, Stored)], limits: Limits) -> Result<Value, Unread> {
    // A missing body is a broken rule of the envelope, reported with all the others.
    let described = envelope.parts.iter().find(|part| part.role == BODY);
    let stored = described.and_then(|part| named.iter().find(|(name, _)| *name == part.name));
    let Some((name, stored)) = stored else { return Ok(Value::Null) };
    if stored.size > limits.json_bytes as u64 {
        return Err(Unread::Wrong(format!("partea {name} are peste {} octeți", limits.json_bytes)));
    }
    serde_json::from_slice(without_mark(&stored.bytes().await?))
        .map_err(|error| Unread::Wrong(format!("partea {name} nu este JSON, linia {}: {error}", error.line())))
}

/// Senders on Windows often begin with a byte order mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}
