//! What waits at a system: fetched whole, given back as a verdict, and never lost or taken from elsewhere.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connectors_contract::{Engine, Inbound, Manifest, PartContent, Verdict};
use sandbox::{CaseRecord, Esocial, Fault, FaultKind, OutgoingDocument, OutgoingFile, OutgoingRecord, Running};
use serde_json::{Value, json};

mod support;
use support::{NOW, SECRET, answering, channel, engine, manifest};

const PDF: &[u8] = b"%PDF-1.7 certificat inventat";

async fn esocial() -> Running<CaseRecord> {
    Esocial::start(SocketAddr::from(([127, 0, 0, 1], 0)), Arc::new(|| NOW)).await.unwrap()
}

fn inbound(address: SocketAddr) -> Arc<dyn Inbound> {
    let mut manifest = manifest("esocial");
    manifest.endpoint.timeout = Duration::from_secs(5);
    engine().inbound(&manifest, channel(address, SECRET)).unwrap()
}

/// A document about an invented person.
async fn put_in(twin: &Running<CaseRecord>, kind: &str) -> String {
    let document = OutgoingDocument {
        tip: kind.to_owned(),
        destinatar: "uat-exemplu".to_owned(),
        subiect: "Certificat \u{2013} Exemplescu Ion".to_owned(),
        scop: "incadrare-grad".to_owned(),
        temei: "Legea nr. 448/2006".to_owned(),
        document: json!({ "grad": "accentuat", "persoana": { "cnp": "1630615259905" } }),
        fisiere: vec![OutgoingFile {
            nume: "certificat.pdf".to_owned(),
            rol: "certificat-semnat".to_owned(),
            media_type: "application/pdf".to_owned(),
            continut: STANDARD.encode(PDF),
        }],
    };
    let answer = reqwest::Client::new().post(format!("{}/_sandbox/outgoing", twin.url())).json(&document).send().await;
    answer.unwrap().json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
}

async fn records(twin: &Running<CaseRecord>) -> Vec<OutgoingRecord> {
    reqwest::get(format!("{}/_sandbox/outgoing", twin.url())).await.unwrap().json().await.unwrap()
}

fn accepted() -> Verdict {
    let (message_id, number) = ("01980000-0000-7000-8000-000000000009".to_owned(), Some("12".to_owned()));
    Verdict::Accepted { message_id, number, receipt: Bytes::from_static(b"<sigiliu/>"), again: false }
}

#[tokio::test]
async fn what_waits_is_fetched_whole_until_it_is_acknowledged() {
    let twin = esocial().await;
    let inbound = inbound(twin.address);
    assert!(inbound.poll(10).await.unwrap().is_empty());
    let (first, second) = (put_in(&twin, "certificat-incadrare-grad").await, put_in(&twin, "adresa-inaintare").await);
    for _ in 0..2 {
        let waiting = inbound.poll(10).await.unwrap();
        assert_eq!(waiting.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [&first, &second]);
        let arrival = &waiting[0];
        assert_eq!((arrival.unreadable.as_ref(), arrival.facts["number"].as_str()), (None, "1"));
        assert_eq!(arrival.parts[1].sha256, openssl::sha::sha256(PDF));
        assert!(matches!(&arrival.parts[1].content, PartContent::Inline(bytes) if bytes == PDF));
        let envelope: Value = serde_json::from_slice(arrival.envelope.as_ref().unwrap()).unwrap();
        let body = br#"{"grad":"accentuat","persoana":{"cnp":"1630615259905"}}"#;
        let expected = json!({
            "recipients": [{ "party": "uat-exemplu" }], "document_type": "certificat-incadrare-grad",
            "document_version": "1.0", "subject": "Certificat \u{2013} Exemplescu Ion", "purpose": "incadrare-grad",
            "legal_basis": "Legea nr. 448/2006",
            "sender_registration": { "register": "esocial", "number": "1", "date": "2026-03-02" },
            "parts": [
                { "name": "document.json", "role": "body", "content_type": "application/json",
                  "sha256": hex::encode(openssl::sha::sha256(body)) },
                { "name": "certificat.pdf", "role": "certificat-semnat", "content_type": "application/pdf",
                  "sha256": hex::encode(openssl::sha::sha256(PDF)) },
            ],
        });
        assert_eq!(envelope, expected);
    }
    assert_eq!(inbound.poll(1).await.unwrap().len(), 1);
    inbound.acknowledge(&first, &accepted()).await.unwrap();
    inbound.acknowledge(&first, &accepted()).await.unwrap();
    let refused =
        Verdict::Refused { reason: "Lipsește o semnătură.".to_owned(), problem: json!({ "a": 1 }), receipt: None };
    inbound.acknowledge(&second, &refused).await.unwrap();
    assert!(inbound.poll(10).await.unwrap().is_empty());
    let records = records(&twin).await;
    assert_eq!(records[0].confirmations, 2);
    let confirmed = json!({ "verdict": "preluat", "idMesaj": "01980000-0000-7000-8000-000000000009",
        "numarInregistrare": "12", "dovada": STANDARD.encode("<sigiliu/>") });
    assert_eq!(records[0].confirmed, Some(confirmed));
    let confirmed = json!({ "verdict": "respins", "motiv": "Lipsește o semnătură.", "probleme": { "a": 1 } });
    assert_eq!(records[1].confirmed, Some(confirmed));
}

