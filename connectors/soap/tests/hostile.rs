//! Answers of somebody who wishes ill, or of something that is no SOAP service: never a panic, never taken for done.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::time::{Duration, Instant};

use connectors_contract::{Inquiry, Outcome};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

mod support;
use support::{CODE, answering, channel, consignment, founding, hasty, http, manifest, outbound};

const SECRET: &str = "110116:jeton-110116";
const NS: &str = "http://schemas.xmlsoap.org/soap/envelope/";

fn envelope(body: &str) -> String {
    format!("<s:Envelope xmlns:s=\"{NS}\"><s:Body>{body}</s:Body></s:Envelope>")
}

async fn outcome(status: &str, content_type: &str, body: &str) -> Outcome {
    let answer = http(status, content_type, body);
    let address = answering(move |_| answer.clone()).await;
    let connector = outbound(&manifest("ran"), channel(&format!("http://{address}/"), SECRET));
    connector.deliver(&consignment(&founding(CODE, "G-1", "1900101400081"))).await.outcome
}

fn class(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered { .. } => "delivered",
        Outcome::Attested { .. } => "attested",
        Outcome::Refused { .. } => "refused",
        Outcome::Unavailable { .. } => "unavailable",
        Outcome::Unknown { .. } => "unknown",
    }
}

#[tokio::test]
async fn only_an_answer_of_the_service_is_an_answer() {
    let done = envelope("<ran:transmitereResponse xmlns:ran=\"x\"/>");
    let fault =
        |code: &str| envelope(&format!("<s:Fault><faultcode>{code}</faultcode><faultstring>x</faultstring></s:Fault>"));
    let bomb = format!(
        "<!DOCTYPE a [<!ENTITY l \"lol\">{}]>{}",
        (1..9).map(|level| format!("<!ENTITY l{level} \"&l;&l;&l;&l;&l;&l;&l;&l;&l;&l;\">")).collect::<String>(),
        envelope("<a>&l8;</a>")
    );
    let external = format!("<!DOCTYPE a [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>{}", envelope("<a>&f;</a>"));
    let deep = envelope(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000)));
    let wide =
        envelope(&format!("<transmitereResponse {}/>", (0..2_000).map(|n| format!("a{n}=\"\" ")).collect::<String>()));
    let v12 = done.replace(NS, "http://www.w3.org/2003/05/soap-envelope");
    let two_bodies = done.replace("</s:Envelope>", "<s:Body><other/></s:Body></s:Envelope>");
    let two_children = envelope("<transmitereResponse/><s:Fault><faultcode>s:Client</faultcode></s:Fault>");
    let outside = format!("<wrap>{done}</wrap>");
    let bound_elsewhere = done.replace("<s:Body>", "<s:Body xmlns:s=\"urn:other\">");
    let table: [(&str, &str, &str, &str); 24] = [
        ("200 OK", "text/xml; charset=utf-8", &done, "delivered"),
        ("200 OK", "application/xml", &done, "delivered"),
        ("200 OK", "text/html", &done, "unknown"),
        ("200 OK", "text/plain", &done, "unknown"),
        ("200 OK", "application/json", "{\"transmitereResponse\": \"\"}", "unknown"),
        ("200 OK", "multipart/related; type=\"application/xop+xml\"", &done, "unknown"),
        ("200 OK", "text/xml", "", "unknown"),
        ("202 Accepted", "text/xml", "", "unknown"),
        ("200 OK", "text/xml", &bomb, "unknown"),
        ("200 OK", "text/xml", &external, "unknown"),
        ("200 OK", "text/xml", &deep, "unknown"),
        ("200 OK", "text/xml", &wide, "unknown"),
        ("200 OK", "text/xml", &v12, "unknown"),
        ("200 OK", "text/xml", &two_bodies, "unknown"),
        ("200 OK", "text/xml", &two_children, "unknown"),
        ("200 OK", "text/xml", &outside, "unknown"),
        ("200 OK", "text/xml", &bound_elsewhere, "unknown"),
        ("200 OK", "text/xml", &done[..done.len() - 3], "unknown"),
        ("200 OK", "text/xml", &envelope("<getStatusTransmisieResponse/>"), "unknown"),
        ("200 OK", "text/xml", &fault("s:Client"), "refused"),
        ("500 Internal Server Error", "text/xml", &fault("s:Client"), "refused"),
        ("500 Internal Server Error", "text/xml", &fault("s:Server"), "unknown"),
        ("404 Not Found", "text/html", "<html/>", "unavailable"),
        ("302 Found", "text/xml", &done, "unknown"),
    ];
    for (position, (status, content_type, body, expected)) in table.into_iter().enumerate() {
        let outcome = outcome(status, content_type, body).await;
        assert_eq!(class(&outcome), expected, "{position} {status} {content_type}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_credential_fault_is_our_trouble_not_the_documents() {
    let fault =
        envelope("<s:Fault><faultcode>wsse:FailedAuthentication</faultcode><faultstring>x</faultstring></s:Fault>");
    for status in ["500 Internal Server Error", "401 Unauthorized"] {
        let outcome = outcome(status, "text/xml", &fault).await;
        assert_eq!(class(&outcome), "unavailable", "{status}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 65_536];
                let _read = stream.read(&mut buffer).await;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ntransfer-encoding: chunked\r\n\r\n";
                let _sent = stream.write_all(head.as_bytes()).await;
                let chunk = format!("10000\r\n{}\r\n", "<a>".repeat(65_536 / 3 + 1).split_at(65_536).0);
                while stream.write_all(chunk.as_bytes()).await.is_ok() {}
            });
        }
    });
    let started = Instant::now();
    let document = consignment(&founding(CODE, "G-1", "1900101400081"));
    let connector = outbound(&manifest("ran"), channel(&format!("http://{address}/"), SECRET));
    let outcome = connector.deliver(&document).await.outcome;
    assert!(matches!(&outcome, Outcome::Unknown { reason } if reason.contains("octeți")), "{outcome:?}");
    assert!(started.elapsed() < Duration::from_secs(30));
    let asked = connector.inquire(&document).await;
    assert!(matches!(asked, Inquiry::Unanswered { .. }), "{asked:?}");
}

#[tokio::test]
async fn a_target_that_says_nothing_is_in_doubt_and_one_that_is_not_there_is_not() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let document = consignment(&founding(CODE, "G-1", "1900101400081"));
    let silent = tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok(accepted) = listener.accept().await {
            kept.push(accepted);
        }
    });
    let connector = outbound(&hasty("ran"), channel(&format!("http://{address}/"), SECRET));
    let outcome = connector.deliver(&document).await.outcome;
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    silent.abort();
    let _ended = silent.await;
    let outcome = connector.deliver(&document).await.outcome;
    assert!(matches!(outcome, Outcome::Unavailable { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_document_that_is_no_xml_is_not_sent() {
    let raw = manifest("ran");
    let text = std::fs::read_to_string(support::systems_folder().join("ran/manifest.toml")).unwrap();
    let plain = text.replace("{body_zlib_base64}", "{body}");
    let plain = connectors_contract::Manifest::parse(&plain, "ran").unwrap();
    assert!(raw.deliver.is_some());
    let connector = outbound(&plain, channel("http://127.0.0.1:9/", SECRET));
    for document in ["nu e xml", "<!DOCTYPE a []><a/>", "<a>", "<a/><b/>", ""] {
        let outcome = connector.deliver(&consignment(document)).await.outcome;
        assert!(
            matches!(&outcome, Outcome::Refused { code, .. } if code == "connector.unsendable"),
            "{document}: {outcome:?}"
        );
    }
}
