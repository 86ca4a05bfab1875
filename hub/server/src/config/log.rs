//! How the log of evidence is kept and witnessed.

use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::Deserialize;

/// The log of evidence.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// The name of the log, unique in the world and never changed: `hub.example.ro/evidence`. Where absent, the host of
    /// `public_url`, or else a name for development.
    pub origin: Option<String>,
    /// Ed25519 key, PEM. Where absent, one is made in the data folder; nodes on one database share one key.
    pub key: Option<PathBuf>,
    /// Verifier keys that signed older heads of this log.
    pub former_keys: Vec<String>,
    /// From one look for new evidence to the next.
    pub interval_ms: NonZeroU32,
    /// Partners whose cosignatures are kept.
    pub witnesses: Vec<Witness>,
}

impl Default for LogConfig {
    fn default() -> Self {
        const SECOND: NonZeroU32 = NonZeroU32::new(1000).expect("not zero");
        Self { origin: None, key: None, former_keys: Vec::new(), interval_ms: SECOND, witnesses: Vec::new() }
    }
}

/// A partner that follows the log and signs its heads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Who it is, for people.
    pub name: String,
    /// Its verifier key: `name+id+base64`.
    pub key: String,
}
