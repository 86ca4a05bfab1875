//! From configuration to a hub. The only file that names the engines.

pub(crate) mod log;
pub(crate) mod preservation;
pub(crate) mod vault;

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use connectors_amqp::AmqpEngine;
use connectors_anaf::spv::SpvEngine;
use connectors_anaf::{EfacturaEngine, EtransportEngine, FileStore, OAuth, TokenStore};
use connectors_contract::{Engine, Manifest};
use connectors_folder::FolderEngine;
use connectors_mail::MailEngine;
use connectors_onrc::engines::{DocumentEngine, SnapshotEngine};
use connectors_rest::RestEngine;
use connectors_soap::SoapEngine;
use hub_deadlines::Rules;
use hub_flow::audit::{AuditEvent, Audited, Kind, Outcome};
use hub_flow::blobs::BlobStore;
use hub_flow::clock::{Clock, SteadyClock, Timestamp};
use hub_flow::db::Db;
use hub_flow::delivery::Connectors;
use hub_flow::directory::{self, Against, Broken, Directory, DirectoryDocument, ImportDirectory, Register};
use hub_flow::evidence::{self, Issuer, Seal};
use hub_flow::hub::{Hub, Parts};
use hub_flow::message::Ids;
use hub_flow::nomenclatures;
use hub_flow::preservation::Preservation;
use hub_flow::queue::ReleaseLeases;
use hub_signatures::certificate::Certificate;
use include_dir::{Dir, include_dir};
use mappings::Library;
use schemas::Catalogue;
use secrecy::SecretString;
use uuid::Uuid;

use crate::config::Config;
use crate::protection::secrets;
use crate::seal::{self, Authority, Issuers, SealWatch, Stamping};

static SYSTEMS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../connectors/systems");

/// A hub with what must live as long as it.
pub struct Assembled {
    /// The hub.
    pub hub: Arc<Hub>,
    /// PEM of the seal certificate in use at the start, its chain below it.
    pub seal_certificate: Vec<u8>,
    /// The watch over the seal, which has looked once.
    pub watch: SealWatch,
    /// Who stamps single evidences, where an authority is named.
    pub stamping: Option<Stamping>,
    /// How evidence is preserved.
    pub preservation: Arc<Preservation>,
    /// Held so that no second process uses the same data folder.
    pub(crate) folder_lock: Option<File>,
}

/// Builds the hub a configuration describes.
///
/// # Errors
/// Something named in the configuration is missing or wrong; the error says what and where.
pub async fn assemble(config: &Config) -> anyhow::Result<Assembled> {
    assemble_with(config, Vec::new()).await
}

