//! The story: a commune sends a social inquiry; eSocial loses its answer; a town hall accepts with its own number.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use reqwest::multipart::{Form, Part};
use sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::commands::client::{Hub, told};

use super::county::{County, INBOX_KEY, INBOX_PARTY, SENDER_KEY};
use super::say;

const ENVELOPE: &[u8] = include_bytes!("../../../../../demo/documents/envelope.json");
const PARTS: [(&str, &str, &[u8]); 3] = [
    ("ancheta.json", "application/json", include_bytes!("../../../../../demo/documents/ancheta.json")),
    ("ancheta-semnata.pdf", "application/pdf", include_bytes!("../../../../../demo/documents/ancheta-semnata.pdf")),
    ("anexa-1.pdf", "application/pdf", include_bytes!("../../../../../demo/documents/anexa-1.pdf")),
];
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
pub(super) const GLANCE: Duration = Duration::from_millis(100);

/// The message and its evidence at the end.
pub(super) struct Told {
    pub(super) message: Value,
    pub(super) chain: Value,
}

pub(super) async fn tell(url: &str, county: &County) -> anyhow::Result<Told> {
    let commune = Hub { url: url.to_owned(), key: SENDER_KEY.to_owned() };
    let town = Hub { url: url.to_owned(), key: INBOX_KEY.to_owned() };
    // The worst day of eSocial: it takes the document and the line breaks before its answer arrives.
    county.esocial.faults.plan(Fault::once(FaultKind::CutConnectionAfterStoring));

    let receipt = send(&commune).await?;
    let id = receipt["message_id"].as_str().context("a receipt has a message id")?.to_owned();
    say(&format!(
        "Comuna a trimis ancheta socială și are recipisa sigilată: mesajul {id}, înregistrat cu nr. {}",
        receipt["sender_registration"]["number"].as_str().unwrap_or("-")
    ));
    accept_at_the_town_hall(&town, &id).await?;
    say("O primărie a luat documentul din căsuța ei și a întors numărul din registrul propriu");
    let message = wait(&commune, &id).await?;
    let cases = county.esocial.received();
    say(&format!(
        "eSocial a pierdut răspunsul; hubul a întrebat, nu a retrimis: {} caz, păstrat o singură dată",
        cases.iter().map(|case| case.stored).sum::<u32>()
    ));
    say(&format!("Sistemul altei primării a primit {} eveniment semnat", county.town_hall.received().len()));
    let chain = commune.get(&format!("/v1/messages/{id}/evidence")).await?;
    Ok(Told { message, chain })
}

async fn send(commune: &Hub) -> anyhow::Result<Value> {
    let mut form = Form::new().part("envelope", Part::bytes(ENVELOPE).mime_str("application/json")?);
    for (name, media_type, content) in PARTS {
        form = form.part(name, Part::bytes(content).file_name(name).mime_str(media_type)?);
    }
    let request = commune.client()?.post(commune.at("/v1/messages")).header("idempotency-key", "demo-ancheta-1");
    let response = request.multipart(form).send().await?;
    let accepted = response.status().is_success();
    let answer: Value = response.json().await?;
    if !accepted {
        bail!("the hub refused the demo's document: {}", told(&answer));
    }
    Ok(answer)
}

async fn accept_at_the_town_hall(town: &Hub, message: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    let delivery = loop {
        let inbox = town.get("/v1/inbox").await?;
        let items = inbox["items"].as_array().into_iter().flatten();
        if let Some(item) = items.into_iter().find(|item| item["message_id"] == message) {
            break item["delivery_id"].as_str().unwrap_or_default().to_owned();
        }
        if begun.elapsed() > PATIENCE {
            bail!("the document did not reach the inbox of {INBOX_PARTY}");
        }
        tokio::time::sleep(GLANCE).await;
    };
    let document = town.get(&format!("/v1/inbox/{delivery}")).await?;
    let date = document["submitted_at"].as_str().unwrap_or_default().get(..10).unwrap_or("2026-01-01");
    let number = json!({"registration": {"number": "4512", "date": date}});
    let request = town.client()?.post(town.at(&format!("/v1/inbox/{delivery}/accept"))).json(&number);
    let response = request.header("idempotency-key", "demo-accept-1").send().await?;
    if !response.status().is_success() {
        bail!("the town hall could not accept: {}", told(&response.json().await?));
    }
    Ok(())
}

pub(super) async fn wait(commune: &Hub, id: &str) -> anyhow::Result<Value> {
    let begun = Instant::now();
    loop {
        let message = commune.get(&format!("/v1/messages/{id}")).await?;
        if message["state"] == "completed" {
            return Ok(message);
        }
        if begun.elapsed() > PATIENCE {
            bail!("the document did not reach all recipients in a minute: {message:#}");
        }
        tokio::time::sleep(GLANCE).await;
    }
}
