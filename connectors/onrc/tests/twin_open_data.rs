//! The open data fetched from the twin's catalogue and imported, on good days and bad ones.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod support;

use std::sync::Arc;

use connectors_onrc::open_data::{FetchError, Fetched, fetch_newest};
use connectors_onrc::snapshot::{Change, Store, events_after, import};
use sandbox::{AuditRecord, Onrc, Running};
use schemas::Cui;
use serde_json::{Value, json};
use support::order;

async fn twin() -> Running<AuditRecord> {
    Onrc::start("127.0.0.1:0".parse().unwrap(), Arc::new(|| 1_788_300_000), 500).await.unwrap()
}

async fn control(twin: &Running<AuditRecord>, method: &str, path: &str, body: Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let address = format!("{}/_sandbox/onrc{path}", twin.url());
    let method = method.parse().unwrap();
    let answer = client.request(method, address).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
}

async fn fetch(twin: &Running<AuditRecord>, into: &std::path::Path, persons: bool) -> Result<Fetched, FetchError> {
    fetch_newest(&twin.url().parse().unwrap(), into, persons, &mut |_, _, _| {}).await
}

#[tokio::test]
async fn the_newest_snapshot_is_found_fetched_and_imported_and_a_later_one_gives_events() {
    let twin = twin().await;
    let (files, store) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let fetched = fetch(&twin, files.path(), false).await.unwrap();
    assert_eq!(fetched.snapshot.to_string(), "2026-09-02");
    assert!(fetched.files.iter().all(|file| file.checked));
    assert_eq!(fetched.files.len(), 7, "the files about persons stay where they are");
    let report = import(&order(&fetched.folder, store.path(), fetched.snapshot), &mut |_| {}).unwrap();
    let counts = &report.facts.counts;
    assert_eq!(counts.firms, 507, "{counts:?}");
    assert_eq!(counts.refused.values().sum::<u64>(), 2, "{:?}", counts.refused);
    assert!(counts.joined >= 9 && counts.repaired >= 1 && counts.without_date >= 10, "{counts:?}");
    assert_eq!((counts.shared_number, counts.unknown_state_code, counts.states_without_firm), (2, 1, 1));
    // The file's checksum is the one the download was checked with.
    let sha256 = &report.facts.files.iter().find(|file| file.name == "OD_FIRME").unwrap().sha256;
    assert!(fetched.files.iter().any(|file| file.path.ends_with("OD_FIRME.CSV") && file.sha256 == *sha256));
    control(&twin, "POST", "/evenimente", json!({ "eveniment": "RADIERE", "nr_reg": "J2025900001003" })).await;
    control(&twin, "POST", "/evenimente", json!({ "eveniment": "CONVERSIE_NUMAR", "nr_reg": "J24/99901/2019" })).await;
    control(&twin, "POST", "/evenimente", json!({ "eveniment": "INMATRICULARE" })).await;
    control(&twin, "PUT", "", json!({ "ahead_s": 86_400 * 40 })).await;
    control(&twin, "POST", "/instantaneu", json!({})).await;
    let fetched = fetch(&twin, files.path(), false).await.unwrap();
    assert_eq!(fetched.snapshot.to_string(), "2026-10-12");
    import(&order(&fetched.folder, store.path(), fetched.snapshot), &mut |_| {}).unwrap();
    let (events, _) = events_after(store.path(), None, 100).unwrap();
    let mut kinds: Vec<Change> = events.iter().map(|event| event.eveniment).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [Change::Inmatriculare, Change::ConversieNumar, Change::Radiere], "{events:#?}");
    let store = Store::open(store.path()).unwrap();
    assert_eq!(store.by_cui(&Cui::parse("90000006").unwrap()).unwrap()[0].state.name(), "RADIATA");
}

#[tokio::test]
async fn a_line_that_is_cut_again_and_again_is_gone_on_with_where_it_was_cut() {
    let twin = twin().await;
    control(&twin, "PUT", "", json!({ "cut_files_after": 20_000 })).await;
    let files = tempfile::tempdir().unwrap();
    let fetched = fetch(&twin, files.path(), true).await.unwrap();
    let firms = fetched.files.iter().find(|file| file.path.ends_with("OD_FIRME.CSV")).unwrap();
    assert!(firms.checked && firms.bytes > 60_000, "{firms:?}");
    let left: Vec<_> = std::fs::read_dir(&fetched.folder).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name.to_str().unwrap().ends_with(".CSV")), "{left:?}");
    // Once it is here, nobody is asked for it again.
    let asked = twin.recorder.exchanges().len();
    fetch(&twin, files.path(), true).await.unwrap();
    assert_eq!(twin.recorder.exchanges().len(), asked + 3, "the catalogue only");
}

#[tokio::test]
async fn a_server_without_ranges_that_cuts_is_given_up_and_what_is_damaged_is_thrown_away() {
    let twin = twin().await;
    let files = tempfile::tempdir().unwrap();
    control(&twin, "PUT", "", json!({ "cut_files_after": 20_000, "without_ranges": true })).await;
    assert!(matches!(fetch(&twin, files.path(), false).await, Err(FetchError::Line { .. })));
    control(&twin, "PUT", "", json!({ "wrong_checksums": true })).await;
    assert!(matches!(fetch(&twin, files.path(), false).await, Err(FetchError::Damaged { .. })));
    control(&twin, "PUT", "", json!({})).await;
    let fetched = fetch(&twin, files.path(), false).await.unwrap();
    assert!(fetched.files.iter().all(|file| file.checked));
}

#[tokio::test]
async fn a_catalogue_that_answers_pages_errors_or_nothing_is_an_error_of_the_line() {
    use sandbox::{Fault, FaultKind};
    let twin = twin().await;
    let files = tempfile::tempdir().unwrap();
    for fault in [FaultKind::HtmlPage, FaultKind::ServerError, FaultKind::CutConnection, FaultKind::OkWithErrorBody] {
        twin.faults.plan(Fault::once(fault).at_inquiry());
        let error = fetch(&twin, files.path(), false).await.unwrap_err();
        assert!(matches!(error, FetchError::Line { .. }), "{fault:?}: {error}");
    }
    assert!(fetch(&twin, files.path(), false).await.is_ok());
}
