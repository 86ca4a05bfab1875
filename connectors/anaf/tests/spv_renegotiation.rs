//! The log-in over real TLS: the certificate is asked for by renegotiation, in the middle of a connection.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use connectors_anaf::spv::SpvEngine;
use connectors_contract::{Answer, Channel, Engine, Question};
use serde_json::json;
use support::{Certificates, Front, NOON, manifest, set, state, twin};

fn list() -> Question {
    let arguments = [("cif".to_owned(), "8000000000".to_owned())].into();
    Question { operation: "lista".to_owned(), arguments, facts: [].into() }
}

async fn ask(channel: Channel) -> Answer {
    let engine = SpvEngine::new(Arc::new(|| NOON)).unwrap();
    engine.lookup(&manifest(Duration::from_secs(10)), channel).unwrap().ask(&list()).await.answer
}

#[tokio::test]
async fn a_certificate_asked_for_in_the_middle_of_a_connection_opens_a_session() {
    let twin = twin().await;
    let Some(front) = Front::start(&twin).await else { return };
    set(&twin, json!({ "certificate": "from-line" })).await;
    let engine = SpvEngine::new(Arc::new(|| NOON)).unwrap();
    let lookup = engine.lookup(&manifest(Duration::from_secs(10)), front.channel()).unwrap();
    for _ in 0..2 {
        let answer = lookup.ask(&list()).await.answer;
        assert!(matches!(answer, Answer::Found { .. }), "{answer:?}\n{}", front.log());
    }
    let log = front.log();
    assert!(log.contains("Requesting connection re-negotiation"), "{log}");
    assert!(log.contains("/my.policy HTTP/1.1 302 protocol=TLSv1.2 certificate=0AB1"), "{log}");
    assert_eq!(state(&twin).await["log_ins"], 1, "the second question rides the cookies");
}

#[tokio::test]
async fn no_certificate_and_a_foreign_one_are_told_as_what_they_are() {
    let twin = twin().await;
    let Some(front) = Front::start(&twin).await else { return };
    set(&twin, json!({ "certificate": "from-line" })).await;
    let without = ask(Channel { identity: None, ..front.channel() }).await;
    assert!(
        matches!(&without, Answer::Unavailable { reason, .. } if reason.contains("nu are certificat")),
        "{without:?}"
    );
    let foreign = Channel { identity: Some(Certificates::new().client.into()), ..front.channel() };
    let foreign = ask(foreign).await;
    assert!(matches!(&foreign, Answer::Unavailable { .. }), "{foreign:?}");
    let unknown = ask(Channel { roots: None, ..front.channel() }).await;
    assert!(
        matches!(&unknown, Answer::Unavailable { reason, .. } if reason.contains("autoritate cunoscută")),
        "{unknown:?}"
    );
}
