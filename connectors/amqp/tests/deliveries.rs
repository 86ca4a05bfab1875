//! Documents to a real broker, on good days and on bad ones.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::time::{Duration, Instant};

use connectors_amqp::AmqpEngine;
use connectors_contract::{Engine, Outcome};

mod support;
use support::{Broker, LONG, consignment, header, manifest};

const DOCUMENT: &str = "routing_key = \"primiri\"\nmessage = \"document\"\n";

async fn delivered(connector: &dyn connectors_contract::Outbound, key: &str) {
    let outcome = connector.deliver(&consignment(key)).await.outcome;
    assert_eq!(outcome, Outcome::Delivered { receipt: None });
}

/// Delivers again until it is done: what the hub does when it may.
async fn delivered_at_last(broker: &Broker, connector: &dyn connectors_contract::Outbound, key: &str) {
    let started = Instant::now();
    loop {
        match connector.deliver(&consignment(key)).await.outcome {
            Outcome::Delivered { .. } => return,
            Outcome::Refused { code, reason } => panic!("{code}: {reason}"),
            later => assert!(started.elapsed() < LONG, "{later:?}\n{}", broker.said()),
        }
    }
}

#[tokio::test]
async fn a_document_is_kept_by_the_broker_with_its_key_and_its_facts() {
    let Some(broker) = Broker::shared() else { return };
    broker.declare("documente").await;
    let connector = broker.outbound(&manifest(&DOCUMENT.replace("primiri", "documente")));
    let attempt = connector.deliver(&consignment("cheie-ăîș-1")).await;
    assert_eq!(attempt.outcome, Outcome::Delivered { receipt: None });
    assert_eq!((attempt.exchange.status, attempt.exchange.sent_sha256.is_some()), (Some(200), true));
    let taken = broker.take_all("documente").await;
    let (properties, payload) = &taken[0];
    assert_eq!((taken.len(), payload.as_slice()), (1, &b"{\"nr\":7}"[..]));
    assert_eq!(properties.message_id().as_ref().unwrap().as_str(), "cheie-ăîș-1");
    assert_eq!(
        (properties.delivery_mode(), properties.kind().as_ref().unwrap().as_str()),
        (&Some(2), "adresa-inaintare")
    );
    assert_eq!(header(properties, "punte-subject").as_deref(), Some("Anchetă"));
}

#[tokio::test]
async fn a_package_holds_every_part_and_a_second_sending_is_the_same_bytes() {
    let Some(broker) = Broker::shared() else { return };
    broker.declare("pachete").await;
    let connector = broker.outbound(&manifest("routing_key = \"pachete\"\n"));
    let (first, second) = (connector.deliver(&consignment("k-1")).await, connector.deliver(&consignment("k-1")).await);
    assert_eq!(first.exchange.sent_sha256, second.exchange.sent_sha256);
    let taken = broker.take_all("pachete").await;
    assert_eq!((taken.len(), &taken[0].1), (2, &taken[1].1));
    assert_eq!(taken[0].0.message_id(), taken[1].0.message_id());
    assert_eq!(openssl::sha::sha256(&taken[0].1), first.exchange.sent_sha256.unwrap());
    let files = String::from_utf8_lossy(&taken[0].1).into_owned();
    assert!(files.contains("manifest.json") && files.contains("continut"), "{files}");
}

