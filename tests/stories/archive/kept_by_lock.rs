//! What a lock of the store keeps does not stand before what may go. The documents are invented.

use std::sync::Arc;

use bytes::Bytes;
use hub_flow::db::{DbError, Tx, Value, WriteVerb};
use hub_flow::params;
use hub_vault::{Lock, Source};
use serde_json::json;
use tests::county::HUB_TOWN;
use tests::{Database, TestHub};
use uuid::Uuid;

/// Documents that a lock keeps: more than one turn of the archivist looks at.
const KEPT: usize = 1_100;
/// Documents of the same selection that may go, and of the one after it.
const FREE: usize = 3;
const AT: i64 = 1_772_435_704_000_000;

/// A statement with the rows it inserts.
struct Insert;

impl WriteVerb for Insert {
    type Item = (&'static str, usize, Vec<Vec<Value>>);
    type Output = ();
    const ORDER: u16 = 1;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<()>, DbError> {
        for (head, columns, rows) in items {
            tx.insert(head, *columns, rows.clone()).await?;
        }
        Ok(vec![(); items.len()])
    }
}

async fn insert(hub: &TestHub, head: &'static str, columns: usize, rows: Vec<Vec<Value>>) {
    hub.running().hub.db.write(&Arc::new(Insert), (head, columns, rows)).await.expect("rows are written");
}

/// A selection that was approved, of dossiers with so many documents each; the first dossier's are locked where asked for.
async fn selection(hub: &TestHub, number: u128, dossiers: &[usize], locked: bool) {
    let id = Uuid::from_u128(number);
    let name = |place: usize| Uuid::from_u128(number * 1_000 + place as u128);
    let decisions: Vec<_> =
        (0..dossiers.len()).map(|place| json!({"dossier": name(place), "decision": "destroy"})).collect();
    let confirmation = json!({"number": "88", "date": "2026-02-01", "service": "SJAN Mehedinți"}).to_string();
    let row = params![
        id.into_bytes(),
        HUB_TOWN,
        number.to_string(),
        "2026-01-15",
        "[]",
        json!(decisions).to_string(),
        "destroying",
        "eva",
        AT,
        confirmation,
        "ana",
        AT,
        "dan",
        AT
    ];
    let vault = &hub.running().hub.vault;
    for (place, count) in dossiers.iter().enumerate() {
        let mut rows = Vec::new();
        for position in 0..*count {
            let document = number << 32 | (place as u128) << 16 | position as u128;
            let kept = vault.put(Source::Bytes(Bytes::from(document.to_be_bytes().to_vec()))).await.unwrap();
            if locked && place == 0 {
                vault.lock(&kept.address, &Lock { until: None, legal_hold: true }).await.unwrap();
            }
            rows.push(params![
                Uuid::from_u128(1 << 100 | document).into_bytes(),
                HUB_TOWN,
                format!("RO-{document}"),
                name(place).into_bytes(),
                position as i64 + 1,
                Uuid::from_u128(2 << 100 | document).into_bytes(),
                "document",
                "cerere.pdf",
                "application/pdf",
                16_i64,
                1_i64,
                kept.address,
                "{}",
                AT
            ]);
        }
        let head =
            "insert into archive_document (id, party, identifier, dossier, position, filing, role, name, content_type,
                    size, pages, sha256, sheet, archived_at) values";
        insert(hub, head, 14, rows).await;
        let dossier = params![
            name(place).into_bytes(),
            HUB_TOWN,
            2020_i64,
            "I/A/1",
            (number * 10) as i64 + place as i64,
            1_i64,
            "Corespondență inventată",
            5_i64,
            0_i64,
            "[]",
            "selected",
            *count as i64,
            *count as i64,
            16_i64,
            2026_i64,
            id.into_bytes(),
            AT,
            AT
        ];
        let head = "insert into archive_dossier (id, party, year, code, volume, version, title, years, commission, units, state,
                    pages, documents, size, due_year, selection, opened_at, changed_at) values";
        insert(hub, head, 18, vec![dossier]).await;
    }
    // Last: from here on it is destroyed.
    let head = "insert into archive_selection (id, party, number, date, members, decisions, state, author, made_at,
                confirmation, asked_by, asked_at, approved_by, approved_at) values";
    insert(hub, head, 14, vec![row]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_kept_by_a_lock_do_not_stand_before_those_that_may_go() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let head = "insert into archive_office (party, next_document) values";
        insert(&hub, head, 2, vec![params![HUB_TOWN, 10_000_i64]]).await;
        selection(&hub, 1, &[KEPT, FREE], true).await;
        selection(&hub, 2, &[FREE], false).await;
        // The rest of the same selection, and all of the younger one.
        let gone = "select cast(count(*) as bigint) as number from archive_document where erased_at is not null";
        hub.wait_for_number(gone, 2 * FREE as i64).await;
        let ended = "select cast(count(*) as bigint) as number from archive_selection where state = 'ended'";
        hub.wait_for_number(ended, 1).await;
        let left = "select cast(count(*) as bigint) as number from archive_document where erased_at is null";
        assert_eq!(hub.number(left).await, KEPT as i64, "what is locked is kept");
        hub.stop().await;
    })
    .await;
}
