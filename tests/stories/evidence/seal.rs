//! The life of the seal: replaced while the hub runs, not valid yet, expired, revoked, and what its old receipts are worth.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use hub_server::config::SealConfig;
use hub_signatures::signer::FileSigner;
use hub_signatures::trust::Trust;
use hub_signatures::xades;
use serde_json::{Value, json};
use tests::client::{Answer, ask};
use tests::county::{DIRECTORATE, HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::hub::unix_seconds;
use tests::issuer::{Issuer, SealOrder};
use tests::verdicts::claim;
use tests::{Client, Database, TestHub};

/// A hub whose seal files lie in a folder of the test, looked at every second.
async fn hub_with(database: Database, issuer: &Issuer, order: SealOrder, change: impl Fn(&mut SealConfig)) -> TestHub {
    let (key, certificate) = files(issuer);
    issuer.put(order, &key, &certificate);
    TestHub::start_with(database, |config| {
        config.seal.key = Some(key.clone());
        config.seal.certificate = Some(certificate.clone());
        (config.seal.watch_seconds, config.seal.revocation_seconds) = (1, 1);
        change(&mut config.seal);
    })
    .await
}

fn files(issuer: &Issuer) -> (PathBuf, PathBuf) {
    (issuer.file("seal.key"), issuer.file("seal.pem"))
}

async fn send(client: &Client, number: usize, recipient: &str) -> Answer {
    let document = letter(&[recipient], &format!("scrisoarea {number}"));
    client.submit(&format!("letter-{number}"), "application/json", document.to_string()).await
}

/// Sends and answers the message.
async fn accepted(client: &Client, number: usize, recipient: &str) -> String {
    let answer = send(client, number, recipient).await;
    assert_eq!(answer.status, 201, "{:#}", answer.body);
    answer.body["message_id"].as_str().unwrap().to_owned()
}

/// The hub is halted for this cause, says so everywhere and keeps nothing of what is sent.
async fn is_halted(hub: &TestHub, cause: &str, number: usize) {
    let before = kept(hub).await;
    let answer = send(&hub.client(SENDER), number, HUB_TOWN).await;
    assert_eq!((answer.status, &answer.body["code"]), (503, &json!("service-halted")), "{:#}", answer.body);
    assert_eq!(answer.body["cause"], cause);
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(kept(hub).await, before, "nothing of a refused sending is kept");
    let ready = reqwest::get(format!("{}/health/ready", hub.running().url())).await.unwrap();
    assert_eq!(ready.status(), 503);
    assert_eq!(ready.json::<Value>().await.unwrap()["evidence"], cause);
}

async fn kept(hub: &TestHub) -> i64 {
    let sql = "select (select count(*) from message) + (select count(*) from evidence) + (select count(*) from job)
               + (select count(*) from register_entry) + (select count(*) from rejection) as number";
    hub.number(sql).await
}

/// Waits until health says this about evidence.
async fn wait_for_health(hub: &TestHub, evidence: &str) {
    wait_for(hub, "/evidence", evidence).await;
}

async fn wait_for(hub: &TestHub, pointer: &str, wanted: &str) {
    let begun = Instant::now();
    loop {
        let ready = reqwest::get(format!("{}/health/ready", hub.running().url())).await.unwrap();
        let said: Value = ready.json().await.unwrap();
        if said.pointer(pointer).is_some_and(|value| value == wanted) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{pointer} does not become {wanted}: {said:#}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The verdict of the hub on an evidence: status and body.
async fn verdict(hub: &TestHub, document: &str) -> (u16, Value) {
    let http = reqwest::Client::new();
    let answer = ask(http.post(format!("{}/v1/verify", hub.running().url())).body(document.to_owned())).await;
    (answer.status, answer.body)
}

async fn seals(hub: &TestHub) -> Vec<Value> {
    let answer = reqwest::get(format!("{}/v1/seals", hub.running().url())).await.unwrap();
    answer.json::<Value>().await.unwrap()["seals"].as_array().unwrap().clone()
}

/// The sealed documents of a message.
async fn documents(client: &Client, message: &str) -> Vec<String> {
    client.chain(message).await.iter().map(|one| one["document"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_outlive_the_seals_that_made_them() {
    Database::each(async |database| {
        let issuer = Issuer::new(unix_seconds());
        let mut hub = hub_with(database, &issuer, SealOrder::usual(2), |_| ()).await;
        let (key, certificate) = files(&issuer);
        let old_key = (std::fs::read(&key).unwrap(), std::fs::read(&certificate).unwrap());
        let commune = hub.client(SENDER);
        let first = accepted(&commune, 1, HUB_TOWN).await;
        commune.wait_for_delivery(&first, HUB_TOWN, "consigned").await;

        // An RSA seal after a restart, then a third one while the hub runs.
        hub.stop_and_start(|| drop(issuer.put(SealOrder { rsa: true, ..SealOrder::usual(3) }, &key, &certificate)))
            .await;
        let commune = hub.client(SENDER);
        let second = accepted(&commune, 2, HUB_TOWN).await;
        let chain = issuer.seal(SealOrder::usual(4));
        // Half a pair is not taken.
        std::fs::write(&key, &chain.0).unwrap();
        tokio::time::sleep(Duration::from_millis(2500)).await;
        let between = accepted(&commune, 3, HUB_TOWN).await;
        std::fs::write(&certificate, &chain.1).unwrap();
        wait_for(&hub, "/seal/subject", "CN=Sigiliu 4, O=Punte teste, C=RO").await;
        let third = accepted(&commune, 4, HUB_TOWN).await;

        for (message, signer) in [(&first, 2), (&second, 3), (&between, 3), (&third, 4)] {
            commune.wait_for_delivery(message, HUB_TOWN, "consigned").await;
            for document in documents(&commune, message).await {
                let (status, verdict) = verdict(&hub, &document).await;
                assert_eq!(status, 200, "{verdict:#}");
                if document.contains("SubmissionAcceptance") {
                    assert_eq!(claim(&verdict, "seal")["by"], format!("CN=Sigiliu {signer}, O=Punte teste, C=RO"));
                }
                assert_eq!((&verdict["verified"], &verdict["recorded"]), (&json!(true), &json!(true)));
            }
        }
        let all = seals(&hub).await;
        assert_eq!(all.len(), 3);
        assert!(all[0]["retired_at"].is_null() && all[1]["retired_at"].is_string() && all[2]["retired_at"].is_string());
        assert!(
            all.iter()
                .all(|one| one["pem"].as_str().unwrap().matches("BEGIN").count() == 2 && one["development"] == false)
        );

        // Whoever has the old key can seal, but not for the time after its retirement, and not into the records.
        let thief = FileSigner::from_pem(&old_key.0, &old_key.1).unwrap();
        let original = documents(&commune, &first).await.remove(0);
        let body = xades::verify(original.as_bytes(), &Trust::IntegrityOnly, &Trust::IntegrityOnly).unwrap().covered;
        let body = String::from_utf8(body).unwrap();
        let today = hub_flow::clock::Timestamp(unix_seconds() * 1_000_000).to_utc();
        let (status, problem) = verdict(&hub, &xades::seal(&body, &thief, &today).unwrap()).await;
        assert_eq!((status, &problem["code"]), (422, &json!("unverified")), "{problem:#}");
        assert_eq!(claim(&problem["verdict"], "seal")["reason"]["en"], "the seal was not in use then");
        let first_used = all[2]["first_used"].as_str().unwrap();
        let lie = xades::seal(&body.replace("MessageAccepted", "MessageRejected"), &thief, first_used).unwrap();
        let (status, verdict) = verdict(&hub, &lie).await;
        assert_eq!((status, &verdict["verified"], &verdict["recorded"]), (200, &json!(true), &json!(false)));
        let (status, _) = self::verdict(&hub, &original.replace("Șișești", "Sisesti")).await;
        assert_eq!(status, 422);
        let stranger = Issuer::new(unix_seconds()).seal(SealOrder::usual(2));
        let stranger = FileSigner::from_pem(&stranger.0, &stranger.1).unwrap();
        let (status, problem) = self::verdict(&hub, &xades::seal(&body, &stranger, &today).unwrap()).await;
        assert_eq!((status, &claim(&problem["verdict"], "seal")["status"]), (422, &json!("failed")), "{problem:#}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_seal_stops_the_service_and_a_new_one_resumes_it_without_loss() {
    Database::each(async |database| {
        let issuer = Issuer::new(unix_seconds());
        let hub = hub_with(database, &issuer, SealOrder { until: 6, ..SealOrder::usual(2) }, |_| ()).await;
        let commune = hub.client(SENDER);
        hub.esocial.faults.down(Duration::from_secs(3600)).await;
        let waiting = accepted(&commune, 1, DIRECTORATE).await;
        commune.wait_for_delivery(&waiting, DIRECTORATE, "waiting").await;
        wait_for_health(&hub, "seal-expired").await;
        is_halted(&hub, "seal-expired", 2).await;
        hub.esocial.faults.up().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (_, seen) = commune.get(&format!("/v1/messages/{waiting}")).await;
        assert_ne!(seen["deliveries"][0]["state"], "handed_over", "{seen:#}");

        let (key, certificate) = files(&issuer);
        issuer.put(SealOrder::usual(3), &key, &certificate);
        wait_for_health(&hub, "ok").await;
        commune.wait_for_delivery(&waiting, DIRECTORATE, "handed_over").await;
        assert!(hub.esocial.received().iter().all(|case| case.stored == 1));
        let second = accepted(&commune, 2, HUB_TOWN).await;
        commune.wait_for_delivery(&second, HUB_TOWN, "consigned").await;
        for document in [documents(&commune, &waiting).await, documents(&commune, &second).await].concat() {
            let (status, verdict) = verdict(&hub, &document).await;
            assert_eq!((status, &verdict["recorded"]), (200, &json!(true)), "{verdict:#}");
        }
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seal_that_is_not_valid_yet_waits_for_its_day() {
    Database::each(async |database| {
        let issuer = Issuer::new(unix_seconds());
        let hub = hub_with(database, &issuer, SealOrder { from: 5, ..SealOrder::usual(2) }, |_| ()).await;
        is_halted(&hub, "seal-not-yet-valid", 1).await;
        wait_for_health(&hub, "ok").await;
        let message = accepted(&hub.client(SENDER), 1, HUB_TOWN).await;
        hub.client(SENDER).wait_for_delivery(&message, HUB_TOWN, "consigned").await;
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seal_on_the_revocation_list_stops_the_service() {
    Database::each(async |database| {
        let issuer = Issuer::new(unix_seconds());
        issuer.say(&[2, 3], &[]);
        issuer.write_list(3600);
        let list = issuer.file("crl.pem");
        let hub =
            hub_with(database, &issuer, SealOrder::usual(2), |seal| seal.crl = Some(list.display().to_string())).await;
        wait_for(&hub, "/seal/revocation", "good").await;
        let message = accepted(&hub.client(SENDER), 1, HUB_TOWN).await;
        hub.client(SENDER).wait_for_delivery(&message, HUB_TOWN, "consigned").await;
        issuer.say(&[3], &[2]);
        issuer.write_list(3600);
        wait_for_health(&hub, "seal-revoked").await;
        is_halted(&hub, "seal-revoked", 2).await;
        // The receipt was made after the moment of revocation, so that it proves nothing any more.
        let document = documents(&hub.client(SENDER), &message).await.remove(0);
        assert_eq!(verdict(&hub, &document).await.0, 422);
        assert!(seals(&hub).await[0]["revoked_at"].is_string());
        // The list is gone: what was said once stays said.
        std::fs::remove_file(&list).unwrap();
        wait_for(&hub, "/seal/revocation", "unknown").await;
        is_halted(&hub, "seal-revoked", 3).await;
        issuer.say(&[3], &[2]);
        issuer.write_list(3600);
        let (key, certificate) = files(&issuer);
        issuer.put(SealOrder::usual(3), &key, &certificate);
        wait_for_health(&hub, "ok").await;
        accepted(&hub.client(SENDER), 4, HUB_TOWN).await;
        hub.wait_for_number("select cast(count(*) as bigint) as number from job where kind <> 'expire'", 0).await;
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_list_that_is_out_of_date_is_believed_for_the_grace_alone() {
    Database::each(async |database| {
        let issuer = Issuer::new(unix_seconds());
        issuer.say(&[2], &[]);
        issuer.write_list(3);
        let list = issuer.file("crl.pem").display().to_string();
        let patient = hub_with(database, &issuer, SealOrder::usual(2), |seal| seal.crl = Some(list.clone())).await;
        let strict = hub_with(database, &issuer, SealOrder::usual(2), |seal| {
            seal.crl = Some(list.clone());
            seal.revocation_grace_hours = 0;
        })
        .await;
        wait_for_health(&strict, "seal-revoked").await;
        is_halted(&strict, "seal-revoked", 1).await;
        wait_for(&patient, "/seal/revocation", "unknown").await;
        wait_for_health(&patient, "ok").await;
        issuer.write_list(3600);
        wait_for_health(&strict, "ok").await;
        strict.stop().await;
        patient.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seal_that_the_responder_calls_revoked_stops_the_service() {
    Database::each(async |database| {
        let issuer = Issuer::new(unix_seconds());
        issuer.say(&[2], &[]);
        let responder = issuer.respond();
        let hub = hub_with(database, &issuer, SealOrder::usual(2), |seal| seal.ocsp = Some(responder.url())).await;
        wait_for(&hub, "/seal/revocation", "good").await;
        wait_for_health(&hub, "ok").await;
        drop(responder);
        // Nobody answers: the grace holds, until somebody says otherwise.
        wait_for(&hub, "/seal/revocation", "unknown").await;
        wait_for_health(&hub, "ok").await;
        let mut hub = hub;
        issuer.say(&[3], &[2]);
        let responder = issuer.respond();
        hub.config.seal.ocsp = Some(responder.url());
        hub.restart().await;
        wait_for_health(&hub, "seal-revoked").await;
        is_halted(&hub, "seal-revoked", 1).await;
        let (key, certificate) = files(&issuer);
        issuer.put(SealOrder::usual(3), &key, &certificate);
        wait_for_health(&hub, "ok").await;
        let responses =
            hub.number("select cast(count(*) as bigint) as number from validation_material where kind = 'ocsp'").await;
        assert!(responses >= 1, "what was answered is kept for later judges");
        hub.stop().await;
    })
    .await;
}
