//! Documents from a real broker: none leaves its queue without a verdict, and poison is put aside with its reason.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::time::Instant;

use bytes::Bytes;
use connectors_contract::{Inbound, Manifest, PartContent, Verdict};
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, LongString};
use serde_json::{Value, json};

mod support;
use support::{Broker, LONG, header, manifest};

fn receiving(name: &str, more: &str) -> Manifest {
    manifest(&format!(
        "[amqp.receive]\nqueue = \"{name}\"\ndead_letter = \"{name}.respinse\"\nverdicts = \"{name}.verdicte\"\n{more}"
    ))
}

fn accepted() -> Verdict {
    let receipt = Bytes::from_static(b"<sigiliu/>");
    Verdict::Accepted { message_id: "m-1".to_owned(), number: Some("12".to_owned()), receipt, again: false }
}

fn refused() -> Verdict {
    Verdict::Refused { reason: "Lipsește CNP-ul.".to_owned(), problem: json!({ "violations": [] }), receipt: None }
}

fn named(id: &str) -> BasicProperties {
    BasicProperties::default().with_message_id(id.into()).with_content_type("application/json".into())
}

fn enveloped(id: &str, envelope: &str) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert("punte-envelope".into(), AMQPValue::LongString(LongString::from(envelope.as_bytes())));
    named(id).with_headers(headers)
}

async fn ids(inbound: &dyn Inbound) -> Vec<String> {
    inbound.poll(10).await.unwrap().into_iter().map(|arrival| arrival.id).collect()
}

#[tokio::test]
async fn a_message_comes_again_until_its_verdict_and_then_never() {
    let Some(broker) = Broker::shared() else { return };
    let inbound = broker.inbound(&receiving("intrare", ""));
    assert!(ids(&*inbound).await.is_empty());
    let envelope =
        r#"{"subject":"Anchetă","parts":[{"name":"cerere.json","role":"body","content_type":"application/json"}]}"#;
    broker.put("intrare", enveloped("a", envelope), b"{\"nr\":7}").await;
    broker.put("intrare", named("b"), b"{\"nr\":8}").await;
    let waiting = inbound.poll(10).await.unwrap();
    assert_eq!(waiting[0].envelope.as_ref().unwrap(), envelope.as_bytes());
    assert_eq!((waiting[0].parts[0].name.as_str(), waiting[1].envelope.as_ref()), ("cerere.json", None));
    assert!(matches!(&waiting[0].parts[0].content, PartContent::Inline(bytes) if bytes.as_ref() == b"{\"nr\":7}"));
    assert_eq!(ids(&*inbound).await, ["a", "b"]);
    // The hub fell: what it had in hand comes to the next one.
    drop(inbound);
    broker.until_ready("intrare", 2).await;
    let inbound = broker.inbound(&receiving("intrare", ""));
    assert_eq!(ids(&*inbound).await, ["a", "b"]);
    inbound.acknowledge("a", &accepted()).await.unwrap();
    inbound.acknowledge("a", &accepted()).await.unwrap();
    assert_eq!(ids(&*inbound).await, ["b"]);
    inbound.acknowledge("b", &refused()).await.unwrap();
    drop(inbound);
    broker.until_ready("intrare", 0).await;

    let dead = broker.take_all("intrare.respinse").await;
    assert_eq!((dead.len(), dead[0].1.as_slice()), (1, &b"{\"nr\":8}"[..]));
    assert_eq!(header(&dead[0].0, "punte-reason").as_deref(), Some("Lipsește CNP-ul."));
    assert_eq!(dead[0].0.message_id().as_ref().unwrap().as_str(), "b");
    let verdicts = broker.take_all("intrare.verdicte").await;
    let told: Vec<Value> = verdicts.iter().map(|(_, payload)| serde_json::from_slice(payload).unwrap()).collect();
    assert_eq!(
        (&told[0]["verdict"], &told[0]["number"], &told[0]["id"]),
        (&json!("accepted"), &json!("12"), &json!("a"))
    );
    assert_eq!((&told[1]["verdict"], &told[1]["reason"]), (&json!("refused"), &json!("Lipsește CNP-ul.")));
}

