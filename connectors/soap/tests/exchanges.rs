//! Every recorded exchange of every system of this engine means what it says it means, over a real connection.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::time::Duration;

use connectors_contract::{Answer, Inquiry, Outcome, RecordedExchange, SystemFolder};
use serde_json::{Value, json};

mod support;
use support::{CODE, answering, channel, consignment, founding, lookup, outbound, question, systems_folder};

#[tokio::test]
async fn every_recorded_exchange_means_what_it_says() {
    let mut seen = 0;
    for entry in std::fs::read_dir(systems_folder()).unwrap() {
        let folder = SystemFolder::read(&entry.unwrap().path()).unwrap();
        if folder.manifest.engine != "soap" {
            continue;
        }
        assert!(!folder.exchanges.is_empty(), "{} has no exchanges", folder.manifest.system);
        for exchange in &folder.exchanges {
            let meant = meaning(&folder, exchange).await;
            assert_eq!(meant, exchange.expected, "{}/{}", folder.manifest.system, exchange.name);
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen}");
}

async fn meaning(folder: &SystemFolder, exchange: &RecordedExchange) -> Value {
    let text = exchange.answer.text();
    let headers: String = exchange.answer.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let (status, length) = (exchange.answer.status, text.len());
    let answer = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{text}");
    let address = answering(move |_| answer.clone().into_bytes()).await;
    let channel = channel(&format!("http://{address}/"), "110116:jeton");
    let document = consignment(&founding(CODE, "G-1", "1900101400081"));
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs());
    let found = match exchange.operation.as_str() {
        "deliver" => match outbound(&folder.manifest, channel).deliver(&document).await.outcome {
            Outcome::Delivered { receipt } => json!({ "class": "delivered", "receipt": receipt }),
            Outcome::Attested { .. } => json!({ "class": "attested" }),
            Outcome::Refused { code, .. } => json!({ "class": "refused", "code": code }),
            Outcome::Unavailable { retry_after, .. } => {
                json!({ "class": "unavailable", "retry_after_s": seconds(retry_after) })
            }
            Outcome::Unknown { .. } => json!({ "class": "unknown" }),
        },
        "inquire" => match outbound(&folder.manifest, channel).inquire(&document).await {
            Inquiry::Present { receipt } => json!({ "class": "present", "receipt": receipt }),
            Inquiry::Absent => json!({ "class": "absent" }),
            Inquiry::Refused { code, .. } => json!({ "class": "refused", "code": code }),
            Inquiry::Unanswered { retry_after, .. } => {
                json!({ "class": "unanswered", "retry_after_s": seconds(retry_after) })
            }
        },
        asked => {
            let operation = asked.strip_prefix("lookup.").unwrap();
            let arguments: Vec<_> =
                exchange.arguments.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            match lookup(&folder.manifest, channel).ask(&question(operation, &arguments)).await.answer {
                Answer::Found { .. } => json!({ "class": "found" }),
                Answer::Absent => json!({ "class": "absent" }),
                Answer::Refused { code, .. } => json!({ "class": "refused", "code": code }),
                Answer::Pending { .. } => json!({ "class": "pending" }),
                Answer::Unavailable { retry_after, .. } => {
                    json!({ "class": "unavailable", "retry_after_s": seconds(retry_after) })
                }
            }
        }
    };
    let members = found.as_object().unwrap().clone().into_iter();
    members.filter(|(_, value)| !value.is_null()).collect()
}
