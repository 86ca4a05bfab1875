//! `[siem]`: who watches over security events.

use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::Deserialize;

/// A receiver of security events: syslog (RFC 5424) over TLS (RFC 5425).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiemConfig {
    /// `host:port`; the host is the one its certificate names.
    pub receiver: String,
    /// Certificates it is believed under, PEM; those of the machine where absent.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// The hub's own certificate, PEM, where the receiver asks for one.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// Its key, PEM.
    #[serde(default)]
    pub key: Option<PathBuf>,
    /// What stands in the message.
    #[serde(default)]
    pub format: SiemFormat,
    /// Whether accesses to personal data are told too, without the persons.
    #[serde(default)]
    pub access: bool,
    /// From one look for new events to the next.
    #[serde(default = "second")]
    pub interval_ms: NonZeroU32,
}

/// What stands in a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SiemFormat {
    /// Common Event Format, version 0.
    #[default]
    Cef,
    /// JSON.
    Json,
}

const fn second() -> NonZeroU32 {
    NonZeroU32::new(1_000).expect("not zero")
}
