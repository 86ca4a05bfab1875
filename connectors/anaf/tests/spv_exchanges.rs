//! The recorded exchanges of `anaf-spv`, replayed through the adapter: a changed adapter shows what it changes.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connectors_anaf::spv::SpvEngine;
use connectors_contract::{Answer, Channel, Engine, Question, RecordedAnswer, SystemFolder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A line that answers everything with one recorded answer.
async fn line(answer: &RecordedAnswer) -> String {
    let body = answer.text();
    let headers: String = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let status = answer.status;
    let text = format!(
        "HTTP/1.1 {status} Recorded\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
                    break;
                }
            }
            let _gone = stream.write_all(text.as_bytes()).await;
        }
    });
    format!("http://{address}/SPVWS2/rest/")
}

#[tokio::test]
async fn recorded_answers_mean_what_their_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems/anaf-spv");
    let folder = SystemFolder::read(&folder).unwrap();
    let mut manifest = folder.manifest.clone();
    manifest.endpoint.timeout = Duration::from_secs(10);
    let engine = SpvEngine::new(Arc::new(|| 1_795_341_600)).unwrap();
    let mut operations = std::collections::BTreeSet::new();
    for exchange in &folder.exchanges {
        let secret = Some("MRHSession=sesiune-inventata".to_owned().into());
        let channel =
            Channel { address: Some(line(&exchange.answer).await.parse().unwrap()), secret, ..Channel::default() };
        let operation = exchange.operation.strip_prefix("lookup.").unwrap().to_owned();
        let question = Question { operation, arguments: exchange.arguments.clone(), facts: [].into() };
        let answer = engine.lookup(&manifest, channel).unwrap().ask(&question).await.answer;
        let expected = &exchange.expected;
        let (class, detail) = match &answer {
            Answer::Found { .. } => ("found", None),
            Answer::Absent => ("absent", None),
            Answer::Pending { request, .. } => ("pending", request.clone()),
            Answer::Refused { code, .. } => ("refused", Some(code.clone())),
            Answer::Unavailable { retry_after, .. } => {
                ("unavailable", retry_after.map(|wait| wait.as_secs().to_string()))
            }
        };
        assert_eq!(class, exchange.class(), "{}: {answer:?}", exchange.name);
        let wanted = ["request", "code"].iter().find_map(|name| expected[*name].as_str().map(str::to_owned));
        let wanted = wanted.or_else(|| expected["retry_after_s"].as_u64().map(|wait| wait.to_string()));
        assert_eq!(detail, wanted, "{}", exchange.name);
        assert!(!format!("{answer:?}").contains("sesiune-inventata"), "{}", exchange.name);
        operations.insert(exchange.operation.clone());
    }
    assert!(folder.exchanges.len() >= 15 && operations.len() == 3, "{operations:?}");
}
