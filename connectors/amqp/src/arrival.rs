//! From a message to an arrival. Whatever is in it, it becomes one: what cannot be read says why.

use std::collections::BTreeMap;

use bytes::Bytes;
use connectors_contract::{Arrival, Part, PartContent};
use connectors_drop::{DropPackage, Limits, open};
use lapin::BasicProperties;
use lapin::types::AMQPValue;
use serde_json::Value;

use crate::message::ENVELOPE;

/// The id of a message: its own, or else the hash of its bytes, which a second sending shares.
pub(crate) fn id(properties: &BasicProperties, payload: &[u8]) -> String {
    let own = properties.message_id().as_ref().map(|id| id.as_str().trim().to_owned());
    own.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("sha256-{}", hex::encode(openssl::sha::sha256(payload))))
}

/// The arrival of a message.
pub(crate) fn read(id: &str, properties: &BasicProperties, payload: &Bytes, longest: usize) -> Arrival {
    let mut arrival =
        Arrival { id: id.to_owned(), envelope: None, parts: Vec::new(), facts: facts(properties), unreadable: None };
    let content_type = properties.content_type().as_ref().map(|one| one.as_str().to_owned()).unwrap_or_default();
    let read = if payload.len() > longest {
        Err(format!("Mesajul are {} de octeți, iar aici încap cel mult {longest}.", payload.len()))
    } else if payload.starts_with(b"PK\x03\x04") {
        package(payload, longest)
    } else {
        document(header(properties, ENVELOPE), &content_type, payload)
    };
    match read {
        Ok((envelope, parts)) => Arrival { envelope, parts, ..arrival },
        Err(problem) => {
            arrival.unreadable = Some(problem);
            arrival
        }
    }
}

type Read = Result<(Option<Bytes>, Vec<Part>), String>;

fn package(payload: &[u8], longest: usize) -> Read {
    let limits = Limits { total_bytes: longest, file_bytes: longest, ..Limits::default() };
    let DropPackage { envelope, parts, .. } = open(payload, &limits).map_err(|reasons| {
        let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        format!("Pachetul nu poate fi deschis: {}.", reasons.join("; "))
    })?;
    let part = |part: connectors_drop::DropPart| Part {
        name: part.name,
        content_type: part.content_type,
        size: part.content.len() as u64,
        sha256: part.sha256,
        content: PartContent::Inline(part.content),
    };
    Ok((Some(envelope), parts.into_iter().map(part).collect()))
}

/// The document alone. Its envelope names it; without one the source's own entry says what it is.
fn document(envelope: Option<String>, content_type: &str, payload: &Bytes) -> Read {
    let mut name = "document.json".to_owned();
    let mut media_type = if content_type.is_empty() { "application/json" } else { content_type }.to_owned();
    if let Some(envelope) = &envelope {
        let envelope: Value = serde_json::from_str(envelope)
            .map_err(|_| format!("Antetul {ENVELOPE} nu este un plic: nu se poate citi ca JSON."))?;
        let parts = envelope["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
        let [part] = parts else {
            return Err(format!(
                "Plicul din antetul {ENVELOPE} numește {} părți, iar mesajul are una; pentru mai multe trimiteți un pachet.",
                parts.len()
            ));
        };
        name = part["name"].as_str().unwrap_or(&name).to_owned();
        media_type = part["content_type"].as_str().unwrap_or(&media_type).to_owned();
    }
    let part = Part {
        name,
        content_type: media_type,
        size: payload.len() as u64,
        sha256: openssl::sha::sha256(payload),
        content: PartContent::Inline(payload.clone()),
    };
    Ok((envelope.map(Bytes::from), vec![part]))
}

/// What the sender's headers say, and how often the message came back.
fn facts(properties: &BasicProperties) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let named = [
        ("type", properties.kind().as_ref()),
        ("from", properties.app_id().as_ref()),
        ("correlation_id", properties.correlation_id().as_ref()),
        ("reply_to", properties.reply_to().as_ref()),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            facts.insert(name.to_owned(), value.as_str().to_owned());
        }
    }
    if let Some(subject) = header(properties, "punte-subject") {
        facts.insert("subject".to_owned(), subject);
    }
    if let Some(count) = header(properties, "x-delivery-count") {
        facts.insert("came_back".to_owned(), count);
    }
    facts
}

fn header(properties: &BasicProperties, name: &str) -> Option<String> {
    let headers = properties.headers().as_ref()?;
    let (_, value) = headers.inner().iter().find(|(key, _)| key.as_str() == name)?;
    match value {
        AMQPValue::LongString(text) => Some(String::from_utf8_lossy(text.as_bytes()).into_owned()),
        AMQPValue::ShortString(text) => Some(text.as_str().to_owned()),
        AMQPValue::LongLongInt(number) => Some(number.to_string()),
        AMQPValue::LongInt(number) => Some(number.to_string()),
        AMQPValue::ShortInt(number) => Some(number.to_string()),
        _ => None,
    }
}
