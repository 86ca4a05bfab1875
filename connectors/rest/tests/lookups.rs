//! Questions to a register: how they are written, and what comes back.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use connectors_contract::{Answer, Engine, Lookup, Manifest, Question};
use serde_json::{Value, json};

mod support;
use support::{SECRET, answering, channel, engine};

const HEAD: &str = r#"
system = "registru"
engine = "rest"
title = { ro = "Registru", en = "Register" }
[endpoint]
timeout = "5s"
auth = { kind = "bearer" }
[outcome]
reads = ["json"]
code = ["/cod"]
reason = ["/mesaj"]
"#;

const BATCH: &str = r#"
[lookup.firma]
title = { ro = "Firmă", en = "Company" }
arguments = { cui = { format = "cui" }, data = { format = "date" }, nota = { required = false } }
subject = "cui"
discloses = ["identificare firmă"]
method = "POST"
path = "/v9/{caller}"
headers = { "X-Scop" = "{purpose}", "X-Dosar" = "{case_number?}" }
request = [{ cui = "{#cui}", data = "{data}", nota = "{nota?}", fix = { tip = "x", n = 1 } }]
answer = "/found/0"
batch = { most = 2, items = "/found", key = "/cui", absent = "/notFound" }
"#;

fn manifest(operations: &str) -> Manifest {
    Manifest::parse(&format!("{HEAD}{operations}"), "registru").unwrap()
}

fn question(operation: &str, arguments: &[(&str, &str)]) -> Question {
    let owned = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let facts = owned(&[("purpose", "Anchetă socială"), ("caller", "ro:primăria"), ("correlation_id", "c-1")]);
    Question { operation: operation.to_owned(), arguments: owned(arguments), facts }
}

fn firm(cui: &str) -> Question {
    question("firma", &[("cui", cui), ("data", "2026-03-02")])
}

/// A register that answers every CUI of a request, except those that end in 9, and keeps what it was asked.
async fn register() -> (Arc<Mutex<Vec<String>>>, std::net::SocketAddr) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    let address = answering(move |request| {
        kept.lock().unwrap().push(request.to_owned());
        let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
        let (absent, found): (Vec<&Value>, Vec<&Value>) =
            body.as_array().unwrap().iter().map(|item| &item["cui"]).partition(|cui| cui.as_u64().unwrap() % 10 == 9);
        let found: Vec<Value> = found.into_iter().rev().map(|cui| json!({ "cui": cui, "nume": "Exemplu" })).collect();
        answer("200 OK", &json!({ "found": found, "notFound": absent }).to_string())
    })
    .await;
    (asked, address)
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn lookup(manifest: &Manifest, address: std::net::SocketAddr) -> Arc<dyn Lookup> {
    engine().lookup(manifest, channel(address, SECRET)).unwrap()
}

