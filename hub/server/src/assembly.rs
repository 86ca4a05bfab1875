//! From configuration to a hub. The only file that names the engines.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use connectors_contract::{Engine, Manifest};
use connectors_rest::RestEngine;
use hub_flow::blobs::BlobStore;
use hub_flow::clock::{Clock, SteadyClock, Timestamp};
use hub_flow::db::Db;
use hub_flow::delivery::Connectors;
use hub_flow::directory::{self, Directory, DirectoryDocument, ImportDirectory};
use hub_flow::evidence::{self, Seal};
use hub_flow::hub::{Hub, Parts};
use hub_flow::message::Ids;
use hub_flow::queue::ReleaseLeases;
use hub_signatures::signer::{FileSigner, development_seal};
use include_dir::{Dir, include_dir};
use mappings::Library;
use schemas::Catalogue;
use secrecy::SecretString;
use uuid::Uuid;

use crate::config::Config;

static SYSTEMS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../connectors/systems");
const DEVELOPMENT_SEAL_DAYS: u32 = 365;

/// A hub with what must live as long as it.
pub struct Assembled {
    /// The hub.
    pub hub: Arc<Hub>,
    /// PEM of the seal certificate, which verifies every receipt.
    pub seal_certificate: Vec<u8>,
    /// Held so that no second process uses the same data folder.
    _folder_lock: Option<File>,
}

/// Builds the hub a configuration describes.
///
/// # Errors
/// Something named in the configuration is missing or wrong; the error says what and where.
pub async fn assemble(config: &Config) -> anyhow::Result<Assembled> {
    std::fs::create_dir_all(&config.data)
        .with_context(|| format!("the data folder {} cannot be made", config.data.display()))?;
    let url = config.database_url();
    let folder_lock = if url.starts_with("sqlite:") { Some(lock(&config.data)?) } else { None };
    let db = Db::open(&url).await.context("the database cannot be opened")?;
    let clock: Arc<dyn Clock> = Arc::new(SteadyClock::new(system_micros, evidence::latest(&db).await?));
    if db.is_embedded() {
        db.write(&Arc::new(ReleaseLeases), clock.now()).await.context("old leases cannot be released")?;
    }
    let catalogue = Catalogue::builtin().context("the catalogue of document types is wrong")?;
    let mappings = Library::builtin(&catalogue).context("the library of mappings is wrong")?;
    let directory = load_directory(config, &db, clock.now()).await?;
    let (signer, seal_certificate) = seal(config, clock.now())?;
    let connectors = connectors(config, systems(config)?)?;
    let blobs = BlobStore::open(&config.data.join("blobs")).await.context("the blob store cannot be opened")?;
    let service = &config.service;
    let seal = Seal {
        signer: Arc::new(signer),
        issuer: service.name.clone(),
        issuer_cui: service.cui.clone(),
        policy: service.policy.clone(),
        delivery_policy: service.delivery_policy.clone(),
    };
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);
    let policy = config.policy();
    let parts = Parts { db, blobs, clock, ids, directory, catalogue, mappings, connectors, seal, policy };
    Ok(Assembled { hub: Arc::new(Hub::new(parts)), seal_certificate, _folder_lock: folder_lock })
}

fn lock(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join("lock");
    let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    if file.try_lock().is_err() {
        bail!("another punte uses the data folder {}; stop it, or give this one a folder of its own", folder.display());
    }
    Ok(file)
}

async fn load_directory(config: &Config, db: &Db, now: Timestamp) -> anyhow::Result<Directory> {
    if let Some(path) = &config.directory {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the directory {} cannot be read", path.display()))?;
        import_directory(db, &text, now).await.with_context(|| format!("the directory {} is wrong", path.display()))?;
    }
    directory::load(db).await.context("the stored directory is wrong")
}

/// Imports a directory document; answers how many entries are new or changed.
///
/// # Errors
/// The document is not a directory, or the database refused it.
pub async fn import_directory(db: &Db, text: &str, now: Timestamp) -> anyhow::Result<usize> {
    let document: DirectoryDocument = toml::from_str(text)?;
    Ok(db.write(&Arc::new(ImportDirectory), (document, now)).await?)
}

