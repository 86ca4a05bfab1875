//! The log when its neighbours fail: the authority is away or wrong, a node falls, transactions commit late.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::log::{EraseSalt, Keeper, Lease, Pass};
use hub_server::listen;
use hub_signatures::log::proof::{LogProof, Policy};
use hub_signatures::time_stamp::TimeStamp;
use hub_signatures::trust::Trust;
use openssl::sha::sha256;
use sandbox::{Fault, FaultKind};
use tests::client::{ask, delivery};
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::log::{UNHEADED, UNLOGGED, UNSTAMPED, attack, audit, authority, log_key, often, send, settled, trust};
use tests::{Client, Database, TestHub};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_wait_for_an_authority_that_is_away_and_wrong_stamps_are_never_kept() {
    Database::each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let (tsa, settings) = authority(folder.path()).await;
        let believed = trust(&settings);
        let hub = TestHub::start_with(database, |config| {
            often(config);
            config.time_stamping = Some(settings);
        })
        .await;
        let commune = hub.client(SENDER);

        let message = send(&hub, 3).await.remove(0);
        settled(&hub).await;
        hub.wait_for_number(UNSTAMPED, 0).await;
        let evidence = commune.chain(&message).await.remove(0);
        let proof = commune.request(reqwest::Method::GET, evidence["log"]["href"].as_str().unwrap());
        let answer = proof.send().await.unwrap();
        let link = answer.headers()["link"].to_str().unwrap().to_owned();
        let proof = LogProof::from_text(&answer.text().await.unwrap()).unwrap();
        let token = commune.bytes(link.split(['<', '>']).nth(1).unwrap()).await;
        let stamp = TimeStamp::verify(&token, proof.checkpoint.text().as_bytes(), &believed).unwrap();
        let told: jiff::Timestamp = evidence["log"]["stamped_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(told.as_second(), stamp.time);

        let asked = tsa.received().len();
        let faults = [
            FaultKind::WrongNonce,
            FaultKind::WrongPolicy,
            FaultKind::WrongImprint,
            FaultKind::ExpiredCertificate,
            FaultKind::Rejection,
        ];
        faults.into_iter().for_each(|fault| tsa.faults.plan(Fault::once(fault)));
        send(&hub, 2).await;
        settled(&hub).await;
        hub.wait_for_number(UNSTAMPED, 0).await;
        assert!(tsa.faults.remaining().is_empty() && tsa.received().len() > asked + faults.len());

        tsa.faults.down(Duration::from_secs(600)).await;
        send(&hub, 2).await;
        settled(&hub).await;
        let behind = |log: &serde_json::Value| log["stamping"]["state"] == "behind";
        let begun = std::time::Instant::now();
        while !behind(&commune.get("/v1/log").await.1) {
            assert!(begun.elapsed().as_secs() < 30, "nobody says that stamps are late");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let (status, ready) = commune.get("/health/ready").await;
        assert_eq!(status, 200, "without a limit the hub goes on: {ready:#}");
        assert!(ready["time_stamping"]["unstamped_heads"].as_u64().unwrap() >= 1, "{ready:#}");
        assert!(ready["time_stamping_refusal"].is_string(), "{ready:#}");
        let metrics = String::from_utf8(commune.bytes("/metrics").await).unwrap();
        let figure = metrics.lines().find_map(|line| line.strip_prefix("punte_log_heads_unstamped "));
        assert!(figure.unwrap().parse::<u64>().unwrap() >= 1, "{metrics}");

        tsa.faults.up().await;
        hub.wait_for_number(UNSTAMPED, 0).await;
        let keys = [log_key(&commune).await];
        let report = audit(&hub.config, &keys, &[], believed).await;
        assert!(report.is_clean() && report.stamps >= 3 && report.stamped == report.leaves, "{report:#?}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_without_stamps_for_too_long_halts_and_resumes_when_they_are_caught_up() {
    Database::each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let (tsa, mut settings) = authority(folder.path()).await;
        settings.halt_after_minutes = Some(0.01);
        let hub = TestHub::start_with(database, |config| {
            often(config);
            config.time_stamping = Some(settings);
        })
        .await;
        let commune = hub.client(SENDER);
        send(&hub, 1).await;
        tsa.faults.down(Duration::from_secs(600)).await;
        let begun = std::time::Instant::now();
        let refused = loop {
            let key = tests::database::unique();
            let body = letter(&[HUB_TOWN], &key).to_string();
            let answer = commune.submit(&key, "application/json", body).await;
            if answer.status != 201 {
                break answer;
            }
            assert!(begun.elapsed().as_secs() < 30, "the hub does not halt");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!((refused.status, refused.body["cause"].as_str()), (503, Some("stamps-overdue")), "{refused:#?}");
        let ready = ask(commune.request(reqwest::Method::GET, "/health/ready")).await;
        assert_eq!((ready.status, ready.body["evidence"].as_str()), (503, Some("stamps-overdue")));
        tsa.faults.up().await;
        let begun = std::time::Instant::now();
        while ask(commune.request(reqwest::Method::GET, "/health/ready")).await.status != 200 {
            assert!(begun.elapsed().as_secs() < 30, "the hub does not resume");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        send(&hub, 1).await;
        settled(&hub).await;
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_fell_before_the_head_makes_the_same_head() {
    Database::each(async |database| {
        let mut hub = TestHub::start_with(database, often).await;
        send(&hub, 4).await;
        settled(&hub).await;
        let keys = [log_key(&hub.client("anybody")).await];
        let before = hub.client("anybody").bytes("/v1/log/checkpoint").await;
        let size = hub.number("select max(size) as number from log_head").await;
        hub.close().await;
        attack(database, &hub.config, "delete from log_head; update log_keeper set watermark = 0").await;
        hub.restart().await;
        settled(&hub).await;
        // Name, size and root; what the head says of the journals beside the log may have grown.
        let head =
            |note: &[u8]| -> Vec<String> { String::from_utf8_lossy(note).lines().take(3).map(str::to_owned).collect() };
        let after = hub.client("anybody").bytes("/v1/log/checkpoint").await;
        assert_eq!(head(&after), head(&before), "the same head");
        send(&hub, 1).await;
        settled(&hub).await;
        let held = [String::from_utf8(before).unwrap()];
        let report = audit(&hub.config, &keys, &held, Trust::IntegrityOnly).await;
        assert!(report.is_clean() && report.held == 1 && report.leaves == size as u64 + 2, "{report:#?}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_salt_leaves_the_tree_provable() {
    Database::each(async |database| {
        let hub = TestHub::start_with(database, often).await;
        let messages = send(&hub, 3).await;
        settled(&hub).await;
        let commune = hub.client(SENDER);
        let policy = Policy { keys: vec![log_key(&commune).await], witnesses: 0 };
        let chains = [commune.chain(&messages[0]).await, commune.chain(&messages[1]).await];
        let evidence = chains[0][0]["id"].as_str().unwrap().parse().unwrap();
        let item = (messages[0].parse().unwrap(), evidence);
        let erase = Arc::new(EraseSalt);
        assert!(hub.running().hub.db.write(&erase, item).await.unwrap());
        assert!(!hub.running().hub.db.write(&erase, item).await.unwrap(), "it is erased once and for good");
        let proof = async |evidence: &serde_json::Value| {
            let text = commune.bytes(evidence["log"]["href"].as_str().unwrap()).await;
            let proof = LogProof::from_text(std::str::from_utf8(&text).unwrap()).unwrap();
            proof.verify(&sha256(&commune.bytes(evidence["href"].as_str().unwrap()).await), &policy)
        };
        proof(&chains[0][0]).await.unwrap_err();
        proof(&chains[1][0]).await.unwrap();
        let report = audit(&hub.config, &policy.keys, &[], Trust::IntegrityOnly).await;
        assert!(report.is_clean() && report.erased == 1, "{report:#?}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_one_database_lose_and_double_nothing() {
    if !Database::all().contains(&Database::Postgres) {
        return;
    }
    let hub = TestHub::start_with(Database::Postgres, |config| config.log.interval_ms = 1.try_into().unwrap()).await;
    let mut second = hub.config.clone();
    second.log.key = Some(hub.config.data.join("log.key"));
    second.data = hub.folder().join("second");
    let second = listen::start(&second).await.unwrap();
    // Beside the two nodes, two more keepers that share one turn: nothing but the database stands between them.
    let lease = Arc::new(Lease::of(hub.running().hub.ids.uuid(hub.running().hub.clock.now())));
    let quick = async |flow: Arc<hub_flow::hub::Hub>| {
        let mut keeper = Keeper::new(flow, Arc::clone(&lease));
        let mut kept = 0;
        for _ in 0..400 {
            if let Pass::Kept { leaves, .. } = keeper.pass().await.unwrap() {
                kept += leaves;
            }
        }
        kept
    };
    let sender = async |url: String| {
        let commune = Client::of(&url, SENDER);
        for _ in 0..30 {
            let key = tests::database::unique();
            assert_eq!(commune.post("/v1/messages", &key, &letter(&[HUB_TOWN], &key)).await.0, 201);
        }
    };
    let (first_hub, second_hub) = (Arc::clone(&hub.running().hub), Arc::clone(&second.hub));
    tokio::join!(sender(hub.running().url()), sender(second.url()), quick(first_hub), quick(second_hub));
    settled(&hub).await;
    let keys = [log_key(&hub.client("anybody")).await];
    let report = audit(&hub.config, &keys, &[], Trust::IntegrityOnly).await;
    assert!(report.is_clean() && report.leaves == 120 && report.pending == 0, "{report:#?}");
    second.stop().await;
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_that_commits_late_with_a_lower_sequence_is_logged_too() {
    if !Database::all().contains(&Database::Postgres) {
        return;
    }
    let hub = TestHub::start_with(Database::Postgres, often).await;
    let messages = send(&hub, 1).await;
    settled(&hub).await;
    let url = hub.config.database_url();
    let (mut client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let late = client.transaction().await.unwrap();
    let copy = "insert into evidence (id, message_id, delivery_id, event, event_time, document, sha256)
         select decode(md5(random()::text), 'hex'), message_id, delivery_id, event, event_time, document, sha256
         from evidence order by sequence limit 1 returning sequence";
    let sequence: i64 = late.query_one(copy, &[]).await.unwrap().get(0);
    for _ in 0..3 {
        send(&hub, 2).await;
        settled(&hub).await;
    }
    let watermark = hub.number("select watermark as number from log_keeper").await;
    assert!(watermark < sequence, "the watermark {watermark} has passed {sequence}, which may still commit");
    late.commit().await.unwrap();
    hub.wait_for_number(UNLOGGED, 0).await;
    hub.wait_for_number(UNHEADED, 0).await;
    let gone = client.transaction().await.unwrap();
    gone.query_one(copy, &[]).await.unwrap();
    gone.rollback().await.unwrap();
    for _ in 0..4 {
        send(&hub, 1).await;
        settled(&hub).await;
    }
    let passed = hub.number("select watermark as number from log_keeper").await;
    assert!(passed > sequence, "a gap that stays holds the watermark for ever: {passed}");
    let commune = hub.client(SENDER);
    let (_, seen) = commune.get(&format!("/v1/messages/{}", messages[0])).await;
    assert_eq!(delivery(&seen, HUB_TOWN)["state"], "consigned", "{seen:#}");
    hub.stop().await;
}
