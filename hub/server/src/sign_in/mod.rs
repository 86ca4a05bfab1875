//! How people sign in: passwords, second factors, passkeys and identity providers, and the sessions that follow.
//!
//! ```text
//! origin of the page ─► patience ─► first factor ─► [ second factor ] ─► session with a new id ─► cookie
//! ```
//!
//! It may assume that the hub is reached under its public URL, with TLS before it or on loopback. It never says whether an
//! account exists, never sends anybody to an address outside, and never keeps what opens a session.

pub mod browser;
pub mod session;
pub mod entering;
pub mod second_factor;
pub mod managing;
pub mod passkeys;
pub mod provider;
pub mod pages;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use hub_flow::identity::{BreachList, SeedKey};
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;
use url::Url;

use crate::config::{Config, SignInConfig};

use provider::Provider;

/// Passwords that are hashed at once: each takes 19 MiB and a core for 25 ms.
const HASHES: usize = 2;
/// Shortest secret that is a key.
const KEY_BYTES: usize = 32;

/// What sign-in is made of.
pub struct SignIn {
    /// Bounds and providers as configured.
    pub settings: SignInConfig,
    /// Name of the service, for code apps and pages.
    pub service: String,
    /// The key of seeds.
    pub seeds: SeedKey,
    /// Passwords that are not taken.
    pub breaches: BreachList,
    /// Who may hash now.
    pub hashes: Semaphore,
    /// Where people reach the hub.
    pub place: Place,
    /// Identity providers.
    pub providers: Vec<Provider>,
    /// Sessions as they were last read.
    pub known: session::Known,
}

/// Where people reach the hub.
#[derive(Debug, Clone)]
pub struct Place {
    /// As browsers tell it: `https://hub.example`.
    pub origin: String,
    /// Its host, to which passkeys are bound.
    pub host: String,
    /// Whether cookies are only for TLS. Only loopback does without.
    pub secure: bool,
}

impl Place {
    fn of(url: &Url) -> anyhow::Result<Self> {
        let host = url.host_str().with_context(|| format!("public_url: {url} has no host"))?.to_owned();
        let loopback = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
        Ok(Self { origin: url.origin().ascii_serialization(), host, secure: url.scheme() == "https" || !loopback })
    }

    /// An address of the hub.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl SignIn {
    /// Sign-in as configured.
    ///
    /// # Errors
    /// The configuration names something that is not there or cannot be used.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        let settings = config.sign_in.clone();
        let url = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.listen));
        let place = Place::of(&Url::parse(&url).with_context(|| format!("public_url: {url} is no address"))?)?;
        if place.secure && place.origin.starts_with("http:") {
            tracing::warn!(
                origin = place.origin,
                "people cannot sign in over plain http: give the hub a public_url with https"
            );
        }
        let breaches = match &settings.breach_list {
            Some(path) => BreachList::with_file(path)
                .with_context(|| format!("sign_in.breach_list: {} cannot be used", path.display()))?,
            None => BreachList::builtin(),
        };
        let providers = settings.providers.iter().map(Provider::of).collect::<anyhow::Result<_>>()?;
        Ok(Self {
            seeds: SeedKey::of(&key(config)?),
            service: config.service.name.clone(),
            breaches,
            hashes: Semaphore::new(HASHES),
            place,
            providers,
            known: session::Known::default(),
            settings,
        })
    }

    /// After so many microseconds without use a session is not believed.
    #[must_use]
    pub fn idle(&self) -> i64 {
        i64::from(self.settings.idle_minutes.get()) * 60_000_000
    }

    /// How long a browser keeps the cookie.
    #[must_use]
    pub fn longest(&self) -> Duration {
        Duration::from_secs(u64::from(self.settings.hours.get()) * 3600)
    }
}

/// The secret of seeds: the configured one, or one in the data folder.
fn key(config: &Config) -> anyhow::Result<Vec<u8>> {
    if let Some(reference) = &config.sign_in.key {
        let secret = crate::assembly::secret(reference);
        let secret = secret.with_context(|| format!("sign_in.key: nothing is at {reference}"))?;
        if secret.expose_secret().len() < KEY_BYTES {
            bail!("sign_in.key: the secret at {reference} is shorter than {KEY_BYTES} characters");
        }
        return Ok(secret.expose_secret().as_bytes().to_vec());
    }
    own_key(&config.data.join("identity.key"))
}

fn own_key(path: &Path) -> anyhow::Result<Vec<u8>> {
    if !path.exists() {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let mut file = file.with_context(|| format!("{} cannot be made", path.display()))?;
        file.write_all(hex::encode(crate::assembly::random_key()?).as_bytes())?;
        file.sync_all()?;
    }
    let secret = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    if secret.len() < KEY_BYTES {
        bail!("{} is cut off; restore it, or remove it and have everybody enrol code apps again", path.display());
    }
    Ok(secret)
}