/// The engines of this program, over the given systems.
pub(crate) fn connectors(config: &Config, systems: HashMap<String, Manifest>) -> anyhow::Result<Connectors> {
    let rest = RestEngine::new(Arc::new(|| system_micros() / 1_000_000))?;
    let engines: Vec<Box<dyn Engine>> = vec![Box::new(rest)];
    let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.listen));
    Ok(Connectors::new(engines, systems, Box::new(secret)).reachable_at(public_url))
}

/// The systems inside the program and those of the configured folders; a folder's own wins.
pub(crate) fn systems(config: &Config) -> anyhow::Result<HashMap<String, Manifest>> {
    let mut texts = Vec::new();
    for folder in SYSTEMS.dirs() {
        let path = folder.path().join("manifest.toml");
        if let Some(text) = SYSTEMS.get_file(&path).and_then(|file| file.contents_utf8()) {
            texts.push((path.display().to_string(), text.to_owned()));
        }
    }
    for root in &config.systems {
        for folder in std::fs::read_dir(root).with_context(|| format!("{} cannot be read", root.display()))? {
            let path = folder?.path().join("manifest.toml");
            if path.exists() {
                texts.push((path.display().to_string(), std::fs::read_to_string(&path)?));
            }
        }
    }
    let mut systems = HashMap::new();
    for (origin, text) in texts {
        let manifest = Manifest::parse(&text, &origin)?;
        // A system whose address is not set may still be reached by channels that have one of their own.
        let resolved = manifest.clone().resolve(|name| std::env::var(name).ok()).unwrap_or(manifest);
        systems.insert(resolved.system.clone(), resolved);
    }
    Ok(systems)
}

fn seal(config: &Config, now: Timestamp) -> anyhow::Result<(FileSigner, Vec<u8>)> {
    let (key, certificate) = match &config.seal {
        Some(files) => (files.key.clone(), files.certificate.clone()),
        None => {
            let files = (config.data.join("seal-development.key"), config.data.join("seal-development.pem"));
            if !files.0.exists() {
                make_development_seal(config, &files.0, &files.1, now)?;
            }
            tracing::warn!(
                certificate = %files.1.display(),
                "DEVELOPMENT SEAL: receipts of this hub prove nothing to anybody else; configure [seal] for real use"
            );
            files
        }
    };
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("the seal {} cannot be read", path.display()));
    let chain = read(&certificate)?;
    Ok((FileSigner::from_pem(&read(&key)?, &chain).context("the seal cannot be used")?, chain))
}

fn make_development_seal(config: &Config, key: &Path, certificate: &Path, now: Timestamp) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    // A serial that differs between hubs made at different moments is enough for a key nobody shall trust.
    let serial = now.0.unsigned_abs();
    let (key_pem, certificate_pem) =
        development_seal(&config.service.name, now.0 / 1_000_000, DEVELOPMENT_SEAL_DAYS, serial)?;
    let write = |path: &Path, content: &[u8], mode: u32| {
        let mut file = File::options().create(true).truncate(true).write(true).mode(mode).open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    // The key gets its name last, whole: a hub that falls before makes a new pair, one that falls after has both.
    let unnamed = key.with_extension("unnamed");
    write(certificate, &certificate_pem, 0o644)?;
    write(&unnamed, &key_pem, 0o600)?;
    std::fs::rename(&unnamed, key)?;
    File::open(&config.data)?.sync_all()?;
    Ok(())
}

/// `env:NAME` or `file:PATH`.
fn secret(reference: &str) -> Option<SecretString> {
    if let Some(name) = reference.strip_prefix("env:") {
        return std::env::var(name).ok().map(SecretString::from);
    }
    let path = reference.strip_prefix("file:")?;
    std::fs::read_to_string(path).ok().map(|text| SecretString::from(text.trim_end().to_owned()))
}

/// The system's clock in microseconds, read here and nowhere else.
#[allow(clippy::disallowed_methods, reason = "this is where the time comes from")]
pub(crate) fn system_micros() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

struct SystemIds;

impl Ids for SystemIds {
    fn uuid(&self, at: Timestamp) -> Uuid {
        let micros = at.0.unsigned_abs();
        let nanos = u32::try_from(micros % 1_000_000 * 1000).unwrap_or(0);
        Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, micros / 1_000_000, nanos))
    }
}
