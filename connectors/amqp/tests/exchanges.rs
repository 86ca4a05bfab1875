//! Every recorded answer of a broker means what it says it means.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::path::Path;

use connectors_amqp::{AmqpEngine, Published, outcome};
use connectors_contract::{Channel, Engine, Outcome, systems};
use serde_json::{Value, json};

#[test]
fn every_recorded_answer_means_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems");
    let manifests = systems::from_dir(&folder).unwrap();
    let mut seen = 0;
    for manifest in manifests.iter().filter(|manifest| manifest.engine == "amqp") {
        let channel = || Channel {
            address: Some("amqps://broker.exemplu.invalid/".parse().unwrap()),
            secret: Some("punte:parola".to_owned().into()),
            ..Channel::default()
        };
        AmqpEngine.outbound(manifest, channel()).unwrap();
        AmqpEngine.inbound(manifest, channel()).unwrap();
        for entry in std::fs::read_dir(folder.join(&manifest.system).join("exchanges")).unwrap() {
            let path = entry.unwrap().path();
            let exchange: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            assert_eq!(meaning(&exchange["answer"]), exchange["expected"], "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 0);
}

fn meaning(answer: &Value) -> Value {
    let code = u16::try_from(answer["status"].as_u64().unwrap()).unwrap();
    let text = answer["body"]["text"].as_str().unwrap_or_default().to_owned();
    let published = match answer["body"]["method"].as_str().unwrap() {
        "basic.ack" => Published::Confirmed,
        "basic.nack" => Published::Nacked,
        "basic.return" => Published::Returned { code, text },
        "channel.close" => Published::Closed { code, text },
        "connection.close" => Published::Lost(text),
        other => panic!("a broker does not answer with {other}"),
    };
    match outcome(published) {
        Outcome::Delivered { .. } => json!({ "class": "delivered" }),
        Outcome::Refused { code, .. } => json!({ "class": "refused", "code": code }),
        Outcome::Unavailable { .. } => json!({ "class": "unavailable" }),
        Outcome::Unknown { .. } => json!({ "class": "unknown" }),
        Outcome::Attested { .. } => json!({ "class": "attested" }),
    }
}