/// The same with further engines, which win over the program's own: for those who embed the hub, and for tests.
///
/// # Errors
/// As for [`assemble`].
pub async fn assemble_with(config: &Config, further: Vec<Box<dyn Engine>>) -> anyhow::Result<Assembled> {
    secrets::own_folder(&config.data)
        .with_context(|| format!("the data folder {} cannot be made", config.data.display()))?;
    let url = config.database_url();
    let folder_lock = if url.starts_with("sqlite:") { Some(lock(&config.data)?) } else { None };
    let db = Db::open(&url).await.context("the database cannot be opened")?;
    let ahead = config.clock_ahead_seconds.saturating_mul(1_000_000);
    let time = move || system_micros().saturating_add(ahead);
    let clock: Arc<dyn Clock> = Arc::new(SteadyClock::new(time, evidence::latest(&db).await?));
    if db.is_embedded() {
        db.write(&Arc::new(ReleaseLeases), clock.now()).await.context("old leases cannot be released")?;
    }
    let catalogue = Catalogue::builtin().context("the catalogue of document types is wrong")?;
    let mappings = Library::builtin(&catalogue).context("the library of mappings is wrong")?;
    let directory = load_directory(config, (&db, &catalogue), clock.now()).await?;
    let opened = seal::open(config, clock.now())?;
    let stamping = time_stamping(config)?;
    let connectors = connectors(config, systems(config)?, further)?;
    let blobs = BlobStore::open(&config.data.join("blobs")).await.context("the blob store cannot be opened")?;
    let vault = vault::vault(config).context("the vault cannot be opened")?;
    let service = &config.service;
    service.sign(&config.data).context("the data folder cannot be written")?;
    let issuer = Issuer {
        name: service.name.clone(),
        cui: service.cui.clone(),
        policy: service.policy.clone(),
        delivery_policy: service.delivery_policy.clone(),
    };
    let seal = Seal::new(Arc::clone(&opened.signer), issuer);
    let seal_certificate = seal.pem().into_bytes();
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);
    let policy = config.policy();
    let log = log::log(config, &db).await?;
    let journal_key = config.journal_key()?;
    let person_keys = config.person_keys()?;
    let parts = Parts {
        db,
        blobs,
        vault,
        clock,
        ids,
        directory,
        catalogue,
        mappings,
        connectors,
        seal,
        log,
        journal_key,
        person_keys,
        policy,
        deadlines: Arc::new(config.deadlines.deadlines()?),
    };
    let hub = Arc::new(Hub::new(parts));
    let lists = nomenclatures::merged(&hub.db, hub.catalogue.code_lists()).await;
    hub.replace_code_lists(lists.context("an imported nomenclature is wrong")?);
    if opened.development {
        tracing::warn!(
            folder = %config.data.display(),
            "DEVELOPMENT SEAL: receipts of this hub prove nothing to anybody else; configure [seal] for real use"
        );
    }
    let mut watch = SealWatch::new(Arc::clone(&hub), config, opened)?;
    watch.look().await;
    let each = config.time_stamping.as_ref().is_some_and(|wanted| wanted.each);
    let stamping = stamping.map(|(authority, roots)| -> anyhow::Result<Stamping> {
        let (hub, issuers) = (Arc::clone(&hub), Issuers::new(None, None)?);
        Ok(Stamping { hub, authority, roots, each, issuers })
    });
    let stamping = stamping.transpose()?;
    let preservation = Arc::new(preservation::preservation(config)?);
    if !preservation.is_on() {
        tracing::warn!(
            "EVIDENCE IS NOT PRESERVED: receipts prove nothing after the end of their seal's certificate; configure [time_stamping] for real use"
        );
    }
    Ok(Assembled { hub, seal_certificate, watch, stamping, preservation, folder_lock })
}

/// Takes the data folder for this process alone.
pub(crate) fn lock(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join("lock");
    let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    if file.try_lock().is_err() {
        bail!("another punte uses the data folder {}; stop it, or give this one a folder of its own", folder.display());
    }
    Ok(file)
}

/// Opens the database for a command that writes beside a hub, or instead of it: an embedded one belongs to one process, so
/// its hub must be stopped, or asked through its API.
///
/// # Errors
/// A hub has the embedded database, or it cannot be opened.
pub(crate) async fn open_beside(config: &Config) -> anyhow::Result<(Db, Option<File>)> {
    let url = config.database_url();
    let held = if url.starts_with("sqlite:") { Some(lock(&config.data)?) } else { None };
    Ok((Db::open(&url).await.context("the database cannot be opened")?, held))
}

async fn load_directory(
    config: &Config,
    (db, catalogue): (&Db, &Catalogue),
    now: Timestamp,
) -> anyhow::Result<Directory> {
    if let Some(path) = &config.directory {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the directory {} cannot be read", path.display()))?;
        let rules = config.deadlines.deadlines()?.rules;
        let imported = async {
            let document = toml::from_str::<DirectoryDocument>(&text)?;
            if let Some(cause) = unruled(&document.registers, &rules) {
                bail!(cause);
            }
            keeps_rules((db, catalogue), &text, &document, now).await?;
            import_directory(db, &text, now).await
        };
        imported.await.with_context(|| format!("the directory {} is wrong", path.display()))?;
    }
    directory::load(db).await.context("the stored directory is wrong")
}

