//! What the tests of the engine share: the engine, manifests of the folders, documents, a server that answers as told.

#![allow(dead_code, reason = "every test file uses its own part")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use bytes::Bytes;
use connectors_contract::{Body, Channel, Consignment, Engine, Lookup, Manifest, Outbound, Question};
use connectors_soap::SoapEngine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// 2 March 2026, 10:00:00 UTC.
pub const NOW: i64 = 1_772_445_600;
/// An index of a transmission.
pub const CODE: &str = "01980000-0000-7000-8000-00000000000a";

pub fn engine() -> SoapEngine {
    let next = AtomicU8::new(0);
    SoapEngine::new(Arc::new(|| NOW), Arc::new(move || [next.fetch_add(1, Ordering::Relaxed); 16])).unwrap()
}

pub fn systems_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems")
}

pub fn manifest(system: &str) -> Manifest {
    let path = systems_folder().join(system).join("manifest.toml");
    Manifest::parse(&std::fs::read_to_string(&path).unwrap(), &path.display().to_string()).unwrap()
}

/// The manifest of a folder, impatient.
pub fn hasty(system: &str) -> Manifest {
    let mut manifest = manifest(system);
    manifest.endpoint.timeout = Duration::from_secs(1);
    manifest
}

pub fn channel(url: &str, secret: &str) -> Channel {
    Channel { address: Some(url.parse().unwrap()), secret: Some(secret.to_owned().into()), ..Channel::default() }
}

pub fn outbound(manifest: &Manifest, channel: Channel) -> Arc<dyn Outbound> {
    engine().outbound(manifest, channel).unwrap()
}

pub fn lookup(manifest: &Manifest, channel: Channel) -> Arc<dyn Lookup> {
    engine().lookup(manifest, channel).unwrap()
}

/// A chapter that founds a household; the person is invented.
pub fn founding(code: &str, household: &str, cnp: &str) -> String {
    chapter(
        code,
        household,
        &format!(
            "<capitol_0_12 codCapitol=\"CAP0_12\"><date_identificare_gospodarie_PF><adresaGospodarie>\
             <sirutaJudet>252</sirutaJudet><sirutaUAT>110116</sirutaUAT><sirutaLocalitate>110125</sirutaLocalitate>\
             <strada>Teiului</strada><numar>1</numar></adresaGospodarie><tipDetinator>1</tipDetinator><gospodar>\
             <nume>Exemplescu</nume><prenume>Ion</prenume><initialaTata>M</initialaTata><cnp value=\"{cnp}\"/></gospodar>\
             </date_identificare_gospodarie_PF></capitol_0_12>"
        ),
    )
}

/// A document of the town of Strehaia about a household.
pub fn chapter(code: &str, household: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DOCUMENT_RAN><HEADER><codXml value=\"{code}\"/>\
         <dataExport>2026-03-02T11:00:00</dataExport><indicativ>ADAUGA_SI_INLOCUIESTE</indicativ>\
         <sirutaUAT>110116</sirutaUAT></HEADER><BODY><gospodarie identificator=\"{household}\">{content}</gospodarie>\
         </BODY></DOCUMENT_RAN>"
    )
}

pub fn consignment(body: &str) -> Consignment {
    let facts = [("sender_name", "Orașul Strehaia"), ("recipient", "ran"), ("subject", "Capitol <0> & \"12\"")];
    let facts: BTreeMap<_, _> = facts.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let body = Body { content_type: "application/xml".to_owned(), content: Bytes::from(body.to_owned()) };
    Consignment { idempotency_key: CODE.to_owned(), facts, body, parts: Vec::new(), evidence: Vec::new() }
}

pub fn question(operation: &str, arguments: &[(&str, &str)]) -> Question {
    let arguments = arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Question { operation: operation.to_owned(), arguments, facts: BTreeMap::new() }
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

/// An answer of HTTP as bytes.
pub fn http(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}
