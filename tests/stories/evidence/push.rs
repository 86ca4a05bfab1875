//! Evidence comes to the sender's system: each one, in order, whatever fails on either side meanwhile.

use std::time::{Duration, Instant};

use hub_server::config::Config;
use sandbox::{EventRecord, Fault, FaultKind};
use serde_json::{Value, json};
use tests::county::{self, HUB_TOWN, INBOX_TOWN, SENDER};
use tests::documents::letter;
use tests::{Client, Database, TestHub};

const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(25);

/// Gives a party a channel for notices, to the played town hall's system or to nowhere.
fn notified(config: &Config, party: &str, nowhere: bool) {
    county::change(config, |directory| {
        let webhook = directory.split("id = 'webhook'").nth(1).unwrap();
        let quoted = |after: &str| webhook.split(after).nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let address = if nowhere { "http://127.0.0.1:9".to_owned() } else { quoted("address = '") };
        let secret = quoted("secret = '");
        let entry = format!("[[party]]\nid = '{party}'\n");
        directory.replace(&entry, &format!("{entry}notify = 'told-{party}'\n"))
            + &format!(
                "[[channel]]\nid = 'told-{party}'\nparty = '{party}'\nsystem = 'notice'\naddress = '{address}'\n\
                 secret = '{secret}'\n"
            )
    });
}

async fn told_hub(database: Database) -> TestHub {
    TestHub::start_with(database, |config| notified(config, SENDER, false)).await
}

async fn sent(sender: &Client, key: &str, recipients: &[&str]) -> String {
    let (status, receipt) = sender.post("/v1/messages", key, &letter(recipients, key)).await;
    assert_eq!(status, 201, "{receipt:#}");
    receipt["message_id"].as_str().unwrap().to_owned()
}

/// What the system of the commune was told, in the order it registered it.
fn told(hub: &TestHub) -> Vec<EventRecord> {
    let issued = |one: &EventRecord| one.event["type"] == "evidence.issued";
    hub.town_hall.received().into_iter().filter(issued).collect()
}

async fn wait_until_told(hub: &TestHub, count: usize) -> Vec<EventRecord> {
    let begun = Instant::now();
    loop {
        let told = told(hub);
        if told.len() >= count {
            return told;
        }
        assert!(begun.elapsed() < PATIENCE, "only {} of {count} came: {told:#?}", told.len());
        tokio::time::sleep(GLANCE).await;
    }
}

