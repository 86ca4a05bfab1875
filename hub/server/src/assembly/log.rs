//! The log of a hub from its configuration: key, partners, and the authority that stamps.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use async_trait::async_trait;
use connectors_tsp::{Credentials, Imprint, Settings, Timeouts, TspClient, TspError};
use hub_flow::clock::Timestamp;
use hub_flow::db::Db;
use hub_flow::log::{self, Authority, Log, Refusal, Salts, Token};
use hub_flow::preservation::{self, Stamped};
use hub_signatures::certificate::Certificate;
use hub_signatures::log::key::{KeyUse, SigningKey, VerifierKey};
use hub_signatures::trust::Trust;
use openssl::pkey::PKey;

use crate::config::{Config, TimeStamping};

/// The name of a log without `[log] origin` and `public_url`.
const DEVELOPMENT_ORIGIN: &str = "localhost/evidence";

/// The log that a configuration describes.
pub(super) async fn log(config: &Config, db: &Db) -> anyhow::Result<Log> {
    let log = identity(config)?;
    if let Some(head) = log::newest_head(db).await? {
        log.read_checkpoint(&head.checkpoint).with_context(|| {
            format!(
                "the heads in this database are not of the log {} with this key; give [log] the origin and key they were signed with, or name the old key in former_keys",
                log.origin()
            )
        })?;
    }
    let witnesses = config.log.witnesses.iter().map(|witness| {
        let key =
            VerifierKey::parse(&witness.key).with_context(|| format!("the key of the witness {}", witness.name))?;
        if key.key_use() != KeyUse::Witness {
            bail!("the key of the witness {} is one of a log", witness.name);
        }
        Ok(key)
    });
    let log = log.witnessed_by(witnesses.collect::<anyhow::Result<_>>()?);
    let Some(settings) = &config.time_stamping else {
        tracing::warn!(
            "THE LOG IS NOT TIME-STAMPED: its heads are signed by this hub alone; configure [time_stamping] for real use"
        );
        return Ok(log);
    };
    Ok(log.stamped_by(Box::new(StampingAuthority(client(settings)?)), settings.terms()))
}

/// The log with its keys, as far as it is needed to read heads.
pub(crate) fn identity(config: &Config) -> anyhow::Result<Log> {
    let origin = origin(config);
    let path = config.log.key.clone().unwrap_or_else(|| config.data.join("log.key"));
    if config.log.key.is_none() && !path.exists() {
        make_key(&config.data, &path).with_context(|| format!("the log key {} cannot be made", path.display()))?;
        tracing::warn!(key = %path.display(), origin, "a key for the log was made; keep a copy of it in a safe place");
    }
    let pem = std::fs::read(&path).with_context(|| format!("the log key {} cannot be read", path.display()))?;
    let key = SigningKey::from_pem(&origin, KeyUse::Log, &pem).context("the log key cannot be used")?;
    let former = config.log.former_keys.iter().map(|text| VerifierKey::parse(text).context("a former key of the log"));
    Ok(Log::new(key, former.collect::<anyhow::Result<_>>()?, Box::new(SystemSalts)))
}

fn origin(config: &Config) -> String {
    let host = || {
        let url: url::Url = config.public_url.as_deref()?.parse().ok()?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}{port}/evidence", url.host_str()?))
    };
    config.log.origin.clone().or_else(host).unwrap_or_else(|| DEVELOPMENT_ORIGIN.to_owned())
}

fn make_key(folder: &Path, path: &Path) -> anyhow::Result<()> {
    let pem = PKey::generate_ed25519()?.private_key_to_pem_pkcs8()?;
    let unnamed = path.with_extension("unnamed");
    let mut file = File::options().create(true).truncate(true).write(true).mode(0o600).open(&unnamed)?;
    file.write_all(&pem)?;
    file.sync_all()?;
    // The key gets its name last, whole.
    std::fs::rename(&unnamed, path)?;
    Ok(File::open(folder)?.sync_all()?)
}

