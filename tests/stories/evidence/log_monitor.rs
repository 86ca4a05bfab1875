//! A partner follows the log from outside: it signs what continues, and cries when history is another.

use std::path::Path;

use clap::Parser as _;
use hub_server::commands::{self, Arguments};
use hub_server::config::Witness;
use hub_signatures::log::key::{KeyUse, SigningKey};
use hub_signatures::log::note::SignedNote;
use hub_signatures::log::proof::{LogProof, Policy};
use openssl::pkey::PKey;
use openssl::sha::sha256;
use tests::client::ask;
use tests::county::SENDER;
use tests::log::{UNSTAMPED, attack, authority, log_key, often, send, settled};
use tests::{Database, TestHub};

async fn monitor(hub: &TestHub, state: &Path, more: &[&str]) -> Result<u8, String> {
    let url = hub.running().url();
    let arguments = [&["punte", "monitor", &url, "--state", state.to_str().unwrap()], more].concat();
    commands::run(Arguments::try_parse_from(arguments).unwrap()).await.map_err(|error| format!("{error:#}"))
}

fn witness_key(path: &Path, name: &str) -> SigningKey {
    let pem = PKey::generate_ed25519().unwrap().private_key_to_pem_pkcs8().unwrap();
    std::fs::write(path, &pem).unwrap();
    SigningKey::from_pem(name, KeyUse::Witness, &pem).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_follows_signs_and_convicts_a_log_that_forks() {
    Database::each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (tsa, settings) = authority(folder.path()).await;
        let key = witness_key(&path("witness.key"), "hub.partener.ro/martor");
        let mut hub = TestHub::start_with(database, |config| {
            often(config);
            config.time_stamping = Some(settings);
            config.log.witnesses = vec![Witness { name: "Hubul partener".to_owned(), key: key.verifier().to_string() }];
        })
        .await;
        assert!(monitor(&hub, &path("a"), &[]).await.unwrap_err().contains("404"), "a log without a head");
        let message = send(&hub, 5).await.remove(0);
        settled(&hub).await;
        hub.wait_for_number(UNSTAMPED, 0).await;
        let witness_file = path("witness.key");
        let tsa_file = path("tsa.pem");
        let signing = ["--witness-key", witness_file.to_str().unwrap(), "--witness-name", "hub.partener.ro/martor"];
        let stamps = ["--tsa-certificate", tsa_file.to_str().unwrap()];
        assert_eq!(monitor(&hub, &path("a"), &[&signing[..], &stamps].concat()).await, Ok(0));
        let (a, b) = (path("a"), path("b"));
        assert_eq!(monitor(&hub, &b, &["--compare", a.to_str().unwrap()]).await, Ok(0));

        // The cosignature travels with the head and with the proof of a receipt.
        let commune = hub.client(SENDER);
        let keys = vec![log_key(&commune).await, key.verifier().clone()];
        let note = String::from_utf8(commune.bytes("/v1/log/checkpoint").await).unwrap();
        assert_eq!(SignedNote::parse(&note).unwrap().verify(&keys).unwrap().len(), 2, "{note}");
        let evidence = commune.chain(&message).await.pop().unwrap();
        let proof = commune.bytes(evidence["log"]["href"].as_str().unwrap()).await;
        let proof = LogProof::from_text(std::str::from_utf8(&proof).unwrap()).unwrap();
        let document = commune.bytes(evidence["href"].as_str().unwrap()).await;
        let covered = proof.checkpoint.text() == SignedNote::parse(&note).unwrap().text();
        let policy = Policy { keys: keys.clone(), witnesses: usize::from(covered) };
        proof.verify(&sha256(&document), &policy).unwrap();

        // Strangers and forged heads are turned away.
        let stranger = witness_key(&path("stranger.key"), "hub.partener.ro/martor");
        let mut unknown = SignedNote::parse(&note).unwrap();
        unknown.cosign(&stranger, 1).unwrap();
        let bare = note.split_inclusive('\n').take(5).collect::<String>();
        let elsewhere = note.replacen("localhost/evidence\n10", "localhost/evidence\n11", 1);
        let mut forged = SignedNote::parse(&elsewhere).unwrap();
        forged.cosign(&key, 1).unwrap();
        for refused in [bare, forged.to_string(), "no note".to_owned()] {
            let post = commune.request(reqwest::Method::POST, "/v1/log/witness").body(refused.clone());
            assert_eq!(ask(post).await.status, 422, "{refused}");
        }
        assert_eq!(hub.number("select count(*) as number from log_cosignature").await, 1);

        send(&hub, 3).await;
        settled(&hub).await;
        assert_eq!(monitor(&hub, &a, &signing).await, Ok(0), "what grows is consistent");

        // The tree is built anew with one evidence missing, by the hub itself and with its own key.
        let good = std::fs::read(&a).unwrap();
        hub.close().await;
        attack(
            database,
            &hub.config,
            "delete from evidence where sequence = 4; delete from log_leaf;
            delete from log_node; delete from log_head; delete from log_stamp; delete from log_cosignature;
            update log_keeper set watermark = 0",
        )
        .await;
        hub.restart().await;
        send(&hub, 4).await;
        settled(&hub).await;
        assert_eq!(monitor(&hub, &a, &[]).await, Ok(3), "another history");
        assert_eq!(std::fs::read(&a).unwrap(), good, "what was seen is not forgotten");
        let kept: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().contains("fork-"))
            .collect();
        assert_eq!(kept.len(), 1, "both heads are kept");
        let proof = std::fs::read_to_string(&kept[0]).unwrap();
        let heads: Vec<&str> = proof.split("\n---\n").skip(1).collect();
        for head in &heads {
            SignedNote::parse(head).unwrap().verify(&keys).unwrap();
        }
        assert_eq!(heads.len(), 2, "{proof}");
        // Who comes now for the first time sees nothing wrong, until it compares with who was there before.
        assert_eq!(monitor(&hub, &path("c"), &[]).await, Ok(0));
        assert_eq!(monitor(&hub, &path("c"), &["--compare", a.to_str().unwrap()]).await, Ok(3));
        tsa.stop().await;
        hub.stop().await;
    })
    .await;
}
