//! What must be true once nothing is under way, as the two sides and their neighbours see it through the door.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hub_flow::clock::Timestamp;
use hub_server::verdict::{self, Against};
use serde_json::Value;
use tests::county::{DIRECTORATE, HUB_TOWN, SENDER, WEBHOOK_TOWN};
use tests::hub::unix_seconds;

use crate::clerk::Decision;
use crate::findings::Findings;
use crate::senders::Receipt;
use crate::world::World;

/// What is still under way after this will never end.
const PATIENCE: Duration = Duration::from_secs(90);
const GLANCE: Duration = Duration::from_millis(25);
/// Messages looked at at once.
const SET: usize = 16;

/// A delivery as its message shows it.
pub struct Delivered {
    message: String,
    recipient: String,
    state: String,
    number: Option<String>,
    receipt: Option<String>,
    /// Attempts of which nobody saw the end, because the hub was killed.
    pub cut_off: usize,
}

/// Every delivery by its id.
pub type Deliveries = BTreeMap<String, Delivered>;

/// Waits until no delivery of these messages is under way.
pub async fn wait_until_settled(world: &World, receipts: &[Receipt]) {
    let begun = Instant::now();
    for receipt in receipts {
        let client = world.client(receipt.party);
        loop {
            let (_, message) = client.get(&format!("/v1/messages/{}", receipt.message)).await;
            if message["deliveries"].as_array().is_some_and(|all| !all.is_empty() && all.iter().all(is_settled)) {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "{} is still under way: {message:#}", receipt.key);
            tokio::time::sleep(GLANCE).await;
        }
    }
}

fn is_settled(delivery: &Value) -> bool {
    match delivery["state"].as_str() {
        Some("pending" | "waiting" | "unknown") | None => false,
        Some("consigned") => decision(delivery) == Some(Decision::Leave),
        Some(_) => true,
    }
}

fn decision(delivery: &Value) -> Option<Decision> {
    delivery["recipient_registration"]["number"].as_str()?.parse().ok().map(Decision::on)
}

/// Every document that was taken is there, where it should be, with its whole chain of evidence.
pub async fn messages(world: &World, receipts: &[Receipt], findings: &mut Findings) -> Deliveries {
    let seal = world.client(SENDER).bytes("/v1/seal").await;
    let mut deliveries = Deliveries::new();
    for set in receipts.chunks(SET) {
        let shown = join_all(set.iter().map(|receipt| fetch(world, receipt))).await;
        for (receipt, (status, seen, chain)) in set.iter().zip(shown) {
            findings.expect(status == 200, || format!("{} was taken and is not there: {seen}", receipt.key));
            findings.expect(seen["sender_registration"]["number"] == receipt.number.as_str(), || {
                format!("{} has another number than {}: {seen}", receipt.key, receipt.number)
            });
            let all = seen["deliveries"].as_array().map(Vec::as_slice).unwrap_or_default();
            let waits = all.iter().any(|delivery| delivery["state"] == "consigned");
            findings.expect(seen["state"] == if waits { "routed" } else { "completed" }, || {
                format!("{} is {}", receipt.key, seen["state"])
            });
            for delivery in all {
                delivered(receipt, delivery, findings);
                let text = |pointer| delivery.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
                let one = Delivered {
                    message: receipt.message.clone(),
                    recipient: text("/recipient").unwrap_or_default(),
                    state: text("/state").unwrap_or_default(),
                    number: text("/recipient_registration/number"),
                    receipt: text("/receipt"),
                    cut_off: attempts(delivery).iter().filter(|attempt| attempt["finished_at"].is_null()).count(),
                };
                deliveries.insert(text("/id").unwrap_or_default(), one);
            }
            evidence(receipt, all, &chain, &seal, findings);
        }
    }
    deliveries
}

