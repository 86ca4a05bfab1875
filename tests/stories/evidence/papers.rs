//! What people and courts get: a receipt on one page, the facts as JSON, and the court pack that verifies by itself.

use hub_proofs::{Kind, Status, Trusted, Verdict, verify_package};
use hub_signatures::certificate::Certificate;
use serde_json::{Value, json};
use tests::county::{HUB_TOWN, INBOX_TOWN, SENDER};
use tests::documents::letter;
use tests::hub::unix_seconds;
use tests::log::{authority, often, settled};
use tests::verdicts::claim;
use tests::{Client, Database, TestHub};

async fn verdict(hub: &TestHub, pack: &[u8], authorities: Vec<Certificate>) -> Verdict {
    let trusted = Trusted {
        seals: Some(Certificate::all_from_pem(&hub.running().seal_certificate).unwrap()),
        authorities: Some(authorities),
        log_keys: vec![hub.running().hub.log.verifier().clone()],
        ..Trusted::default()
    };
    verify_package(pack, &trusted, unix_seconds()).unwrap()
}

fn status(verdict: &Verdict, kind: Kind) -> Vec<Status> {
    verdict.claims.iter().filter(|claim| claim.kind == kind).map(|claim| claim.status).collect()
}

async fn handed_over(hub: &TestHub) -> String {
    let (commune, town) = (hub.client(SENDER), hub.client(HUB_TOWN));
    let (_, receipt) = commune.post("/v1/messages", "1", &letter(&[HUB_TOWN, INBOX_TOWN], "către doi")).await;
    let message = receipt["message_id"].as_str().unwrap().to_owned();
    let waiting = commune.wait_for_delivery(&message, HUB_TOWN, "consigned").await;
    commune.wait_for_delivery(&message, INBOX_TOWN, "consigned").await;
    let accept = format!("/v1/inbox/{}/accept", waiting["id"].as_str().unwrap());
    town.post(&accept, "a", &json!({})).await;
    message
}

async fn evidence(client: &Client, message: &str) -> Vec<Value> {
    client.chain(message).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_has_pages_facts_and_a_pack_that_proves_it_to_a_stranger() {
    for database in Database::all() {
        let folder = tempfile::tempdir().unwrap();
        let (_tsa, settings) = authority(folder.path()).await;
        let roots = Certificate::all_from_pem(&std::fs::read(&settings.roots).unwrap()).unwrap();
        let hub = TestHub::start_with(database, |config| {
            often(config);
            config.time_stamping = Some(settings);
        })
        .await;
        let (commune, town) = (hub.client(SENDER), hub.client(HUB_TOWN));
        let message = handed_over(&hub).await;
        settled(&hub).await;
        commune.wait_for(&message, |_| true).await;
        hub.wait_for_number(tests::log::UNSTAMPED, 0).await;

        // One page, the same each time, in both languages.
        for one in evidence(&commune, &message).await {
            let page = format!("{}/receipt", one["href"].as_str().unwrap());
            let first = commune.bytes(&page).await;
            assert!(first.starts_with(b"%PDF-1.") && first == commune.bytes(&page).await, "{page}");
            assert_ne!(first, commune.bytes(&format!("{page}?lang=en")).await);
            let (_, facts) = commune.get(&format!("{}/view", one["href"].as_str().unwrap())).await;
            assert_eq!(facts["evidences"][0]["event"], one["event"]);
            assert_eq!(claim(&facts, "seal")["status"], "proven");
        }
        let (status_code, _) = commune
            .get(&format!(
                "/v1/messages/{message}/evidence/{}/receipt?lang=fr",
                evidence(&commune, &message).await[0]["id"].as_str().unwrap()
            ))
            .await;
        assert_eq!(status_code, 400);

        // The pack proves everything but what is not in it.
        let bare = commune.bytes(&format!("/v1/messages/{message}/package")).await;
        let told = verdict(&hub, &bare, roots.clone()).await;
        assert_eq!(told.failures().count(), 0, "{}", told.in_words());
        for kind in [Kind::Package, Kind::Log, Kind::HeadTimeStamp, Kind::Chain] {
            assert!(status(&told, kind).iter().all(|one| *one == Status::Proven), "{kind:?}: {}", told.in_words());
        }
        assert!(status(&told, Kind::Content).iter().all(|one| *one == Status::NotChecked));
        let full = commune.bytes(&format!("/v1/messages/{message}/package?payloads=true")).await;
        let told = verdict(&hub, &full, roots.clone()).await;
        assert!(status(&told, Kind::Content).iter().all(|one| *one == Status::Proven), "{}", told.in_words());

        // A recipient's pack holds the submission and its own delivery, and nobody else's.
        let own = town.bytes(&format!("/v1/messages/{message}/package")).await;
        let told = verdict(&hub, &own, roots).await;
        assert_eq!(told.evidences.len(), 3, "{}", told.in_words());
        let (status_code, _) = hub.client("uat-109773").get(&format!("/v1/messages/{message}/package")).await;
        assert_eq!(status_code, 404);
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_has_its_page_and_its_pack_too() {
    for database in Database::all() {
        let hub = TestHub::start_with(database, often).await;
        let commune = hub.client(SENDER);
        let (_, problem) = commune.post("/v1/messages", "no", &letter(&["uat-nowhere"], "către nimeni")).await;
        let message = problem["message_id"].as_str().unwrap().to_owned();
        settled(&hub).await;
        let href = problem["evidence"]["href"].as_str().unwrap();
        assert!(commune.bytes(&format!("{href}/receipt")).await.starts_with(b"%PDF-1."));
        let pack = commune.bytes(&format!("/v1/messages/{message}/package")).await;
        let told = verdict(&hub, &pack, Vec::new()).await;
        assert_eq!(status(&told, Kind::Log), [Status::Proven], "{}", told.in_words());
        assert_eq!(told.evidences.len(), 1);
        hub.stop().await;
    }
}
