//! Where the keys of persons' identifiers are.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;

use anyhow::Context as _;
use hub_flow::persons::PersonKeys;
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::Config;

/// Persons.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PersonsConfig {
    /// Reference (`env:NAME`, `file:PATH`) to the text of the key file (docs/guides/directory.md). A file in the data folder
    /// where absent, made at the first start; several nodes need the same. Lost, no CNP can be shown or found again.
    pub keys: Option<String>,
}

impl Config {
    /// The keys of persons' identifiers.
    ///
    /// # Errors
    /// The reference leads nowhere, the text is no key file, or the data folder cannot be written.
    pub(crate) fn person_keys(&self) -> anyhow::Result<PersonKeys> {
        if let Some(reference) = &self.persons.keys {
            let text = crate::assembly::secret(reference);
            let text = text.with_context(|| format!("persons.keys: nothing is at {reference}"))?;
            return PersonKeys::parse(text.expose_secret()).with_context(|| format!("persons.keys at {reference}"));
        }
        let path = self.data.join("persons.keys");
        if !path.exists() {
            let (finding, key) = (crate::assembly::random_key()?, crate::assembly::random_key()?);
            // Told apart from the keys of other hubs, should an institution move. It says nothing of the key.
            let id = hex::encode(&openssl::sha::sha256(&key)[..4]);
            let text = PersonKeys::begin(&id, &finding, &key);
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
            let mut file = file.with_context(|| format!("{} cannot be made", path.display()))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
        }
        let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        PersonKeys::parse(&text).with_context(|| path.display().to_string())
    }
}
