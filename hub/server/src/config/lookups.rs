//! Questions to registers: patience, how long answers are kept, and the key of the journal.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use hub_flow::lookup::{JournalKey, LookupPolicy};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::Config;

/// Shortest secret that is a key.
pub(super) const KEY_BYTES: usize = 32;

/// Questions to registers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LookupsConfig {
    /// Reference (`env:NAME`, `file:PATH`) to the secret of the journal's digests, at least 32 characters. A file in the
    /// data folder where absent, made at the first start; several nodes need the same.
    pub journal_key: Option<String>,
    /// Seconds before a register that works on a question is asked again, where it names none.
    pub first_pause: f64,
    /// Longest pause, in seconds.
    pub longest_pause: f64,
    /// After so many seconds a question the register works on counts as unavailable.
    pub give_up_after: f64,
    /// Days after which what registers said is erased. The journal stays.
    pub keep_days: f64,
}

impl Default for LookupsConfig {
    fn default() -> Self {
        let policy = LookupPolicy::default();
        Self {
            journal_key: None,
            first_pause: policy.first_pause.as_secs_f64(),
            longest_pause: policy.longest_pause.as_secs_f64(),
            give_up_after: policy.give_up_after.as_secs_f64(),
            keep_days: policy.keep.as_secs_f64() / 86_400.0,
        }
    }
}

impl LookupsConfig {
    /// The bounds.
    #[must_use]
    pub fn policy(&self) -> LookupPolicy {
        let seconds = |value: f64| Duration::try_from_secs_f64(value).unwrap_or_default();
        LookupPolicy {
            first_pause: seconds(self.first_pause),
            longest_pause: seconds(self.longest_pause),
            give_up_after: seconds(self.give_up_after),
            keep: seconds(self.keep_days * 86_400.0),
        }
    }
}

impl Config {
    /// The key of the journal's digests.
    ///
    /// # Errors
    /// The reference leads nowhere, the secret is too short, or the data folder cannot be written.
    pub(crate) fn journal_key(&self) -> anyhow::Result<JournalKey> {
        let Some(reference) = &self.lookups.journal_key else {
            let own = own_secret(&self.data.join("journal.key"), "the search by subject in old entries");
            return own.map(JournalKey::new);
        };
        let secret = crate::assembly::secret(reference);
        let secret = secret.with_context(|| format!("lookups.journal_key: nothing is at {reference}"))?;
        let secret = secret.expose_secret().as_bytes().to_vec();
        if secret.len() < KEY_BYTES {
            bail!("lookups.journal_key: the secret at {reference} is shorter than {KEY_BYTES} characters");
        }
        Ok(JournalKey::new(secret))
    }
}

/// The secret of a hub that was given none: made in its data folder at the first start.
pub(super) fn own_secret(path: &Path, lost: &str) -> anyhow::Result<Vec<u8>> {
    if !path.exists() {
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(path);
        let mut file = file.with_context(|| format!("{} cannot be made", path.display()))?;
        file.write_all(hex::encode(crate::assembly::random_key()?).as_bytes())?;
        file.sync_all()?;
    }
    let secret = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    if secret.len() < KEY_BYTES {
        bail!("{} is cut off; restore it, or remove it and lose {lost}", path.display());
    }
    Ok(secret)
}
