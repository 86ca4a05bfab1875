//! Every recorded exchange of the folder systems means what it says, played in a real folder.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;

use connectors_contract::{Engine as _, Inquiry, Outcome, SystemFolder};
use serde_json::json;
use support::{Ground, SCAN, consignment};

#[tokio::test]
async fn every_recorded_exchange_means_what_it_says() {
    let systems = Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems");
    let mut seen = 0;
    for entry in std::fs::read_dir(systems).unwrap() {
        let folder = SystemFolder::read(&entry.unwrap().path()).unwrap();
        if folder.manifest.engine != "folder" {
            continue;
        }
        assert!(!folder.exchanges.is_empty(), "{} has no exchanges", folder.manifest.system);
        for exchange in &folder.exchanges {
            let ground = Ground::local();
            let outbound = ground.engine("hub1").outbound(&folder.manifest, ground.channel.clone()).unwrap();
            let sent = consignment(exchange.request["idempotency_key"].as_str().unwrap(), SCAN);
            let outcome = outbound.deliver(&sent).await.outcome;
            let found = if exchange.operation == "deliver" {
                match outcome {
                    Outcome::Delivered { receipt } => json!({ "class": "delivered", "receipt": receipt }),
                    other => panic!("{}: {other:?}", exchange.name),
                }
            } else {
                if !exchange.answer.body.is_null() {
                    std::fs::create_dir(ground.root.join("confirmari")).unwrap();
                    let file = exchange.request["file"].as_str().unwrap();
                    ground.put(file, exchange.answer.text().as_bytes());
                }
                match outbound.inquire(&sent).await {
                    Inquiry::Present { receipt } => json!({ "class": "present", "receipt": receipt }),
                    Inquiry::Refused { code, .. } => json!({ "class": "refused", "code": code }),
                    Inquiry::Absent => json!({ "class": "absent" }),
                    Inquiry::Unanswered { .. } => json!({ "class": "unanswered" }),
                }
            };
            assert_eq!(found, exchange.expected, "{} {}", folder.manifest.system, exchange.name);
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
}
