//! One document, one message, one number, one receipt: however often and however many at once it is sent.

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use futures_util::{StreamExt as _, stream};
use openssl::sha::sha256;
use serde_json::{Value, json};
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::{inquiry_envelope, inquiry_parts, letter};
use tests::{Client, Database, TestHub};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_sent_twice_is_registered_once_and_answered_twice() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        let (envelope, parts) = (inquiry_envelope(&[HUB_TOWN]), inquiry_parts());
        let (status, first) = commune.send("twice", &envelope, &parts).await;
        assert_eq!(status, 201, "{first:#}");
        let (status, second) = commune.send("twice", &envelope, &parts).await;
        assert_eq!(status, 200, "{second:#}");
        assert_eq!(second["message_id"], first["message_id"]);
        assert_eq!(second["evidence"]["document"], first["evidence"]["document"], "the same receipt, byte for byte");

        let mut other = parts.clone();
        other[2].1.push(b'!');
        let (status, conflict) = commune.send("twice", &envelope, &other).await;
        assert_eq!((status.as_u16(), &conflict["code"]), (409, &json!("idempotency-conflict")));
        assert_eq!(conflict["message_id"], first["message_id"], "the conflict names the first");
        let mut other = envelope.clone();
        other["subject"] = "Altă anchetă".into();
        assert_eq!(commune.send("twice", &other, &parts).await.0, 409);

        // The key belongs to its sender: another party may use the same.
        let (status, answer) = hub.client(HUB_TOWN).send("twice", &inquiry_envelope(&["uat-110063"]), &parts).await;
        assert_eq!(status, 201, "{answer:#}");
        assert_eq!(numbers(&commune).await, [1]);
        settle(&hub).await;
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_sendings_of_one_document_at_once_make_one_message() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        let document = letter(&[HUB_TOWN], "o singură dată");
        let send = |_| commune.post("/v1/messages", "all-at-once", &document);
        let answers: Vec<_> = stream::iter(0..200).map(send).buffer_unordered(200).collect().await;
        assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1, "one is the first");
        assert!(answers.iter().all(|(status, _)| status.is_success()));
        let receipts: HashSet<&str> =
            answers.iter().map(|(_, receipt)| receipt["evidence"]["document"].as_str().unwrap()).collect();
        assert_eq!(receipts.len(), 1, "all have the same receipt");
        assert_eq!(numbers(&commune).await, [1]);
        settle(&hub).await;
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_sent_at_once_have_receipts_of_their_own_and_numbers_without_gaps() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        let count: usize = if database == Database::Sqlite { 10_000 } else { 1_000 };
        let send = |index: usize| {
            let commune = &commune;
            async move {
                let document = letter(&[HUB_TOWN], &format!("scrisoarea {index}"));
                let (status, receipt) = commune.post("/v1/messages", &format!("letter-{index}"), &document).await;
                assert_eq!(status, 201, "{receipt:#}");
                (document, receipt)
            }
        };
        let sent: Vec<(Value, Value)> = stream::iter(0..count).map(send).buffer_unordered(256).collect().await;

        let mut by_message = HashMap::new();
        let mut numbers = HashSet::new();
        for (document, receipt) in &sent {
            bound(document, receipt);
            by_message.insert(receipt["message_id"].as_str().unwrap(), document);
            numbers.insert(receipt["sender_registration"]["number"].as_str().unwrap().parse::<usize>().unwrap());
        }
        assert_eq!(by_message.len(), count, "every receipt is of a message of its own");
        assert_eq!(numbers, (1..=count).collect(), "every number is given once, from 1 on");
        for (document, receipt) in sent.iter().step_by(count / 200) {
            let verdict = hub.verified(receipt["evidence"]["document"].as_str().unwrap());
            assert_eq!(verdict["evidence"]["message_id"], receipt["message_id"]);
            assert_eq!(verdict["evidence"]["sender_registration"], receipt["sender_registration"]);
            assert_eq!(verdict["evidence"]["parts"][0]["digest"], hex::encode(sha256(&kept(document))));
        }
        settle(&hub).await;
        hub.stop().await;
    })
    .await;
}

/// The body as the JSON form keeps it.
fn kept(document: &Value) -> Vec<u8> {
    serde_json::to_vec(&document["body"]).unwrap()
}

/// The receipt and its evidence bind this document's content, and nothing else's.
fn bound(document: &Value, receipt: &Value) {
    let hash = sha256(&kept(document));
    assert_eq!(receipt["parts"][0]["sha256"], hex::encode(hash));
    let digest = base64::engine::general_purpose::STANDARD.encode(hash);
    assert!(receipt["evidence"]["document"].as_str().unwrap().contains(&digest), "{receipt:#}");
}

/// The numbers of a party's register, page by page.
async fn numbers(party: &Client) -> Vec<i64> {
    let (_, register) = party.get("/v1/registers/general/entries?limit=1000").await;
    register["entries"].as_array().unwrap().iter().map(|entry| entry["number"].as_i64().unwrap()).collect()
}

/// Waits until only inbox deadlines are left to do.
async fn settle(hub: &TestHub) {
    hub.wait_for_number("select cast(count(*) as bigint) as number from job where kind <> 'expire'", 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_with_a_registry_of_its_own_keeps_its_number_and_takes_none() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        let own = json!({"register": "general", "number": "88/SPAS", "date": "2026-01-20"});
        let mut document = letter(&[HUB_TOWN], "cu număr propriu");
        document["envelope"]["sender_registration"] = own.clone();
        let (status, receipt) = commune.post("/v1/messages", "own-number", &document).await;
        assert_eq!(status, 201, "{receipt:#}");
        assert_eq!(receipt["sender_registration"], own);
        let verdict = hub.verified(receipt["evidence"]["document"].as_str().unwrap());
        assert_eq!(verdict["evidence"]["sender_registration"], own);
        assert_eq!(numbers(&commune).await, Vec::<i64>::new());
        settle(&hub).await;
        let (_, register) = hub.client(HUB_TOWN).get("/v1/registers/general/entries").await;
        assert_eq!(register["entries"][0]["counterpart_registration"], own);

        // The next document without a number is the first of the hub's register.
        let (_, receipt) = commune.post("/v1/messages", "no-number", &letter(&[HUB_TOWN], "fără număr")).await;
        assert_eq!(receipt["sender_registration"]["number"], "1");
        settle(&hub).await;
        hub.stop().await;
    })
    .await;
}
