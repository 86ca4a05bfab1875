//! A small client of the hub's own API, for the commands that talk to a hub.

use anyhow::{Context as _, bail};
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::Value;

/// Where a hub is and how to be known there.
#[derive(clap::Args, Clone)]
pub(super) struct Hub {
    /// Base URL of the hub.
    #[arg(long, env = "PUNTE_URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// API key of your system.
    #[arg(long, env = "PUNTE_KEY", hide_env_values = true)]
    pub key: String,
}

impl Hub {
    pub(super) fn client(&self) -> anyhow::Result<reqwest::Client> {
        let mut headers = HeaderMap::new();
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {}", self.key)).context("the API key has odd characters")?;
        bearer.set_sensitive(true);
        headers.insert("authorization", bearer);
        Ok(reqwest::Client::builder().default_headers(headers).build()?)
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url.trim_end_matches('/'))
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let url = self.at(path);
        let response =
            self.client()?.get(&url).send().await.with_context(|| format!("the hub does not answer at {url}"))?;
        let status = response.status();
        let answer: Value = response.json().await.context("the answer is not JSON")?;
        if !status.is_success() {
            bail!("{}", told(&answer));
        }
        Ok(answer)
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.post_under(path, body, None).await
    }

    /// The same under the approval of another person.
    pub(super) async fn post_under(&self, path: &str, body: &Value, approval: Option<&str>) -> anyhow::Result<Answer> {
        let url = self.at(path);
        let mut request = self.client()?.post(&url).json(body);
        if let Some(approval) = approval {
            request = request.header(crate::api::approvals::HEADER, approval);
        }
        answered(request, &url).await
    }

    /// The same by a clerk, whose pseudonym goes along.
    pub(super) async fn post_as(&self, path: &str, body: &Value, clerk: Option<&str>) -> anyhow::Result<Answer> {
        let url = self.at(path);
        let mut request = self.client()?.post(&url).json(body);
        if let Some(clerk) = clerk {
            request = request.header("punte-clerk", clerk);
        }
        answered(request, &url).await
    }
}

async fn answered(request: reqwest::RequestBuilder, url: &str) -> anyhow::Result<Answer> {
    let response = request.send().await.with_context(|| format!("the hub does not answer at {url}"))?;
    let status = response.status();
    Ok(Answer { status, body: response.json().await.context("the answer is not JSON")? })
}

/// An answer, whatever it says.
pub(super) struct Answer {
    /// The HTTP status.
    pub status: reqwest::StatusCode,
    /// The JSON.
    pub body: Value,
}

/// A problem document in one or two lines.
pub(super) fn told(problem: &Value) -> String {
    let text = |name: &str| problem[name].as_str().unwrap_or_default();
    let mut told = format!("{} ({})", text("title"), text("code"));
    if !text("detail").is_empty() {
        told = format!("{told}\n  {}", text("detail"));
    }
    for violation in problem["violations"].as_array().into_iter().flatten() {
        let text = |name: &str| violation[name].as_str().unwrap_or_default();
        told = format!("{told}\n  {}: {} [{}]", text("pointer"), text("ro"), text("rule"));
    }
    told
}
