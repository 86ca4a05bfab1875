//! Configuration: one TOML file, every key known, secrets by reference.

mod deadlines;
mod lock_down;
mod log;
mod lookups;
mod moved;
mod oauth;
mod persons;
mod preservation;
mod protection;
mod seal;
mod sign_in;
mod siem;
mod time_stamping;
mod tls;
mod vault;

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hub_flow::breaker::BreakerPolicy;
use hub_flow::delivery::retry::RetryPolicy;
use hub_flow::hub::{Policy, RelayPolicy};
use serde::{Deserialize, Serialize};

pub use deadlines::DeadlinesConfig;
pub use lock_down::LockDownConfig;
pub use log::{LogConfig, Witness};
pub use lookups::LookupsConfig;
pub use oauth::OauthConfig;
pub use persons::PersonsConfig;
pub use preservation::PreservationConfig;
pub use protection::{Budget, DoorConfig, MalwareConfig, OutgoingConfig, PartyRate, RateConfig};
pub use seal::{ModulePlace, SealConfig, SealIncomplete, SealKind, SealPlace};
pub use siem::{SiemConfig, SiemFormat};
pub use sign_in::{ProviderConfig, SignInConfig};
pub use time_stamping::TimeStamping;
pub use tls::{ClientCertificates, OldestTls, ProxyConfig, TlsConfig};
pub use vault::{AuditConfig, S3Config, StoreConfig, VaultConfig};

/// How a hub is set up. Every key has a safe default; an unknown key is refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folder of the database, the payloads and the development seal.
    pub data: PathBuf,
    /// `sqlite:<file>` or `postgres://…`; SQLite in the data folder where absent.
    pub database: Option<String>,
    /// Address of the HTTP door.
    pub listen: String,
    /// TLS of the door; plain HTTP where absent, on loopback only.
    pub tls: Option<TlsConfig>,
    /// Speak plain HTTP to a network: keys and documents can be read on the way.
    pub insecure_plain_http: bool,
    /// What trusted proxies may tell of the client's certificate.
    pub proxy: ProxyConfig,
    /// Access tokens of machines.
    pub oauth: OauthConfig,
    /// A further, plain address that serves health and metrics and nothing else.
    pub operations_listen: Option<String>,
    /// URL under which others reach this hub; the listening address where absent.
    pub public_url: Option<String>,
    /// Directory document, imported at every start.
    pub directory: Option<PathBuf>,
    /// Folders of systems, beside those inside the program.
    pub systems: Vec<PathBuf>,
    /// Deliveries under way at once.
    pub workers: usize,
    /// The service as receipts name it.
    pub service: Service,
    /// The seal key; a development key where absent.
    pub seal: SealConfig,
    /// The log of evidence.
    pub log: LogConfig,
    /// Who stamps the time; heads of the log stay unstamped where absent.
    pub time_stamping: Option<TimeStamping>,
    /// How evidence is preserved; it needs `time_stamping`.
    pub preservation: PreservationConfig,
    /// Where archived documents lie.
    pub vault: VaultConfig,
    /// Sizes that are refused.
    pub limits: Limits,
    /// Bounds of connections and requests.
    pub door: DoorConfig,
    /// Budgets of requests.
    pub rate: RateConfig,
    /// Who looks for programs that do harm.
    pub malware: MalwareConfig,
    /// Whom the hub calls when an institution names the address.
    pub outgoing: OutgoingConfig,
    /// Patience of deliveries.
    pub retry: Retry,
    /// Patience with a system that answers nobody.
    pub breaker: Breaker,
    /// Days a document waits in an inbox.
    pub inbox_days: i64,
    /// How long the jobs of a fallen node wait for another one, in seconds; on SQLite they go on at the next start.
    pub lease_seconds: NonZeroU32,
    /// Patience with other delivery services.
    pub relay: Relay,
    /// Questions to registers.
    pub lookups: LookupsConfig,
    /// Persons: the keys of their identifiers.
    pub persons: PersonsConfig,
    /// Terms of what institutions answer.
    pub deadlines: DeadlinesConfig,
    /// How people sign in.
    pub sign_in: SignInConfig,
    /// Who watches over security events; nobody where absent.
    pub siem: Option<SiemConfig>,
    /// How the hub looks whether it can still guarantee security.
    pub lock_down: LockDownConfig,
    /// Seconds the hub's clock is ahead of the machine's: for tests of what happens in years, never from a file.
    #[serde(skip)]
    pub clock_ahead_seconds: i64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            database: None,
            listen: "127.0.0.1:8080".to_owned(),
            tls: None,
            insecure_plain_http: false,
            proxy: ProxyConfig::default(),
            oauth: OauthConfig::default(),
            operations_listen: None,
            public_url: None,
            directory: None,
            systems: Vec::new(),
            workers: 64,
            service: Service::default(),
            seal: SealConfig::default(),
            log: LogConfig::default(),
            time_stamping: None,
            preservation: PreservationConfig::default(),
            vault: VaultConfig::default(),
            limits: Limits::default(),
            door: DoorConfig::default(),
            rate: RateConfig::default(),
            malware: MalwareConfig::default(),
            outgoing: OutgoingConfig::default(),
            retry: Retry::default(),
            breaker: Breaker::default(),
            inbox_days: Policy::default().inbox_days,
            lease_seconds: Policy::default().lease_seconds,
            relay: Relay::default(),
            lookups: LookupsConfig::default(),
            persons: PersonsConfig::default(),
            deadlines: DeadlinesConfig::default(),
            sign_in: SignInConfig::default(),
            siem: None,
            lock_down: LockDownConfig::default(),
            clock_ahead_seconds: 0,
        }
    }
}

