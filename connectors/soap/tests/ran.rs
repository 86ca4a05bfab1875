//! RAN's folder against RAN's twin: what a town hall transmits, and what becomes of it on the institution's worst day.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use connectors_contract::{Answer, Inquiry, Outbound, Outcome};
use sandbox::{Fault, FaultKind, Ran, Running, TransmissionRecord, TransmissionState};
use serde_json::json;

mod support;
use support::{CODE, NOW, channel, chapter, consignment, founding, hasty, lookup, manifest, outbound, question};

const SECRET: &str = "110116:jeton-110116";
const CNP: &str = "1900101400081";

/// The twin, its clock, and a connector to it.
struct Neighbour {
    twin: Running<TransmissionRecord>,
    time: Arc<AtomicI64>,
}

impl Neighbour {
    async fn play() -> Self {
        let time = Arc::new(AtomicI64::new(NOW));
        let clock = Arc::clone(&time);
        let clock: sandbox::Clock = Arc::new(move || clock.load(Ordering::Relaxed));
        Self { twin: Ran::start(([127, 0, 0, 1], 0).into(), clock).await.unwrap(), time }
    }

    fn url(&self) -> String {
        format!("{}/ran-core/TransmitereDateExternService", self.twin.url())
    }

    fn connector(&self) -> Arc<dyn Outbound> {
        outbound(&manifest("ran"), channel(&self.url(), SECRET))
    }

