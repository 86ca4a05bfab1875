//! A quota is about requests, however many of them one call of an engine makes.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use connectors_contract::manifest::{Rate, Window};
use hub_flow::quota;
use sandbox::{Anaf, AnafCall, Running};
use serde_json::{Value, json};
use tests::asking::until;
use tests::county::{self, SENDER};
use tests::hub::unix_seconds;
use tests::{Database, TestHub};

/// ANAF's own rate.
const PER_MINUTE: u32 = 1_000;

/// The manifest of e-Factura with another rate.
fn systems(folder: &Path, rate: &str) -> PathBuf {
    let real = concat!(env!("CARGO_MANIFEST_DIR"), "/../connectors/systems/anaf-efactura/manifest.toml");
    let manifest = std::fs::read_to_string(real).unwrap();
    assert!(manifest.contains("calls = \"1000/min\""), "the rate of all methods together");
    let systems = folder.join("systems");
    std::fs::create_dir_all(systems.join("anaf-efactura")).unwrap();
    let changed = manifest.replace("calls = \"1000/min\"", &format!("calls = \"{rate}\""));
    std::fs::write(systems.join("anaf-efactura/manifest.toml"), changed).unwrap();
    systems
}

/// A hub that fetches what others filed for its commune, from a twin that has so many invoices for it.
async fn start(database: Database, rate: &str, invoices: u32) -> (TestHub, Running<AnafCall>) {
    let twin = Anaf::start(([127, 0, 0, 1], 0).into(), Arc::new(unix_seconds)).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let seed = json!({ "seller": "90000014", "buyer": "90000006", "count": invoices, "age_s": 7_200 });
    let seeded = client.post(format!("{}/_sandbox/anaf/invoices", twin.url())).json(&seed).send().await.unwrap();
    assert!(seeded.status().is_success());
    let given = client.post(format!("{}/_sandbox/anaf/tokens", twin.url())).send().await.unwrap();
    let given: Value = given.json().await.unwrap();
    let secret = json!({ "client_id": "demo-client", "client_secret": "demo-secret", "cif": "90000006",
        "refresh_token": given["refresh_token"] });
    let hub = TestHub::start_with(database, |config| {
        let folder = config.data.parent().unwrap().to_owned();
        std::fs::write(folder.join("anaf-secret"), secret.to_string()).unwrap();
        config.systems.push(systems(&folder, rate));
        let source = format!(
            "[[source]]\nid = 'facturi'\nparty = '{SENDER}'\nsystem = 'anaf-efactura'\naddress = '{}'\n\
             secret = 'file:{}'\npoll_seconds = {}\n",
            twin.url(),
            folder.join("anaf-secret").display(),
            NonZeroU32::new(3_600).unwrap()
        );
        county::change(config, |directory| directory + &source);
    })
    .await;
    (hub, twin)
}

/// How many requests the hub counted against all methods together.
async fn counted(hub: &TestHub, rate: Rate) -> u64 {
    let now = hub.running().hub.clock.now();
    let used = quota::in_use(&hub.running().hub.db).await.unwrap();
    let left = used.iter().filter(|used| used.system == "anaf-efactura").find_map(|used| used.left(rate, now));
    u64::from(rate.count) - left.unwrap_or_else(|| rate.count.into())
}

fn downloads(twin: &Running<AnafCall>) -> usize {
    twin.received().iter().filter(|call| call.operation == "descarcare").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_download_of_one_poll_is_counted() {
    for database in Database::all() {
        let (hub, twin) = start(database, "1000/min", 7).await;
        until("seven downloads", async || downloads(&twin) == 7).await;
        let rate = Rate { count: PER_MINUTE, per: Window::Minute };
        let asked = u64::try_from(twin.received().len()).unwrap();
        assert!(asked >= 8, "a list and seven downloads");
        // What is counted is counted before it is asked.
        assert!(counted(&hub, rate).await >= asked, "{asked} requests were made");
        let mut hub = hub;
        hub.close().await;
        twin.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_stops_where_the_quota_ends_and_asks_for_no_more() {
    for database in Database::all() {
        let (hub, twin) = start(database, "5/h", 20).await;
        let rate = Rate { count: 5, per: Window::Hour };
        until("five requests", async || twin.received().len() == 5 && counted(&hub, rate).await == 5).await;
        // The turn goes to its end before the hub is closed; it had fifteen invoices more to fetch.
        let mut hub = hub;
        hub.close().await;
        assert_eq!(twin.received().len(), 5, "{:#?}", twin.received());
        twin.stop().await;
    }
}
