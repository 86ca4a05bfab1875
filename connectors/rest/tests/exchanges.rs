//! Every recorded exchange of every system means what it says it means.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::collections::BTreeMap;
use std::time::Duration;

use connectors_contract::reading::answers;
use connectors_contract::{Answer, Inquiry, Manifest, Outcome, Question};
use connectors_rest::{Response, inquiry, outcome};
use serde_json::{Value, json};

mod support;
use support::{NOW, manifests, systems_folder};

#[test]
fn every_recorded_exchange_means_what_it_says() {
    for manifest in manifests() {
        let folder = systems_folder().join(&manifest.system).join("exchanges");
        let mut seen = 0;
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let exchange: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            assert_eq!(meaning(&manifest, &exchange), exchange["expected"], "{}", path.display());
            seen += 1;
        }
        assert!(seen > 0, "{} has no exchanges", manifest.system);
    }
}

fn meaning(manifest: &Manifest, exchange: &Value) -> Value {
    let answer = &exchange["answer"];
    let header = |name: &str| answer["headers"][name].as_str().map(str::to_owned);
    let body = answer["body"].as_str().map_or_else(|| answer["body"].to_string(), str::to_owned);
    let answer = Response {
        status: u16::try_from(answer["status"].as_u64().unwrap()).unwrap(),
        content_type: header("content-type"),
        retry_after: header("retry-after"),
        body: Ok(body.into_bytes()),
    };
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs());
    let found = match exchange["operation"].as_str() {
        Some("deliver") => match outcome(manifest, manifest.deliver.as_ref().unwrap(), &answer, NOW) {
            Outcome::Delivered { receipt } => json!({ "class": "delivered", "receipt": receipt }),
            Outcome::Attested { document } => json!({ "class": "attested", "bytes": document.len() }),
            Outcome::Refused { code, .. } => json!({ "class": "refused", "code": code }),
            Outcome::Unavailable { retry_after, .. } => {
                json!({ "class": "unavailable", "retry_after_s": seconds(retry_after) })
            }
            Outcome::Unknown { .. } => json!({ "class": "unknown" }),
        },
        Some("inquire") => match inquiry(manifest, &answer, NOW) {
            Inquiry::Present { receipt } => json!({ "class": "present", "receipt": receipt }),
            Inquiry::Absent => json!({ "class": "absent" }),
            Inquiry::Refused { code, .. } => json!({ "class": "refused", "code": code }),
            Inquiry::Unanswered { retry_after, .. } => {
                json!({ "class": "unanswered", "retry_after_s": seconds(retry_after) })
            }
        },
        Some(other) => lookup_meaning(manifest, other, exchange, &answer),
        None => panic!("an exchange says its operation"),
    };
    told(found)
}

/// The value of an answer is compared only where the exchange says one.
fn lookup_meaning(manifest: &Manifest, operation: &str, exchange: &Value, answer: &Response) -> Value {
    let name = operation.strip_prefix("lookup.").expect("an exchange is of deliver, inquire or lookup.<operation>");
    let arguments = serde_json::from_value(exchange["arguments"].clone()).unwrap_or_default();
    let question = Question { operation: name.to_owned(), arguments, facts: BTreeMap::new() };
    let found = answers(manifest, &manifest.lookups[name], answer, &[&question], NOW).remove(0);
    let wanted = |name: &str| exchange["expected"].get(name).is_some();
    match found {
        Answer::Found { value, as_of, document } => json!({
            "class": "found",
            "value": wanted("value").then_some(value),
            "as_of": as_of.filter(|_| wanted("as_of")),
            "document": document.filter(|_| wanted("document")).map(|document| document.content_type),
        }),
        Answer::Absent => json!({ "class": "absent" }),
        Answer::Pending { request, .. } => json!({ "class": "pending", "request": request }),
        Answer::Refused { code, .. } => json!({ "class": "refused", "code": code }),
        Answer::Unavailable { retry_after, .. } => {
            json!({ "class": "unavailable", "retry_after_s": retry_after.map(|time| time.as_secs()) })
        }
    }
}

fn told(found: Value) -> Value {
    let members = found.as_object().unwrap().clone().into_iter();
    members.filter(|(_, value)| !value.is_null()).collect()
}