async fn fetch(world: &World, receipt: &Receipt) -> (u16, Value, Vec<Value>) {
    let client = world.client(receipt.party);
    let (status, seen) = client.get(&format!("/v1/messages/{}", receipt.message)).await;
    (status.as_u16(), seen, client.chain(&receipt.message).await)
}

fn delivered(receipt: &Receipt, delivery: &Value, findings: &mut Findings) {
    let expected = match delivery["recipient"].as_str() {
        Some(HUB_TOWN) => decision(delivery).map(Decision::state),
        // The systems were well in the end, so whatever went wrong on the way, they have it.
        _ => Some("handed_over"),
    };
    let state = delivery["state"].as_str();
    findings.expect(state == expected, || format!("{}: {expected:?} expected of {delivery:#}", receipt.key));
    findings.expect((state == Some("consigned")) == delivery["due_at"].is_string(), || {
        format!("{}: what waits has a clock, and only that: {delivery:#}", receipt.key)
    });
    let numbers: Vec<i64> = attempts(delivery).iter().filter_map(|attempt| attempt["number"].as_i64()).collect();
    let counted: Vec<i64> = (1..=delivery["attempts"].as_i64().unwrap_or(-1)).collect();
    findings.expect(numbers == counted, || format!("{}: attempts are missing: {delivery:#}", receipt.key));
}

