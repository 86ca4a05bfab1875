//! `punte package`

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::client::{Hub, told};

/// Fetches the court pack of a message: everything that proves what happened to it, in one file that verifies offline.
#[derive(clap::Args)]
pub(super) struct Package {
    #[command(flatten)]
    hub: Hub,
    /// The message.
    message: String,
    /// Put the documents themselves into the pack too, not only their digests.
    #[arg(long)]
    payloads: bool,
    /// Where to write it; MESSAGE.asice where absent.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Package {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let out = self.out.unwrap_or_else(|| PathBuf::from(format!("{}.asice", self.message)));
        let pack = fetch(&self.hub, &self.message, self.payloads).await?;
        std::fs::write(&out, &pack).with_context(|| format!("{} cannot be written", out.display()))?;
        println!("{} ({} octeți)", out.display(), pack.len());
        Ok(0)
    }
}

/// The bytes of a pack.
pub(super) async fn fetch(hub: &Hub, message: &str, payloads: bool) -> anyhow::Result<Vec<u8>> {
    let url = hub.at(&format!("/v1/messages/{message}/package?payloads={payloads}"));
    let response = hub.client()?.get(&url).send().await.with_context(|| format!("the hub does not answer at {url}"))?;
    if !response.status().is_success() {
        bail!("{}", told(&response.json().await.context("the answer is not JSON")?));
    }
    Ok(response.bytes().await?.to_vec())
}
