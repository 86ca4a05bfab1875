//! The vault from its configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use hub_vault::{Folder, MasterKeys, S3, S3Place, Store, Vault, World};
use jiff::Timestamp;

use crate::config::{Config, S3Config, StoreConfig};

use super::{random_key, secret, system_micros};

/// Time and randomness of this machine.
pub(crate) struct SystemWorld;

impl World for SystemWorld {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(system_micros()).expect("the clock is between the years -9999 and 9999")
    }

    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            // Without randomness there are no keys, and nothing may be kept under a poor one.
            part.copy_from_slice(&random_key().expect("the system gives randomness")[..part.len()]);
        }
    }
}

/// The vault a configuration describes; one for development makes its key.
///
/// # Errors
/// The key file or a store cannot be used; the error says what and where.
pub(crate) fn vault(config: &Config) -> anyhow::Result<Arc<Vault>> {
    let path = key_file(config);
    if config.vault.keys.is_none() {
        if !path.exists() {
            write_secret(&path, &MasterKeys::begin("dezvoltare", &SystemWorld))
                .with_context(|| format!("the key file {} cannot be made", path.display()))?;
        }
        tracing::debug!(file = %path.display(), "development key of the archive; configure [vault] keys for real use");
    }
    let keys = MasterKeys::load(&path).context("[vault] keys")?;
    let local = config.data.join("vault");
    let (primary, spool) = store(config.vault.store.as_ref(), "primar", &local).context("[vault.store]")?;
    let vault = Vault::open(keys, primary, &spool, Arc::new(SystemWorld))
        .with_context(|| format!("the folder {} cannot be written", spool.display()))?;
    let Some(replica) = &config.vault.replica else { return Ok(Arc::new(vault)) };
    let (replica, _) = store(Some(replica), "replica", &local).context("[vault.replica]")?;
    Ok(Arc::new(vault.with_replica(replica)))
}

/// The key file of a configuration.
pub(crate) fn key_file(config: &Config) -> PathBuf {
    config.vault.keys.clone().unwrap_or_else(|| config.data.join("vault-keys.toml"))
}

/// Writes a new file that only its owner may read.
///
/// # Errors
/// It is there already, or cannot be written.
pub(crate) fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A store, and the folder where what is on its way to it stands.
fn store(place: Option<&StoreConfig>, name: &str, local: &Path) -> anyhow::Result<(Arc<dyn Store>, PathBuf)> {
    let folder = match place {
        Some(StoreConfig::S3(s3)) => return Ok((Arc::new(bucket(name, s3)?), local.join("incoming"))),
        Some(StoreConfig::Folder(folder)) => folder,
        None => local,
    };
    let store = Folder::open(name, folder, Arc::new(SystemWorld))?;
    let spool = store.incoming();
    Ok((Arc::new(store), spool))
}

fn bucket(name: &str, config: &S3Config) -> anyhow::Result<S3> {
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte));
    ensure!(plain(&config.bucket) && !config.bucket.contains('/'), "bucket {:?} is no name of a bucket", config.bucket);
    let ends = config.prefix.is_empty() || config.prefix.ends_with('/');
    ensure!(plain(&config.prefix) && ends, "prefix {:?} is not empty and does not end with /", config.prefix);
    let key = |reference: &str, what: &str| {
        secret(reference).with_context(|| format!("{what} {reference:?} names nothing that can be read"))
    };
    let access_key = secrecy::ExposeSecret::expose_secret(&key(&config.access_key, "access_key")?).to_owned();
    let place = S3Place {
        endpoint: config.endpoint.clone(),
        bucket: config.bucket.clone(),
        region: config.region.clone(),
        prefix: config.prefix.clone(),
        access_key,
        secret_key: key(&config.secret_key, "secret_key")?,
    };
    // No bound on the whole of a call: two gigabytes take their time.
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(60))
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    Ok(S3::new(name, place, client, Arc::new(SystemWorld)))
}
