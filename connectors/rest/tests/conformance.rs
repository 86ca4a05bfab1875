//! Every system of this engine whose twin was written, played against it.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use connectors_contract::{Inquiry, Manifest, Outbound, Outcome, SideEffect};
use sandbox::{Fault, FaultKind};
use std::time::Duration;

mod support;
use support::{Neighbour, WRITTEN, consignment, manifests, until};

const LONG: Duration = Duration::from_secs(3_600);

async fn neighbours() -> Vec<Neighbour> {
    let mut neighbours = Vec::new();
    let played = |manifest: &Manifest| WRITTEN.contains(&manifest.system.as_str());
    for manifest in manifests().into_iter().filter(played) {
        neighbours.push(Neighbour::play(manifest).await);
    }
    neighbours
}

fn receipt(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Delivered { receipt: Some(receipt) } => receipt,
        other => panic!("not delivered with a receipt: {other:?}"),
    }
}

/// What the hub does after a lost answer: ask where it can, send again where it may. True when the document was there.
async fn settled(connector: &dyn Outbound, key: &str) -> bool {
    match connector.side_effect() {
        SideEffect::Queryable => match connector.inquire(&consignment(key)).await {
            Inquiry::Present { receipt: Some(_) } => true,
            Inquiry::Absent => {
                receipt(&connector.deliver(&consignment(key)).await.outcome);
                false
            }
            other => panic!("no answer to the question: {other:?}"),
        },
        SideEffect::Repeatable => {
            receipt(&connector.deliver(&consignment(key)).await.outcome);
            false
        }
        SideEffect::Once => panic!("a twin for systems that only a person can ask is still to be played"),
    }
}

#[tokio::test]
async fn a_delivered_document_gives_a_receipt_and_the_hash_of_what_was_sent() {
    for neighbour in neighbours().await {
        let attempt = neighbour.connector().deliver(&consignment("key-00000001")).await;
        assert!(!receipt(&attempt.outcome).is_empty(), "{}", neighbour.manifest.system);
        assert!(attempt.exchange.sent_sha256.is_some());
        assert!((200..300).contains(&attempt.exchange.status.unwrap()));
        assert_eq!((neighbour.stored)(), [("key-00000001".to_owned(), 1)]);
    }
}

#[tokio::test]
async fn the_same_key_twice_makes_one_document_of_the_same_bytes() {
    for neighbour in neighbours().await {
        let connector = neighbour.connector();
        let first = connector.deliver(&consignment("key-00000001")).await;
        let second = connector.deliver(&consignment("key-00000001")).await;
        assert_eq!(receipt(&first.outcome), receipt(&second.outcome));
        assert_eq!(first.exchange.sent_sha256, second.exchange.sent_sha256, "{}", neighbour.manifest.system);
        assert_eq!((neighbour.stored)(), [("key-00000001".to_owned(), 1)]);
    }
}

#[tokio::test]
async fn a_document_the_target_does_not_want_is_refused_with_its_code() {
    for neighbour in neighbours().await {
        let connector = neighbour.connector();
        receipt(&connector.deliver(&consignment("key-00000001")).await.outcome);
        let mut other = consignment("key-00000001");
        other.body.content = String::from_utf8(other.body.content.to_vec()).unwrap().replace("Anchetă", "Alta").into();
        let attempt = connector.deliver(&other).await;
        let Outcome::Refused { code, reason } = attempt.outcome else { panic!("{:?}", attempt.outcome) };
        assert!(code.ends_with("-409"), "{code}");
        assert!(reason.contains("alt conținut"), "{reason}");
    }
}

#[tokio::test]
async fn too_many_requests_is_unavailable_and_says_when_to_come_again() {
    for neighbour in neighbours().await {
        neighbour.faults.plan(Fault { retry_after_s: 77, ..Fault::once(FaultKind::TooManyRequests) });
        let connector = neighbour.connector();
        let attempt = connector.deliver(&consignment("key-00000001")).await;
        let Outcome::Unavailable { retry_after, .. } = attempt.outcome else { panic!("{:?}", attempt.outcome) };
        assert_eq!(retry_after, Some(Duration::from_secs(77)));
        receipt(&connector.deliver(&consignment("key-00000001")).await.outcome);
    }
}

#[tokio::test]
async fn a_closed_port_is_unavailable_and_the_document_goes_out_when_it_opens() {
    for neighbour in neighbours().await {
        neighbour.faults.down(LONG).await;
        let connector = neighbour.connector();
        let attempt = connector.deliver(&consignment("key-00000002")).await;
        assert!(matches!(attempt.outcome, Outcome::Unavailable { .. }), "{:?}", attempt.outcome);
        assert_eq!(attempt.exchange.sent_sha256, None);
        neighbour.faults.up().await;
        receipt(&connector.deliver(&consignment("key-00000002")).await.outcome);
    }
}

