//! A document to try deliveries with; institutions and persons are invented.

use std::collections::BTreeMap;

use bytes::Bytes;
use connectors_contract::{Body, Consignment, Part, PartContent};
use openssl::sha::sha256;

/// A document with one small file, under a key. `content` tells documents apart.
pub(crate) fn document(key: &str, content: &str) -> Consignment {
    let file = Bytes::from_static(b"continut");
    let part = Part {
        name: "anexa \"1\".txt".to_owned(),
        content_type: "text/plain".to_owned(),
        size: file.len() as u64,
        sha256: sha256(&file),
        content: PartContent::Inline(file),
    };
    let body = format!(r#"{{"subiect":"{content}","persoana":{{"nume":"Exemplescu","cnp":"1630615123457"}}}}"#);
    let facts = [
        ("message_id", "01980000-0000-7000-8000-000000000001"),
        ("delivery_id", "01980000-0000-7000-8000-000000000002"),
        ("sender", "uat-exemplu"),
        ("sender_name", "Primăria Exemplu"),
        ("sender_number", "92"),
        ("sender_date", "2026-03-02"),
        ("recipient", "dgaspc-exemplu"),
        ("recipient_unit", "Registratură"),
        ("document_type", "ancheta-sociala-adult"),
        ("document_version", "1.0"),
        ("subject", content),
        ("submitted_at", "2026-03-02T12:00:00+02:00"),
        ("hub_address", "https://hub.example"),
        ("notice", "document.available"),
    ];
    let facts: BTreeMap<_, _> = facts.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let body = Body { content_type: "application/json".to_owned(), content: Bytes::from(body) };
    Consignment { idempotency_key: key.to_owned(), facts, body, parts: vec![part], evidence: Vec::new() }
}
