//! What a REST call costs this side: CPU of the calling thread for each call, beside bare reqwest with the same bytes, in one
//! run.
//!
//! `cargo bench -p connectors-rest` prints a line for each way; a number after `--` says how many calls (5,000). The target
//! is a thread that answers as fast as it can; only the caller's time is counted (`/proc/thread-self/schedstat`, Linux).

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use bytes::Bytes;
use connectors_contract::{Answer, Body, Channel, Consignment, Engine, Manifest, Outcome, Part, PartContent, Question};
use connectors_rest::RestEngine;

const NOW: i64 = 1_772_445_600;
const ANSWER: &str = r#"{"numarCaz":"ESO-2026-000001","numarInregistrare":1,"dataInregistrare":"2026-03-02"}"#;
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn main() {
    let calls = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(5_000);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(measure(calls));
}

async fn measure(calls: u32) {
    let address = target();
    println!("{calls} calls each, a document of {} bytes; CPU of the caller", document().body.content.len());
    let bare = bare(address, calls).await;
    println!("{:<34} {bare:>8.1} µs a call", "bare reqwest, the same bytes");
    let ways = [
        ("deliver, the document alone", "auth = { kind = \"bearer\" }", "body = \"translated\""),
        ("deliver, multipart with a file", "auth = { kind = \"bearer\" }", "body = \"multipart\""),
        ("deliver, a signed webhook", "auth = { kind = \"standard-webhooks\" }", "body = \"translated\""),
    ];
    for (name, auth, body) in ways {
        let key = if auth.contains("webhooks") { "" } else { "idempotency_header = \"Idempotency-Key\"\n" };
        tell(name, delivered(address, auth, &format!("{body}\n{key}"), calls).await, bare);
    }
    tell("ask, one question", asked(address, calls).await, bare);
    tell("bare reqwest again", self::bare(address, calls).await, bare);
}

fn tell(name: &str, cost: f64, bare: f64) {
    println!("{name:<34} {cost:>8.1} µs a call, {:>+7.1} µs", cost - bare);
}

/// The document alone, sent and read by reqwest alone.
async fn bare(address: SocketAddr, calls: u32) -> f64 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let content = document().body.content;
    let mut before = 0;
    for call in 0..=calls {
        if call == 1 {
            before = used();
        }
        let post = client.post(format!("http://{address}/cazuri")).header("content-type", "application/json");
        let answer = post.bearer_auth(SECRET).body(content.clone()).send().await.unwrap();
        let value: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(value["numarInregistrare"], 1);
    }
    per_call(before, calls)
}

async fn delivered(address: SocketAddr, auth: &str, deliver: &str, calls: u32) -> f64 {
    let manifest = manifest(&format!(
        "[endpoint]\n{auth}\n[deliver]\npath = \"/cazuri\"\nreceipt = \"/numarCaz\"\nside_effect = \"repeatable\"\n{deliver}\n\
         [outcome]\ncontent_type = \"application/json\"\nrules = [{{ status = \"2xx\", body_pointer = \"/eroare\", class = \"refused\" }}]\n"
    ));
    let connector = engine().outbound(&manifest, channel(address)).unwrap();
    let document = document();
    let mut before = 0;
    for call in 0..=calls {
        if call == 1 {
            before = used();
        }
        let outcome = connector.deliver(&document).await.outcome;
        assert!(matches!(outcome, Outcome::Delivered { receipt: Some(_) }), "{outcome:?}");
    }
    per_call(before, calls)
}

async fn asked(address: SocketAddr, calls: u32) -> f64 {
    let manifest = manifest(
        "[endpoint]\nauth = { kind = \"bearer\" }\n[outcome]\nreads = [\"json\"]\n[lookup.caz]\n\
         title = { ro = \"a\", en = \"a\" }\ndiscloses = [\"caz\"]\nmethod = \"POST\"\narguments = { cui = {} }\n\
         request = [{ cui = \"{#cui}\", data = \"{today}\" }]\nanswer = \"/numarCaz\"\n",
    );
    let lookup = engine().lookup(&manifest, channel(address)).unwrap();
    let pair = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let (arguments, facts) = (pair("cui", "90000006"), pair("today", "2026-03-02"));
    let question = Question { operation: "caz".to_owned(), arguments, facts };
    let mut before = 0;
    for call in 0..=calls {
        if call == 1 {
            before = used();
        }
        let answer = lookup.ask(&question).await.answer;
        assert!(matches!(answer, Answer::Found { .. }), "{answer:?}");
    }
    per_call(before, calls)
}

fn engine() -> RestEngine {
    RestEngine::new(Arc::new(|| NOW)).unwrap()
}

fn manifest(rest: &str) -> Manifest {
    let head = "system = \"proba\"\nengine = \"rest\"\ntitle = { ro = \"a\", en = \"a\" }\n";
    Manifest::parse(&format!("{head}{rest}"), "proba").unwrap()
}

fn channel(address: SocketAddr) -> Channel {
    let address = Some(format!("http://{address}/").parse().unwrap());
    Channel { address, secret: Some(SECRET.to_owned().into()), ..Channel::default() }
}

/// A case of about 2 KiB with a file of 4 KiB; nobody in it exists.
fn document() -> Consignment {
    let rows: Vec<String> = (0..40).map(|row| format!("{{\"rand\":{row},\"valoare\":\"exemplu inventat\"}}")).collect();
    let content = Bytes::from(format!("{{\"versiune\":\"1.0\",\"randuri\":[{}]}}", rows.join(",")));
    let file = Bytes::from(vec![b'x'; 4 * 1024]);
    let part = Part {
        name: "fisier.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        size: file.len() as u64,
        sha256: openssl::sha::sha256(&file),
        content: PartContent::Inline(file),
    };
    let body = Body { content_type: "application/json".to_owned(), content };
    let (key, facts) = ("key-00000001".to_owned(), BTreeMap::new());
    Consignment { idempotency_key: key, facts, body, parts: vec![part], evidence: Vec::new() }
}

/// CPU of this thread so far, in nanoseconds.
fn used() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

fn per_call(before: u64, calls: u32) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "microseconds of a few seconds")]
    let spent = (used() - before) as f64;
    spent / 1_000.0 / f64::from(calls)
}

/// A target with a thread for each connection.
fn target() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    address
}

/// Answers every request of a connection; ends when the caller does.
fn serve(stream: TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut writer, mut line, mut body) = (stream, String::new(), Vec::new());
    let head = "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n";
    let answer = format!("{head}content-length: {}\r\n\r\n{ANSWER}", ANSWER.len());
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let header = line.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length: ") {
                length = value.parse().ok()?;
            }
        }
        body.resize(length, 0);
        reader.read_exact(&mut body).ok()?;
        writer.write_all(answer.as_bytes()).ok()?;
    }
}
