//! A registry that comes for the town's documents: it accepts most, refuses some, and leaves a few where they are.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tests::county::{HUB_TOWN, key};

const GLANCE: Duration = Duration::from_millis(25);

/// What the clerk does with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Accept,
    Refuse,
    Leave,
}

impl Decision {
    /// The decision on a document, by the number it has in the town's register.
    pub fn on(number: u64) -> Self {
        match number {
            // Those left fill the list of the inbox, so they are few.
            number if number % 16 == 0 && number < 1600 => Self::Leave,
            number if number % 5 == 0 => Self::Refuse,
            _ => Self::Accept,
        }
    }

    /// The state of the delivery after it.
    pub fn state(self) -> &'static str {
        match self {
            Self::Accept => "handed_over",
            Self::Refuse => "refused",
            Self::Leave => "consigned",
        }
    }

    fn call(self) -> Option<(&'static str, Value)> {
        match self {
            Self::Accept => Some(("accept", json!({}))),
            Self::Refuse => Some(("reject", json!({"reason": "nu este pentru această primărie"}))),
            Self::Leave => None,
        }
    }
}

/// Works until told to stop; answers what the hub confirmed for each delivery.
pub async fn work(http: reqwest::Client, url: String, stop: Arc<AtomicBool>) -> HashMap<String, &'static str> {
    let (mut open, mut settled) = (HashMap::new(), HashMap::new());
    while !stop.load(Ordering::Relaxed) {
        open.extend(waiting(&http, &url).await.unwrap_or_default());
        for (delivery, decision) in open.clone() {
            // What was not confirmed is asked for again, and must be answered as the first time.
            if settle(&http, &url, &delivery, decision).await {
                open.remove(&delivery);
                settled.insert(delivery, decision.state());
            }
        }
        tokio::time::sleep(GLANCE).await;
    }
    settled
}

/// Whether the hub confirmed it.
async fn settle(http: &reqwest::Client, url: &str, delivery: &str, decision: Decision) -> bool {
    let Some((verb, body)) = decision.call() else { return false };
    let request = http.post(format!("{url}/v1/inbox/{delivery}/{verb}")).bearer_auth(key(HUB_TOWN));
    let Ok(answer) = request.header("idempotency-key", delivery).json(&body).send().await else { return false };
    let status = answer.status().as_u16();
    let body = answer.text().await;
    assert!(matches!(status, 200 | 503), "{verb} {delivery}: {status} {body:?}");
    status == 200 && body.is_ok()
}

async fn waiting(http: &reqwest::Client, url: &str) -> reqwest::Result<Vec<(String, Decision)>> {
    let request = http.get(format!("{url}/v1/inbox?limit=200")).bearer_auth(key(HUB_TOWN));
    let inbox: Value = request.send().await?.json().await?;
    let items = inbox["items"].as_array().cloned().unwrap_or_default();
    let decided = |item: &Value| {
        let number = item["recipient_registration"]["number"].as_str()?.parse().ok()?;
        Some((item["delivery_id"].as_str()?.to_owned(), Decision::on(number)))
    };
    Ok(items.iter().filter_map(decided).filter(|(_, decision)| *decision != Decision::Leave).collect())
}