#[tokio::test]
async fn a_bad_day_of_the_system_loses_nothing() {
    let twin = esocial().await;
    let inbound = inbound(twin.address);
    for kind in [
        FaultKind::ServerError,
        FaultKind::HtmlPage,
        FaultKind::CutConnection,
        FaultKind::CutConnectionAfterStoring,
        FaultKind::OkWithErrorBody,
    ] {
        let id = put_in(&twin, "adresa-inaintare").await;
        twin.faults.plan(Fault::once(kind).at_inquiry());
        assert!(inbound.poll(10).await.is_err(), "{kind:?}");
        assert_eq!(inbound.poll(10).await.unwrap()[0].id, id, "{kind:?}");
        twin.faults.plan(Fault::once(kind));
        assert!(inbound.acknowledge(&id, &accepted()).await.is_err(), "{kind:?}");
        // One of the lost answers hides a confirmation that was heard; telling it again changes nothing.
        inbound.acknowledge(&id, &accepted()).await.unwrap();
        assert!(inbound.poll(10).await.unwrap().is_empty());
    }
    twin.faults.plan(Fault { retry_after_s: 77, ..Fault::once(FaultKind::TooManyRequests).at_inquiry() });
    assert_eq!(inbound.poll(10).await.unwrap_err().retry_after, Some(Duration::from_secs(77)));
}

/// A system that lists this and answers everything else with these bytes.
async fn listing(items: Value, other: &'static str) -> Arc<dyn Inbound> {
    let list = json!({ "documente": items }).to_string();
    let address = answering(move |request| {
        let (status, body) =
            if request.starts_with("GET /api/v1/documente?") { ("200 OK", list.as_str()) } else { (other, "x") };
        let length = body.len();
        format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
            .into_bytes()
    })
    .await;
    inbound(address)
}

fn item(id: &str, file: Value) -> Value {
    json!({ "id": id, "numar": "1", "data": "2026-03-02", "tip": "t", "versiune": "1.0", "destinatar": "d", "subiect": "s",
        "scop": "s", "temei": "t", "document": {}, "fisiere": [file] })
}

#[tokio::test]
async fn what_cannot_be_read_is_an_arrival_that_says_why() {
    let table = [
        (json!({ "nume": "a.pdf", "adresa": "/f", "sha256": "00" }), "200 OK", "amprenta SHA-256"),
        (json!({ "nume": "a.pdf", "adresa": "/f" }), "404 Not Found", "nu se mai găsește"),
        (json!({ "nume": "a.pdf", "adresa": "http://127.0.0.1:1/f" }), "200 OK", "din afara sistemului"),
        (json!({ "nume": "a.pdf", "adresa": "//127.0.0.1:1/f" }), "200 OK", "din afara sistemului"),
        (json!({ "nume": "a.pdf" }), "200 OK", "nu are conținut"),
    ];
    for (file, status, why) in table {
        let waiting = listing(json!([item("1", file.clone())]), status).await.poll(9).await.unwrap();
        assert_eq!((waiting.len(), waiting[0].id.as_str()), (1, "1"));
        assert!(waiting[0].unreadable.as_ref().unwrap().contains(why), "{file}: {:?}", waiting[0].unreadable);
    }
    let mut without = item("1", json!({ "nume": "a.pdf", "adresa": "/f" }));
    without.as_object_mut().unwrap().remove("destinatar");
    let waiting = listing(json!([without]), "200 OK").await.poll(9).await.unwrap();
    assert!(waiting[0].unreadable.as_ref().unwrap().contains("/destinatar"), "{waiting:?}");
}

#[tokio::test]
async fn one_document_that_cannot_be_read_now_does_not_hold_the_others() {
    let file = json!({ "nume": "a.pdf", "adresa": "/f" });
    let mut without_files = item("2", json!({}));
    without_files["fisiere"] = json!([]);
    let inbound = listing(json!([item("1", file.clone()), without_files, { "numar": "7" }]), "500 Oops").await;
    let waiting = inbound.poll(9).await.unwrap();
    assert_eq!(waiting.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["2"]);
    assert!(listing(json!([item("1", file)]), "500 Oops").await.poll(9).await.is_err());
    assert!(listing(json!({ "nu": "lista" }), "500 Oops").await.poll(9).await.is_err());
}

#[test]
fn a_table_that_cannot_hold_is_told_with_the_way_out() {
    let text = std::fs::read_to_string(support::systems_folder().join("esocial/manifest.toml")).unwrap();
    let text = text.replace("${ESOCIAL_URL}", "http://127.0.0.1:9");
    let table = [
        ("limita={most}", "limita={cate}", "{cate}"),
        ("path = \"/adresa\"", "", "write one of the two"),
        ("{message_id}", "{mesaj}", "{mesaj}"),
        ("\"{/destinatar}\"", "\"{destinatar}\"", "{destinatar}"),
        ("id = \"/id\"", "", "missing field `id`"),
        ("body = \"/document\"", "corp = \"/document\"", "unknown field `corp`"),
    ];
    for (from, to, way_out) in table {
        let manifest = Manifest::parse(&text.replace(from, to), "esocial").unwrap();
        let local = SocketAddr::from(([127, 0, 0, 1], 9));
        let error = engine().inbound(&manifest, channel(local, SECRET)).err().unwrap().to_string();
        assert!(error.contains(way_out), "{error}");
    }
}