#[tokio::test]
async fn many_documents_at_once_are_told_apart_also_when_some_have_no_queue() {
    let Some(broker) = Broker::shared() else { return };
    broker.declare("multe").await;
    let good = broker.outbound(&manifest(&DOCUMENT.replace("primiri", "multe")));
    let lost = broker.outbound(&manifest(&DOCUMENT.replace("primiri", "nu-exista")));
    let mut sendings = tokio::task::JoinSet::new();
    for number in 0..60 {
        let (good, lost) = (good.clone(), lost.clone());
        sendings.spawn(async move {
            let connector = if number % 3 == 0 { lost } else { good };
            (number % 3 == 0, connector.deliver(&consignment(&format!("k-{number}"))).await)
        });
    }
    while let Some(sent) = sendings.join_next().await {
        let (nowhere, attempt) = sent.unwrap();
        match attempt.outcome {
            Outcome::Delivered { .. } => assert!(!nowhere),
            Outcome::Unavailable { reason, .. } => {
                assert!(nowhere && reason.contains("nicio coadă"), "{reason}");
                assert_eq!(attempt.exchange.status, Some(312));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(broker.take_all("multe").await.len(), 40);
}

#[tokio::test]
async fn what_is_wrong_is_said_and_nothing_is_sent() {
    let Some(broker) = Broker::shared() else { return };
    let nowhere = broker.outbound(&manifest(&format!("exchange = \"nu-exista\"\n{DOCUMENT}")));
    let attempt = nowhere.deliver(&consignment("k-1")).await;
    assert!(matches!(&attempt.outcome, Outcome::Unavailable { reason, .. } if reason.contains("404")), "{attempt:?}");
    let mut channel = broker.channel();
    channel.secret = Some("guest:parola-gresita".to_owned().into());
    let stranger = AmqpEngine.outbound(&manifest(DOCUMENT), channel).unwrap();
    let attempt = stranger.deliver(&consignment("k-1")).await;
    let shown = format!("{attempt:?}");
    assert!(shown.contains("parola din canal") && !shown.contains("parola-gresita"), "{shown}");
    let mut long = consignment("k");
    long.idempotency_key = "ș".repeat(128);
    let outcome = broker.outbound(&manifest(DOCUMENT)).deliver(&long).await.outcome;
    assert!(matches!(&outcome, Outcome::Refused { code, .. } if code == "connector.unsendable"), "{outcome:?}");
}

#[tokio::test]
async fn a_broker_that_stops_answering_leaves_a_doubt_and_the_same_message_is_sent_again() {
    let Some(broker) = Broker::start() else { return };
    broker.declare("primiri").await;
    let mut manifest = manifest(DOCUMENT);
    manifest.endpoint.timeout = Duration::from_millis(800);
    let connector = broker.outbound(&manifest);
    delivered(&*connector, "k-1").await;
    broker.signal("-STOP");
    let outcome = connector.deliver(&consignment("k-2")).await.outcome;
    assert!(matches!(&outcome, Outcome::Unknown { .. }), "{outcome:?}");
    broker.signal("-CONT");
    delivered_at_last(&broker, &*connector, "k-2").await;
    let keys: Vec<_> =
        broker.take_all("primiri").await.into_iter().map(|(one, _)| one.message_id().clone().unwrap()).collect();
    assert!(keys.iter().filter(|key| key.as_str() == "k-2").count() >= 1 && keys[0].as_str() == "k-1", "{keys:?}");
}

#[tokio::test]
async fn a_killed_broker_is_unavailable_and_has_every_confirmed_document_when_it_is_back() {
    let Some(broker) = Broker::start() else { return };
    broker.declare_classic("primiri").await;
    let connector = broker.outbound(&manifest(DOCUMENT));
    let mut confirmed = Vec::new();
    for number in 0..50 {
        let key = format!("k-{number}");
        if number == 30 {
            broker.kill();
        }
        match connector.deliver(&consignment(&key)).await.outcome {
            Outcome::Delivered { .. } => confirmed.push(key),
            Outcome::Unavailable { reason, .. } => assert!(number >= 30 && !reason.is_empty()),
            // The line broke under it.
            Outcome::Unknown { .. } => assert_eq!(number, 30),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(confirmed.len(), 30);
    broker.serve();
    if !broker.kept("primiri").await {
        confirmed.clear();
        broker.declare_classic("primiri").await;
    }
    delivered_at_last(&broker, &*connector, "k-50").await;
    confirmed.push("k-50".to_owned());
    let keys: Vec<_> =
        broker.take_all("primiri").await.into_iter().map(|(one, _)| one.message_id().clone().unwrap()).collect();
    assert!(confirmed.iter().all(|key| keys.iter().any(|kept| kept.as_str() == key)), "{keys:?}");
}

#[test]
fn a_table_that_cannot_hold_is_told_with_the_way_out() {
    let address = Some("amqp://127.0.0.1:1/".parse().unwrap());
    let channel = connectors_contract::Channel { address, secret: Some("a:b".to_owned().into()), ..Default::default() };
    let table = [
        ("", "write the queue"),
        ("routing_key = \"\"\n", "1 to 255"),
        ("queue = \"a\"\n", "unknown field `queue`"),
        ("routing_key = \"a\"\n[amqp.receive]\nqueue = \"a\"\ndead_letter = \"a\"\n", "different queues"),
        ("routing_key = \"a\"\n[amqp.receive]\nqueue = \"a\"\ndead_letter = \"b\"\ndelivery_limit = 0\n", "1 to 1000"),
    ];
    for (text, way_out) in table {
        let error = AmqpEngine.outbound(&manifest(text), channel.clone()).err().unwrap().to_string();
        assert!(error.contains(way_out), "{error}");
    }
    let no_user = connectors_contract::Channel { secret: Some("parola".to_owned().into()), ..channel.clone() };
    let error = AmqpEngine.outbound(&manifest(DOCUMENT), no_user).err().unwrap().to_string();
    assert!(error.contains("user:password") && !error.contains("parola"), "{error}");
    let web = connectors_contract::Channel { address: Some("http://127.0.0.1:1/".parse().unwrap()), ..channel };
    assert!(AmqpEngine.outbound(&manifest(DOCUMENT), web).err().unwrap().to_string().contains("speaks AMQP"));
}
