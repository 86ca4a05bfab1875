//! The log nobody can rewrite, through the door: every evidence gets a proof that anybody can check, heads continue each
//! other, and what is lost or late shows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_signatures::log::checkpoint::Checkpoint;
use hub_signatures::log::consistency;
use hub_signatures::log::note::SignedNote;
use hub_signatures::log::proof::{LogProof, Policy};
use hub_signatures::log::tree;
use openssl::sha::sha256;
use serde_json::Value;
use tests::county::SENDER;
use tests::log::{log_key, often, send, settled};
use tests::{Database, TestHub};

fn hashes(list: &Value) -> Vec<tree::Hash> {
    let decoded = |text: &Value| BASE64.decode(text.as_str().unwrap()).unwrap().try_into().unwrap();
    list.as_array().unwrap().iter().map(decoded).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_evidence_gets_a_proof_that_anybody_can_check() {
    Database::each(async |database| {
        let hub = TestHub::start_with(database, often).await;
        let messages = send(&hub, 12).await;
        settled(&hub).await;
        let commune = hub.client(SENDER);
        let policy = Policy { keys: vec![log_key(&commune).await], witnesses: 0 };
        let mut indexes = std::collections::BTreeSet::new();
        for message in &messages {
            for evidence in commune.chain(message).await {
                assert!(evidence["log"]["index"].is_u64() && evidence["log"]["stamped_at"].is_null(), "{evidence:#}");
                let text = commune.bytes(evidence["log"]["href"].as_str().unwrap()).await;
                let proof = LogProof::from_text(std::str::from_utf8(&text).unwrap()).unwrap();
                let document = commune.bytes(evidence["href"].as_str().unwrap()).await;
                let logged = proof.verify(&sha256(&document), &policy).unwrap();
                assert_eq!(evidence["log"]["index"], logged.index);
                assert_eq!(evidence["log"]["size"], logged.checkpoint.size);
                assert!(indexes.insert(logged.index), "two evidences share a leaf");
                let mut changed = document;
                *changed.last_mut().unwrap() ^= 1;
                proof.verify(&sha256(&changed), &policy).unwrap_err();

                let asked = format!("/v1/log/inclusion?index={}&size={}", logged.index, logged.checkpoint.size);
                let (_, public) = commune.get(&asked).await;
                assert_eq!(hashes(&public["proof"]), proof.path, "the public proof is the same");
            }
        }
        assert_eq!(indexes.len(), 24, "acceptance and consignment of twelve letters");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_head_continues_the_one_before_and_tiles_lead_to_its_root() {
    Database::each(async |database| {
        let hub = TestHub::start_with(database, often).await;
        for count in [1, 3, 9] {
            send(&hub, count).await;
            settled(&hub).await;
        }
        let anybody = hub.client("nobody");
        let keys = [log_key(&anybody).await];
        let (_, page) = anybody.get("/v1/log/heads").await;
        let heads: Vec<Checkpoint> = page["heads"]
            .as_array()
            .unwrap()
            .iter()
            .map(|head| {
                let note = SignedNote::parse(head["checkpoint"].as_str().unwrap()).unwrap();
                Checkpoint::verify(&note, &keys).unwrap().0
            })
            .collect();
        assert!(heads.len() >= 3, "{page:#}");
        for pair in heads.windows(2) {
            let path = format!("/v1/log/consistency?old={}&new={}", pair[0].size, pair[1].size);
            let (_, proof) = anybody.get(&path).await;
            consistency::verify(&pair[0].head(), &pair[1].head(), &hashes(&proof["proof"])).unwrap();
        }
        let last = heads.last().unwrap();
        let tile = anybody.bytes(&format!("/v1/log/tile/0/000.p/{}", last.size)).await;
        let mut edge = tree::Frontier::default();
        let leaves: Vec<tree::Hash> = tile.chunks(32).map(|hash| hash.try_into().unwrap()).collect();
        let _ = edge.append(&leaves);
        assert_eq!((edge.size(), edge.root()), (last.size, last.root));
        let note = anybody.bytes("/v1/log/checkpoint").await;
        assert_eq!(page["heads"].as_array().unwrap().last().unwrap()["checkpoint"], *String::from_utf8(note).unwrap());
        for nothing in [
            "/v1/log/heads/999999",
            "/v1/log/heads/x",
            "/v1/log/tile/0/001",
            "/v1/log/tile/9/000",
            "/v1/log/consistency?old=9&new=1",
            "/v1/log/inclusion?index=1&size=999999",
            "/v1/log/heads/1/stamp",
        ] {
            assert_eq!(anybody.get(nothing).await.0, 404, "{nothing}");
        }
        assert_eq!(anybody.get("/v1/log/inclusion?size=1").await.0, 400);
        hub.stop().await;
    })
    .await;
}
