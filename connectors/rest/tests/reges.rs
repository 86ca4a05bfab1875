//! REGES's folder against REGES's twin: a message gets its receipt at once and its result in a queue, and where an answer is
//! lost only a person may decide.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connectors_contract::{Body, Consignment, Engine, Inquiry, Outcome, SideEffect};
use reqwest::StatusCode;
use sandbox::{Fault, FaultKind, MessageRecord, Reges, Running};
use serde_json::{Value, json};

mod support;
use support::{NOW, channel, engine, manifest};

/// The key of a synthetic employer.
const KEY: &str = "cheie-90000006";

async fn twin() -> Running<MessageRecord> {
    Reges::start(([127, 0, 0, 1], 0).into(), Arc::new(|| NOW)).await.unwrap()
}

/// A message about a contract of nobody.
fn message(id: u8, operation: &str, rest: Value) -> Value {
    let mut message = json!({ "$type": "contract", "header": {
        "messageId": format!("00000000-0000-4000-8000-0000000000{id:02}"), "clientApplication": "PUNTE", "version": "5",
        "operation": operation, "sessionId": "00000000-0000-4000-8000-00000000000b", "user": "utilizator.demo",
        "timestamp": "2026-01-15T08:00:00.000Z",
    } });
    message.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    message
}

fn consignment(message: &Value) -> Consignment {
    let body = Body { content_type: "application/json".to_owned(), content: Bytes::from(message.to_string()) };
    let key = "01980000-0000-7000-8000-000000000002".to_owned();
    Consignment { idempotency_key: key, facts: [].into(), body, parts: Vec::new(), evidence: Vec::new() }
}

fn contract(id: u8) -> Value {
    message(id, "SuspendareContract", json!({ "referintaContract": { "id": "00000000-0000-4000-8000-0000000000bb" } }))
}

#[tokio::test]
async fn a_message_gets_its_receipt_and_its_result_waits_in_the_queue() {
    let twin = twin().await;
    let connector = engine().outbound(&manifest("reges"), channel(twin.address, KEY)).unwrap();
    assert_eq!(connector.side_effect(), SideEffect::Once);
    let outcome = connector.deliver(&consignment(&contract(1))).await.outcome;
    let received = twin.received();
    assert_eq!(outcome, Outcome::Delivered { receipt: Some(received[0].response_id.clone()) });
    assert_eq!((received[0].cui.as_str(), received[0].result.as_deref()), ("90000006", None));
    assert!(matches!(connector.inquire(&consignment(&contract(1))).await, Inquiry::Unanswered { .. }));

    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let put = client.put(format!("{}/_sandbox/reges", twin.url())).header("content-type", "application/json");
    put.body("{\"processed_after_s\": 0}").send().await.unwrap();
    let poll = || async {
        let post = client.post(format!("{}/api/Status/PollMessage", twin.url())).bearer_auth(KEY);
        post.header("content-type", "application/json").send().await.unwrap()
    };
    let result: Value = serde_json::from_str(&poll().await.text().await.unwrap()).unwrap();
    assert_eq!(result["responseId"], received[0].response_id.as_str());
    assert_eq!((&result["result"]["code"], &result["result"]["codeType"]), (&json!("FAIL"), &json!("ERROR")));
    assert_eq!(poll().await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn what_has_a_wrong_form_is_refused_and_a_wrong_key_is_our_trouble() {
    let twin = twin().await;
    let refusing = engine().outbound(&manifest("reges"), channel(twin.address, KEY)).unwrap();
    for wrong in [message(1, "Altceva", json!({})), message(2, "SuspendareContract", json!({})), json!([])] {
        let outcome = refusing.deliver(&consignment(&wrong)).await.outcome;
        assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    }
    let stranger = engine().outbound(&manifest("reges"), channel(twin.address, "cheie-90000007")).unwrap();
    let outcome = stranger.deliver(&consignment(&contract(1))).await.outcome;
    assert!(matches!(&outcome, Outcome::Unavailable { .. }), "{outcome:?}");
    assert!(twin.received().is_empty());
}

#[tokio::test]
async fn a_lost_answer_is_never_taken_for_done_or_undone() {
    let twin = twin().await;
    let mut hasty = manifest("reges");
    hasty.endpoint.timeout = Duration::from_secs(1);
    // Only a twin that is slow on purpose is not waited for.
    let hasty = engine().outbound(&hasty, channel(twin.address, KEY)).unwrap();
    let patient = engine().outbound(&manifest("reges"), channel(twin.address, KEY)).unwrap();
    let table = [
        (FaultKind::AcceptAfterClientTimeout, "unknown"),
        (FaultKind::ServerErrorAfterStoring, "unknown"),
        (FaultKind::CutConnectionAfterStoring, "unknown"),
        (FaultKind::OkWithErrorBody, "unknown"),
        (FaultKind::HtmlPage, "unknown"),
        (FaultKind::TooManyRequests, "unavailable"),
    ];
    for (fault, expected) in table {
        twin.faults.plan(Fault::once(fault).after(Duration::from_secs(3)));
        let connector = if fault == FaultKind::AcceptAfterClientTimeout { &hasty } else { &patient };
        let class = match connector.deliver(&consignment(&contract(1))).await.outcome {
            Outcome::Unknown { .. } => "unknown",
            Outcome::Unavailable { .. } => "unavailable",
            other => panic!("{fault:?}: {other:?}"),
        };
        assert_eq!(class, expected, "{fault:?}");
    }
}