/// The client of the authority.
pub(crate) fn client(settings: &TimeStamping) -> anyhow::Result<TspClient> {
    let secret =
        |reference: &str| super::secret(reference).with_context(|| format!("the secret {reference} is not there"));
    let credentials = match (&settings.user, &settings.password, &settings.token) {
        (Some(user), Some(password), None) => Credentials::Basic { user: user.clone(), password: secret(password)? },
        (None, None, Some(token)) => Credentials::Bearer(secret(token)?),
        (None, None, None) => Credentials::None,
        _ => bail!("[time_stamping] has either user and password, or token, or none of them"),
    };
    let timeouts = Timeouts { total: settings.patience(), ..Timeouts::default() };
    let timeouts = Timeouts { connect: timeouts.connect.min(timeouts.total), ..timeouts };
    let trust = Trust::Anchors(anchors(&settings.roots)?);
    let policy = settings.policy.clone();
    let settings = Settings { url: settings.url.clone(), credentials, trust, policy, timeouts };
    let nonces = Arc::new(|| {
        let mut nonce = [0; 8];
        fill(&mut nonce);
        // Zero is no nonce.
        nonce[0] |= 1;
        nonce
    });
    Ok(TspClient::new(settings, Arc::new(|| super::system_micros() / 1_000_000), nonces)?)
}

/// The certificates of a PEM file.
pub(crate) fn anchors(path: &Path) -> anyhow::Result<Vec<Certificate>> {
    let pem = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let anchors =
        Certificate::all_from_pem(&pem).with_context(|| format!("{} holds no certificates", path.display()))?;
    if anchors.is_empty() {
        bail!("{} holds no certificates", path.display());
    }
    Ok(anchors)
}

struct StampingAuthority(TspClient);

#[async_trait]
impl Authority for StampingAuthority {
    async fn stamp(&self, imprint: [u8; 32]) -> Result<Token, Refusal> {
        match self.0.stamp(Imprint::from(imprint)).await {
            Ok(token) => Ok(Token {
                at: Timestamp(token.time_stamp.time.saturating_mul(1_000_000)),
                authority: token.time_stamp.authority.subject().to_owned(),
                der: token.der,
            }),
            Err(error) => Err(refusal(error)),
        }
    }
}

/// The same authority, for batches of evidence.
pub(super) struct BatchAuthority {
    client: TspClient,
    roots: Vec<Certificate>,
}

impl BatchAuthority {
    pub(super) fn of(settings: &TimeStamping) -> anyhow::Result<Self> {
        Ok(Self { client: client(settings)?, roots: anchors(&settings.roots)? })
    }
}

#[async_trait]
impl preservation::Authority for BatchAuthority {
    async fn stamp(&self, imprint: Imprint) -> Result<Stamped, Refusal> {
        let token = self.client.stamp(imprint).await.map_err(refusal)?;
        let mut above = token.time_stamp.certificates;
        above.extend(self.roots.iter().cloned());
        Ok(Stamped {
            at: Timestamp(token.time_stamp.time.saturating_mul(1_000_000)),
            authority: token.time_stamp.authority,
            above,
            der: token.der,
        })
    }
}

fn refusal(error: TspError) -> Refusal {
    let reason = error.to_string();
    match error {
        TspError::Unavailable { retry_after, .. } => {
            // An authority that says "tomorrow" is asked again within the hour all the same.
            Refusal::Away { reason, retry_after: retry_after.map(|after| after.min(Duration::from_secs(3600))) }
        }
        TspError::Refused(_) => Refusal::Refused(reason),
        TspError::WrongAnswer(_) => Refusal::Wrong(reason),
    }
}

struct SystemSalts;

impl Salts for SystemSalts {
    fn salt(&self) -> [u8; 32] {
        let mut salt = [0; 32];
        fill(&mut salt);
        salt
    }
}

#[allow(clippy::disallowed_methods, reason = "this is where the randomness comes from")]
fn fill(bytes: &mut [u8]) {
    openssl::rand::rand_bytes(bytes).expect("a system without randomness cannot run a hub");
}