/// Whether what is new in a file keeps the rules that the API asks of entries. What the directory already holds stays: a
/// stricter program does not keep an institution's hub from starting.
async fn keeps_rules(
    (db, catalogue): (&Db, &Catalogue),
    text: &str,
    document: &DirectoryDocument,
    now: Timestamp,
) -> anyhow::Result<()> {
    let code_lists = nomenclatures::merged(db, catalogue.code_lists()).await?;
    let against = Against { catalogue, code_lists: &code_lists, day: now.romanian_date() };
    let wrong = directory::broken(db, document.entries(), against, now).await?;
    if wrong.is_empty() {
        return Ok(());
    }
    let told = |broken: &Broken| {
        let line = line_of(text, broken).map_or_else(String::new, |line| format!("line {line}, "));
        let finding = |one: &schemas::Violation| {
            format!("{line}{} {}, {}: {}", broken.kind.as_str(), broken.id, one.pointer, one.en)
        };
        broken.findings.iter().map(finding).collect::<Vec<_>>().join("\n")
    };
    bail!("{}", wrong.iter().map(told).collect::<Vec<_>>().join("\n"))
}

/// The line on which an entry begins, where the file writes it as `[[kind]]`.
fn line_of(text: &str, broken: &Broken) -> Option<usize> {
    let head = format!("[[{}]]", broken.kind.as_str());
    let heads = text.lines().enumerate().filter(|(_, line)| line.trim() == head);
    heads.map(|(line, _)| line + 1).nth(broken.place)
}

/// What is wrong with the first register that names a rule of terms which is none.
pub(crate) fn unruled<'a>(registers: impl IntoIterator<Item = &'a Register>, rules: &Rules) -> Option<String> {
    registers.into_iter().find_map(|one| {
        let code = one.deadline_rule.as_deref().filter(|code| rules.get(code).is_none())?;
        let known: Vec<&str> = rules.iter().map(|rule| rule.code.as_str()).collect();
        Some(format!(
            "the register {} of {} names the rule of terms {code:?}, which this hub does not have; it has {}",
            one.id,
            one.party,
            known.join(", ")
        ))
    })
}

/// Imports a directory document; answers how many entries are new or changed.
///
/// # Errors
/// The document is not a directory, or the database refused it.
pub async fn import_directory(db: &Db, text: &str, now: Timestamp) -> anyhow::Result<usize> {
    let document: DirectoryDocument = toml::from_str(text)?;
    let import = Audited::new(Arc::new(ImportDirectory), |changed: &usize| (*changed > 0).then_some(Outcome::Done));
    let event = AuditEvent::of_hub(Kind::DirectoryImported, now, "configuration");
    Ok(db.write(&import, ((document, now), event)).await?)
}

/// The engines of this program.
pub(crate) fn engines(config: &Config) -> anyhow::Result<Vec<Box<dyn Engine>>> {
    let clock: connectors_rest::Clock = Arc::new(|| system_micros() / 1_000_000);
    let randomness = Arc::new(random);
    // The tokens of e-Factura and e-Transport rotate, and what was taken from there is nowhere else.
    let kept = Arc::new(FileStore::at(config.data.join("anaf")));
    let oauth = OAuth::new(Arc::clone(&clock), Arc::clone(&kept) as Arc<dyn TokenStore>);
    Ok(vec![
        Box::new(RestEngine::new(Arc::clone(&clock))?),
        Box::new(SoapEngine::new(Arc::clone(&clock), randomness)?),
        Box::new(FolderEngine::new(Arc::clone(&clock), &claimant(config)?)),
        Box::new(MailEngine::new(Arc::clone(&clock))),
        Box::new(SpvEngine::new(Arc::clone(&clock))?),
        Box::new(EfacturaEngine::new(Arc::clone(&clock), Arc::clone(&oauth), kept)?),
        Box::new(EtransportEngine::new(Arc::clone(&clock), oauth)?),
        Box::new(AmqpEngine),
        Box::new(SnapshotEngine::new(config.data.join("onrc"))),
        Box::new(DocumentEngine::new(config.data.join("onrc-certificate"), clock)),
    ])
}

