//! Who stamps the time, how patiently it is asked, and what a silence costs.

use std::path::PathBuf;
use std::time::Duration;

use hub_flow::log::StampingTerms;
use serde::Deserialize;
use url::Url;

/// The time-stamping authority (RFC 3161), and what it stamps: heads of the log always, evidences where asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeStamping {
    /// Where it listens.
    pub url: Url,
    /// Certificates the authority's own leads to, PEM.
    pub roots: PathBuf,
    /// The policy to ask for, in dotted notation.
    pub policy: Option<String>,
    /// User name, together with `password`.
    pub user: Option<String>,
    /// `env:NAME` or `file:PATH`.
    pub password: Option<String>,
    /// Bearer token: `env:NAME` or `file:PATH`.
    pub token: Option<String>,
    /// Whether every evidence gets a time-stamp of its own, not only those whose document type asks for one.
    #[serde(default)]
    pub each: bool,
    /// Seconds from one stamp to the next at least: one stamp covers everything before it.
    #[serde(default = "minute")]
    pub every_seconds: f64,
    /// Pause after the first stamp that failed, in seconds; doubled with each further one.
    #[serde(default = "second")]
    pub first_pause: f64,
    /// Longest pause, in seconds.
    #[serde(default = "minute")]
    pub longest_pause: f64,
    /// When heads have waited longer for a stamp, nothing more is accepted until they are caught up.
    pub halt_after_minutes: Option<f64>,
    /// Seconds within which the authority must answer.
    #[serde(default = "quarter_minute")]
    pub timeout: f64,
}

impl TimeStamping {
    /// The terms as the log knows them.
    #[must_use]
    pub fn terms(&self) -> StampingTerms {
        StampingTerms {
            every: seconds(self.every_seconds),
            first_pause: seconds(self.first_pause),
            longest_pause: seconds(self.longest_pause),
            halt_after: self.halt_after_minutes.map(|minutes| seconds(minutes * 60.0)),
        }
    }

    /// How long to wait for an answer.
    #[must_use]
    pub fn patience(&self) -> Duration {
        seconds(self.timeout)
    }
}

fn seconds(value: f64) -> Duration {
    Duration::try_from_secs_f64(value).unwrap_or_default()
}

fn second() -> f64 {
    1.0
}

fn quarter_minute() -> f64 {
    15.0
}

fn minute() -> f64 {
    60.0
}
