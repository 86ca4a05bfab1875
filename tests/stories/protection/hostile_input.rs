//! What an attacker sends: bombs, paths, injected lines, members that are not theirs to set. Refused, and nothing stays.

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Answer, ask, form};
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::{inquiry_envelope, inquiry_parts, letter};
use tests::{Database, TestHub};

async fn send(hub: &TestHub, body: impl Into<reqwest::Body>) -> Answer {
    hub.client(SENDER).submit(&tests::database::unique(), "application/json", body).await
}

async fn messages(hub: &TestHub) -> i64 {
    hub.number("select cast(count(*) as bigint) as number from message").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_that_is_all_brackets_is_not_even_read() {
    let hub = TestHub::start(Database::Sqlite).await;
    let deep = format!("{{\"envelope\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("{{\"envelope\":[{}0]}}", "0,".repeat(900_000));
    for bomb in [deep, wide] {
        let answer = send(&hub, bomb).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("malformed-request")), "{answer:?}");
    }
    // The same inside a body, and at the other doors that read JSON.
    let mut document = letter(&[HUB_TOWN], "text");
    document["body"]["text"] = json!("DEEP");
    let body = document.to_string().replace("\"DEEP\"", &format!("{}{}", "[".repeat(90), "]".repeat(90)));
    assert_eq!(send(&hub, body).await.status, 400);
    let bomb = "[".repeat(50_000);
    for path in ["/v1/lookups/recom/firma", "/v1/registers/GENERAL/entries", "/v1/archive/dossiers"] {
        let request = hub.client(SENDER).request(Method::POST, path).header("idempotency-key", "b");
        let answer = ask(request.header("content-type", "application/json").body(bomb.clone())).await;
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
    }
    assert_eq!(messages(&hub).await, 0);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_lead_out_of_a_folder_are_refused() {
    let hub = TestHub::start(Database::Sqlite).await;
    for name in ["../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "..", "a\r\nSet-Cookie: x=1", "a\0b"] {
        let mut envelope = inquiry_envelope(&[HUB_TOWN]);
        envelope["parts"][1]["name"] = name.into();
        let mut parts = inquiry_parts();
        parts[1].0 = name.replace(['\r', '\n', '\0'], "_");
        let request = hub
            .client(SENDER)
            .request(Method::POST, "/v1/messages")
            .header("idempotency-key", tests::database::unique());
        let answer = ask(request.multipart(form(&envelope, &parts))).await;
        assert_eq!(answer.status, 422, "{name:?}: {answer:?}");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    assert_eq!(messages(&hub).await, 0);
    for path in [
        "/v1/messages/..%2f..%2fetc%2fpasswd",
        "/v1/messages/019aa000-0000-7000-8000-000000000000/parts/..%2f..%2fpunte.db",
        "/v1/log/tile/0/../../../../etc/passwd",
        "/v1/log/tile/0/..%2f..%2fetc%2fpasswd",
        "/problems/..%2f..%2fCargo.toml",
        "/v1/registers/%2e%2e%2f/2026/1",
        "/v1/messages/%00",
    ] {
        let answer = ask(hub.client(SENDER).request(Method::GET, path)).await;
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.body.to_string().contains("root:"), "{path}");
    }
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_that_are_not_the_callers_to_set_are_refused_not_ignored() {
    let hub = TestHub::start(Database::Sqlite).await;
    let with = |pointer: &str, name: &str, value: Value| {
        let mut document = letter(&[HUB_TOWN], "text");
        document.pointer_mut(pointer).unwrap()[name] = value;
        document.to_string()
    };
    for document in [
        with("/envelope", "sender", json!("uat-110063")),
        with("/envelope", "state", json!("delivered")),
        with("/envelope", "received_at", json!("2020-01-01T00:00:00Z")),
        with("", "operator", json!(true)),
        with("", "authentication", json!({"method": "x", "assurance": "high"})),
    ] {
        let answer = send(&hub, document).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("malformed-request")), "{answer:?}");
    }
    // Nobody becomes another by saying so.
    let answer = send(&hub, with("/envelope", "on_behalf_of", json!("uat-110063"))).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(messages(&hub).await, 0);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_cannot_carry_lines_and_an_answer_repeats_no_header() {
    let hub = TestHub::start(Database::Sqlite).await;
    let long = "k".repeat(4_000);
    for key in ["", "two words", "ș", long.as_str()] {
        let request = hub.client(SENDER).request(Method::POST, "/v1/messages").header("idempotency-key", key);
        let answer = ask(request.json(&letter(&[HUB_TOWN], "text"))).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("idempotency-key")), "{key:?}");
    }
    let injected = "/v1/messages?x=%0d%0aSet-Cookie:%20x=1";
    let answer = ask(hub.client(SENDER).request(Method::GET, injected)).await;
    assert!(!answer.headers.contains_key("set-cookie"), "{answer:?}");
    hub.stop().await;
}