/// The ids of the evidences of messages, by their chains.
async fn chains(client: &Client, messages: &[String]) -> Vec<String> {
    let mut ids = Vec::new();
    for message in messages {
        ids.extend(client.chain(message).await.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
    }
    ids.sort();
    ids
}

/// Checks that what was told is exactly these messages' evidence, once in effect, in log order, and proves itself.
async fn assert_told(hub: &TestHub, messages: &[String]) {
    let commune = hub.client(SENDER);
    let wanted = chains(&commune, messages).await;
    let told = wait_until_told(hub, wanted.len()).await;
    let mut ids: Vec<String> = told.iter().map(|one| one.id.clone()).collect();
    ids.sort();
    assert_eq!(ids, wanted, "each evidence once, and nothing else");
    let leaves: Vec<u64> = told.iter().map(|one| one.event["about"]["log"]["index"].as_u64().unwrap()).collect();
    assert!(leaves.is_sorted(), "in the order of the log: {leaves:?}");
    for EventRecord { id, event, .. } in &told {
        let about = &event["about"];
        assert_eq!(about["evidence_id"], id.as_str(), "the id is the key");
        let document = about["document"].as_str().unwrap();
        let proven = hub.verified(document);
        assert_eq!(proven["evidence"]["event"], about["event"]);
        assert_eq!(about["sha256"], hex::encode(openssl::sha::sha256(document.as_bytes())));
        assert!(about["meaning"].is_string(), "{about:#}");
        let fetched = commune.bytes(&format!("{}?level=b", about["href"].as_str().unwrap())).await;
        assert_eq!(fetched, document.as_bytes());
        let (status, _) = commune.get(about["log"]["href"].as_str().unwrap()).await;
        assert_eq!(status, 200, "what is told is in the log already");
        assert_eq!((&event["sender"], &event["about_content_type"]), (&json!(SENDER), &json!("application/json")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sender_is_told_of_each_evidence_once_in_order_and_each_proves_itself() {
    for database in Database::all() {
        let hub = told_hub(database).await;
        let (commune, town) = (hub.client(SENDER), hub.client(HUB_TOWN));
        let mut messages = vec![sent(&commune, "two", &[HUB_TOWN, INBOX_TOWN]).await];
        messages.push(sent(&commune, "one", &[HUB_TOWN]).await);
        for message in &messages {
            let waiting = commune.wait_for_delivery(message, HUB_TOWN, "consigned").await;
            let (status, _) =
                town.post(&format!("/v1/inbox/{}/accept", waiting["id"].as_str().unwrap()), "a", &json!({})).await;
            assert_eq!(status, 200);
        }
        // A refused submission leaves a sealed rejection and no message.
        let mut wrong = letter(&[HUB_TOWN], "greșit");
        wrong["body"] = json!({});
        let (status, problem) = commune.post("/v1/messages", "wrong", &wrong).await;
        assert_eq!(status, 422, "{problem:#}");
        messages.push(problem["message_id"].as_str().unwrap().to_owned());
        commune.wait_for_delivery(&messages[0], INBOX_TOWN, "consigned").await;
        assert_told(&hub, &messages).await;
        let rejected = told(&hub).into_iter().find(|one| one.event["about"]["event"] == "SubmissionRejection").unwrap();
        assert_eq!((&rejected.event["document_type"], &rejected.event["delivery_id"]), (&Value::Null, &Value::Null));
        assert!(told(&hub).iter().all(|one| one.received == 1), "with nothing in the way, each came once");
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_fails_and_a_hub_that_restarts_lose_and_skip_nothing() {
    for database in Database::all() {
        let mut hub = told_hub(database).await;
        let faults = [FaultKind::ServerErrorAfterStoring, FaultKind::CutConnection, FaultKind::TooManyRequests];
        for fault in faults {
            hub.town_hall.faults.plan(Fault { retry_after_s: 0, ..Fault::once(fault) });
        }
        let mut messages = vec![sent(&hub.client(SENDER), "before", &[HUB_TOWN]).await];
        // It is down while documents are sent, and while the hub stops and starts.
        wait_until_told(&hub, 1).await;
        hub.town_hall.faults.plan(Fault { times: 100_000, ..Fault::once(FaultKind::ServerError) });
        for key in ["during-1", "during-2", "during-3"] {
            let message = sent(&hub.client(SENDER), key, &[HUB_TOWN, INBOX_TOWN]).await;
            hub.client(SENDER).wait_for_delivery(&message, INBOX_TOWN, "consigned").await;
            messages.push(message);
            hub.restart().await;
        }
        let failing = "select failures as number from evidence_push where failures > 0";
        let begun = Instant::now();
        while hub.running().hub.db.query(failing, vec![]).await.unwrap().is_empty() {
            assert!(begun.elapsed() < PATIENCE, "nobody fails");
            tokio::time::sleep(GLANCE).await;
        }
        let (_, ready) = hub.client(SENDER).get("/health/ready").await;
        assert_eq!((&ready["evidence_push"]["parties"], &ready["evidence_push"]["failing"]), (&json!(1), &json!(1)));
        hub.town_hall.faults.clear();
        hub.restart().await;
        messages.push(sent(&hub.client(SENDER), "after", &[HUB_TOWN]).await);
        hub.client(SENDER).wait_for_delivery(&messages[4], HUB_TOWN, "consigned").await;
        assert_told(&hub, &messages).await;
        let (_, ready) = hub.client(SENDER).get("/health/ready").await;
        assert_eq!(ready["evidence_push"]["failing"], 0);
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_party_that_never_answers_is_paused_and_holds_up_nobody() {
    for database in Database::all() {
        let mut hub = TestHub::start_with(database, |config| {
            config.retry.give_up_after = 0.3;
            notified(config, SENDER, false);
            notified(config, HUB_TOWN, true);
        })
        .await;
        let silent = sent(&hub.client(HUB_TOWN), "unheard", &[INBOX_TOWN]).await;
        hub.client(HUB_TOWN).wait_for_delivery(&silent, INBOX_TOWN, "consigned").await;
        let begun = Instant::now();
        loop {
            let (status, ready) = hub.client(SENDER).get("/health/ready").await;
            if ready["evidence_push"]["paused"] == 1 {
                assert_eq!(status, 200, "a deaf party is no trouble of the hub");
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "{ready:#}");
            tokio::time::sleep(GLANCE).await;
        }
        let metrics = hub.client(SENDER).bytes("/metrics").await;
        assert!(String::from_utf8(metrics).unwrap().contains("punte_push_paused 1"));
        let heard = sent(&hub.client(SENDER), "heard", &[INBOX_TOWN]).await;
        hub.client(SENDER).wait_for_delivery(&heard, INBOX_TOWN, "consigned").await;
        assert_told(&hub, std::slice::from_ref(&heard)).await;

        // Its system comes back: nothing was lost.
        let address = hub.town_hall.url();
        let config = hub.config.clone();
        hub.stop_and_start(|| county::change(&config, |directory| directory.replace("http://127.0.0.1:9", &address)))
            .await;
        let expected = chains(&hub.client(HUB_TOWN), std::slice::from_ref(&silent)).await;
        let begun = Instant::now();
        loop {
            let mut ids: Vec<String> =
                told(&hub).into_iter().filter(|one| one.event["sender"] == HUB_TOWN).map(|one| one.id).collect();
            ids.sort();
            if ids == expected {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "{ids:?} instead of {expected:?}");
            tokio::time::sleep(GLANCE).await;
        }
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_party_that_wants_to_be_told_later_is_told_from_then_on() {
    for database in Database::all() {
        let mut hub = TestHub::start(database).await;
        let past = sent(&hub.client(SENDER), "past", &[HUB_TOWN]).await;
        hub.client(SENDER).wait_for_delivery(&past, HUB_TOWN, "consigned").await;
        let config = hub.config.clone();
        hub.stop_and_start(|| notified(&config, SENDER, false)).await;
        let present = sent(&hub.client(SENDER), "present", &[HUB_TOWN]).await;
        hub.client(SENDER).wait_for_delivery(&present, HUB_TOWN, "consigned").await;
        assert_told(&hub, &[present]).await;
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_one_at_a_time_tells_a_party() {
    for database in Database::all().into_iter().filter(|database| *database != Database::Sqlite) {
        let hub = told_hub(database).await;
        // A node of the same hub: the same seal, the same key of the log.
        let other = hub_server::listen::start(&hub.config).await.unwrap();
        let doors = [hub.client(SENDER), Client::of(&other.url(), SENDER)];
        let mut messages = Vec::new();
        for number in 0..20 {
            messages.push(sent(&doors[number % 2], &format!("n{number}"), &[HUB_TOWN]).await);
        }
        for message in &messages {
            doors[0].wait_for_delivery(message, HUB_TOWN, "consigned").await;
        }
        assert_told(&hub, &messages).await;
        assert!(told(&hub).iter().all(|one| one.received == 1), "no evidence was told by both");
        other.stop().await;
        hub.stop().await;
    }
}