#[tokio::test]
async fn a_kept_connection_that_the_target_closed_never_makes_two_documents() {
    for mut neighbour in neighbours().await {
        for side_effect in [neighbour.deliver().side_effect, SideEffect::Once] {
            neighbour.manifest.deliver.as_mut().unwrap().side_effect = side_effect;
            let connector = neighbour.connector();
            let before = (neighbour.stored)().len();
            let (first, second) = (format!("key-first-{before}"), format!("key-second-{before}"));
            receipt(&connector.deliver(&consignment(&first)).await.outcome);
            neighbour.faults.down(LONG).await;
            let outcome = connector.deliver(&consignment(&second)).await.outcome;
            neighbour.faults.up().await;
            let sure = matches!(outcome, Outcome::Unavailable { .. });
            // Where only a person could decide, the doubt is not allowed to arise.
            assert!(
                sure || (side_effect != SideEffect::Once && matches!(outcome, Outcome::Unknown { .. })),
                "{outcome:?}"
            );
            receipt(&connector.deliver(&consignment(&second)).await.outcome);
            assert_eq!((neighbour.stored)()[before..], [(first, 1), (second, 1)]);
        }
    }
}

#[tokio::test]
async fn a_slow_target_is_waited_for() {
    for neighbour in neighbours().await {
        neighbour.faults.plan(Fault::once(FaultKind::SlowThenAccept).after(Duration::from_millis(50)));
        receipt(&neighbour.connector().deliver(&consignment("key-00000001")).await.outcome);
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_document_is_then_found_and_never_made_twice() {
    for neighbour in neighbours().await {
        for (number, kind) in [
            FaultKind::AcceptAfterClientTimeout,
            FaultKind::CutConnectionAfterStoring,
            FaultKind::ServerErrorAfterStoring,
        ]
        .into_iter()
        .enumerate()
        {
            let key = format!("key-0000000{number}");
            neighbour.faults.plan(Fault::once(kind).after(LONG));
            let outcome = neighbour.hasty_connector().deliver(&consignment(&key)).await.outcome;
            assert!(matches!(outcome, Outcome::Unknown { .. }), "{kind:?}: {outcome:?}");
            until(|| (neighbour.stored)().len() == number + 1).await;
            let connector = neighbour.connector();
            let found = settled(&*connector, &key).await;
            assert!(found || connector.side_effect() == SideEffect::Repeatable, "{kind:?}");
            assert_eq!((neighbour.stored)()[number], (key, 1), "{kind:?}");
        }
        assert_eq!((neighbour.stored)().len(), 3);
    }
}

#[tokio::test]
async fn a_lost_request_is_unknown_and_sent_again_only_after_it_is_known_to_be_absent() {
    for neighbour in neighbours().await {
        for (number, kind) in
            [FaultKind::CutConnection, FaultKind::ServerError, FaultKind::HtmlPage].into_iter().enumerate()
        {
            let key = format!("key-0000000{number}");
            neighbour.faults.plan(Fault::once(kind));
            let connector = neighbour.connector();
            let outcome = connector.deliver(&consignment(&key)).await.outcome;
            assert!(matches!(outcome, Outcome::Unknown { .. }), "{kind:?}: {outcome:?}");
            assert_eq!((neighbour.stored)().len(), number);
            assert!(!settled(&*connector, &key).await);
            assert_eq!((neighbour.stored)()[number], (key, 1));
        }
    }
}

#[tokio::test]
async fn a_success_with_an_error_inside_is_no_success() {
    for neighbour in neighbours().await.into_iter().filter(|neighbour| neighbour.deliver().receipt_required) {
        neighbour.faults.plan(Fault::once(FaultKind::OkWithErrorBody));
        let outcome = neighbour.connector().deliver(&consignment("key-00000001")).await.outcome;
        assert!(matches!(outcome, Outcome::Refused { .. } | Outcome::Unknown { .. }), "{outcome:?}");
        assert!((neighbour.stored)().is_empty());
    }
}

#[tokio::test]
async fn a_question_that_is_not_answered_is_not_taken_for_an_absence() {
    for neighbour in neighbours().await {
        let connector = neighbour.connector();
        receipt(&connector.deliver(&consignment("key-00000001")).await.outcome);
        for kind in [
            FaultKind::TooManyRequests,
            FaultKind::ServerError,
            FaultKind::HtmlPage,
            FaultKind::OkWithErrorBody,
            FaultKind::CutConnection,
            FaultKind::CutConnectionAfterStoring,
        ] {
            neighbour.faults.plan(Fault::once(kind).at_inquiry());
            let answer = connector.inquire(&consignment("key-00000001")).await;
            assert!(matches!(answer, Inquiry::Unanswered { .. }), "{kind:?}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_wrong_case_is_refused_by_esocial_with_its_own_code() {
    let neighbour = Neighbour::play(support::manifest("esocial")).await;
    let mut wrong = consignment("key-00000001");
    wrong.body.content = r#"{"versiune":"1.0"}"#.into();
    let outcome = neighbour.connector().deliver(&wrong).await.outcome;
    let (code, reason) = ("ES-110".to_owned(), "Cazul are câmpuri greșite.".to_owned());
    assert_eq!(outcome, Outcome::Refused { code, reason });
}

#[tokio::test]
async fn a_webhook_with_another_secret_is_not_taken() {
    let neighbour = Neighbour::play(support::manifest("webhook")).await;
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let connector = support::connector(&neighbour.manifest, neighbour.address, other);
    let outcome = connector.deliver(&consignment("key-00000001")).await.outcome;
    assert!(matches!(outcome, Outcome::Unavailable { .. }), "{outcome:?}");
    let both = format!("{other} {}", support::SECRET);
    let connector = support::connector(&neighbour.manifest, neighbour.address, &both);
    receipt(&connector.deliver(&consignment("key-00000001")).await.outcome);
}
