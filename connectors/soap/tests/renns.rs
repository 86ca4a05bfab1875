//! RENNS's folder against RENNS's twin: questions about addresses and roads, and answers that are signed.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::sync::Arc;
use std::time::Duration;

use connectors_contract::{Answer, Channel, Manifest};
use sandbox::{Fault, FaultKind, QuestionRecord, Renns, Running};
use serde_json::json;

mod support;
use support::{NOW, channel, hasty, lookup, manifest, question, systems_folder};

const SECRET: &str = "institutie:parola-institutie";

async fn twin() -> Running<QuestionRecord> {
    Renns::start(([127, 0, 0, 1], 0).into(), Arc::new(|| NOW)).await.unwrap()
}

fn url(twin: &Running<QuestionRecord>) -> String {
    format!("{}/renns-public/soapws/", twin.url())
}

/// The folder's manifest with something else in its table `[soap]`.
fn with(soap: &str) -> Manifest {
    let text = std::fs::read_to_string(systems_folder().join("renns/manifest.toml")).unwrap();
    let from = "security = { kind = \"username-token\", password = \"text\" }";
    assert!(text.contains(from));
    Manifest::parse(&text.replace(from, soap), "renns").unwrap()
}

async fn settings(twin: &Running<QuestionRecord>, settings: serde_json::Value) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let put = client.put(format!("{}/_sandbox/renns", twin.url())).header("content-type", "application/json");
    assert!(put.body(settings.to_string()).send().await.unwrap().status().is_success());
    let certificate = client.get(format!("{}/_sandbox/renns/certificate.pem", twin.url()));
    certificate.send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn addresses_and_roads_are_found_with_and_without_diacritics() {
    let twin = twin().await;
    let asks = lookup(&manifest("renns"), channel(&url(&twin), SECRET));
    let one = question("adresa", &[("judet", "Mehedinti"), ("localitate", "Orsova"), ("strada", "portile")]);
    let reply = asks.ask(&one).await;
    let Answer::Found { value, .. } = reply.answer else { panic!("{:?}", reply.answer) };
    assert_eq!((&value["cua"], &value["siruta"]), (&json!("1000000005"), &json!("110072")));
    let many = asks.ask(&question("adresa", &[("judet", "MEHEDINȚI"), ("strada", "traian")])).await;
    let Answer::Found { value, .. } = many.answer else { panic!("{:?}", many.answer) };
    assert_eq!(value.as_array().unwrap().len(), 3);
    assert_eq!(value[1]["history"], "Stradă 1 MAI (INVENTATĂ) 3");
    let road = asks.ask(&question("drum", &[("judet", "MEHEDINȚI"), ("strada", "Traian"), ("tip", "Stradă")])).await;
    let Answer::Found { value, .. } = road.answer else { panic!("{:?}", road.answer) };
    assert_eq!((&value["hcl"], &value["hclDate"]), (&json!("101"), &json!("2017-02-20")));
    let nothing = asks.ask(&question("drum", &[("judet", "Vaslui")])).await;
    assert_eq!(nothing.answer, Answer::Absent);
    assert_eq!(twin.received().len(), 4);
}

#[tokio::test]
async fn what_is_asked_stays_text_and_what_cannot_be_asked_is_refused() {
    let twin = twin().await;
    let asks = lookup(&manifest("renns"), channel(&url(&twin), SECRET));
    let hostile = "x</name><county>VASLUI</county><name>";
    let reply = asks.ask(&question("adresa", &[("judet", "MEHEDINȚI"), ("strada", hostile)])).await;
    assert_eq!(reply.answer, Answer::Absent);
    let missing = asks.ask(&question("adresa", &[("strada", "Traian")])).await;
    assert!(matches!(missing.answer, Answer::Refused { .. }), "{:?}", missing.answer);
    let unknown = asks.ask(&question("altceva", &[])).await;
    assert!(matches!(unknown.answer, Answer::Refused { .. }), "{:?}", unknown.answer);
    settings(&twin, json!({ "most_rows": 2 })).await;
    let many = asks.ask(&question("adresa", &[("judet", "MEHEDINȚI")])).await;
    assert!(
        matches!(&many.answer, Answer::Refused { code, reason } if code == "Client" && reason.contains("restrângeți")),
        "{many:?}"
    );
}

