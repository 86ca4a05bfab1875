//! `[oauth]`: access tokens of machines.

use anyhow::{Context as _, bail};
use hub_flow::credentials::KeySecret;
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::Config;
use super::lookups::{KEY_BYTES, own_secret};

/// Access tokens of machines.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OauthConfig {
    /// Reference of the secret under which the keys that sign tokens are kept in the database, as `env:NAME` or `file:PATH`;
    /// the same on all nodes. Where absent, one is made in the data folder.
    pub key: Option<String>,
}

impl Config {
    /// What the keys that sign tokens are kept under.
    ///
    /// # Errors
    /// Nothing is at the reference, or it is too short to be a secret.
    pub(crate) fn token_secret(&self) -> anyhow::Result<KeySecret> {
        let Some(reference) = &self.oauth.key else {
            let own = own_secret(&self.data.join("token.key"), "the keys that sign tokens: new ones are made");
            return own.map(|secret| KeySecret::new(&secret));
        };
        let secret = crate::assembly::secret(reference);
        let secret = secret.with_context(|| format!("oauth.key: nothing is at {reference}"))?;
        if secret.expose_secret().len() < KEY_BYTES {
            bail!("oauth.key: the secret at {reference} is shorter than {KEY_BYTES} characters");
        }
        Ok(KeySecret::new(secret.expose_secret().as_bytes()))
    }
}
