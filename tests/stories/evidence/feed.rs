//! A party fetches the evidence it may see: each one exactly once, in the order of its feed, and nobody else's.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::county::{self, HUB_TOWN, INBOX_TOWN, SENDER, WEBHOOK_TOWN};
use tests::documents::letter;
use tests::hubs::{pairs, waiting};
use tests::{Client, Database, Hubs, TestHub};

const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(25);

async fn sent(sender: &Client, key: &str, recipients: &[&str]) -> String {
    let (status, receipt) = sender.post("/v1/messages", key, &letter(recipients, key)).await;
    assert_eq!(status, 201, "{receipt:#}");
    receipt["message_id"].as_str().unwrap().to_owned()
}

/// The feed after a cursor, by pages of a size, and the cursor it ends with.
async fn read(client: &Client, after: i64, page: usize, party: &str) -> (Vec<Value>, i64) {
    let (mut items, mut after) = (Vec::new(), after);
    loop {
        let (status, answer) = client.get(&format!("/v1/evidence?after={after}&limit={page}{party}")).await;
        assert_eq!(status, 200, "{answer:#}");
        items.extend(answer["items"].as_array().unwrap().iter().cloned());
        after = answer["next"].as_i64().unwrap();
        if answer["more"] == false {
            return (items, after);
        }
    }
}

/// Follows the feed as a client does, until it has so many evidences.
async fn follow(client: &Client, count: usize) -> Vec<Value> {
    let (begun, mut items, mut after) = (Instant::now(), Vec::new(), 0);
    while items.len() < count {
        let (more, next) = read(client, after, 3, "").await;
        items.extend(more);
        after = next;
        assert!(begun.elapsed() < PATIENCE, "only {} of {count} came: {items:#?}", items.len());
        tokio::time::sleep(GLANCE).await;
    }
    items
}

async fn hrefs_of_chains(client: &Client, messages: &[String]) -> BTreeSet<String> {
    let mut hrefs = BTreeSet::new();
    for message in messages {
        hrefs.extend(client.chain(message).await.iter().map(|one| one["href"].as_str().unwrap().to_owned()));
    }
    hrefs
}