#[tokio::test]
async fn the_same_message_twice_is_one_arrival() {
    let Some(broker) = Broker::shared() else { return };
    let inbound = broker.inbound(&receiving("dubluri", ""));
    assert!(ids(&*inbound).await.is_empty());
    for _ in 0..2 {
        broker.put("dubluri", named("a"), b"{}").await;
        broker.put("dubluri", BasicProperties::default(), b"{\"fara\":\"id\"}").await;
    }
    let found = ids(&*inbound).await;
    assert!(found.len() == 2 && found[0] == "a" && found[1].starts_with("sha256-"), "{found:?}");
    for id in &found {
        inbound.acknowledge(id, &accepted()).await.unwrap();
    }
    drop(inbound);
    broker.until_ready("dubluri", 0).await;
}

#[tokio::test]
async fn what_cannot_be_read_says_why_and_is_put_aside_whole() {
    let Some(broker) = Broker::shared() else { return };
    let inbound = broker.inbound(&receiving("necitite", "longest_mib = 1\n"));
    assert!(ids(&*inbound).await.is_empty());
    let long = vec![b'x'; 1024 * 1024 + 1];
    let table: [(&str, BasicProperties, &[u8], &str); 4] = [
        ("a", enveloped("a", "nu e JSON"), b"{}", "nu este un plic"),
        ("b", enveloped("b", r#"{"parts":[{},{}]}"#), b"{}", "numește 2 părți"),
        ("c", named("c"), b"PK\x03\x04 nu e arhiva", "Pachetul nu poate fi deschis"),
        ("d", named("d"), &long, "încap cel mult"),
    ];
    for (_, properties, payload, _) in &table {
        broker.put("necitite", properties.clone(), payload).await;
    }
    let waiting = inbound.poll(10).await.unwrap();
    for ((id, _, _, why), arrival) in table.iter().zip(&waiting) {
        let said = arrival.unreadable.as_ref().unwrap();
        assert!(arrival.id == *id && said.contains(why), "{id}: {said}");
        inbound.acknowledge(id, &refused()).await.unwrap();
    }
    let dead = broker.take_all("necitite.respinse").await;
    assert_eq!(dead.iter().map(|(_, payload)| payload.len()).collect::<Vec<_>>(), [2, 2, 16, 1024 * 1024 + 1]);
}

#[tokio::test]
async fn a_message_that_fells_the_hub_every_time_is_put_aside_by_the_broker() {
    let Some(broker) = Broker::shared() else { return };
    let manifest = receiving("otrava", "delivery_limit = 2\n");
    assert!(ids(&*broker.inbound(&manifest)).await.is_empty());
    broker.put("otrava", named("otrava"), b"{}").await;
    for _ in 0..3 {
        let inbound = broker.inbound(&manifest);
        assert_eq!(ids(&*inbound).await, ["otrava"]);
        let last = inbound.poll(1).await.unwrap()[0].facts.get("came_back").cloned();
        drop(inbound);
        if last.as_deref() != Some("2") {
            broker.until_ready("otrava", 1).await;
        }
    }
    broker.until_ready("otrava.respinse", 1).await;
    let dead = broker.take_all("otrava.respinse").await;
    assert_eq!(header(&dead[0].0, "x-first-death-reason").as_deref(), Some("delivery_limit"));
}

#[tokio::test]
async fn a_broker_killed_before_the_verdict_gives_the_message_again() {
    let Some(broker) = Broker::start() else { return };
    for queue in ["intrare", "intrare.respinse", "intrare.verdicte"] {
        broker.declare_classic(queue).await;
    }
    let inbound = broker.inbound(&receiving("intrare", "declare = false\n"));
    assert!(ids(&*inbound).await.is_empty());
    broker.put("intrare", named("a"), b"{}").await;
    assert_eq!(ids(&*inbound).await, ["a"]);
    broker.kill();
    assert!(inbound.acknowledge("a", &accepted()).await.is_err());
    assert!(inbound.poll(10).await.is_err());
    broker.serve();
    for queue in ["intrare", "intrare.respinse", "intrare.verdicte"] {
        if !broker.kept(queue).await {
            return;
        }
    }
    // Until its queues are there again there is no answer, and that is no loss.
    let started = Instant::now();
    let found = loop {
        match inbound.poll(10).await {
            Ok(found) if !found.is_empty() => break found,
            later => assert!(started.elapsed() < LONG, "{later:?}"),
        }
    };
    assert_eq!((found.len(), found[0].id.as_str()), (1, "a"));
    inbound.acknowledge("a", &accepted()).await.unwrap();
    assert!(ids(&*inbound).await.is_empty());
    assert_eq!(broker.take_all("intrare.verdicte").await.len(), 1);
}