#[tokio::test]
async fn a_question_is_written_as_the_manifest_says_and_answered() {
    let (asked, address) = register().await;
    let reply = lookup(&manifest(BATCH), address).ask(&firm("90000006")).await;
    let found = Answer::Found { value: json!({ "cui": 90_000_006, "nume": "Exemplu" }), as_of: None, document: None };
    assert_eq!(reply.answer, found);
    assert_eq!((reply.exchange.status, reply.exchange.sent_sha256.is_some()), (Some(200), true));
    let request = asked.lock().unwrap()[0].clone();
    assert!(request.starts_with("POST /v9/ro%3Aprim%C4%83ria HTTP/1.1\r\n"), "{request}");
    for line in ["content-type: application/json", "x-scop: Anchet%C4%83 social%C4%83"] {
        assert!(request.contains(&format!("\r\n{line}\r\n")), "{request}");
    }
    assert!(!request.contains("x-dosar") && request.contains(&format!("authorization: Bearer {SECRET}")));
    assert!(request.ends_with(r#"[{"cui":90000006,"data":"2026-03-02","fix":{"n":1,"tip":"x"}}]"#), "{request}");
}

#[tokio::test]
async fn many_questions_go_in_few_requests_and_come_back_in_their_order() {
    let (asked, address) = register().await;
    let lookup = lookup(&manifest(BATCH), address);
    let questions: Vec<_> = ["10", "19", "30", "40", "59"].into_iter().map(firm).collect();
    let replies = lookup.ask_all(&questions).await;
    let said: Vec<_> = replies
        .iter()
        .map(|reply| match &reply.answer {
            Answer::Found { value, .. } => value["cui"].to_string(),
            Answer::Absent => "absent".to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(said, ["10", "absent", "30", "40", "absent"]);
    assert_eq!(asked.lock().unwrap().len(), 3, "two in each request");
}

#[tokio::test]
async fn two_questions_about_one_subject_never_share_an_answer() {
    let (asked, address) = register().await;
    let other_day = question("firma", &[("cui", "10"), ("data", "2025-01-01")]);
    let replies = lookup(&manifest(BATCH), address).ask_all(&[firm("10"), other_day]).await;
    assert!(replies.iter().all(|reply| matches!(reply.answer, Answer::Found { .. })));
    assert_eq!(asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_lost_answer_is_unavailable_and_a_missing_fact_is_never_asked() {
    let cut = answering(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n[".to_vec()).await;
    let reply = lookup(&manifest(BATCH), cut).ask(&firm("90000006")).await;
    assert!(matches!(reply.answer, Answer::Unavailable { .. }), "{:?}", reply.answer);
    let (asked, address) = register().await;
    let lookup = lookup(&manifest(BATCH), address);
    for question in [question("firma", &[("cui", "1")]), firm("noua"), question("alta", &[])] {
        let reply = lookup.ask(&question).await;
        assert!(matches!(&reply.answer, Answer::Refused { code, .. } if code.starts_with("connector.")), "{reply:?}");
    }
    assert!(asked.lock().unwrap().is_empty());
}

const DOCUMENT: &str = r#"
[lookup.certificat]
title = { ro = "Certificat", en = "Certificate" }
arguments = { numar = {} }
discloses = ["certificat"]
path = "/certificate/{numar}"
document = "body"
longest_answer = "4MiB"
"#;

#[tokio::test]
async fn a_document_comes_byte_for_byte_up_to_the_length_the_manifest_allows() {
    let pdf = [b"%PDF-1.7\n".as_slice(), &[b'x'; 3 * 1024 * 1024]].concat();
    let sent = pdf.clone();
    let address = answering(move |request| {
        let long = request.starts_with("GET /certificate/prea%2Flung ");
        let body = if long { [sent.as_slice(), &sent].concat() } else { sent.clone() };
        [format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes(), body].concat()
    })
    .await;
    let lookup = lookup(&manifest(DOCUMENT), address);
    let reply = lookup.ask(&question("certificat", &[("numar", "7")])).await;
    let Answer::Found { document: Some(document), .. } = reply.answer else { panic!("{:?}", reply.answer) };
    assert_eq!((document.content_type.as_str(), document.content.as_ref()), ("application/pdf", pdf.as_slice()));
    let reply = lookup.ask(&question("certificat", &[("numar", "prea/lung")])).await;
    assert!(matches!(&reply.answer, Answer::Unavailable { reason, .. } if reason.contains("4194304")), "{reply:?}");
}

#[tokio::test]
async fn a_secret_the_register_sends_back_reaches_nobody() {
    let simple = "[lookup.act]\ntitle = { ro = \"a\", en = \"a\" }\ndiscloses = [\"act\"]\n";
    for status in ["200 OK", "400 Bad Request", "500 Oops"] {
        let address =
            answering(move |_| answer(status, &json!({ "mesaj": [format!("x {SECRET}")], "cod": SECRET }).to_string()));
        let reply = lookup(&manifest(simple), address.await).ask(&question("act", &[])).await;
        assert!(!format!("{reply:?}").contains(SECRET), "{reply:?}");
    }
}

#[tokio::test]
async fn a_text_with_holes_is_written_as_xml_or_as_a_form() {
    let operations = "[lookup.xml]\ntitle = { ro = \"a\", en = \"a\" }\ndiscloses = [\"a\"]\nmethod = \"POST\"\narguments = { a = {} }\n\
         request = '<q a=\"{a}\">{a}</q>'\n\
         [lookup.form]\ntitle = { ro = \"a\", en = \"a\" }\ndiscloses = [\"a\"]\nmethod = \"POST\"\narguments = { a = {} }\n\
         request = \"ghiseu=N&id={a}\"\n";
    let address = answering(|request| {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let kind = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap();
        answer("200 OK", &json!({ "type": kind, "body": body }).to_string())
    })
    .await;
    let lookup = lookup(&manifest(operations), address);
    let said = async |name: &str| match lookup.ask(&question(name, &[("a", "\"<&\u{1}ș")])).await.answer {
        Answer::Found { value, .. } => value,
        other => panic!("{other:?}"),
    };
    let xml = "<q a=\"&quot;&lt;&amp; ș\">&quot;&lt;&amp; ș</q>";
    assert_eq!(said("xml").await, json!({ "type": "application/xml; charset=utf-8", "body": xml }));
    let form = "ghiseu=N&id=%22%3C%26%01%C8%99";
    assert_eq!(said("form").await, json!({ "type": "application/x-www-form-urlencoded", "body": form }));
}

#[test]
fn an_operation_that_cannot_be_asked_is_told_before_anybody_asks() {
    let local = "127.0.0.1:9".parse().unwrap();
    let table = [
        (BATCH.replace("{data}", "{zi}"), "{zi}, which is nothing"),
        (BATCH.replace("{#cui}", "{#nr}"), "{#nr}, which is nothing"),
        (BATCH.replace("{#cui}", "RO{#cui}"), "a whole value"),
        (BATCH.replace("method = \"POST\"", ""), "write method = \"POST\""),
        (String::new(), "[lookup.<name>]"),
    ];
    for (operations, way_out) in table {
        let error = engine().lookup(&manifest(&operations), channel(local, SECRET)).err().unwrap().to_string();
        assert!(error.contains(way_out), "{error}");
    }
}
