//! The connector that fetches from a queue. A message leaves the queue only after its verdict.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connectors_contract::{Arrival, Inbound, Outcome, Trouble, Verdict};
use lapin::options::{BasicAckOptions, BasicGetOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel};
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::arrival::{id, read};
use crate::held::{Held, HeldMessage};
use crate::line::{Line, in_words};
use crate::message::insert;
use crate::publishing::{Published, To, outcome, publish};
use crate::settings::Receive;

/// All messages in hand together. What is beyond waits in the queue.
const MOST_IN_HAND: usize = 64 * 1024 * 1024;

/// Fetches from one queue.
pub(crate) struct AmqpInbound {
    line: Arc<Line>,
    receive: Receive,
    held: Mutex<Held>,
}

impl AmqpInbound {
    pub(crate) fn new(line: Arc<Line>, receive: Receive) -> Self {
        Self { line, receive, held: Mutex::default() }
    }

    /// The channel the messages in hand belong to; another one when it is gone.
    async fn channel(&self, held: &mut Held) -> Result<Channel, Trouble> {
        if let Some(channel) = held.channel.as_ref().filter(|channel| channel.status().connected()) {
            return Ok(channel.clone());
        }
        held.release();
        let channel = self.line.channel().await.map_err(trouble)?;
        if self.receive.declare {
            self.within(self.declare(&channel)).await?;
        }
        held.channel = Some(channel.clone());
        Ok(channel)
    }

    /// Quorum queues, every property said: brokers differ in what they take for granted.
    async fn declare(&self, channel: &Channel) -> lapin::Result<()> {
        let text = |text: &str| AMQPValue::LongString(text.as_bytes().into());
        let quorum = |more: &[(&str, AMQPValue)]| {
            let mut arguments = FieldTable::default();
            arguments.insert("x-queue-type".into(), text("quorum"));
            for (name, value) in more {
                arguments.insert((*name).into(), value.clone());
            }
            arguments
        };
        for queue in [Some(&self.receive.dead_letter), self.receive.verdicts.as_ref()].into_iter().flatten() {
            channel.queue_declare(queue.as_str().into(), QueueDeclareOptions::durable(), quorum(&[])).await?;
        }
        let arguments = quorum(&[
            ("x-delivery-limit", AMQPValue::LongInt(i32::from(self.receive.delivery_limit))),
            ("x-dead-letter-exchange", text("")),
            ("x-dead-letter-routing-key", text(&self.receive.dead_letter)),
            // What the broker itself puts aside is not lost on the way either.
            ("x-dead-letter-strategy", text("at-least-once")),
            ("x-overflow", text("reject-publish")),
        ]);
        channel.queue_declare(self.receive.queue.as_str().into(), QueueDeclareOptions::durable(), arguments).await?;
        Ok(())
    }

    async fn within<T>(&self, asked: impl Future<Output = lapin::Result<T>>) -> Result<T, Trouble> {
        match timeout(self.line.patience, asked).await {
            Ok(answer) => answer.map_err(|error| trouble(in_words(&error))),
            Err(_) => {
                self.line.abandon().await;
                Err(trouble(format!("brokerul nu a răspuns în {} ms", self.line.patience.as_millis())))
            }
        }
    }

    /// Puts a message into a queue and waits until the broker keeps it.
    async fn keep(&self, queue: &str, properties: BasicProperties, payload: &[u8]) -> Result<(), Trouble> {
        let published = publish(&self.line, To { exchange: "", routing_key: queue }, properties, payload).await;
        match published {
            Published::Confirmed => Ok(()),
            other => {
                let why = match outcome(other) {
                    Outcome::Refused { reason, .. }
                    | Outcome::Unavailable { reason, .. }
                    | Outcome::Unknown { reason } => reason,
                    Outcome::Delivered { .. } | Outcome::Attested { .. } => "brokerul nu a confirmat".to_owned(),
                };
                Err(trouble(format!("verdictul nu a putut fi pus în coada {queue}: {why}")))
            }
        }
    }

    async fn tell(&self, message: &HeldMessage, verdict: &Verdict) -> Result<(), Trouble> {
        let id = &message.arrival.id;
        if let Verdict::Refused { reason, problem, .. } = verdict {
            let mut headers = message.properties.headers().clone().unwrap_or_default();
            insert(&mut headers, "punte-reason", reason);
            insert(&mut headers, "punte-problem", &problem.to_string());
            let properties = message.properties.clone().with_headers(headers).with_message_id(id.as_str().into());
            self.keep(&self.receive.dead_letter, properties, &message.payload).await?;
        }
        let Some(queue) = &self.receive.verdicts else { return Ok(()) };
        let told = match verdict {
            Verdict::Accepted { message_id, number, receipt, again } => json!({
                "verdict": "accepted", "id": id, "message_id": message_id, "number": number, "again": again,
                "receipt": STANDARD.encode(receipt),
            }),
            Verdict::Refused { reason, problem, receipt } => json!({
                "verdict": "refused", "id": id, "reason": reason, "problem": problem,
                "receipt": receipt.as_ref().map(|receipt| STANDARD.encode(receipt)),
            }),
        };
        let properties = BasicProperties::default()
            .with_message_id(id.as_str().into())
            .with_correlation_id(id.as_str().into())
            .with_content_type("application/json".into())
            .with_type("punte.verdict".into());
        self.keep(queue, properties, told.to_string().as_bytes()).await
    }
}

#[async_trait]
impl Inbound for AmqpInbound {
    async fn poll(&self, most: usize) -> Result<Vec<Arrival>, Trouble> {
        let mut held = self.held.lock().await;
        let channel = self.channel(&mut held).await?;
        while held.len() < most && held.bytes() < MOST_IN_HAND {
            let options = BasicGetOptions { no_ack: false };
            let got = self.within(channel.basic_get(self.receive.queue.as_str().into(), options)).await;
            let got = match got {
                Ok(got) => got,
                Err(trouble) => {
                    held.release();
                    return Err(trouble);
                }
            };
            let Some(message) = got else { break };
            let (properties, payload) =
                (message.delivery.properties.clone(), Bytes::from(message.delivery.data.clone()));
            let id = id(&properties, &payload);
            let arrival = read(&id, &properties, &payload, self.receive.longest());
            held.take_in(HeldMessage { arrival, tags: vec![message.delivery.delivery_tag], properties, payload });
        }
        Ok(held.arrivals(most))
    }

    async fn acknowledge(&self, arrival: &str, verdict: &Verdict) -> Result<(), Trouble> {
        let mut held = self.held.lock().await;
        let channel = held.channel.clone().filter(|channel| channel.status().connected());
        let (Some(channel), Some(message)) = (channel, held.find(arrival)) else {
            if held.was_settled(arrival) {
                return Ok(());
            }
            held.release();
            return Err(trouble("conexiunea cu brokerul s-a întrerupt; mesajul vine din nou".to_owned()));
        };
        self.tell(&message, verdict).await?;
        for tag in &message.tags {
            self.within(channel.basic_ack(*tag, BasicAckOptions::default())).await?;
        }
        held.settle(arrival);
        Ok(())
    }
}

fn trouble(reason: String) -> Trouble {
    Trouble { reason: reason.chars().take(500).collect(), retry_after: None }
}
