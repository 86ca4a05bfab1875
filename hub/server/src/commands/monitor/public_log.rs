//! The public door of a log, as a stranger sees it. Every answer is bounded; nothing in it is believed unchecked.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_signatures::log::consistency::MAX_PATH;
use hub_signatures::log::tree::Hash;
use serde_json::Value;

/// Longest answer that is read.
const LONGEST: usize = 512 * 1024;
const PATIENCE: Duration = Duration::from_secs(20);

/// A log under an address.
pub(super) struct PublicLog {
    http: reqwest::Client,
    url: String,
}

impl PublicLog {
    pub(super) fn at(url: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned() })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// `/v1/log`.
    pub(super) async fn overview(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.get(&format!("{}/v1/log", self.url)).await?)?)
    }

    /// The newest head, a note.
    pub(super) async fn checkpoint(&self) -> anyhow::Result<String> {
        Ok(String::from_utf8(self.get(&format!("{}/v1/log/checkpoint", self.url)).await?)?)
    }

    /// The checkpoint of the head of a size.
    pub(super) async fn head(&self, size: u64) -> anyhow::Result<String> {
        let head: Value = serde_json::from_slice(&self.get(&format!("{}/v1/log/heads/{size}", self.url)).await?)?;
        head["checkpoint"].as_str().map(str::to_owned).context("the answer has no checkpoint")
    }

    /// The token over the head of a size, DER.
    pub(super) async fn stamp(&self, size: u64) -> anyhow::Result<Vec<u8>> {
        self.get(&format!("{}/v1/log/heads/{size}/stamp", self.url)).await
    }

    /// The proof that one size continues another; none where the log does not give one.
    pub(super) async fn consistency(&self, old: u64, new: u64) -> anyhow::Result<Option<Vec<Hash>>> {
        let url = format!("{}/v1/log/consistency?old={old}&new={new}", self.url);
        let response = self.http.get(url).send().await?;
        if response.status().is_client_error() {
            return Ok(None);
        }
        let answer: Value = serde_json::from_slice(&bounded(response).await?)?;
        let list = answer["proof"].as_array().context("the answer has no proof")?;
        ensure!(list.len() <= MAX_PATH, "the proof is longer than any log is high");
        let hash = |text: &Value| BASE64.decode(text.as_str()?).ok()?.try_into().ok();
        list.iter()
            .map(|text| hash(text).context("the proof is not of hashes"))
            .collect::<anyhow::Result<_>>()
            .map(Some)
    }

    /// Brings a cosigned head.
    pub(super) async fn bring(&self, note: String) -> anyhow::Result<()> {
        let response = self.http.post(format!("{}/v1/log/witness", self.url)).body(note).send().await?;
        let status = response.status();
        let said = bounded_text(response).await?;
        ensure!(status.is_success(), "the log did not take the cosignature: {status} {said}");
        Ok(())
    }

    /// Whatever is at an address.
    pub(super) async fn get(&self, url: &str) -> anyhow::Result<Vec<u8>> {
        let response = self.http.get(url).send().await.with_context(|| format!("{url} does not answer"))?;
        let status = response.status();
        if !status.is_success() {
            bail!("{url} answered {status}");
        }
        bounded(response).await
    }
}

async fn bounded(mut response: reqwest::Response) -> anyhow::Result<Vec<u8>> {
    ensure!(response.status().is_success(), "the log answered {}", response.status());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        ensure!(body.len() + chunk.len() <= LONGEST, "the answer is longer than {LONGEST} bytes");
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

async fn bounded_text(mut response: reqwest::Response) -> anyhow::Result<String> {
    let first = response.chunk().await?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&first[..first.len().min(300)]).into_owned())
}
