//! Many clerks at many hubs number one register at once: no number is missing, none comes twice, all in order of time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use futures_util::future::join_all;
use hub_server::listen;
use serde_json::{Value, json};
use tests::county::HUB_TOWN;
use tests::{Client, Database, TestHub};

async fn take(client: &Client, key: String) -> i64 {
    let body = json!({"subject": format!("Cererea {key}"), "correspondent": {"name": "Ion Inventatu"}});
    let (status, entry) = client.post("/v1/registers/general/entries", &key, &body).await;
    assert_eq!(status, 201, "{entry:#}");
    entry["number"].as_i64().unwrap()
}

async fn gapless(clients: &[Client], each: usize) {
    let taken = clients.iter().enumerate().flat_map(|(hub, client)| {
        (0..each).map(move |index| async move { take(client, format!("{hub}-{index}")).await })
    });
    let numbers = join_all(taken).await;
    let expected: BTreeSet<i64> = (1..=i64::try_from(numbers.len()).unwrap()).collect();
    assert_eq!(numbers.iter().copied().collect::<BTreeSet<i64>>(), expected, "no gap");
    assert_eq!(numbers.len(), expected.len(), "no number twice");
    let (_, listed) = clients[0].get("/v1/registers/general/entries?limit=1000").await;
    let moments: Vec<&str> =
        listed["entries"].as_array().unwrap().iter().map(|one| one["recorded_at"].as_str().unwrap()).collect();
    assert!(moments.is_sorted(), "numbers are in order of time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hubs_on_one_database_number_one_register_at_once_without_a_gap() {
    if !Database::all().contains(&Database::Postgres) {
        return;
    }
    let hub = TestHub::start(Database::Postgres).await;
    let second = listen::start_with(&hub.config, Vec::new()).await.unwrap();
    let clients = [hub.client(HUB_TOWN), Client::of(&second.url(), HUB_TOWN)];
    gapless(&clients, 100).await;

    // The same request at both at once gets one number.
    let body = json!({"subject": "Trimisă la amândouă"});
    let same = join_all(clients.iter().map(|client| async {
        let answer = client.post("/v1/registers/general/entries", "same", &body).await;
        // The one that came second to the database is told to ask again, and finds the first one's answer.
        if answer.0 == 503 { client.post("/v1/registers/general/entries", "same", &body).await } else { answer }
    }))
    .await;
    let numbers: Vec<&Value> = same.iter().map(|(_, entry)| &entry["number"]).collect();
    assert_eq!(numbers, [&json!(201), &json!(201)], "{same:#?}");
    second.stop().await;
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_at_one_hub_is_numbered_without_a_gap() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        gapless(&[hub.client(HUB_TOWN), hub.client(HUB_TOWN)], 150).await;
        hub.stop().await;
    })
    .await;
}