#[tokio::test]
async fn a_digest_is_good_once_and_a_wrong_password_is_never_shown() {
    let twin = twin().await;
    let digest = with("security = { kind = \"username-token\", password = \"digest\" }");
    let asks = lookup(&digest, channel(&url(&twin), SECRET));
    let one = question("drum", &[("judet", "MEHEDINȚI"), ("strada", "Teilor")]);
    for _ in 0..2 {
        assert!(matches!(asks.ask(&one).await.answer, Answer::Found { .. }));
    }
    // Another engine begins with the same randomness: its nonces are known already.
    let replayed = lookup(&digest, channel(&url(&twin), SECRET)).ask(&one).await.answer;
    assert!(matches!(&replayed, Answer::Unavailable { reason, .. } if reason.contains("Nonce")), "{replayed:?}");
    let wrong = lookup(&digest, channel(&url(&twin), "institutie:gresita")).ask(&one).await.answer;
    assert!(matches!(&wrong, Answer::Unavailable { reason, .. } if !reason.contains("gresita")), "{wrong:?}");
}

#[tokio::test]
async fn a_signed_answer_is_believed_only_from_whom_the_channel_trusts() {
    let twin = twin().await;
    let verified = with("security = { kind = \"username-token\", password = \"text\" }\nverify_answers = true");
    let certificate = settings(&twin, json!({ "sign_answers": false })).await;
    let trusting = |roots: &str| Channel { roots: Some(roots.to_owned()), ..channel(&url(&twin), SECRET) };
    let one = question("drum", &[("judet", "MEHEDINȚI"), ("strada", "Teilor")]);
    let unsigned = lookup(&verified, trusting(&certificate)).ask(&one).await.answer;
    assert!(matches!(&unsigned, Answer::Unavailable { reason, .. } if reason.contains("semnătura")), "{unsigned:?}");
    settings(&twin, json!({ "sign_answers": true })).await;
    let signed = lookup(&verified, trusting(&certificate)).ask(&one).await.answer;
    let Answer::Found { value, .. } = signed else { panic!("{signed:?}") };
    assert_eq!(value["name"], "TEILOR");
    let (_, stranger) = hub_signatures::signer::development_seal("Altcineva", NOW - 60, 30, 7).unwrap();
    let stranger = lookup(&verified, trusting(std::str::from_utf8(&stranger).unwrap())).ask(&one).await.answer;
    assert!(matches!(&stranger, Answer::Unavailable { reason, .. } if reason.contains("semnătura")), "{stranger:?}");
    let nobody = connectors_contract::Engine::lookup(&support::engine(), &verified, channel(&url(&twin), SECRET));
    assert!(nobody.err().unwrap().to_string().contains("trust anchors"));
}

#[tokio::test]
async fn a_lost_answer_to_a_question_is_no_answer() {
    let twin = twin().await;
    // Only a twin that is slow on purpose is not waited for.
    let hasty = lookup(&hasty("renns"), channel(&url(&twin), SECRET));
    let patient = lookup(&manifest("renns"), channel(&url(&twin), SECRET));
    let one = question("drum", &[("judet", "MEHEDINȚI"), ("strada", "Teilor")]);
    let faults = [
        FaultKind::SlowThenAccept,
        FaultKind::TooManyRequests,
        FaultKind::ServerError,
        FaultKind::OkWithErrorBody,
        FaultKind::HtmlPage,
        FaultKind::CutConnection,
        FaultKind::CutConnectionAfterStoring,
    ];
    for fault in faults {
        twin.faults.plan(Fault::once(fault).at_inquiry().after(Duration::from_secs(3)));
        let asks = if fault == FaultKind::SlowThenAccept { &hasty } else { &patient };
        let answer = asks.ask(&one).await.answer;
        assert!(matches!(answer, Answer::Unavailable { .. }), "{fault:?}: {answer:?}");
    }
    assert!(matches!(patient.ask(&one).await.answer, Answer::Found { .. }));
}
