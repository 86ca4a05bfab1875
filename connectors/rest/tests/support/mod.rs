//! What the tests of the engine share: documents, twins by the name of their system, a server that answers as told.

#![allow(dead_code, reason = "every test file uses its own part")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connectors_contract::manifest::Deliver;
use connectors_contract::{Body, Channel, Consignment, Engine, Manifest, Outbound, Part, PartContent, systems};
use connectors_rest::RestEngine;
use sandbox::{Esocial, Faults, TownHall};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// 2 March 2026, 10:00:00 UTC.
pub const NOW: i64 = 1_772_445_600;
/// The secret of the example in the Standard Webhooks libraries; it fits every kind of auth.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub fn engine() -> RestEngine {
    RestEngine::new(Arc::new(|| NOW)).unwrap()
}

pub fn systems_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems")
}

/// The manifests of this engine.
pub fn manifests() -> Vec<Manifest> {
    let all = systems::from_dir(&systems_folder()).unwrap();
    let ours: Vec<_> = all.into_iter().filter(|manifest| manifest.engine == "rest").collect();
    assert!(!ours.is_empty());
    ours
}

pub fn manifest(system: &str) -> Manifest {
    manifests().into_iter().find(|manifest| manifest.system == system).unwrap()
}

/// One document the twin saw: its key and how many times it was stored.
pub type Stored = (String, u32);

/// A system, its twin and connectors to it.
pub struct Neighbour {
    pub manifest: Manifest,
    pub faults: Faults,
    pub address: SocketAddr,
    pub stored: Box<dyn Fn() -> Vec<Stored>>,
}

/// Systems whose twin was written: it knows rules of the institution that a folder alone cannot tell. Every other folder is
/// tried against a twin made of itself, by the package conformance.
pub const WRITTEN: [&str; 3] = ["esocial", "webhook", "notice"];

impl Neighbour {
    pub async fn play(manifest: Manifest) -> Self {
        let (local, clock): (_, sandbox::Clock) = (SocketAddr::from(([127, 0, 0, 1], 0)), Arc::new(|| NOW));
        match manifest.system.as_str() {
            "esocial" => {
                let twin = Esocial::start(local, clock).await.unwrap();
                let (faults, address) = (twin.faults.clone(), twin.address);
                let stored = move || twin.received().into_iter().map(|case| (case.key, case.stored)).collect();
                Self { manifest, faults, address, stored: Box::new(stored) }
            }
            // Both are signed events to a receiver of its own.
            "webhook" | "notice" => {
                let twin = TownHall::start(local, clock, SECRET).await.unwrap();
                let (faults, address) = (twin.faults.clone(), twin.address);
                let stored = move || twin.received().into_iter().map(|event| (event.id, 1)).collect();
                Self { manifest, faults, address, stored: Box::new(stored) }
            }
            other => panic!("no twin written for {other:?} delivers over this engine"),
        }
    }

    pub fn deliver(&self) -> &Deliver {
        self.manifest.deliver.as_ref().unwrap()
    }

    pub fn connector(&self) -> Arc<dyn Outbound> {
        self.connector_with(Duration::from_secs(20))
    }

    /// A connector that gives up soon.
    pub fn hasty_connector(&self) -> Arc<dyn Outbound> {
        self.connector_with(Duration::from_millis(300))
    }

    fn connector_with(&self, timeout: Duration) -> Arc<dyn Outbound> {
        let mut manifest = self.manifest.clone();
        manifest.endpoint.timeout = timeout;
        connector(&manifest, self.address, SECRET)
    }
}

pub fn connector(manifest: &Manifest, address: SocketAddr, secret: &str) -> Arc<dyn Outbound> {
    engine().outbound(manifest, channel(address, secret)).unwrap()
}

pub fn channel(address: SocketAddr, secret: &str) -> Channel {
    let address = Some(format!("http://{address}/").parse().unwrap());
    Channel { address, secret: Some(secret.to_owned().into()), ..Channel::default() }
}

/// Waits for a state of a twin, which acts on its own time.
pub async fn until(state: impl Fn() -> bool) {
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    while !state() {
        ticks.tick().await;
    }
}

/// A document with one small file; institutions and persons are invented.
pub fn consignment(key: &str) -> Consignment {
    let file = part("dovadă \"1\".txt", PartContent::Inline(Bytes::from_static(b"continut")), b"continut");
    let body = format!(
        r#"{{"versiune":"1.0","tip":"ANCHETA_SOCIALA_ADULT","subiect":"Anchetă","expeditor":{{"denumire":"Primăria Șișești"}},
            "persoana":{{"nume":"Exemplescu","prenume":"Ion","cnp":"1630615259905"}},"documente":[{{"sha256":"{}"}}]}}"#,
        hex::encode(file.sha256)
    );
    let facts = [
        ("message_id", "01980000-0000-7000-8000-000000000001"),
        ("delivery_id", "01980000-0000-7000-8000-000000000002"),
        ("sender", "ro:primaria-sisesti"),
        ("sender_name", "Primăria Comunei Șișești"),
        ("sender_number", "92"),
        ("recipient", "ro:dgaspc-mehedinti"),
        ("document_type", "ancheta-sociala-adult"),
        ("submitted_at", "2026-03-02T12:00:00+02:00"),
        ("notice", "document.available"),
    ];
    let facts: BTreeMap<_, _> = facts.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let body = Body { content_type: "application/json".to_owned(), content: Bytes::from(body) };
    Consignment { idempotency_key: key.to_owned(), facts, body, parts: vec![file], evidence: Vec::new() }
}

pub fn part(name: &str, content: PartContent, bytes: &[u8]) -> Part {
    let (name, content_type) = (name.to_owned(), "text/plain".to_owned());
    Part { name, content_type, size: bytes.len() as u64, sha256: openssl::sha::sha256(bytes), content }
}

/// A manifest of the tests' own.
pub fn told(extra: &str) -> Manifest {
    let text = format!(
        "system = \"told\"\nengine = \"rest\"\ntitle = {{ ro = \"a\", en = \"a\" }}\n\
         [endpoint]\ntimeout = \"5s\"\nauth = {{ kind = \"bearer\" }}\n\
         [deliver]\nbody = \"translated\"\nreceipt = \"/id\"\nside_effect = \"once\"\n{extra}"
    );
    Manifest::parse(&text, "told").unwrap()
}

/// A server that reads one request per connection and answers with exactly these bytes, then closes.
pub async fn answering(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !whole(&request) {
                match stream.read(&mut buffer).await {
                    Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
                    _ => break,
                }
            }
            // A client that gave up early is part of some tests.
            let _sent = stream.write_all(&answer(&String::from_utf8_lossy(&request))).await;
        }
    });
    address
}

fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}
