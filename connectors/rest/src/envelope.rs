//! The object of `body = "envelope"`: facts, document and references to the parts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connectors_contract::manifest::{Deliver, Envelope, EnvelopeValue, MissingFact, PartTemplate};
use connectors_contract::{Body, Consignment, Part};
use serde_json::{Map, Value, json};

use crate::request::{fact, percent_encoded};

/// The object, ready to be written.
pub(crate) fn object(deliver: &Deliver, envelope: &Envelope, consignment: &Consignment) -> Result<Value, MissingFact> {
    let mut object = Map::new();
    for (name, value) in envelope {
        let value = match value {
            EnvelopeValue::Body => Some(document(&consignment.body)),
            EnvelopeValue::BodyContentType => Some(Value::from(consignment.body.content_type.clone())),
            EnvelopeValue::Parts => Some(parts(deliver.part_href.as_ref(), consignment)?),
            EnvelopeValue::Text(template) => template.fill(|name| fact(consignment, name))?.map(Value::from),
            EnvelopeValue::Object(members) => {
                let inner = self::object(deliver, members, consignment)?;
                inner.as_object().is_some_and(|inner| !inner.is_empty()).then_some(inner)
            }
        };
        object.extend(value.map(|value| (name.clone(), value)));
    }
    Ok(Value::Object(object))
}

fn document(body: &Body) -> Value {
    let readable = connectors_contract::reading::body::is_json(&body.content_type)
        .then(|| serde_json::from_slice(&body.content).ok());
    readable.flatten().unwrap_or_else(|| Value::from(STANDARD.encode(&body.content)))
}

fn parts(href: Option<&PartTemplate>, consignment: &Consignment) -> Result<Value, MissingFact> {
    consignment.parts.iter().map(|part| one_part(href, consignment, part)).collect()
}

fn one_part(href: Option<&PartTemplate>, consignment: &Consignment, part: &Part) -> Result<Value, MissingFact> {
    let sha256 = hex::encode(part.sha256);
    let mut object =
        json!({ "name": part.name, "content_type": part.content_type, "size": part.size, "sha256": sha256 });
    let filled = href.map(|href| {
        href.fill(|name| match name {
            "part_name" => Some(percent_encoded(&part.name)),
            "part_sha256" => Some(sha256.clone()),
            "hub_address" => fact(consignment, name),
            _ => fact(consignment, name).map(|value| percent_encoded(&value)),
        })
    });
    if let (Some(Some(href)), Some(object)) = (filled.transpose()?, object.as_object_mut()) {
        object.insert("href".to_owned(), Value::from(href));
    }
    Ok(object)
}
