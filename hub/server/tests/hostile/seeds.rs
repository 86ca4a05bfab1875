//! Good input for every reader, invented.

use hub_flow::encryption::{PrivateKey, PublicKey, seal};
use serde_json::{Value, json};

use crate::readers::{BOUNDARY, CONTENT, KEY};

/// The seeds of one reader.
pub fn of(reader: &str) -> Vec<Vec<u8>> {
    match reader {
        "envelope" => vec![text(&envelope())],
        "jwe" => vec![text(&sealed(1)), text(&sealed(3))],
        "sealing_key" => vec![text(public(&KEY).jwk())],
        "request_headers" => [
            "192.0.2.7, 10.0.0.9",
            "[2001:db8::7]:4711, 10.0.0.9:80, 10.1.2.3",
            "{\"a\":[{\"b\":\"\\\\\\\"]\"},[1,2,{}]]}",
        ]
        .map(|seed| seed.as_bytes().to_vec())
        .to_vec(),
        "multipart" => vec![form()],
        other => panic!("the reader {other} has no seeds"),
    }
}

fn text(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn public(key: &PrivateKey) -> &PublicKey {
    &key.public
}

/// Sealed for the reader's key, and for others beside it.
fn sealed(keys: usize) -> Value {
    let others = (1..keys).map(|_| PrivateKey::generate().unwrap().public);
    seal(CONTENT, &std::iter::once(public(&KEY).clone()).chain(others).collect::<Vec<_>>()).unwrap()
}

fn envelope() -> Value {
    json!({
        "recipients": [{"party": "uat-109924"}],
        "document_type": "document-generic",
        "document_version": "1.0",
        "subject": "Solicitare de informații",
        "purpose": "corespondenta",
        "legal_basis": "OG nr. 27/2002",
        "sender_registration": {"register": "general", "number": "5", "date": "2026-11-20"},
        "parts": [
            {"name": "scrisoare.json", "role": "body", "content_type": "application/json"},
            {"name": "anexă.pdf", "role": "annex", "content_type": "application/pdf", "sha256": "00".repeat(32)}
        ]
    })
}

fn form() -> Vec<u8> {
    let field = |head: &str, content: &str| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
    };
    let fields = [
        field("name=\"envelope\"", &envelope().to_string()),
        field("name=\"part\"; filename=\"scrisoare.json\"\r\nContent-Type: application/json", "{\"text\": \"x\"}"),
        field("name=\"part\"; filename*=UTF-8''anex%C4%83.pdf\r\nContent-Type: application/pdf", "%PDF-1.7"),
    ];
    (fields.concat() + &format!("--{BOUNDARY}--\r\n")).into_bytes()
}
