//! A hub is copied while it works, and comes back from the copy on an empty machine.

use std::fs;
use std::path::Path;

use clap::Parser as _;
use hub_server::commands::{self, Arguments};
use hub_server::config::Config;
use serde_json::{Value, json};
use tests::archive::Desk;
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::people::signed_in;
use tests::{Client, Database, TestHub};

/// Runs a command of the program, as on the machine of the hub.
async fn punte(config: &Config, folder: &Path, words: &[&str]) -> anyhow::Result<u8> {
    let text = format!("data = '{}'\ndatabase = '{}'\n", config.data.display(), config.database_url());
    let path = folder.join("punte.toml");
    fs::write(&path, text).unwrap();
    let words = ["punte", "--config", path.to_str().unwrap()].into_iter().chain(words.iter().copied());
    commands::run(Arguments::parse_from(words)).await
}

/// A letter too large for the database, accepted by the town; answers its message.
async fn accepted(hub: &TestHub, key: &str) -> String {
    let text = format!("{key} {}", "𝄞".repeat(19_000));
    let (status, receipt) = hub.client(SENDER).post("/v1/messages", key, &letter(&[HUB_TOWN], &text)).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().unwrap().to_owned();
    let delivery = hub.client(SENDER).wait_for_delivery(&message, HUB_TOWN, "consigned").await;
    let path = format!("/v1/inbox/{}/accept", delivery["id"].as_str().unwrap());
    let (status, settled) = hub.client(HUB_TOWN).post(&path, key, &json!({})).await;
    assert_eq!(status, 200, "{settled:#}");
    message
}

