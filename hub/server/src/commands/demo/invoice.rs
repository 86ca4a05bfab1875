//! The invoice: the commune sends it like any document, ANAF's RO e-Factura is the recipient.

use std::time::Instant;

use anyhow::{Context as _, bail};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::county::SENDER_KEY;
use super::say;
use super::story::{GLANCE, PATIENCE, wait};
use crate::commands::client::{Hub, told};

const ENVELOPE: &[u8] = include_bytes!("../../../../../demo/documents/factura-envelope.json");
const PARTS: [(&str, &str, &[u8]); 2] = [
    ("factura.json", "application/json", include_bytes!("../../../../../demo/documents/factura.json")),
    ("factura.xml", "application/xml", include_bytes!("../../../../../demo/documents/factura.xml")),
];

/// Sends the invoice and asks ANAF what became of it.
pub(super) async fn file(url: &str) -> anyhow::Result<()> {
    let commune = Hub { url: url.to_owned(), key: SENDER_KEY.to_owned() };
    let mut form = Form::new().part("envelope", Part::bytes(ENVELOPE).mime_str("application/json")?);
    for (name, media_type, content) in PARTS {
        form = form.part(name, Part::bytes(content).file_name(name).mime_str(media_type)?);
    }
    let request = commune.client()?.post(commune.at("/v1/messages")).header("idempotency-key", "demo-factura-1");
    let response = request.multipart(form).send().await?;
    let accepted = response.status().is_success();
    let answer: Value = response.json().await?;
    if !accepted {
        bail!("the hub refused the demo's invoice: {}", told(&answer));
    }
    let id = answer["message_id"].as_str().context("a receipt has a message id")?;
    let message = wait(&commune, id).await?;
    let index = message["deliveries"][0]["receipt"].as_str().context("RO e-Factura gives an upload index")?.to_owned();
    say(&format!("Factura a plecat prin hub la RO e-Factura; indexul de încărcare {index} este în dovada predării"));
    let state = state(&commune, &index).await?;
    say(&format!("ANAF, întrebată ce s-a ales de ea: {state}"));
    Ok(())
}

/// What RO e-Factura says of an upload once it has looked at it.
async fn state(commune: &Hub, index: &str) -> anyhow::Result<String> {
    let question = json!({
        "arguments": { "id_incarcare": index },
        "purpose": "facturare",
        "legal_basis": "OUG nr. 120/2021",
        "user": "contabil-02",
    });
    let begun = Instant::now();
    loop {
        let request = commune.client()?.post(commune.at("/v1/lookups/anaf-efactura/stare")).json(&question);
        let response = request.send().await?;
        let status = response.status().as_u16();
        let answer: Value = response.json().await?;
        match status {
            200 => return Ok(answer["value"]["stare"].as_str().unwrap_or("găsită").to_owned()),
            // Looking at it: the question is put again by the hub, and here.
            202 if begun.elapsed() < PATIENCE => tokio::time::sleep(GLANCE).await,
            202 => return Ok("încă în prelucrare".to_owned()),
            _ => bail!("RO e-Factura did not say what became of the invoice: {}", told(&answer)),
        }
    }
}
