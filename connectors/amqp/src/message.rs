//! From a document to a message: properties, headers, bytes.

use bytes::Bytes;
use connectors_contract::Consignment;
use connectors_drop::pack;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};

use crate::settings::Shape;

/// The header with the envelope of a message that is the document alone.
pub(crate) const ENVELOPE: &str = "punte-envelope";

/// The longest package; a broker keeps every message in memory for a while.
const LONGEST: u64 = 32 * 1024 * 1024;

/// The longest idempotency key that a message can carry (AMQP 0-9-1, short string).
const LONGEST_KEY: usize = 255;

/// A message ready to go.
pub(crate) struct Message {
    pub(crate) properties: BasicProperties,
    pub(crate) payload: Bytes,
}

/// Writes a document; what cannot be, in words.
pub(crate) async fn write(shape: Shape, consignment: &Consignment) -> Result<Message, String> {
    let key = &consignment.idempotency_key;
    if key.len() > LONGEST_KEY {
        return Err(format!("cheia documentului are peste {LONGEST_KEY} de octeți"));
    }
    let (content_type, payload) = match shape {
        Shape::Document => (consignment.body.content_type.clone(), consignment.body.content.clone()),
        Shape::Package => {
            let consignment = consignment.clone();
            // Parts are read from files.
            let packed = tokio::task::spawn_blocking(move || pack(&consignment, LONGEST)).await;
            let packed = packed.map_err(|_| "pachetul nu a putut fi făcut".to_owned())?;
            ("application/zip".to_owned(), packed.map_err(|error| error.to_string())?.bytes)
        }
    };
    let mut properties = BasicProperties::default()
        .with_message_id(key.as_str().into())
        .with_content_type(short(&content_type))
        .with_headers(headers(consignment));
    if let Some(kind) = consignment.facts.get("document_type") {
        properties = properties.with_type(short(kind));
    }
    Ok(Message { properties, payload })
}

/// Every fact as a header of its own.
fn headers(consignment: &Consignment) -> FieldTable {
    let mut headers = FieldTable::default();
    for (name, value) in &consignment.facts {
        insert(&mut headers, &format!("punte-{}", name.replace('_', "-")), value);
    }
    headers
}

pub(crate) fn insert(headers: &mut FieldTable, name: &str, value: &str) {
    headers.insert(name.into(), AMQPValue::LongString(LongString::from(value.as_bytes())));
}

/// Text that fits a short string; nothing longer is a media type or a document type.
fn short(text: &str) -> ShortString {
    let end =
        text.char_indices().map(|(at, letter)| at + letter.len_utf8()).take_while(|end| *end <= LONGEST_KEY).last();
    text[..end.unwrap_or(0)].into()
}