/// Checks that a feed holds exactly the evidence of the chains as this party sees them, each once, without gaps.
async fn assert_feed_is(client: &Client, messages: &[String]) -> Vec<Value> {
    let chains = hrefs_of_chains(client, messages).await;
    let items = follow(client, chains.len()).await;
    let hrefs: Vec<&str> = items.iter().map(|one| one["href"].as_str().unwrap()).collect();
    assert_eq!(hrefs.len(), chains.len(), "each once: {hrefs:#?}");
    assert_eq!(hrefs.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), chains);
    let cursors: Vec<i64> = items.iter().map(|one| one["cursor"].as_i64().unwrap()).collect();
    assert_eq!(cursors, (1..=i64::try_from(items.len()).unwrap()).collect::<Vec<_>>(), "without gaps");
    items
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_side_reads_the_evidence_it_may_see_exactly_once_also_across_a_restart() {
    for database in Database::all() {
        let mut hub = TestHub::start(database).await;
        let mut messages = Vec::new();
        for number in 0..6 {
            let recipients: &[&str] = if number % 2 == 0 { &[HUB_TOWN, INBOX_TOWN] } else { &[HUB_TOWN] };
            messages.push(sent(&hub.client(SENDER), &format!("m{number}"), recipients).await);
            if number == 2 {
                hub.restart().await;
            }
        }
        for message in &messages {
            let waiting = hub.client(SENDER).wait_for_delivery(message, HUB_TOWN, "consigned").await;
            let accept = format!("/v1/inbox/{}/accept", waiting["id"].as_str().unwrap());
            let (status, _) = hub.client(HUB_TOWN).post(&accept, "a", &json!({})).await;
            assert_eq!(status, 200);
        }
        for message in messages.iter().step_by(2) {
            hub.client(SENDER).wait_for_delivery(message, INBOX_TOWN, "consigned").await;
        }
        let items = assert_feed_is(&hub.client(SENDER), &messages).await;
        assert!(items.iter().all(|one| one["role"] == "sender"));
        let leaves: Vec<u64> = items.iter().map(|one| one["log"]["index"].as_u64().unwrap()).collect();
        assert!(leaves.is_sorted(), "in the order of the log: {leaves:?}");

        // Recipients: the submission and their own delivery, never another's.
        let items = assert_feed_is(&hub.client(HUB_TOWN), &messages).await;
        assert_eq!(items.len(), 18, "A.1, D.1 and E.1 of six messages");
        let halves: Vec<String> = messages.iter().step_by(2).cloned().collect();
        let items = assert_feed_is(&hub.client(INBOX_TOWN), &halves).await;
        assert_eq!(items.len(), 6);
        assert!(items.iter().all(|one| one["role"] == "recipient" && one.get("document").is_none()));
        // Each message's submission comes before what happened to it.
        let events: Vec<&str> = items.iter().map(|one| one["event"].as_str().unwrap()).collect();
        assert_eq!(events[0], "SubmissionAcceptance");

        let (_, with) = hub.client(INBOX_TOWN).get("/v1/evidence?limit=2&documents=true").await;
        for item in with["items"].as_array().unwrap() {
            let proven = hub.verified(item["document"].as_str().unwrap());
            assert_eq!(proven["evidence"]["event"], item["event"]);
        }
        // What was read once is not read again, before and after a restart.
        let (_, end) = read(&hub.client(SENDER), 0, 500, "").await;
        hub.restart().await;
        let (status, answer) = hub.client(SENDER).get(&format!("/v1/evidence?after={end}")).await;
        assert_eq!((status.as_u16(), &answer["items"], &answer["next"]), (200, &json!([]), &json!(end)));
        let last = sent(&hub.client(SENDER), "last", &[HUB_TOWN]).await;
        hub.client(SENDER).wait_for_delivery(&last, HUB_TOWN, "consigned").await;
        let begun = Instant::now();
        let mut new = Vec::new();
        while new.len() < 2 {
            new = read(&hub.client(SENDER), end, 500, "").await.0;
            assert!(begun.elapsed() < PATIENCE);
        }
        assert!(new.iter().all(|one| one["message_id"] == last.as_str()), "{new:#?}");
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delegate_reads_the_feed_of_its_delegator_and_a_stranger_nothing() {
    for database in Database::all() {
        let hub = TestHub::start_with(database, |config| {
            county::change(config, |directory| {
                let entry = format!("[[party]]\nid = '{SENDER}'\n");
                directory.replace(&entry, &format!("{entry}delegate = '{INBOX_TOWN}'\n"))
            });
        })
        .await;
        let message = sent(&hub.client(SENDER), "one", &[HUB_TOWN]).await;
        hub.client(SENDER).wait_for_delivery(&message, HUB_TOWN, "consigned").await;
        let own = assert_feed_is(&hub.client(SENDER), &[message]).await;
        let (delegate, stranger) = (hub.client(INBOX_TOWN), hub.client(WEBHOOK_TOWN));
        let (seen, _) = read(&delegate, 0, 1, &format!("&party={SENDER}")).await;
        assert_eq!(seen, own);
        assert_eq!(read(&delegate, 0, 10, "").await.0, Vec::<Value>::new(), "its own feed is its own");
        let (status, problem) = stranger.get(&format!("/v1/evidence?party={SENDER}")).await;
        assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("forbidden")));
        assert_eq!(read(&stranger, 0, 10, "").await.0, Vec::<Value>::new());
        let (status, problem) = stranger.get("/v1/evidence?after=x").await;
        assert_eq!((status.as_u16(), &problem["code"]), (400, &json!("malformed-request")));
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_of_another_hub_is_in_the_feed_marked_with_who_issued_it() {
    for (here, there) in pairs() {
        let hubs = Hubs::start(here, there).await;
        let commune = hubs.sender.client(SENDER);
        let message = sent(&commune, "far", &["departe-registru"]).await;
        commune.wait_for_delivery(&message, "departe-registru", "relayed").await;
        let town = hubs.other.client(INBOX_TOWN);
        let (delivery, local) = waiting(&town, "consigned").await;
        let number = json!({"registration": {"number": "77/R", "date": "2026-11-22"}});
        let (status, _) = town.post(&format!("/v1/inbox/{delivery}/accept"), "a", &number).await;
        assert_eq!(status, 200);
        commune.wait_for_delivery(&message, "departe-registru", "handed_over").await;
        commune.wait_for(&message, |seen| seen["state"] == "completed").await;
        let items = assert_feed_is(&commune, &[message]).await;
        let (theirs, own): (Vec<_>, Vec<_>) = items.iter().partition(|one| one["received"].is_object());
        assert!(!theirs.is_empty() && !own.is_empty(), "{items:#?}");
        for one in theirs {
            assert!(one["log"].is_null() && one["issuer"] != own[0]["issuer"], "{one:#}");
            let document = commune.bytes(one["href"].as_str().unwrap()).await;
            assert_eq!(one["sha256"], hex::encode(openssl::sha::sha256(&document)));
        }
        // The recipient at the other hub reads what the first hub said of the submission, too.
        assert_feed_is(&town, &[local]).await;
        hubs.stop().await;
    }
}
