//! The vault of a hub: what rots is found in the background, mended from the replica, and otherwise told with the documents
//! it was, until somebody acts.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use hub_flow::db::{DbError, Tx, WriteVerb};
use hub_flow::examination::{CloseFinding, Closing, Finding, findings};
use hub_flow::params;
use hub_server::config::StoreConfig;
use hub_vault::Source;
use tests::client::GLANCE;
use tests::county::HUB_TOWN;
use tests::{Database, TestHub};

const LOOKS: usize = 1200;

/// A row of the archive for the bytes.
struct Archive;

impl WriteVerb for Archive {
    type Item = [u8; 32];
    type Output = ();
    const ORDER: u16 = 30;

    async fn run(&self, tx: &mut Tx<'_>, items: &[[u8; 32]]) -> Result<Vec<()>, DbError> {
        let head =
            "insert into archive_document (id, party, identifier, dossier, position, filing, role, name, content_type,
                    size, pages, sha256, sheet, archived_at) values";
        let row = |sha256: &[u8; 32]| {
            let id = [9_u8; 16];
            params![
                id,
                HUB_TOWN,
                "RO/1",
                id,
                1_i64,
                id,
                "document",
                "act.txt",
                "text/plain",
                3_i64,
                1_i64,
                *sha256,
                "{}",
                1_i64
            ]
        };
        tx.insert(head, 14, items.iter().map(row).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

fn content(hub: &TestHub, address: &[u8; 32]) -> PathBuf {
    let name = hub.running().hub.vault.name_of(address);
    hub.config.data.join("vault/blobs").join(&name[..2]).join(name)
}

async fn until(hub: &TestHub, wanted: impl Fn(&[Finding]) -> bool) -> Vec<Finding> {
    for _ in 0..LOOKS {
        let open = findings(&hub.running().hub.db, None, 10).await.unwrap();
        if wanted(&open) {
            return open;
        }
        tokio::time::sleep(GLANCE).await;
    }
    panic!("{:?}", findings(&hub.running().hub.db, None, 10).await.unwrap());
}

#[tokio::test]
async fn a_damaged_document_is_told_with_its_id_until_somebody_acts() {
    Database::each(async |database| {
        let mut hub = TestHub::start_with(database, |config| config.vault.audit.pause_hours = 0.0).await;
        let bytes = Bytes::from_static(b"un act inventat");
        let address = hub.running().hub.vault.put(Source::Bytes(bytes.clone())).await.unwrap().address;
        hub.running().hub.db.write(&Arc::new(Archive), address).await.unwrap();
        let file = content(&hub, &address);
        let sound = std::fs::read(&file).unwrap();
        hub.stop_and_start(|| std::fs::write(&file, b"stricat").unwrap()).await;
        let open = until(&hub, |open| open.len() == 1).await;
        assert_eq!((open[0].flaw.as_str(), open[0].sha256.clone()), ("damaged", Some(hex::encode(address))));
        let document = &open[0].documents[0];
        assert_eq!((document.identifier.as_str(), document.party.as_str()), ("RO/1", HUB_TOWN));
        let db = &hub.running().hub.db;
        assert!(findings(db, Some("uat-113625"), 10).await.unwrap().is_empty(), "another institution is told nothing");
        let closing = Closing {
            name: open[0].name.clone(),
            by: "operator".to_owned(),
            note: "adus din copia de siguranță".to_owned(),
            at: hub.running().hub.clock.now(),
        };
        assert_eq!(db.write(&Arc::new(CloseFinding), closing).await.unwrap(), 1);
        assert!(findings(db, None, 10).await.unwrap().is_empty());
        // Nobody did what was said, and it is found again; then somebody did.
        hub.restart().await;
        until(&hub, |open| open.len() == 1).await;
        hub.stop_and_start(|| std::fs::write(&file, &sound).unwrap()).await;
        until(&hub, <[Finding]>::is_empty).await;
        assert_eq!(hub.running().hub.vault.read_all(&address, 100).await.unwrap(), bytes);
    })
    .await;
}

#[tokio::test]
async fn a_damaged_document_is_mended_from_the_replica_in_the_background() {
    Database::each(async |database| {
        let mut hub = TestHub::start_with(database, |config| {
            config.vault.audit.pause_hours = 0.0;
            config.vault.replica = Some(StoreConfig::Folder(config.data.join("replica")));
        })
        .await;
        let bytes = Bytes::from_static(b"un alt act inventat");
        let address = hub.running().hub.vault.put(Source::Bytes(bytes.clone())).await.unwrap().address;
        let file = content(&hub, &address);
        let sound = std::fs::read(&file).unwrap();
        hub.stop_and_start(|| std::fs::write(&file, b"stricat").unwrap()).await;
        let mut looks = 0;
        while std::fs::read(&file).unwrap() != sound {
            looks += 1;
            assert!(looks < LOOKS, "it is not mended");
            tokio::time::sleep(GLANCE).await;
        }
        let mended = hub.number("select count(*) as number from vault_finding").await;
        until(&hub, <[Finding]>::is_empty).await;
        assert!(mended <= 1, "one blob was damaged in one store");
    })
    .await;
}
