//! `punte ask`

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::{Response, StatusCode};
use serde_json::{Map, Value, json};

use super::NO;
use super::client::{Hub, told};

/// The longest pause between two looks at a question a register works on.
const LONGEST_PAUSE: u64 = 60;

/// Asks a register through a hub, and prints the answer as JSON.
#[derive(clap::Args)]
pub(super) struct Ask {
    #[command(flatten)]
    hub: Hub,
    /// The system, for example `anaf-tva`; what there is, `GET /v1/lookups` tells.
    system: String,
    /// Its operation, for example `firma`.
    operation: String,
    /// What is asked with: `cui=18547290`.
    #[arg(value_name = "NAME=VALUE", value_parser = argument)]
    arguments: Vec<(String, String)>,
    /// What for, as the agreement has it; needed about persons.
    #[arg(long)]
    purpose: Option<String>,
    /// On what basis: act, article; needed about persons.
    #[arg(long)]
    legal_basis: Option<String>,
    /// For which case; needed about persons.
    #[arg(long = "case")]
    case_number: Option<String>,
    /// Pseudonym of the clerk, never a name; needed about persons.
    #[arg(long)]
    user: Option<String>,
    /// The oldest answer that will do, in seconds; 0 asks the register in any case.
    #[arg(long, value_name = "SECONDS")]
    max_age: Option<u32>,
    /// Take an older answer where the register does not answer.
    #[arg(long)]
    allow_stale: bool,
    /// Wait for a register that works on the question.
    #[arg(long)]
    wait: bool,
    /// Write the document that came with the answer to this file.
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
}

impl Ask {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let client = self.hub.client()?;
        let url = self.hub.at(&format!("/v1/lookups/{}/{}", self.system, self.operation));
        let request = client.post(&url).json(&self.question());
        let mut response = request.send().await.with_context(|| format!("the hub does not answer at {url}"))?;
        while self.wait && response.status() == StatusCode::ACCEPTED {
            tokio::time::sleep(pause(&response)).await;
            let waiting: Value = response.json().await.context("the answer is not JSON")?;
            let own = waiting["links"]["self"].as_str().context("the answer does not say where it will be")?;
            let again = client.get(self.read_at(own)?);
            response = again.send().await.with_context(|| format!("the hub does not answer at {url}"))?;
        }
        let answered = response.status().is_success();
        let answer: Value = response.json().await.context("the answer is not JSON")?;
        if !answered {
            eprintln!("{}", told(&answer));
            return Ok(NO);
        }
        if let (Some(path), Some(href)) = (&self.document, answer["document"]["href"].as_str()) {
            let fetched = client.get(self.read_at(href)?).send().await?.error_for_status()?;
            std::fs::write(path, fetched.bytes().await?)
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        println!("{}", serde_json::to_string_pretty(&answer)?);
        Ok(0)
    }

    fn question(&self) -> Value {
        let arguments: Map<String, Value> =
            self.arguments.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        json!({
            "arguments": arguments,
            "purpose": self.purpose,
            "legal_basis": self.legal_basis,
            "case_number": self.case_number,
            "user": self.user,
            "max_age": self.max_age,
            "allow_stale": self.allow_stale,
        })
    }

    /// Where something is read again, with who reads it.
    fn read_at(&self, path: &str) -> anyhow::Result<url::Url> {
        let mut url: url::Url = self.hub.at(path).parse().context("the hub's address is not a URL")?;
        if let Some(user) = &self.user {
            url.query_pairs_mut().append_pair("user", user);
        }
        Ok(url)
    }
}

/// As long as the hub says, and not for ever.
fn pause(response: &Response) -> Duration {
    let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let seconds = header.and_then(|text| text.parse().ok()).unwrap_or(5);
    Duration::from_secs(LONGEST_PAUSE.min(seconds))
}

fn argument(text: &str) -> anyhow::Result<(String, String)> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => bail!("{text:?} is not name=value"),
    }
}
