//! The folder of RECOM keeps the promises of a system, exchange by exchange.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::path::Path;
use std::sync::Arc;

use connectors_conformance::check;
use connectors_contract::SystemFolder;
use connectors_rest::RestEngine;

#[tokio::test]
async fn every_recorded_exchange_of_recom_means_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems/recom");
    let folder = SystemFolder::read(&folder).unwrap();
    let report = check(&RestEngine::new(Arc::new(|| 1_772_445_600)).unwrap(), &folder).await;
    assert!(report.is_clean(), "{report}");
}
