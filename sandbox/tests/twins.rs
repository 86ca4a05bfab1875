//! The twins as an integrator meets them: over HTTP, with their plan of faults.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::path::Path;
use std::sync::Arc;

use reqwest::multipart::{Form, Part};
use reqwest::{Client, StatusCode};
use sandbox::{CaseRecord, Esocial, Fault, Running, Sink, SinkCounts};
use serde_json::{Value, json};

async fn esocial() -> Running<CaseRecord> {
    // 2 March 2026, 23:30 UTC: already the third in Bucharest.
    Esocial::start(([127, 0, 0, 1], 0).into(), Arc::new(|| 1_772_494_200)).await.unwrap()
}

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

/// A case about nobody.
fn case() -> Value {
    json!({ "versiune": "1.0", "tip": "DOCUMENT_GENERIC", "subiect": "Invitație", "expeditor": { "denumire": "Primăria" } })
}

#[tokio::test]
async fn a_case_gets_its_numbers_and_is_found_by_its_key() {
    let (twin, client) = (esocial().await, client());
    let url = format!("{}/api/v1/cazuri", twin.url());
    let sent = client.post(&url).header("Idempotency-Key", "key-00000001").json(&case()).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::CREATED);
    let expected = json!({ "numarCaz": "ESO-2026-000001", "numarInregistrare": 1, "dataInregistrare": "2026-03-03" });
    assert_eq!(sent.json::<Value>().await.unwrap(), expected);

    let found = client.get(format!("{url}?cheie=key-00000001")).send().await.unwrap();
    assert_eq!(found.json::<Value>().await.unwrap(), json!({ "cazuri": [expected] }));
    for (question, status) in [("?cheie=other", StatusCode::NOT_FOUND), ("", StatusCode::BAD_REQUEST)] {
        assert_eq!(client.get(format!("{url}{question}")).send().await.unwrap().status(), status);
    }
    let cases = client.get(format!("{}/_sandbox/cases", twin.url())).send().await.unwrap();
    assert_eq!(cases.json::<Vec<CaseRecord>>().await.unwrap(), twin.received());
}

#[tokio::test]
async fn what_an_institution_would_not_take_is_refused_with_a_code() {
    let (twin, client) = (esocial().await, client());
    let url = format!("{}/api/v1/cazuri", twin.url());
    let post = || client.post(&url).header("Idempotency-Key", "key-00000001");
    let lists_a_file = json!({ "documente": [{ "nume": "a.pdf", "sha256": "00" }] });
    let mut incomplete = case();
    incomplete.as_object_mut().unwrap().extend(lists_a_file.as_object().unwrap().clone());
    let form =
        Form::new().part("caz", Part::text(incomplete.to_string())).part("fisiere", Part::bytes(b"a".as_slice()));
    let table = [
        (client.post(&url).json(&case()), 400, "ES-101"),
        (client.post(&url).header("Idempotency-Key", "short").json(&case()), 400, "ES-101"),
        (post().header("content-type", "application/json").body("{"), 400, "ES-102"),
        (post().json(&json!({ "tip": "A" })), 400, "ES-110"),
        (post().multipart(form), 400, "ES-110"),
        (post().multipart(Form::new().text("altceva", "x")), 400, "ES-400"),
        (post().header("content-type", "text/plain").body("x"), 415, "ES-415"),
        (post().json(&json!({ "subiect": "x".repeat(2 * 1024 * 1024) })), 413, "ES-413"),
    ];
    for (request, status, code) in table {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{code}");
        assert_eq!(answer.json::<Value>().await.unwrap()["cod"], code);
    }
    assert!(twin.received().is_empty());
}

#[tokio::test]
async fn a_twin_that_forgets_keys_shows_a_document_sent_twice() {
    let (twin, client) = (esocial().await, client());
    let url = format!("{}/api/v1/cazuri", twin.url());
    let post = || client.post(&url).header("Idempotency-Key", "key-00000001").json(&case()).send();
    post().await.unwrap();
    assert_eq!(post().await.unwrap().status(), StatusCode::OK);
    assert_eq!((twin.received()[0].received, twin.received()[0].stored), (2, 1));
    twin.faults.plan(Fault::once(sandbox::FaultKind::IgnoreKey));
    post().await.unwrap();
    assert_eq!((twin.received()[0].received, twin.received()[0].stored), (3, 2));
}

