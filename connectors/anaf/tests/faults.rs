//! Every fault at every operation ends in one of the classes, and nothing is doubled.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "support/filing.rs"]
mod filing;

use connectors_contract::{Answer, Inquiry, Outcome};
use serde_json::json;

use filing::{Desk, SELLER, consignment, invoice, question};

/// The faults of the twin, and what a filing is after each: whether it was taken, and the class.
const FAULTS: [(&str, bool, &str); 22] = [
    ("refusal", false, "unknown"),
    ("quota", false, "unavailable"),
    ("unbalanced-brace", false, "unknown"),
    ("expired-download", false, "refused"),
    ("clock-skew", false, "refused"),
    ("too-many-messages", false, "refused"),
    ("bad-request", false, "refused"),
    ("unauthorized", false, "delivered"),
    ("forbidden", false, "unavailable"),
    ("not-found", false, "unavailable"),
    ("too-many-requests", false, "unavailable"),
    ("no-content", false, "unknown"),
    ("block-page", false, "unknown"),
    ("logout-page", false, "unknown"),
    ("log-in-wall", false, "unknown"),
    ("server-error", false, "unknown"),
    ("cut-connection", false, "unknown"),
    ("server-error-after-storing", true, "unknown"),
    ("block-page-after-storing", true, "unknown"),
    ("accept-after-client-timeout", true, "unknown"),
    ("cut-connection-after-storing", true, "unknown"),
    ("half-answer", true, "unknown"),
];

fn class(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered { .. } => "delivered",
        Outcome::Attested { .. } => "attested",
        Outcome::Refused { .. } => "refused",
        Outcome::Unavailable { .. } => "unavailable",
        Outcome::Unknown { .. } => "unknown",
    }
}

#[tokio::test]
async fn every_fault_of_a_filing_has_its_class_and_the_hubs_next_step_doubles_nothing() {
    let desk = Desk::open().await;
    desk.set(json!({ "polls": 0, "lag_s": 60 })).await;
    let outbound = desk.outbound();
    for (position, (fault, taken, expected)) in FAULTS.into_iter().enumerate() {
        let before = desk.filed().await.len();
        desk.plan(json!([{ "operation": "upload", "fault": fault, "delay_ms": 1_500 }])).await;
        let sent = consignment(&format!("k{position}"), &invoice(&format!("A-{position}")));
        let outcome = outbound.deliver(&sent).await.outcome;
        assert_eq!(class(&outcome), expected, "{fault}: {outcome:?}");
        let stored = desk.filed().await.len() - before;
        assert_eq!(stored, usize::from(taken || expected == "delivered"), "{fault}");
        if expected != "unknown" {
            continue;
        }
        // What the hub does with a doubt: ask until there is an answer, and send again only when it is absent.
        let mut inquiry = outbound.inquire(&sent).await;
        while let Inquiry::Unanswered { retry_after, .. } = inquiry {
            let wait = retry_after.unwrap_or(std::time::Duration::from_secs(300));
            desk.pass(i64::try_from(wait.as_secs()).unwrap().clamp(1, 300));
            inquiry = outbound.inquire(&sent).await;
        }
        match inquiry {
            Inquiry::Present { .. } => assert!(taken, "{fault}"),
            Inquiry::Absent => {
                assert!(!taken, "{fault}: it is there, and was not found");
                let again = outbound.deliver(&sent).await.outcome;
                assert_eq!(class(&again), "delivered", "{fault}: {again:?}");
            }
            other => panic!("{fault}: {other:?}"),
        }
        assert_eq!(desk.filed().await.len() - before, 1, "{fault}: filed once");
    }
}

#[tokio::test]
async fn every_fault_of_a_question_is_an_answer_or_a_wait() {
    let desk = Desk::open().await;
    desk.set(json!({ "polls": 0, "quotas": { "download": 1_000, "status": 1_000 } })).await;
    let Outcome::Delivered { receipt: Some(index) } =
        desk.outbound().deliver(&consignment("k", &invoice("A-1"))).await.outcome
    else {
        panic!("it is filed")
    };
    desk.seed(json!({ "seller": "90000014", "buyer": SELLER, "age_s": 7_200 })).await;
    let id = desk.inbound().poll(1).await.unwrap()[0].id.clone();
    let lookup = desk.lookup();
    let operations = [
        ("stareMesaj", question("stare", &[("id_incarcare", &index)])),
        ("descarcare", question("descarcare", &[("id", &id)])),
        ("transformare", question("transformare", &[("id", &id)])),
        ("validare", question("validare", &[("id", &id)])),
        ("hello", question("hello", &[])),
    ];
    for (operation, asked) in &operations {
        for (fault, ..) in FAULTS {
            desk.plan(json!([{ "operation": operation, "fault": fault, "delay_ms": 900 }])).await;
            let answer = lookup.ask(asked).await.answer;
            let lost = ["cut-", "after-", "server-error", "too-many-requests", "block-page", "no-content"];
            if lost.iter().any(|part| fault.contains(part)) {
                assert!(matches!(answer, Answer::Unavailable { .. }), "{operation} {fault}: {answer:?}");
            }
            if fault == "unauthorized" {
                assert!(matches!(answer, Answer::Found { .. }), "{operation}: a new token is taken once: {answer:?}");
            }
            if fault == "quota" && matches!(*operation, "stareMesaj" | "descarcare") {
                let Answer::Unavailable { retry_after: Some(wait), .. } = answer else { panic!("{answer:?}") };
                assert!(wait.as_secs() > 12 * 3_600, "{operation}: until midnight in Bucharest, not {wait:?}");
            }
        }
        desk.plan(json!([])).await;
        let well = lookup.ask(asked).await.answer;
        assert!(matches!(well, Answer::Found { .. }), "{operation}: {well:?}");
    }
}

#[tokio::test]
async fn every_fault_of_a_look_at_the_inbox_loses_nothing() {
    let desk = Desk::open().await;
    desk.set(json!({ "quotas": { "download": 1_000 } })).await;
    desk.seed(json!({ "seller": "90000014", "buyer": SELLER, "count": 2, "age_s": 7_200 })).await;
    for operation in ["listaMesajePaginatieFactura", "descarcare"] {
        for (fault, ..) in FAULTS {
            desk.plan(json!([{ "operation": operation, "fault": fault, "delay_ms": 900 }])).await;
            // A fresh look, as after a restart: nothing is remembered but what was acknowledged.
            let inbound = desk.inbound();
            match inbound.poll(10).await {
                Ok(arrivals) => {
                    let whole = arrivals.iter().filter(|arrival| arrival.unreadable.is_none());
                    assert!(whole.count() <= 2, "{operation} {fault}");
                }
                Err(trouble) => assert!(!trouble.reason.is_empty(), "{operation} {fault}"),
            }
            desk.plan(json!([])).await;
            let arrivals = inbound.poll(10).await.unwrap();
            let whole = arrivals.iter().filter(|arrival| arrival.parts.len() == 2 && arrival.unreadable.is_none());
            assert_eq!(whole.count(), 2, "{operation} {fault}: {arrivals:?}");
        }
    }
}