/// What the sender sees of a message: its state, its document and its evidence, byte for byte.
async fn seen(sender: &Client, message: &str) -> Value {
    let (status, mut told) = sender.get(&format!("/v1/messages/{message}")).await;
    assert_eq!(status, 200, "{told:#}");
    told.as_object_mut().unwrap().retain(|name, _| name != "log");
    let part = sender.bytes(&format!("/v1/messages/{message}/parts/scrisoare.json")).await;
    let mut chain = Vec::new();
    for evidence in sender.chain(message).await {
        let document = sender.bytes(&format!("{}?level=b", evidence["href"].as_str().unwrap())).await;
        chain.push(String::from_utf8(document).unwrap());
    }
    json!({"told": told, "part": String::from_utf8(part).unwrap(), "evidence": chain})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_is_copied_while_it_works_and_comes_back_on_an_empty_machine() {
    Database::each(copied_and_back).await;
}

async fn copied_and_back(database: Database) {
    let mut hub = TestHub::start(database).await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copie");
    let copy = copy.to_str().unwrap();
    let town = Desk::of(&hub, HUB_TOWN, "dan", "arhiva");
    town.adopt().await;
    let mut admin = signed_in(&hub, SENDER, "admin@comuna.example", &["administrator"]).await;
    let page = admin.open("/console/upkeep").await;
    assert!(page.text.contains("nu are nicio copie") && page.text.contains("lucrează"), "{}", page.text);

    let first = accepted(&hub, "1").await;
    town.filed(&first).await;
    let make = ["backup", "make", "--with-keys", "--to", copy];
    assert_eq!(punte(&hub.config, folder.path(), &make).await.unwrap(), 0);
    // What comes while the hub works on is in the next copy, beside what is there.
    let second = accepted(&hub, "2").await;
    town.filed(&second).await;
    assert_eq!(punte(&hub.config, folder.path(), &make).await.unwrap(), 0);
    let manifest: Value = serde_json::from_slice(&fs::read(Path::new(copy).join("backup.json")).unwrap()).unwrap();
    let blobs = manifest["folders"].as_array().unwrap().iter().find(|one| one["name"] == "blobs").unwrap();
    assert_eq!((&blobs["files"], &blobs["copied"]), (&json!(2), &json!(1)), "{manifest:#}");
    let (_, upkeep) = hub.client(SENDER).get("/v1/upkeep").await;
    assert!(upkeep["backup"]["bytes"].as_u64() > Some(300_000) && upkeep["backup"]["stale"] == false, "{upkeep:#}");
    assert!(upkeep["database"]["bytes"].as_i64() > Some(0) && upkeep["nodes"][0]["state"] == "running", "{upkeep:#}");
    let page = admin.open("/console/upkeep").await;
    assert!(page.text.contains("Ultima copie:") && !page.text.contains("nu are nicio copie"), "{}", page.text);

    let before = [seen(&hub.client(SENDER), &first).await, seen(&hub.client(SENDER), &second).await];
    accepted(&hub, "pierdut").await;
    hub.close().await;
    // Into a hub that is not empty nothing is restored.
    let told = punte(&hub.config, folder.path(), &["backup", "restore", copy]).await.unwrap_err();
    assert!(format!("{told:#}").contains("into an empty hub"), "{told:#}");
    lose_everything(database, &hub.config).await;
    assert_eq!(punte(&hub.config, folder.path(), &["backup", "restore", copy]).await.unwrap(), 0);
    hub.up().await;

    let after = [seen(&hub.client(SENDER), &first).await, seen(&hub.client(SENDER), &second).await];
    assert_eq!(after, before);
    for one in after.iter().flat_map(|one| one["evidence"].as_array().unwrap()) {
        assert_eq!(hub.verified(one.as_str().unwrap())["verified"], true);
    }
    let town = Desk::of(&hub, HUB_TOWN, "dan", "arhiva");
    let dossier = town.filed(&second).await;
    for one in town.documents(dossier["id"].as_str().unwrap()).await {
        let bytes = town.bytes(&format!("/v1/archive/documents/{}/content", one["id"].as_str().unwrap())).await;
        assert_eq!(one["sha256"], hex::encode(openssl::sha::sha256(&bytes)), "{one:#}");
    }
    // What was lost is sent again under its key, and goes on from the last number.
    accepted(&hub, "pierdut").await;
    hub.stop().await;
}

/// The disk is gone: an empty data folder, and an empty database.
async fn lose_everything(database: Database, config: &Config) {
    fs::remove_dir_all(&config.data).unwrap();
    if let Some(path) = config.database_url().strip_prefix("sqlite:") {
        for file in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{path}{file}"));
        }
    }
    if database == Database::Postgres {
        let (client, connection) =
            tokio_postgres::connect(&config.database_url(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("drop schema public cascade; create schema public").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_not_whole_says_so_and_restores_nothing() {
    let hub = TestHub::start(Database::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copie");
    let words = copy.to_str().unwrap();
    accepted(&hub, "1").await;

    // Not into the hub itself, and not over what somebody else keeps.
    let inside = hub.config.data.join("copie");
    let told = punte(&hub.config, folder.path(), &["backup", "make", "--to", inside.to_str().unwrap()]).await;
    assert!(told.unwrap_err().to_string().contains("another disk"));
    let foreign = folder.path().join("poze");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("vacanta.jpg"), "inventat").unwrap();
    let told = punte(&hub.config, folder.path(), &["backup", "make", "--to", foreign.to_str().unwrap()]).await;
    assert!(told.unwrap_err().to_string().contains("holds no copy"));
    assert!(foreign.join("vacanta.jpg").exists());

    assert_eq!(punte(&hub.config, folder.path(), &["backup", "make", "--to", words]).await.unwrap(), 0);
    assert_eq!(punte(&hub.config, folder.path(), &["backup", "check", words]).await.unwrap(), 0);
    assert!(!copy.join("keys").exists(), "keys are left out unless they are asked for");
    let manifest = fs::read_to_string(copy.join("backup.json")).unwrap();
    assert!(manifest.contains("seal-development.key") && manifest.contains("vault-keys.toml"), "{manifest}");

    // A bit turns over in a payload, and another in the database.
    let blob = walk(&copy.join("blobs")).remove(0);
    for (file, back) in [(blob.as_path(), true), (copy.join("punte.db").as_path(), false)] {
        let whole = fs::read(file).unwrap();
        let mut broken = whole.clone();
        broken[4_200] ^= 1;
        fs::write(file, &broken).unwrap();
        assert_eq!(punte(&hub.config, folder.path(), &["backup", "check", words]).await.unwrap(), 3);
        if back {
            fs::write(file, &whole).unwrap();
        }
    }
    let empty = Config { data: folder.path().join("gol"), ..Config::default() };
    let told = punte(&empty, folder.path(), &["backup", "restore", words]).await.unwrap_err();
    assert!(told.to_string().contains("not whole"), "{told:#}");
    assert!(!empty.data.join("punte.db").exists());

    // The next copy mends it: only what is not there as it should be is written again.
    fs::remove_file(&blob).unwrap();
    assert_eq!(punte(&hub.config, folder.path(), &["backup", "make", "--to", words]).await.unwrap(), 0);
    assert_eq!(punte(&hub.config, folder.path(), &["backup", "check", words]).await.unwrap(), 0);
    hub.stop().await;
}

/// The files below a folder.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