#[tokio::test]
async fn the_plan_of_faults_is_set_over_http_and_used_up_in_order() {
    let (twin, client) = (esocial().await, client());
    let plan = format!("{}/_sandbox/faults", twin.url());
    let faults = json!([{ "fault": "too-many-requests", "retry_after_s": 3 }, { "fault": "html-page", "times": 2 }]);
    let set = client.put(&plan).json(&faults).send().await.unwrap();
    assert_eq!(set.json::<Vec<Fault>>().await.unwrap().len(), 2);
    let url = format!("{}/api/v1/cazuri", twin.url());
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let answer = client.post(&url).header("Idempotency-Key", "key-00000001").json(&case()).send().await.unwrap();
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [429, 200, 200, 201]);
    let left = client.get(&plan).send().await.unwrap();
    assert!(left.json::<Vec<Fault>>().await.unwrap().is_empty());
    let wrong = client.put(&plan).json(&json!([{ "fault": "earthquake" }])).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_outage_is_answered_and_then_refuses_every_connection_until_it_ends() {
    let (twin, client) = (esocial().await, client());
    let plan = format!("{}/_sandbox/faults", twin.url());
    let set = client.put(&plan).json(&json!([{ "fault": "down", "delay_ms": 3_600_000 }])).send().await.unwrap();
    assert_eq!(set.status(), StatusCode::OK);
    assert!(client.get(&plan).send().await.unwrap_err().is_connect());
    twin.faults.up().await;
    assert_eq!(client.get(&plan).send().await.unwrap().status(), StatusCode::OK);
    let address = twin.address;
    twin.stop().await;
    assert!(client.get(format!("http://{address}/")).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn an_outage_that_is_over_before_anybody_looks_holds_nobody_up() {
    let twin = esocial().await;
    for _ in 0..20 {
        let outage = twin.faults.down(std::time::Duration::ZERO);
        tokio::time::timeout(std::time::Duration::from_secs(20), outage).await.expect("it ends");
    }
}

#[tokio::test]
async fn an_outage_ends_by_itself() {
    let twin = esocial().await;
    twin.faults.down(std::time::Duration::from_millis(20)).await;
    twin.faults.up().await;
    twin.faults.down(std::time::Duration::from_millis(20)).await;
    let plan = format!("{}/_sandbox/faults", twin.url());
    while client().get(&plan).send().await.is_err() {}
}

#[tokio::test]
async fn a_sink_takes_everything_and_counts_doubles() {
    let (twin, client) = (Sink::start(([127, 0, 0, 1], 0).into()).await.unwrap(), client());
    for key in ["a", "b", "a"] {
        let sent = client.post(format!("{}/api/v1/cazuri", twin.url())).header("Idempotency-Key", key).body("1234");
        assert_eq!(sent.send().await.unwrap().status(), StatusCode::CREATED);
    }
    client.post(twin.url()).body("1").send().await.unwrap();
    assert_eq!(twin.received(), [SinkCounts { taken: 2, doubles: 1, unwatched: 1, bytes: 13 }]);
    for (key, status) in [("a", StatusCode::OK), ("c", StatusCode::NOT_FOUND)] {
        let found = client.get(format!("{}/api/v1/cazuri?cheie={key}", twin.url())).send().await.unwrap();
        assert_eq!(found.status(), status);
    }
}

#[tokio::test]
async fn every_golden_case_of_the_mapping_library_is_taken() {
    let (twin, client) = (esocial().await, client());
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mappings/library");
    let folders = std::fs::read_dir(&library).unwrap().map(|entry| entry.unwrap().path());
    let golden =
        folders.filter(|folder| folder.to_string_lossy().ends_with("-to-esocial")).map(|folder| folder.join("golden"));
    let files = golden.flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let outputs: Vec<_> = files.filter(|path| path.to_string_lossy().ends_with(".output.json")).collect();
    assert!(!outputs.is_empty());
    for (number, path) in outputs.iter().enumerate() {
        let request = client
            .post(format!("{}/api/v1/cazuri", twin.url()))
            .header("Idempotency-Key", format!("golden-{number:04}"))
            .header("content-type", "application/json")
            .body(std::fs::read(path).unwrap());
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, StatusCode::CREATED, "{}: {text}", path.display());
    }
}
