//! `punte send`

use std::path::PathBuf;

use anyhow::Context as _;
use openssl::sha::sha256;
use reqwest::multipart::{Form, Part};
use serde_json::Value;

use super::NO;
use super::client::{Hub, told};

/// Sends a document: an envelope and the files it names, which lie beside it.
#[derive(clap::Args)]
pub(super) struct Send {
    #[command(flatten)]
    hub: Hub,
    /// The envelope (JSON). Its parts are files in the same folder.
    envelope: PathBuf,
    /// Idempotency key; where absent, the hash of what is sent, so that sending the same files twice is one document.
    #[arg(long)]
    idempotency_key: Option<String>,
    /// Write the sealed receipt (XML) to this file.
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

impl Send {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let envelope = std::fs::read(&self.envelope)
            .with_context(|| format!("the envelope {} cannot be read", self.envelope.display()))?;
        let described: Value = serde_json::from_slice(&envelope).context("the envelope is not JSON")?;
        let mut everything = envelope.clone();
        let mut form = Form::new().part("envelope", Part::bytes(envelope).mime_str("application/json")?);
        for part in described["parts"].as_array().into_iter().flatten() {
            let name = part["name"].as_str().context("a part of the envelope has no name")?.to_owned();
            let path = self.envelope.with_file_name(&name);
            let content =
                std::fs::read(&path).with_context(|| format!("the part {} cannot be read", path.display()))?;
            everything.extend_from_slice(&sha256(&content));
            let media_type = part["content_type"].as_str().unwrap_or("application/octet-stream");
            form = form.part(name.clone(), Part::bytes(content).file_name(name).mime_str(media_type)?);
        }
        let key = self.idempotency_key.unwrap_or_else(|| hex::encode(sha256(&everything)));
        let url = self.hub.at("/v1/messages");
        let request = self.hub.client()?.post(&url).header("idempotency-key", key).multipart(form);
        let response = request.send().await.with_context(|| format!("the hub does not answer at {url}"))?;
        let accepted = response.status().is_success();
        let answer: Value = response.json().await.context("the answer is not JSON")?;
        if let (Some(path), Some(document)) = (&self.receipt, answer["evidence"]["document"].as_str()) {
            std::fs::write(path, document)?;
        }
        if !accepted {
            eprintln!("{}", told(&answer));
            return Ok(NO);
        }
        println!("{}", serde_json::to_string_pretty(&answer)?);
        Ok(0)
    }
}
