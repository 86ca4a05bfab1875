//! Many clerks at many hubs number one register at once: no number is missing, none comes twice, all in order of time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::join_all;
use hub_flow::clock::Timestamp;
use hub_flow::db::{Db, DbError, Tx, WriteVerb};
use hub_flow::directory::{Numbering, Series};
use hub_flow::message::MessageId;
use hub_flow::registration::{self, EntryKey, NewEntry};
use hub_server::listen;
use proptest::prelude::*;
use serde_json::{Value, json};
use tests::county::HUB_TOWN;
use tests::{Client, Database, TestHub};

async fn take(client: &Client, key: String) -> i64 {
    let body = json!({"subject": format!("Cererea {key}"), "correspondent": {"name": "Ion Inventatu"}});
    let (status, entry) = client.post("/v1/registers/general/entries", &key, &body).await;
    assert_eq!(status, 201, "{entry:#}");
    entry["number"].as_i64().unwrap()
}

async fn gapless(clients: &[Client], each: usize) {
    let taken = clients.iter().enumerate().flat_map(|(hub, client)| {
        (0..each).map(move |index| async move { take(client, format!("{hub}-{index}")).await })
    });
    let numbers = join_all(taken).await;
    let expected: BTreeSet<i64> = (1..=i64::try_from(numbers.len()).unwrap()).collect();
    assert_eq!(numbers.iter().copied().collect::<BTreeSet<i64>>(), expected, "no gap");
    assert_eq!(numbers.len(), expected.len(), "no number twice");
    let (_, listed) = clients[0].get("/v1/registers/general/entries?limit=1000").await;
    let moments: Vec<&str> =
        listed["entries"].as_array().unwrap().iter().map(|one| one["recorded_at"].as_str().unwrap()).collect();
    assert!(moments.is_sorted(), "numbers are in order of time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hubs_on_one_database_number_one_register_at_once_without_a_gap() {
    if !Database::all().contains(&Database::Postgres) {
        return;
    }
    let hub = TestHub::start(Database::Postgres).await;
    let second = listen::start_with(&hub.config, Vec::new()).await.unwrap();
    let clients = [hub.client(HUB_TOWN), Client::of(&second.url(), HUB_TOWN)];
    gapless(&clients, 100).await;

    // The same request at both at once gets one number.
    let body = json!({"subject": "Trimisă la amândouă"});
    let same = join_all(clients.iter().map(|client| async {
        let answer = client.post("/v1/registers/general/entries", "same", &body).await;
        // The one that came second to the database is told to ask again, and finds the first one's answer.
        if answer.0 == 503 { client.post("/v1/registers/general/entries", "same", &body).await } else { answer }
    }))
    .await;
    let numbers: Vec<&Value> = same.iter().map(|(_, entry)| &entry["number"]).collect();
    assert_eq!(numbers, [&json!(201), &json!(201)], "{same:#?}");
    second.stop().await;
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_at_one_hub_is_numbered_without_a_gap() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        gapless(&[hub.client(HUB_TOWN), hub.client(HUB_TOWN)], 150).await;
        hub.stop().await;
    })
    .await;
}

/// Registers what it is given, and loses the whole set where an entry says so.
struct Register;

impl WriteVerb for Register {
    type Item = (NewEntry, bool);
    type Output = EntryKey;
    const ORDER: u16 = 1;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<EntryKey>, DbError> {
        let entries: Vec<NewEntry> = items.iter().map(|(entry, _)| entry.clone()).collect();
        let registered = registration::register(tx, &entries).await?;
        if items.iter().any(|(_, lost)| *lost) {
            return Err(DbError::Statement("the test loses it".to_owned()));
        }
        Ok(registered.into_iter().map(|one| one.key).collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is registered, lost on the way and comes out of order, at whatever turn of the year.
    #[test]
    fn no_order_and_no_failure_leaves_a_gap_in_any_series(
        taken in prop::collection::vec((0..2_usize, 0..2_usize, 0..5_i64, prop::bool::weighted(0.2)), 1..60),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let given = runtime.block_on(async {
            let db = Db::open(&format!("sqlite:{}", folder.path().join("p.db").display())).await.unwrap();
            let verb = Arc::new(Register);
            let writes = taken.iter().map(|(party, register, hours, lost)| {
                let numbering = if *register == 0 { Numbering::Yearly } else { Numbering::Continuing };
                let series = Series { register: format!("r{register}"), numbering, ..Series::general() };
                // Hours around midnight of 31 December 2026 in Romania.
                let at = Timestamp(1_798_747_200_000_000 + hours * 3_600_000_000);
                let message = MessageId(uuid::Uuid::nil());
                let entry = NewEntry::of_message(&format!("uat-{party}"), series, (message, [0; 16]), at);
                db.write(&verb, (entry, *lost))
            });
            join_all(writes).await
        });
        let expected = taken.iter().filter(|(.., lost)| !lost).count();
        let keys: BTreeSet<EntryKey> = given.into_iter().filter_map(Result::ok).collect();
        prop_assert_eq!(keys.len(), expected, "what was not lost has a number of its own");
        let mut series: BTreeMap<(String, String, i64), BTreeSet<i64>> = BTreeMap::new();
        for key in keys {
            // Of a register whose numbers run on, all years are one series.
            let year = if key.register == "r1" { 0 } else { key.year };
            prop_assert!(series.entry((key.party, key.register, year)).or_default().insert(key.number));
        }
        for (name, numbers) in series {
            let count = i64::try_from(numbers.len()).unwrap();
            prop_assert_eq!(numbers, (1..=count).collect::<BTreeSet<i64>>(), "{:?}", name);
        }
    }
}
