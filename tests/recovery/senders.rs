//! Systems that send documents. After a cut connection most send the same document again, with the same key; some
//! give it up, and then it is whole or it is not there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::multipart::{Form, Part};
use serde_json::Value;
use tests::county::{DIRECTORATE, HUB_TOWN, SENDER, WEBHOOK_TOWN, key};
use tests::documents::{inquiry_envelope, inquiry_parts, letter};

use crate::random::Random;
use crate::world::World;

/// A document not taken within this is lost.
const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(20);
/// Large enough for the blob store.
const LARGE: usize = 100 * 1024;

/// What a sender was told in a 2xx, and must find for ever.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    pub party: &'static str,
    /// Which of the sender's documents it is.
    pub nth: u64,
    pub key: String,
    pub message: String,
    pub number: String,
    pub evidence: String,
}

/// What happened on the way.
#[derive(Default)]
pub struct Tally {
    pub cut: AtomicU64,
    pub unavailable: AtomicU64,
    /// Taken before, though the sender could not know.
    pub again: AtomicU64,
}

/// What a system has sent.
pub struct Sent {
    pub sender: Sender,
    pub receipts: Vec<Receipt>,
    /// Documents it does not know to be taken, and did not send again.
    pub given_up: Vec<u64>,
}

/// One system of one party.
pub struct Sender {
    http: reqwest::Client,
    url: String,
    party: &'static str,
    name: String,
    tally: Arc<Tally>,
}

impl Sender {
    pub fn new(world: &World, party: &'static str, name: &str, tally: Arc<Tally>) -> Self {
        Self { http: world.http.clone(), url: world.url.clone(), party, name: name.to_owned(), tally }
    }

    /// Sends one document after the other until told to stop.
    pub async fn send_until(self, stop: Arc<AtomicBool>, mut random: Random) -> Sent {
        let (mut receipts, mut given_up) = (Vec::new(), Vec::new());
        for nth in 0.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if nth % 3 != 1 {
                receipts.push(self.send(nth).await);
            } else {
                match self.post(&self.key(nth), nth).await {
                    Ok((201, answer)) => receipts.push(self.receipt(nth, &answer)),
                    _ => given_up.push(nth),
                }
            }
            tokio::time::sleep(random.time_below(Duration::from_millis(80))).await;
        }
        Sent { sender: self, receipts, given_up }
    }

    /// Sends the `nth` document until it is taken.
    pub async fn send(&self, nth: u64) -> Receipt {
        let idempotency_key = self.key(nth);
        let begun = Instant::now();
        loop {
            match self.post(&idempotency_key, nth).await {
                Ok((201, answer)) => return self.receipt(nth, &answer),
                Ok((200, answer)) => {
                    self.tally.again.fetch_add(1, Ordering::Relaxed);
                    return self.receipt(nth, &answer);
                }
                Ok((503, _)) => self.tally.unavailable.fetch_add(1, Ordering::Relaxed),
                Ok((status, answer)) => panic!("{} {idempotency_key}: {status} {answer:#}", self.party),
                Err(_) => self.tally.cut.fetch_add(1, Ordering::Relaxed),
            };
            assert!(begun.elapsed() < PATIENCE, "{} {idempotency_key} is not taken", self.party);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sends a document again of which there is a receipt; answers the status and what the receipt says now.
    pub async fn send_again(&self, receipt: &Receipt) -> (u16, Receipt) {
        let (status, answer) = self.post(&receipt.key, receipt.nth).await.expect("the hub answers");
        (status, self.receipt(receipt.nth, &answer))
    }

    async fn post(&self, idempotency_key: &str, nth: u64) -> reqwest::Result<(u16, Value)> {
        let request = self.http.post(format!("{}/v1/messages", self.url)).bearer_auth(key(self.party));
        let request = request.header("idempotency-key", idempotency_key);
        let response =
            match document(self.party, idempotency_key, nth) {
                Document::Letter(letter) => request.json(&letter),
                Document::Inquiry(envelope, parts) => {
                    let form = Form::new().part("envelope", Part::text(envelope.to_string()));
                    request.multipart(parts.into_iter().fold(form, |form, (name, content)| {
                        form.part(name.clone(), Part::bytes(content).file_name(name))
                    }))
                }
            };
        let response = response.send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    fn key(&self, nth: u64) -> String {
        format!("{}-{nth}", self.name)
    }

    fn receipt(&self, nth: u64, answer: &Value) -> Receipt {
        let text = |pointer| {
            let found = answer.pointer(pointer).and_then(Value::as_str);
            found.unwrap_or_else(|| panic!("no {pointer} in {answer:#}")).to_owned()
        };
        Receipt {
            party: self.party,
            nth,
            key: self.key(nth),
            message: text("/message_id"),
            number: text("/sender_registration/number"),
            evidence: text("/evidence/document"),
        }
    }
}

enum Document {
    Letter(Value),
    Inquiry(Value, Vec<(String, Vec<u8>)>),
}

/// The `nth` document of a party: always the same, so that it can be sent again.
fn document(party: &str, idempotency_key: &str, nth: u64) -> Document {
    let text = format!("Scrisoarea {idempotency_key}");
    if party != SENDER {
        return Document::Letter(letter(&[DIRECTORATE, HUB_TOWN], &text));
    }
    match nth % 4 {
        0 => Document::Letter(letter(&[DIRECTORATE], &text)),
        2 => Document::Letter(letter(&[WEBHOOK_TOWN, HUB_TOWN], &text)),
        kind => {
            let mut parts = inquiry_parts();
            if kind == 1 {
                // Two documents in a row, and those of other systems, have the same large part.
                let line = format!("%PDF-1.4 invented, large, {}\n", nth / 8);
                parts[2].1 = line.bytes().cycle().take(LARGE).collect();
            }
            Document::Inquiry(inquiry_envelope(&[DIRECTORATE, WEBHOOK_TOWN, HUB_TOWN]), parts)
        }
    }
}