/// The service as receipts name it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// Legal name of the operator.
    pub name: String,
    /// Fiscal code of the operator.
    pub cui: Option<String>,
    /// URI of the evidence policy.
    pub policy: String,
    /// URI of the delivery policy: a new one whenever its terms change.
    pub delivery_policy: String,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            name: "Punte (hub de dezvoltare)".to_owned(),
            cui: None,
            policy: "urn:punte:policy:evidence:1".to_owned(),
            delivery_policy: "urn:punte:policy:delivery:1".to_owned(),
        }
    }
}

/// Where a data folder says whose it is.
const WHOSE: &str = "service.json";

impl Service {
    /// Writes into a data folder whose it is, for commands that are given the folder alone.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn sign(&self, folder: &Path) -> std::io::Result<()> {
        let told = serde_json::to_vec_pretty(self).expect("names are plain data");
        let file = folder.join(WHOSE);
        if std::fs::read(&file).is_ok_and(|held| held == told) {
            return Ok(());
        }
        // Written beside and renamed: whoever reads it finds it whole.
        let beside = file.with_extension("part");
        std::fs::write(&beside, told)?;
        std::fs::rename(beside, file)
    }

    /// This service where a configuration names one; else the one whose data folder it is.
    #[must_use]
    pub fn or_of(self, folder: &Path) -> Self {
        if self != Self::default() {
            return self;
        }
        let told = std::fs::read(folder.join(WHOSE)).ok();
        told.and_then(|told| serde_json::from_slice(&told).ok()).unwrap_or(self)
    }
}

/// Sizes that are refused.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest part, in bytes.
    pub part_bytes: u64,
    /// Largest envelope, body, or JSON submission, in bytes.
    pub json_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { part_bytes: 2 * 1024 * 1024 * 1024, json_bytes: 4 * 1024 * 1024 }
    }
}

/// Patience of deliveries, in seconds.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// Pause after the first attempt that failed.
    pub first_pause: f64,
    /// Longest pause.
    pub longest_pause: f64,
    /// After so long, the delivery fails.
    pub give_up_after: f64,
}