/// The name of this hub among those that look into the same folders: made once per data folder, so that a hub that starts
/// again finds what it had in hand. A command without a data folder claims nothing and gets a name of the moment.
fn claimant(config: &Config) -> anyhow::Result<String> {
    let file = config.data.join("claimant");
    if let Ok(known) = std::fs::read_to_string(&file) {
        return Ok(known.trim().to_owned());
    }
    let name = Uuid::from_bytes(random()).simple().to_string();
    if config.data.is_dir() {
        std::fs::write(&file, &name).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(name)
}

/// The engines of this program and further ones, over the given systems.
pub(crate) fn connectors(
    config: &Config,
    systems: HashMap<String, Manifest>,
    further: Vec<Box<dyn Engine>>,
) -> anyhow::Result<Connectors> {
    let engines = further.into_iter().chain(engines(config)?).collect();
    let public_url = config.public_url.clone().unwrap_or_else(|| format!("{}://{}", config.scheme(), config.listen));
    Ok(Connectors::new(engines, systems, Box::new(secret))
        .public_from(Box::new(public))
        .guarded(config.outgoing.guard())
        .reachable_at(public_url))
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

/// The time-stamping authority of the configuration, where it names one, and the certificates above it.
pub(crate) fn time_stamping(config: &Config) -> anyhow::Result<Option<(Authority, Vec<Certificate>)>> {
    let Some(settings) = &config.time_stamping else { return Ok(None) };
    let client = Arc::new(log::client(settings)?);
    let authority: Authority = Arc::new(move |imprint| {
        let client = Arc::clone(&client);
        Box::pin(async move { client.stamp(imprint).await.map_err(|error| error.to_string()) })
    });
    Ok(Some((authority, log::anchors(&settings.roots)?)))
}

/// What a reference (`env:NAME`, `file:PATH`, `command:…`) leads to; why not is told in the log, which names the reference alone.
pub(crate) fn secret(reference: &str) -> Option<SecretString> {
    secrets::resolve(reference).inspect_err(|error| tracing::warn!(%error, "a secret cannot be had")).ok()
}

/// What a reference to something that everybody may read leads to.
fn public(reference: &str) -> Option<SecretString> {
    secrets::resolve_public(reference).inspect_err(|error| tracing::warn!(%error, "a reference leads nowhere")).ok()
}

/// The system's clock in microseconds, read here and nowhere else.
#[allow(clippy::disallowed_methods, reason = "this is where the time comes from")]
pub(crate) fn system_micros() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A fresh key, made here and nowhere else.
#[allow(clippy::disallowed_methods, reason = "this is where randomness comes from")]
pub(crate) fn random_key() -> anyhow::Result<[u8; 32]> {
    let mut key = [0; 32];
    openssl::rand::rand_bytes(&mut key).context("the system gives no randomness")?;
    Ok(key)
}

/// Sixteen random bytes, drawn here and nowhere else.
#[allow(clippy::disallowed_methods, reason = "this is where randomness comes from")]
pub(crate) fn random() -> [u8; 16] {
    Uuid::new_v4().into_bytes()
}

/// Sixteen bytes from the generator that keys come from: unlike an id, a salt must not be guessed.
#[allow(clippy::disallowed_methods, reason = "this is where randomness comes from")]
fn salt() -> [u8; 16] {
    let mut salt = [0; 16];
    openssl::rand::rand_bytes(&mut salt).expect("a system without randomness cannot run a hub");
    salt
}

pub(crate) struct SystemIds;

impl Ids for SystemIds {
    fn uuid(&self, at: Timestamp) -> Uuid {
        let micros = at.0.unsigned_abs();
        let nanos = u32::try_from(micros % 1_000_000 * 1000).unwrap_or(0);
        Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, micros / 1_000_000, nanos))
    }

    fn salt(&self) -> [u8; 16] {
        salt()
    }
}
