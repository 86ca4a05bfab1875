//! The recorded exchanges of e-Factura and e-Transport, replayed through the adapters: a changed adapter shows what it
//! changes.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "support/filing.rs"]
mod filing;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use connectors_anaf::{CursorStore, EfacturaEngine, EtransportEngine, FileStore, OAuth, TokenStore};
use connectors_contract::{Answer, Channel, Engine, Outcome, Question, RecordedExchange, SystemFolder};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const TOKENS: &str =
    "{\"access_token\":\"invented-access\",\"refresh_token\":\"invented-refresh\",\"expires_in\":7776000}";

/// A line that gives tokens to whoever asks, and answers everything else with one recorded answer.
async fn line(exchange: &RecordedExchange) -> String {
    let (status, body) = (exchange.answer.status, exchange.answer.text());
    let headers = exchange.answer.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let recorded = answer(status, &headers.collect::<String>(), &body);
    let tokens = answer(200, "content-type: application/json\r\n", TOKENS);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let head = request(&mut stream).await;
            let text = if head.contains("/anaf-oauth2/v1/token") { &tokens } else { &recorded };
            let _gone = stream.write_all(text.as_bytes()).await;
        }
    });
    format!("http://{address}")
}

fn answer(status: u16, headers: &str, body: &str) -> String {
    // 204 has no body and no length.
    let length = if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    format!("HTTP/1.1 {status} Recorded\r\n{headers}{length}connection: close\r\n\r\n{body}")
}

/// Reads a request to its end, and tells its first line.
async fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase().split_once("content-length:").map(|(_, rest)| rest.to_owned());
            let length =
                length.and_then(|rest| rest.lines().next().and_then(|line| line.trim().parse().ok())).unwrap_or(0);
            if body.len() >= length {
                return head.lines().next().unwrap_or_default().to_owned();
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return String::new();
        }
    }
}

async fn said(
    engine: &dyn Engine,
    folder: &SystemFolder,
    exchange: &RecordedExchange,
) -> (&'static str, Option<String>) {
    let secret =
        json!({ "client_id": "demo", "client_secret": "hush", "refresh_token": exchange.name, "cif": "90000006" });
    let address = Some(line(exchange).await.parse().unwrap());
    let channel = Channel { address, secret: Some(secret.to_string().into()), ..Channel::default() };
    let wait = |wait: Option<std::time::Duration>| wait.map(|wait| wait.as_secs().to_string());
    if exchange.operation == "deliver" {
        let document = match engine.name() {
            "anaf-etransport" => "<eTransport xmlns=\"mfp:anaf:dgti:eTransport:declaratie:v2\"/>".to_owned(),
            _ => filing::invoice("A-1"),
        };
        let outbound = engine.outbound(&folder.manifest, channel).unwrap();
        let outcome = outbound.deliver(&filing::consignment("k", &document)).await.outcome;
        assert!(!format!("{outcome:?}").contains("hush"), "{}", exchange.name);
        return match outcome {
            Outcome::Delivered { receipt } => ("delivered", receipt),
            Outcome::Attested { .. } => ("attested", None),
            Outcome::Refused { code, .. } => ("refused", Some(code)),
            Outcome::Unavailable { retry_after, .. } => ("unavailable", wait(retry_after)),
            Outcome::Unknown { .. } => ("unknown", None),
        };
    }
    let operation = exchange.operation.strip_prefix("lookup.").unwrap().to_owned();
    let question = Question { operation, arguments: exchange.arguments.clone(), facts: [].into() };
    match engine.lookup(&folder.manifest, channel).unwrap().ask(&question).await.answer {
        Answer::Found { .. } => ("found", None),
        Answer::Absent => ("absent", None),
        Answer::Pending { .. } => ("pending", None),
        Answer::Refused { code, .. } => ("refused", Some(code)),
        Answer::Unavailable { retry_after, .. } => ("unavailable", wait(retry_after)),
    }
}

async fn replay(engine: &dyn Engine) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems").join(engine.name());
    let folder = SystemFolder::read(&folder).unwrap();
    let mut operations = BTreeSet::new();
    for exchange in &folder.exchanges {
        let (class, detail) = said(engine, &folder, exchange).await;
        assert_eq!(class, exchange.class(), "{}: {detail:?}", exchange.name);
        let expected = &exchange.expected;
        let wanted = ["receipt", "code"].iter().find_map(|name| expected[*name].as_str().map(str::to_owned));
        let wanted = wanted.or_else(|| expected["retry_after_s"].as_u64().map(|wait| wait.to_string()));
        assert_eq!(detail, wanted, "{}", exchange.name);
        operations.insert(exchange.operation.clone());
    }
    operations
}

#[tokio::test]
async fn recorded_answers_mean_what_their_files_say() {
    let folder = tempfile::tempdir().unwrap();
    let clock: connectors_anaf::Clock = Arc::new(|| filing::MORNING);
    let store = Arc::new(FileStore::at(folder.path()));
    let oauth = OAuth::new(Arc::clone(&clock), Arc::clone(&store) as Arc<dyn TokenStore>);
    let cursors = store as Arc<dyn CursorStore>;
    let efactura = EfacturaEngine::new(Arc::clone(&clock), Arc::clone(&oauth), cursors).unwrap();
    assert_eq!(
        replay(&efactura).await.into_iter().collect::<Vec<_>>(),
        ["deliver", "lookup.descarcare", "lookup.stare"]
    );
    let etransport = EtransportEngine::new(clock, oauth).unwrap();
    let operations = ["deliver", "lookup.info", "lookup.lista", "lookup.stare"];
    assert_eq!(replay(&etransport).await.into_iter().collect::<Vec<_>>(), operations);
}