impl Default for Retry {
    fn default() -> Self {
        let policy = RetryPolicy::default();
        Self {
            first_pause: policy.first_pause.as_secs_f64(),
            longest_pause: policy.longest_pause.as_secs_f64(),
            give_up_after: policy.give_up_after.as_secs_f64(),
        }
    }
}

/// Patience with a system that answers nobody: then it is left alone, and tried with one call at a time.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Breaker {
    /// Calls without an answer, one after the other, after which it is left alone.
    pub failures: NonZeroU32,
    /// Seconds until it is tried; doubled after each trial that fails.
    pub first_pause: f64,
    /// The longest pause between trials, in seconds.
    pub longest_pause: f64,
}

impl Default for Breaker {
    fn default() -> Self {
        const FIVE: NonZeroU32 = NonZeroU32::new(5).expect("not zero");
        Self { failures: FIVE, first_pause: 5.0, longest_pause: 300.0 }
    }
}

/// Patience with other delivery services, in seconds.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Relay {
    /// From its acceptance to its first word of what became of a document.
    pub first_word: u32,
    /// From every word to the next: as long as recipients may take there.
    pub next_word: u32,
}

impl Default for Relay {
    fn default() -> Self {
        let RelayPolicy { first_seconds, next_seconds } = RelayPolicy::default();
        let seconds = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
        Self { first_word: seconds(first_seconds), next_word: seconds(next_seconds) }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or not readable.
    #[error("the configuration file {path} cannot be read: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A key is unknown or has the wrong kind of value.
    #[error("the configuration file {path} is wrong:\n{cause}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Line, column and remedy.
        cause: Box<toml::de::Error>,
    },
    /// A key has moved.
    #[error("the configuration file {path} has {key}, which is not read any more: {way_out}")]
    Moved {
        /// The file.
        path: PathBuf,
        /// The key, with its table.
        key: &'static str,
        /// What to write instead.
        way_out: &'static str,
    },
}

impl Config {
    /// Reads a file; the defaults where none is given.
    ///
    /// # Errors
    /// The file cannot be read, or has an unknown key or a wrong value.
    pub fn read(path: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text =
            std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
        if let Some((key, way_out)) = moved::held(&text) {
            return Err(ConfigError::Moved { path: path.to_owned(), key, way_out });
        }
        toml::from_str(&text).map_err(|cause| ConfigError::Wrong { path: path.to_owned(), cause: Box::new(cause) })
    }

    /// The database URL.
    #[must_use]
    pub fn database_url(&self) -> String {
        self.database.clone().unwrap_or_else(|| format!("sqlite:{}", self.data.join("punte.db").display()))
    }

    /// The policy receipts rest on.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let seconds = |value: f64| Duration::try_from_secs_f64(value).unwrap_or_default();
        let retry = RetryPolicy {
            first_pause: seconds(self.retry.first_pause),
            longest_pause: seconds(self.retry.longest_pause),
            give_up_after: seconds(self.retry.give_up_after),
        };
        let relay =
            RelayPolicy { first_seconds: self.relay.first_word.into(), next_seconds: self.relay.next_word.into() };
        let micros = |value: f64| i64::try_from(seconds(value).as_micros()).unwrap_or(i64::MAX);
        let breaker = BreakerPolicy {
            failures: self.breaker.failures.get(),
            first_pause: micros(self.breaker.first_pause),
            longest_pause: micros(self.breaker.longest_pause),
            // A trial is a call under lease like any other.
            trial: i64::from(self.lease_seconds.get()) * 1_000_000,
        };
        let lookups = self.lookups.policy();
        Policy { retry, inbox_days: self.inbox_days, lease_seconds: self.lease_seconds, relay, breaker, lookups }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = toml::from_str::<Config>("listen = \"127.0.0.1:1\"\nworkrs = 3\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("workrs"), "{error}");
    }
}