    fn later(&self) {
        self.time.fetch_add(60, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_chapter_is_received_then_saved_and_its_receipt_is_signed() {
    let neighbour = Neighbour::play().await;
    let connector = neighbour.connector();
    let document = consignment(&founding(CODE, "G-1", CNP));
    assert_eq!(connector.inquire(&document).await, Inquiry::Absent);
    let attempt = connector.deliver(&document).await;
    assert_eq!(attempt.outcome, Outcome::Delivered { receipt: None });
    assert_eq!(attempt.exchange.status, Some(200));
    assert!(attempt.exchange.sent_sha256.is_some());
    assert_eq!(neighbour.twin.received()[0].state, TransmissionState::Receptionata);
    assert_eq!(connector.inquire(&document).await, Inquiry::Present { receipt: None });
    neighbour.later();
    let record = &neighbour.twin.received()[0];
    assert_eq!((record.state, record.receipt_signed, record.stored), (TransmissionState::Salvata, true, 1));

    let asks = lookup(&manifest("ran"), channel(&neighbour.url(), SECRET));
    let Answer::Found { value, .. } = asks.ask(&question("stare", &[("uuid", CODE)])).await.answer else { panic!() };
    assert_eq!((&value["stareTransmisie"], &value["isRecipisaSemnata"]), (&json!("SALVATA"), &json!("true")));
    assert!(value["recipisa"].as_str().is_some_and(|receipt| receipt.len() > 1_000), "{value}");
    let unknown = question("stare", &[("uuid", "01980000-0000-7000-8000-0000000000ff")]);
    assert_eq!(asks.ask(&unknown).await.answer, Answer::Absent);
}

#[tokio::test]
async fn the_same_index_twice_is_asked_about_and_never_a_second_document() {
    let neighbour = Neighbour::play().await;
    let connector = neighbour.connector();
    let document = consignment(&founding(CODE, "G-1", CNP));
    assert!(matches!(connector.deliver(&document).await.outcome, Outcome::Delivered { .. }));
    let again = connector.deliver(&document).await.outcome;
    assert!(matches!(&again, Outcome::Unknown { reason } if reason.contains("există deja")), "{again:?}");
    assert_eq!(connector.inquire(&document).await, Inquiry::Present { receipt: None });
    assert_eq!(neighbour.twin.received()[0].stored, 1);
}

#[tokio::test]
async fn what_the_register_does_not_take_is_refused_with_its_code() {
    let neighbour = Neighbour::play().await;
    let connector = neighbour.connector();
    let other_uat = founding(CODE, "G-1", CNP)
        .replace("<sirutaUAT>110116</sirutaUAT></HEADER>", "<sirutaUAT>110063</sirutaUAT></HEADER>");
    let land = |year: &str| {
        format!("<anRaportare an=\"{year}\"><capitol_2a codCapitol=\"CAP2a\"><x/></capitol_2a></anRaportare>")
    };
    let table = [
        (other_uat, "SAVE-CAP-6"),
        (chapter(CODE, "G-1", &land("2025")), "SAVE-CAP-1"),
        (founding(CODE, "G-1", CNP).replace("codCapitol=\"CAP0_12\"", "codCapitol=\"CAP0_34\""), "SAVE-CAP-5"),
        (founding("nu-e-guid", "G-1", CNP), "STR-VLD-ERROR-1"),
        (
            chapter(CODE, "G-1", "<capitol_0_12 codCapitol=\"CAP0_12\"/><capitol_1 codCapitol=\"CAP1\"/>"),
            "STR-VLD-ERROR-1",
        ),
        (chapter(CODE, "G-1", &land("MMXXV")), "SAVE-CAP-79"),
    ];
    for (document, expected) in table {
        match connector.deliver(&consignment(&document)).await.outcome {
            Outcome::Refused { code, reason } => assert_eq!(code, expected, "{reason}"),
            other => panic!("{expected}: {other:?}"),
        }
    }
    assert!(neighbour.twin.received().is_empty());
}

#[tokio::test]
async fn content_is_judged_later_and_the_inquiry_says_so() {
    let neighbour = Neighbour::play().await;
    let connector = neighbour.connector();
    let document = consignment(&founding(CODE, "G-1", "1900101400082"));
    assert!(matches!(connector.deliver(&document).await.outcome, Outcome::Delivered { .. }));
    neighbour.later();
    let inquiry = connector.inquire(&document).await;
    assert!(matches!(&inquiry, Inquiry::Refused { code, .. } if code == "INVALIDATA"), "{inquiry:?}");
    let codes: Vec<_> = neighbour.twin.received()[0].problems.iter().map(|problem| problem.code.clone()).collect();
    assert_eq!(codes, ["SAVE-CAP-45"]);
}

#[tokio::test]
async fn land_is_added_up_and_looked_up_at_the_reporting_date() {
    let neighbour = Neighbour::play().await;
    let connector = neighbour.connector();
    let row = |code: &str, local: &str, total: &str| {
        format!(
            "<categorie_teren codNomenclator=\"{code}\" codRand=\"{code}\"><localHA value=\"{local}\"/>\
             <localARI value=\"50\"/><totalHA value=\"{total}\"/><totalARI value=\"50\"/></categorie_teren>"
        )
    };
    let land = |year: &str, rows: String| {
        format!("<anRaportare an=\"{year}\"><capitol_2a codCapitol=\"CAP2a\">{rows}</capitol_2a></anRaportare>")
    };
    let table = [
        ("2025", row("1", "2", "2") + &row("10", "2", "2"), vec![]),
        ("2025", row("1", "2", "3"), vec!["SAVE-CAP-54"]),
        ("2025", row("1", "2", "2") + &row("10", "3", "3"), vec!["SAVE-CAP-43"]),
        ("2025", row("10", "2", "2"), vec!["SAVE-CAP-44"]),
        ("2025", row("1", "2", "2") + &row("1", "2", "2"), vec!["SAVE-CAP-4"]),
        ("2025", row("90", "2", "2"), vec!["SAVE-CAP-48"]),
        ("2015", row("90", "2", "2"), vec![]),
        ("2025", row("1", "x", "2"), vec!["SAVE-CAP-70"]),
    ];
    assert!(matches!(
        connector.deliver(&consignment(&founding(CODE, "G-1", CNP))).await.outcome,
        Outcome::Delivered { .. }
    ));
    for (position, (year, rows, expected)) in table.into_iter().enumerate() {
        let code = format!("01980000-0000-7000-8000-0000000001{position:02}");
        let document = consignment(&chapter(&code, "G-1", &land(year, rows)));
        let outcome = connector.deliver(&document).await.outcome;
        assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
        neighbour.later();
        let found: Vec<_> = neighbour.twin.received().pop().unwrap().problems.into_iter().map(|one| one.code).collect();
        assert_eq!(found, expected, "{position}");
    }
}

#[tokio::test]
async fn on_the_worst_day_nothing_is_taken_for_done_that_is_not() {
    let neighbour = Neighbour::play().await;
    let hasty = outbound(&hasty("ran"), channel(&neighbour.url(), SECRET));
    let table = [
        (FaultKind::AcceptAfterClientTimeout, "unknown", true),
        (FaultKind::TooManyRequests, "unavailable", false),
        (FaultKind::ServerError, "unknown", false),
        (FaultKind::ServerErrorAfterStoring, "unknown", true),
        (FaultKind::OkWithErrorBody, "unknown", false),
        (FaultKind::HtmlPage, "unknown", false),
        (FaultKind::CutConnection, "unknown", false),
        (FaultKind::CutConnectionAfterStoring, "unknown", true),
    ];
    for (position, (fault, expected, taken)) in table.into_iter().enumerate() {
        let code = format!("01980000-0000-7000-8000-0000000002{position:02}");
        let document = consignment(&founding(&code, &format!("G-{position}"), CNP));
        neighbour.twin.faults.plan(Fault::once(fault).after(Duration::from_secs(3)));
        // Only a twin that is slow on purpose is not waited for.
        let patient = neighbour.connector();
        let connector = if fault == FaultKind::AcceptAfterClientTimeout { &hasty } else { &patient };
        let outcome = connector.deliver(&document).await.outcome;
        let class = match &outcome {
            Outcome::Unknown { .. } => "unknown",
            Outcome::Unavailable { .. } => "unavailable",
            other => panic!("{fault:?}: {other:?}"),
        };
        assert_eq!(class, expected, "{fault:?}: {outcome:?}");
        let wanted = if taken { Inquiry::Present { receipt: None } } else { Inquiry::Absent };
        assert_eq!(neighbour.connector().inquire(&document).await, wanted, "{fault:?}");
    }
    neighbour.twin.faults.down(Duration::from_secs(60)).await;
    let outcome = hasty.deliver(&consignment(&founding(CODE, "G-9", CNP))).await.outcome;
    assert!(matches!(outcome, Outcome::Unavailable { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_wrong_token_is_our_trouble_and_appears_nowhere() {
    let neighbour = Neighbour::play().await;
    for secret in ["110116:parola-gresita", "110125:parola-gresita", "1:parola-gresita", "parola-fara-utilizator"] {
        let made = support::engine();
        let made = connectors_contract::Engine::outbound(&made, &manifest("ran"), channel(&neighbour.url(), secret));
        let said = match made {
            Err(error) => error.to_string(),
            Ok(connector) => {
                let outcome = connector.deliver(&consignment(&founding(CODE, "G-1", CNP))).await.outcome;
                assert!(matches!(outcome, Outcome::Unavailable { .. }), "{outcome:?}");
                format!("{outcome:?}")
            }
        };
        assert!(!said.contains("parola"), "{said}");
    }
}
