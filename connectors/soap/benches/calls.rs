//! What a SOAP call costs this side: CPU of the calling thread for each call, beside bare reqwest with the same bytes, in one run.
//!
//! `cargo bench -p connectors-soap` prints a line for each way; a number after `--` says how many calls (2,000). The target is a
//! thread that answers as fast as it can; only the caller's time is counted (`/proc/thread-self/schedstat`, Linux).

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use bytes::Bytes;
use connectors_contract::{Body, Channel, Consignment, Engine, Manifest, Outcome};
use connectors_soap::SoapEngine;
use hub_signatures::signer::development_seal;
use sandbox::Renns;

const NOW: i64 = 1_772_445_600;
const PLAIN: &str = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
    <r:raspuns xmlns:r=\"urn:test\"><numar>R-1</numar></r:raspuns></s:Body></s:Envelope>";

fn main() {
    let calls = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(2_000);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(measure(calls));
}

async fn measure(calls: u32) {
    let plain = sink(PLAIN.to_owned());
    let (signed, certificate) = signed_answer().await;
    let signed = sink(signed);
    let (key, own) = development_seal("Hub de test", NOW - 60, 30, 7).unwrap();
    let identity = String::from_utf8([own, key].concat()).unwrap();
    let bare = bare(plain, calls).await;
    println!("{calls} calls each, a document of {} bytes; CPU of the caller", document().len());
    println!("{:<34} {bare:>8.1} µs a call", "bare reqwest, the same bytes");
    let ways = [
        ("SOAP 1.1", plain, "[soap]", "raspuns"),
        (
            "SOAP 1.1, UsernameToken digest",
            plain,
            "[soap]\nsecurity = { kind = \"username-token\", password = \"digest\" }",
            "raspuns",
        ),
        ("SOAP 1.1, signed (P-256)", plain, "[soap]\nsecurity = { kind = \"x509\" }", "raspuns"),
        ("SOAP 1.1, answer verified (RSA)", signed, "[soap]\nverify_answers = true", "getRoadWSResponse"),
    ];
    for (name, address, soap, answer) in ways {
        let cost = engine(address, soap, answer, (&identity, &certificate), calls).await;
        println!("{name:<34} {cost:>8.1} µs a call, {:>5.2} of bare", cost / bare);
    }
}

fn document() -> Bytes {
    let rows: String = (0..40).map(|row| format!("<rand cod=\"{row}\"><ha>1.25</ha><ari>50</ari></rand>")).collect();
    Bytes::from(format!("<cerere xmlns=\"urn:test\">{rows}</cerere>"))
}

/// The same envelope, sent and read by reqwest alone.
async fn bare(address: SocketAddr, calls: u32) -> f64 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let document = String::from_utf8(document().to_vec()).unwrap();
    let envelope =
        Bytes::from(PLAIN.replace("<r:raspuns xmlns:r=\"urn:test\"><numar>R-1</numar></r:raspuns>", &document));
    let mut before = 0;
    for call in 0..=calls {
        if call == 1 {
            before = used();
        }
        let post = client.post(format!("http://{address}/")).header("content-type", "text/xml").body(envelope.clone());
        assert_eq!(post.send().await.unwrap().bytes().await.unwrap().len(), PLAIN.len());
    }
    per_call(before, calls)
}

async fn engine(address: SocketAddr, soap: &str, answer: &str, (identity, roots): (&str, &str), calls: u32) -> f64 {
    let text = format!(
        "system = \"proba\"\nengine = \"soap\"\ntitle = {{ ro = \"a\", en = \"a\" }}\n[endpoint]\n[deliver]\n\
         body = \"translated\"\nside_effect = \"repeatable\"\n{soap}\n[soap.deliver]\nanswer = \"{answer}\"\n"
    );
    let manifest = Manifest::parse(&text, "proba").unwrap();
    let channel = Channel {
        address: Some(format!("http://{address}/").parse().unwrap()),
        secret: Some("hub:parola".to_owned().into()),
        identity: Some(identity.to_owned().into()),
        roots: Some(roots.to_owned()),
        ..Channel::default()
    };
    let engine = SoapEngine::new(Arc::new(|| NOW), Arc::new(|| [7; 16])).unwrap();
    let connector = engine.outbound(&manifest, channel).unwrap();
    let body = Body { content_type: "application/xml".to_owned(), content: document() };
    let (key, facts) = ("cheia".to_owned(), BTreeMap::new());
    let document = Consignment { idempotency_key: key, facts, body, parts: Vec::new(), evidence: Vec::new() };
    let mut before = 0;
    for call in 0..=calls {
        if call == 1 {
            before = used();
        }
        let outcome = connector.deliver(&document).await.outcome;
        assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    }
    per_call(before, calls)
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

/// An answer signed by RENNS's twin, and its certificate.
async fn signed_answer() -> (String, String) {
    let twin = Renns::start(([127, 0, 0, 1], 0).into(), Arc::new(|| NOW)).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let put = client.put(format!("{}/_sandbox/renns", twin.url())).header("content-type", "application/json");
    put.body("{\"sign_answers\": true}").send().await.unwrap();
    let certificate = client.get(format!("{}/_sandbox/renns/certificate.pem", twin.url()));
    let wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    let asked = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header><w:Security xmlns:w=\"{wsse}\">\
         <w:UsernameToken><w:Username>institutie</w:Username><w:Password>parola-institutie</w:Password></w:UsernameToken>\
         </w:Security></s:Header><s:Body><getRoadWSRequest xmlns=\"http://ancpi.ro/renns/soap/road\"><county>MEHEDINȚI</county>\
         </getRoadWSRequest></s:Body></s:Envelope>"
    );
    let post =
        client.post(format!("{}/renns-public/soapws/", twin.url())).header("content-type", "text/xml").body(asked);
    let answer = post.send().await.unwrap().text().await.unwrap();
    (answer, certificate.send().await.unwrap().text().await.unwrap())
}

/// A thread that answers every request with the same envelope.
fn sink(envelope: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let length = envelope.len();
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\n\r\n{envelope}");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, answer) = (stream.unwrap(), answer.clone());
            std::thread::spawn(move || serve(&stream, answer.as_bytes()));
        }
    });
    address
}

fn serve(mut stream: &TcpStream, answer: &[u8]) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            if let Some(said) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = said.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() || stream.write_all(answer).is_err() {
            return;
        }
    }
}