fn attempts(delivery: &Value) -> &[Value] {
    delivery["attempt_list"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn evidence(receipt: &Receipt, deliveries: &[Value], chain: &[Value], seal: &[u8], findings: &mut Findings) {
    let key = &receipt.key;
    let first = chain.first().map(|one| (&one["event"], &one["document"]));
    findings.expect(
        first.is_some_and(|(event, document)| event == "SubmissionAcceptance" && *document == *receipt.evidence),
        || format!("{key}: the chain does not begin with the evidence the sender has"),
    );
    let mut events: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let now = Timestamp(unix_seconds() * 1_000_000);
    for one in chain {
        let document = one["document"].as_str().unwrap_or_default();
        match verdict::proven(document.as_bytes(), &Against::Certificate(seal), now) {
            Err(error) => findings.expect(false, || format!("{key}: an evidence does not verify: {error}")),
            Ok((_, verdict)) => {
                let attested = &verdict.to_json()["evidences"][0];
                let holds = attested["message_id"] == receipt.message.as_str()
                    && attested["event"] == one["event"]
                    && attested["sender_registration"]["number"] == receipt.number.as_str();
                findings.expect(holds, || format!("{key}: an evidence attests something else: {attested:#}"));
            }
        }
        let delivery = one["delivery_id"].as_str().unwrap_or_default();
        events.entry(delivery).or_default().push(one["event"].as_str().unwrap_or_default());
    }
    let mut expected = BTreeMap::from([("", vec!["SubmissionAcceptance"])]);
    for delivery in deliveries {
        let id = delivery["id"].as_str().unwrap_or_default();
        let list = expected.entry(id).or_default();
        if delivery["recipient"] == HUB_TOWN {
            list.push("ContentConsignment");
        }
        match delivery["state"].as_str() {
            Some("handed_over") => list.push("ContentHandover"),
            Some("consigned") => {}
            _ => list.push("ContentHandoverFailure"),
        }
    }
    findings.expect(events == expected, || format!("{key}: evidence {events:?}, expected {expected:?}"));
}

/// What the clerk was told stays so.
pub fn settlements(settled: &HashMap<String, &'static str>, deliveries: &Deliveries, findings: &mut Findings) {
    for (id, state) in settled {
        let seen = deliveries.get(id).map(|delivery| delivery.state.as_str());
        findings.expect(seen == Some(state), || format!("{id} was confirmed as {state} and is {seen:?}"));
    }
}

/// The neighbours have every document once, under the number the hub shows.
pub fn neighbours(world: &World, deliveries: &Deliveries, findings: &mut Findings) {
    let cases = world.esocial.received();
    for case in &cases {
        // Whatever it was sent it takes at once, so whoever asks first never sends a second time.
        let once = case.stored == 1 && case.received == 1;
        findings.expect(once, || format!("eSocial got {} {} times, made {}", case.key, case.received, case.stored));
    }
    let cases = cases.into_iter().map(|case| (case.key, case.case_number));
    compare("eSocial", cases.collect(), deliveries, DIRECTORATE, findings);
    let events = world.town_hall.received().into_iter();
    let events = events.map(|event| (event.id, event.registration_number.to_string()));
    compare("the town hall", events.collect(), deliveries, WEBHOOK_TOWN, findings);
}

fn compare(
    whose: &str,
    records: Vec<(String, String)>,
    deliveries: &Deliveries,
    recipient: &str,
    findings: &mut Findings,
) {
    let count = records.len();
    let there: BTreeMap<String, String> = records.into_iter().collect();
    findings.expect(there.len() == count, || format!("{whose} counted a document twice"));
    let own = deliveries.iter().filter(|(_, delivery)| delivery.recipient == recipient);
    let known: BTreeMap<&str, &Delivered> = own.map(|(id, delivery)| (id.as_str(), delivery)).collect();
    for (key, number) in &there {
        let shown = known.get(key.as_str()).map(|delivery| delivery.receipt.as_deref());
        findings
            .expect(shown == Some(Some(number)), || format!("{whose} has {key} as {number}, the hub says {shown:?}"));
    }
    for id in known.keys() {
        findings.expect(there.contains_key(*id), || format!("{whose} does not have {id}"));
    }
}

/// The registers kept by the hub have the numbers 1 to N, each once, for exactly what was sent and consigned.
pub async fn registers(world: &World, receipts: &[Receipt], deliveries: &Deliveries, findings: &mut Findings) {
    for party in [SENDER, DIRECTORATE, WEBHOOK_TOWN, HUB_TOWN] {
        let mut expected = BTreeSet::new();
        for receipt in receipts.iter().filter(|receipt| receipt.party == party) {
            expected.insert((receipt.number.clone(), receipt.message.clone(), None));
        }
        for (id, delivery) in deliveries.iter().filter(|(_, delivery)| delivery.recipient == party) {
            let number = delivery.number.clone();
            findings.expect(number.is_some(), || format!("{id} has no number in the register of {party}"));
            expected.insert((number.unwrap_or_default(), delivery.message.clone(), Some(id.clone())));
        }
        let entries = register(world, party).await;
        let numbers: Vec<u64> = entries.iter().filter_map(|entry| entry["number"].as_u64()).collect();
        let counted: Vec<u64> = (1..=entries.len() as u64).collect();
        findings.expect(numbers == counted, || format!("the register of {party} has gaps or doubles: {numbers:?}"));
        let text = |entry: &Value, name: &str| entry[name].as_str().map(str::to_owned);
        let entry = |entry: &Value| {
            (entry["number"].to_string(), text(entry, "message_id").unwrap_or_default(), text(entry, "delivery_id"))
        };
        let there: BTreeSet<_> = entries.iter().map(entry).collect();
        for odd in there.symmetric_difference(&expected) {
            let side = if there.contains(odd) { "only in the register" } else { "not in the register" };
            findings.expect(false, || format!("{side} of {party}: {odd:?}"));
        }
    }
}

async fn register(world: &World, party: &str) -> Vec<Value> {
    const PAGE: u64 = 100;
    let client = world.client(party);
    let mut entries: Vec<Value> = Vec::new();
    loop {
        let from = entries.last().and_then(|entry| entry["number"].as_u64()).unwrap_or(0) + 1;
        let (_, page) = client.get(&format!("/v1/registers/general/entries?from={from}&limit={PAGE}")).await;
        let page = page["entries"].as_array().cloned().unwrap_or_default();
        if page.is_empty() {
            return entries;
        }
        entries.extend(page);
    }
}
