//! What goes wrong at the other side: every fault ends in one document handed over, or in evidence of why not.

use std::time::Duration;

use sandbox::{Fault, FaultKind};
use serde_json::{Value, json};
use tests::client::delivery;
use tests::county::{self, DIRECTORATE, HUB_TOWN, INBOX_TOWN, SENDER, WEBHOOK_TOWN};
use tests::documents::letter;
use tests::systems::impatient_esocial;
use tests::{Client, Database, TestHub};

/// A fault at eSocial, the acts it leads to with their outcomes, and the state it ends in.
struct Case {
    what: &'static str,
    faults: &'static [fn() -> Fault],
    acts: &'static [(&'static str, &'static str)],
    end: &'static str,
}

const DELIVERED: (&str, &str) = ("deliver", "delivered");
const LOST: (&str, &str) = ("deliver", "unknown");
const FOUND: (&str, &str) = ("inquire", "delivered");
const ABSENT: (&str, &str) = ("inquire", "absent");

const CASES: &[Case] = &[
    Case {
        what: "a slow answer is waited for",
        faults: &[|| Fault::once(FaultKind::SlowThenAccept).after(Duration::from_millis(100))],
        acts: &[DELIVERED],
        end: "handed_over",
    },
    Case {
        what: "an answer that comes too late is asked for, not sent again",
        faults: &[|| Fault::once(FaultKind::AcceptAfterClientTimeout).after(Duration::from_secs(3))],
        acts: &[LOST, FOUND],
        end: "handed_over",
    },
    Case {
        what: "a busy system is left alone as long as it wants",
        faults: &[|| Fault::once(FaultKind::TooManyRequests)],
        acts: &[("deliver", "unavailable"), DELIVERED],
        end: "handed_over",
    },
    Case {
        what: "a system that fell before it stored gets the document after it was asked",
        faults: &[|| Fault::once(FaultKind::ServerError)],
        acts: &[LOST, ABSENT, DELIVERED],
        end: "handed_over",
    },
    Case {
        what: "a system that fell after it stored is asked, and keeps its one document",
        faults: &[|| Fault::once(FaultKind::ServerErrorAfterStoring)],
        acts: &[LOST, FOUND],
        end: "handed_over",
    },
    Case {
        what: "a system that falls when it is asked is asked again",
        faults: &[
            || Fault::once(FaultKind::ServerErrorAfterStoring),
            || Fault::once(FaultKind::ServerError).at_inquiry(),
            || Fault::once(FaultKind::HtmlPage).at_inquiry(),
        ],
        acts: &[LOST, ("inquire", "unavailable"), ("inquire", "unavailable"), FOUND],
        end: "handed_over",
    },
    Case {
        what: "an error inside a success is a refusal",
        faults: &[|| Fault::once(FaultKind::OkWithErrorBody)],
        acts: &[("deliver", "refused")],
        end: "refused",
    },
    Case {
        what: "a page of somebody else is no receipt",
        faults: &[|| Fault::once(FaultKind::HtmlPage)],
        acts: &[LOST, ABSENT, DELIVERED],
        end: "handed_over",
    },
    Case {
        what: "a connection cut before storing",
        faults: &[|| Fault::once(FaultKind::CutConnection)],
        acts: &[LOST, ABSENT, DELIVERED],
        end: "handed_over",
    },
    Case {
        what: "a connection cut after storing",
        faults: &[|| Fault::once(FaultKind::CutConnectionAfterStoring)],
        acts: &[LOST, FOUND],
        end: "handed_over",
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_asked_for_and_no_fault_makes_two_documents() {
    Database::each(async |database| {
        let hub = impatient(database).await;
        let commune = hub.client(SENDER);
        for (case, number) in CASES.iter().zip(1..) {
            case.faults.iter().for_each(|fault| hub.esocial.faults.plan(fault()));
            if !case.acts.ends_with(&[DELIVERED]) {
                // A second sending would now make a second document, and be seen.
                hub.esocial.faults.plan(Fault::once(FaultKind::IgnoreKey));
            }
            let before = hub.esocial.received().len();
            let message = send(&commune, &[DIRECTORATE], case.what, number).await;
            let ended = commune.wait_for_delivery(&message, DIRECTORATE, case.end).await;
            assert_eq!(acts(&ended), case.acts, "{}: {ended:#}", case.what);
            let stored: Vec<u32> = hub.esocial.received()[before..].iter().map(|case| case.stored).collect();
            assert_eq!(stored, if case.end == "refused" { vec![] } else { vec![1] }, "{}", case.what);
            proven(&hub, &message, case.end).await;
            hub.esocial.faults.clear();
        }
        // The directorate has a number for each document it took, and none for the one it refused.
        let (_, register) = hub.client(DIRECTORATE).get("/v1/registers/general/entries").await;
        let numbers: Vec<_> =
            register["entries"].as_array().unwrap().iter().map(|one| one["number"].as_i64()).collect();
        let taken = CASES.iter().filter(|case| case.end == "handed_over");
        assert_eq!(numbers, taken.zip(1..).map(|(_, number)| Some(number)).collect::<Vec<_>>());
        hub.stop().await;
    })
    .await;
}

async fn impatient(database: Database) -> TestHub {
    TestHub::start_with(database, |config| {
        let folder = config.data.parent().expect("the data folder lies in the test's").to_owned();
        config.systems.push(impatient_esocial(&folder, "800ms"));
    })
    .await
}

/// Sends a letter; the sender's register has no gap up to it.
async fn send(commune: &Client, recipients: &[&str], text: &str, number: usize) -> String {
    let (status, receipt) = commune.post("/v1/messages", &format!("letter-{number}"), &letter(recipients, text)).await;
    assert_eq!(status, 201, "{receipt:#}");
    assert_eq!(receipt["sender_registration"]["number"], number.to_string());
    receipt["message_id"].as_str().expect("an id").to_owned()
}

/// Act and outcome of each attempt.
fn acts(delivery: &Value) -> Vec<(&str, &str)> {
    let attempts = delivery["attempt_list"].as_array().map(Vec::as_slice).unwrap_or_default();
    attempts.iter().map(|one| (one["act"].as_str().unwrap(), one["outcome"].as_str().unwrap())).collect()
}

/// The newest evidence of the message is of this end, and verifies; answers it.
async fn proven(hub: &TestHub, message: &str, end: &str) -> Value {
    let (event, code) = match end {
        "handed_over" => ("ContentHandover", "RE01"),
        "refused" => ("ContentHandoverFailure", "REXX"),
        "failed" | "expired" => ("ContentHandoverFailure", "RE04"),
        "not_consigned" => ("ContentConsignmentFailure", "RD21"),
        other => panic!("{other} is not an end"),
    };
    let chain = hub.client(SENDER).chain(message).await;
    let last = chain.last().expect("evidence");
    let verdict = hub.verified(last["document"].as_str().expect("XML"));
    assert_eq!(verdict["evidence"]["event"], event);
    assert!(verdict["evidence"]["reasons"].to_string().contains(code), "{verdict:#}");
    verdict
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_of_a_hard_delivery_is_seen_by_its_sender() {
    Database::each(async |database| {
        let hub = impatient(database).await;
        let commune = hub.client(SENDER);
        hub.esocial.faults.plan(Fault::once(FaultKind::SlowThenAccept).after(Duration::from_millis(500)));
        let message = send(&commune, &[DIRECTORATE], "lentă", 1).await;
        commune.wait_for_delivery(&message, DIRECTORATE, "pending").await;
        commune.wait_for_delivery(&message, DIRECTORATE, "handed_over").await;

        hub.esocial.faults.plan(Fault::once(FaultKind::CutConnectionAfterStoring));
        let mut silent = Fault::once(FaultKind::ServerError).at_inquiry();
        silent.times = 2;
        hub.esocial.faults.plan(silent);
        let message = send(&commune, &[DIRECTORATE], "pierdută", 2).await;
        let lost = commune.wait_for_delivery(&message, DIRECTORATE, "unknown").await;
        assert!(lost["reason"].is_string() && lost["due_at"].is_string(), "{lost:#}");
        commune.wait_for_delivery(&message, DIRECTORATE, "handed_over").await;

        hub.esocial.faults.down(Duration::from_secs(2)).await;
        let message = send(&commune, &[DIRECTORATE], "închis", 3).await;
        let waiting = commune.wait_for_delivery(&message, DIRECTORATE, "waiting").await;
        assert!(waiting["reason"].is_string() && waiting["due_at"].is_string(), "{waiting:#}");
        let delivered = commune.wait_for_delivery(&message, DIRECTORATE, "handed_over").await;
        assert!(acts(&delivered).len() > 2 && acts(&delivered).ends_with(&[DELIVERED]), "{delivered:#}");
        assert!(hub.esocial.received().iter().all(|case| case.stored == 1));
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_stays_away_ends_in_evidence_of_failure_in_time() {
    Database::each(async |database| {
        let hub = TestHub::start_with(database, |config| config.retry.give_up_after = 1.0).await;
        hub.esocial.faults.down(Duration::from_secs(3600)).await;
        let commune = hub.client(SENDER);
        let message = send(&commune, &[DIRECTORATE], "nimeni acasă", 1).await;
        commune.wait_for_delivery(&message, DIRECTORATE, "failed").await;
        let seen = commune.wait_for(&message, |seen| seen["state"] == "completed").await;
        assert_eq!(delivery(&seen, DIRECTORATE)["due_at"], Value::Null, "nothing is to come");
        proven(&hub, &message, "failed").await;
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_the_target_calls_wrong_is_refused_with_its_words() {
    Database::each(async |database| {
        // eSocial wants the name of the sender; a release before took a directory whose county forgot to write it down.
        let mut hub = TestHub::start(database).await;
        hub.close().await;
        let nameless = "insert into directory_entry (kind, id, version, document, recorded_at)
            select kind, id, version + 1, replace(document, 'Comuna Șișești', ' '), recorded_at + 1
            from directory_entry where kind = 'party' and document like '%Comuna Șișești%'";
        hub.execute(nameless).await.unwrap();
        hub.config.directory = None;
        hub.up().await;
        let commune = hub.client(SENDER);
        let message = send(&commune, &[DIRECTORATE], "de la nimeni", 1).await;
        let refused = commune.wait_for_delivery(&message, DIRECTORATE, "refused").await;
        assert_eq!(acts(&refused), [("deliver", "refused")], "a refusal is not sent again");
        assert_eq!(refused["attempt_list"][0]["status"], 400);
        assert!(refused["reason"].as_str().unwrap().contains("ES-110"), "{refused:#}");
        assert_eq!(refused["recipient_registration"], Value::Null, "what was refused has no number");
        assert!(hub.esocial.received().is_empty());
        proven(&hub, &message, "refused").await;
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_that_nothing_can_carry_do_not_hold_a_delivery_for_ever() {
    let page = axum::Router::new().fallback(async || {
        let words = json!({"cod": "X\u{0}1", "mesaj": "nu se poate\n\u{1}aici\u{ffff}"});
        (axum::http::StatusCode::BAD_REQUEST, axum::Json(words))
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().unwrap();
    let target = tokio::spawn(async move { axum::serve(listener, page).await });
    Database::each(async |database| {
        let hub = TestHub::start_with(database, |config| {
            county::change(config, |directory| {
                let (before, after) = directory.split_once("system = 'esocial'\naddress = '").expect("a channel");
                let (_, after) = after.split_once('\'').expect("an address");
                format!("{before}system = 'esocial'\naddress = 'http://{address}'{after}")
            });
        })
        .await;
        let commune = hub.client(SENDER);
        let message = send(&commune, &[DIRECTORATE], "către un sistem ciudat", 1).await;
        let refused = commune.wait_for_delivery(&message, DIRECTORATE, "refused").await;
        assert_eq!(refused["reason"], "X\u{fffd}1: nu se poate \u{fffd}aici\u{fffd}");
        proven(&hub, &message, "refused").await;
        hub.stop().await;
    })
    .await;
    target.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_failed_after_storing_is_repeated_under_the_same_id_and_counted_once() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        hub.town_hall.faults.plan(Fault::once(FaultKind::ServerErrorAfterStoring));
        hub.town_hall.faults.plan(Fault::once(FaultKind::TooManyRequests));
        let message = send(&commune, &[WEBHOOK_TOWN], "eveniment", 1).await;
        let delivered = commune.wait_for_delivery(&message, WEBHOOK_TOWN, "handed_over").await;
        assert_eq!(acts(&delivered), [LOST, ("deliver", "unavailable"), DELIVERED]);
        // The twin takes only what carries a right signature.
        let events = hub.town_hall.received();
        assert_eq!((events.len(), events[0].received), (1, 2));
        assert_eq!(events[0].event["message_id"], message.as_str());
        assert_eq!(events[0].id, delivered["id"].as_str().unwrap());
        assert_eq!(delivered["receipt"], events[0].registration_number.to_string());
        proven(&hub, &message, "handed_over").await;
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejected_document_is_proven_refused_with_the_reason() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        for (town, number) in [INBOX_TOWN, HUB_TOWN].into_iter().zip(1..) {
            let message = send(&commune, &[town], "respinsă", number).await;
            let waiting = commune.wait_for_delivery(&message, town, "consigned").await;
            let path = format!("/v1/inbox/{}/reject", waiting["id"].as_str().unwrap());
            let client = hub.client(town);
            for wrong in ["", "nu", "pe\ndouă rânduri"] {
                let (status, problem) = client.post(&path, "r", &json!({"reason": wrong})).await;
                assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid-settlement")));
            }
            let reason = json!({"reason": "nu este de competența noastră"});
            let (status, settled) = client.post(&path, "r", &reason).await;
            assert_eq!(status, 200, "{settled:#}");
            let refused = commune.wait_for_delivery(&message, town, "refused").await;
            assert_eq!(refused["reason"], reason["reason"]);
            let verdict = proven(&hub, &message, "refused").await;
            assert!(verdict["evidence"]["reasons"].to_string().contains("competența noastră"), "{verdict:#}");
        }
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_nobody_comes_for_expires_with_evidence() {
    Database::each(async |database| {
        let hub = TestHub::start_with(database, |config| config.inbox_days = 0).await;
        let commune = hub.client(SENDER);
        let message = send(&commune, &[HUB_TOWN], "neridicată", 1).await;
        let expired = commune.wait_for_delivery(&message, HUB_TOWN, "expired").await;
        proven(&hub, &message, "expired").await;
        let path = format!("/v1/inbox/{}/accept", expired["id"].as_str().unwrap());
        let (status, problem) = hub.client(HUB_TOWN).post(&path, "late", &json!({})).await;
        assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("state-conflict")));
        hub.wait_for_number("select cast(count(*) as bigint) as number from job", 0).await;
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_without_a_competent_unit_is_told_of_and_holds_up_nobody() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        let message = send(&commune, &["uat-far", WEBHOOK_TOWN], "departe", 1).await;
        let nowhere = commune.wait_for_delivery(&message, "uat-far", "not_consigned").await;
        assert!(nowhere["reason"].as_str().unwrap().contains("competență"), "{nowhere:#}");
        commune.wait_for(&message, |seen| seen["state"] == "completed").await;
        assert_eq!(hub.town_hall.received().len(), 1, "the other recipient has it");

        let message = send(&commune, &["uat-far"], "doar departe", 2).await;
        commune.wait_for(&message, |seen| seen["state"] == "completed").await;
        let verdict = proven(&hub, &message, "not_consigned").await;
        assert!(verdict["evidence"]["reasons"].to_string().contains("competență"), "{verdict:#}");
        hub.stop().await;
    })
    .await;
}
