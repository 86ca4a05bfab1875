//! `punte archive package`: dossiers as E-ARK packages, for an archive that takes them over.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, BufWriter, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use hub_conversion::{Bounds, Converter, NotConverted};
use hub_eark::premis::{Actor, Entity, Event, Premis, Right};
use hub_eark::source::ZipSource;
use hub_eark::target::{FolderTarget, Target, ZipTarget};
use hub_eark::{Agent, Content, DossierSheet, Header, Limits, PackageWriter, Status, path};
use hub_flow::archive::dossier::{self, Choice, Dossier, DossierState};
use hub_flow::archive::filing::{self, Archived};
use hub_flow::clock::Timestamp;
use hub_flow::flow::transfer;
use hub_flow::hub::Hub;
use hub_flow::message::{DeliveryId, MessageId};
use hub_flow::registration::{self, EntryKey};
use hub_flow::{evidence, relay};
use hub_vault::Vault;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::assembly::assemble;
use crate::commands::reasons::WhyTaken;
use crate::config::Config;
use crate::sheets;

/// Documents that are read at a time.
const PAGE: i64 = 200;
/// Most bytes of a document that is converted.
const CONVERTED: u64 = 128 << 20;
/// The agent that writes packages.
const PROGRAM: &str = "punte";

/// Writes dossiers as packages (E-ARK SIP 2.1), each read again and checked before it is told of.
#[derive(Debug, clap::Args)]
pub(super) struct Package {
    /// The institution, by its party id.
    #[arg(long, value_name = "PARTY")]
    party: String,
    /// One dossier, by its id; without it, all of them.
    #[arg(long, value_name = "ID")]
    dossier: Option<Uuid>,
    /// The folder the packages are written into.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Make PDF/A-2b copies of office documents and images beside them; needs LibreOffice.
    #[arg(long)]
    copies: bool,
    /// Write folders instead of zip files.
    #[arg(long)]
    folders: bool,
    /// Data folder of the hub, where no configuration names it.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    why: WhyTaken,
}

impl Package {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let mut config = config.clone();
        config.data = self.data.clone().unwrap_or(config.data);
        let assembled = assemble(&config).await?;
        let hub = &*assembled.hub;
        let converter = if self.copies { converter(&config.data).await } else { None };
        std::fs::create_dir_all(&self.out).with_context(|| format!("{} cannot be made", self.out.display()))?;
        let dossiers = match self.dossier {
            Some(id) => vec![dossier::find(&hub.db, &self.party, id).await?.context("there is no such dossier")?],
            None => all(hub, &self.party).await?,
        };
        let object = self.dossier.map_or_else(|| self.party.clone(), |id| id.to_string());
        self.why.journal(hub, &self.party, "archive.package", object).await?;
        let left = |dossier: &&Dossier| dossier.documents > 0 && dossier.state != DossierState::Destroyed;
        for one in dossiers.iter().filter(left) {
            let told = write(hub, one, converter.as_ref(), (self.out.as_path(), self.folders)).await;
            let (id, files) = told.with_context(|| format!("dosarul {} {} vol. {}", one.code, one.year, one.volume))?;
            println!("{id}: {} documente, {files} fișiere scrise și verificate", one.documents);
        }
        Ok(0)
    }
}

/// The converter; without LibreOffice the packages are written without copies, and that is said.
async fn converter(data: &Path) -> Option<Converter> {
    match Converter::find(&data.join("conversion"), Bounds::default(), 2).await {
        Ok(converter) => Some(converter),
        Err(absent) => {
            println!("Fără copii PDF/A: {absent}");
            None
        }
    }
}

/// Every dossier of an institution.
pub(super) async fn all(hub: &Hub, party: &str) -> anyhow::Result<Vec<Dossier>> {
    let (mut dossiers, mut after) = (Vec::new(), None);
    loop {
        let choice = Choice { year: None, state: None, code: None, after, limit: PAGE };
        let page = dossier::list(&hub.db, party, &choice).await?;
        let Some(last) = page.last() else { return Ok(dossiers) };
        after = Some(last.id);
        dossiers.extend(page);
    }
}

/// Writes the package of a dossier and reads it again; answers its identifier and how many files METS vouches for.
pub(super) async fn write(
    hub: &Hub,
    dossier: &Dossier,
    converter: Option<&Converter>,
    (out, folders): (&Path, bool),
) -> anyhow::Result<(String, usize)> {
    let draft = Draft::gather(hub, dossier, converter).await?;
    let id = draft.header.id.clone();
    let (vault, runtime) = (Arc::clone(&hub.vault), tokio::runtime::Handle::current());
    let (place, name) = (out.to_owned(), id.clone());
    // Copying and hashing is work of a thread, the vault answers on the runtime.
    let files = tokio::task::spawn_blocking(move || -> anyhow::Result<usize> {
        if folders {
            let root = draft.lay_out(FolderTarget::create(&place, &name)?, &vault, &runtime)?.root().to_owned();
            return Ok(hub_eark::read(&mut hub_eark::source::FolderSource::new(&root), &Limits::default())?
                .files
                .len());
        }
        let path = place.join(format!("{name}.zip"));
        let file = File::create_new(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        let target = ZipTarget::new(BufWriter::with_capacity(1 << 20, file), &name);
        let file = draft
            .lay_out(target, &vault, &runtime)?
            .into_inner()
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(hub_eark::read(&mut ZipSource::new(File::open(&path)?), &Limits::default())?.files.len())
    });
    let files = files.await.context("the package was not written")??;
    Ok((id, files))
}

/// A package before it is written.
struct Draft {
    header: Header,
    sheets: DossierSheet,
    premis: Premis,
    documents: Vec<Document>,
}

struct Document {
    path: String,
    archived: Archived,
    created: jiff::Timestamp,
    copy: Option<hub_conversion::Copy>,
    /// The original, by its place in the package, of a copy for keeping that the archive has.
    of: Option<String>,
}

impl Document {
    /// Where it lies in the package.
    fn place(&self) -> String {
        if self.of.is_some() { format!("representations/rep2/data/{}", self.path) } else { original(&self.path) }
    }
}

impl Draft {
    async fn gather(hub: &Hub, dossier: &Dossier, converter: Option<&Converter>) -> anyhow::Result<Self> {
        let now = moment(hub.clock.now());
        let mut draft = Self {
            header: header(hub, dossier, now),
            sheets: sheets::head(dossier)?,
            premis: premis(hub, dossier),
            documents: Vec::new(),
        };
        let mut messages: BTreeMap<MessageId, Vec<String>> = BTreeMap::new();
        let mut after = 0;
        loop {
            let page = filing::archived_in(&hub.db, dossier.id, after, PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            after = last.position;
            for (archived, sheet) in page.into_iter().filter(|(archived, _)| archived.erased_at.is_none()) {
                let document = draft.document(hub, (archived, sheet), dossier, converter).await?;
                if let Some(message) = document.archived.message_id {
                    messages.entry(message).or_default().push(document.place());
                }
                draft.documents.push(document);
            }
        }
        ensure!(!draft.documents.is_empty(), "nothing of it is left: its documents were destroyed");
        let deliveries = transfer::deliveries(&hub.db, &dossier.party).await?;
        for (message, files) in &messages {
            draft.story(hub, (&dossier.party, &deliveries), (*message, files)).await?;
        }
        draft.premis.events.sort_by_key(|event| event.at);
        Ok(draft)
    }

    async fn document(
        &mut self,
        hub: &Hub,
        (archived, sheet): (Archived, filing::Sheet),
        dossier: &Dossier,
        converter: Option<&Converter>,
    ) -> anyhow::Result<Document> {
        let file = format!("{:05}_{}", archived.position, path::plain(&archived.name));
        let of = match archived.copy_of {
            Some(of) => self.documents.iter().find(|one| one.archived.id == of).map(Document::place),
            None => None,
        };
        let place = if of.is_some() { format!("representations/rep2/data/{file}") } else { original(&file) };
        let created: jiff::Timestamp = archived.archived_at.parse().context("the moment of archiving is none")?;
        self.premis.events.push(Event {
            id: format!("arhivare-{}", archived.id),
            kind: "ingestion".to_owned(),
            at: created,
            detail: Some(format!(
                "{} în dosarul {} {} vol. {}, poziția {}",
                if archived.addition.is_some() { "adăugat după arhivare" } else { "depus" },
                dossier.code,
                dossier.year,
                dossier.volume,
                archived.position
            )),
            outcome: Some("success".to_owned()),
            agents: vec![
                (dossier.party.clone(), "implementer".to_owned()),
                (PROGRAM.to_owned(), "executing program".to_owned()),
            ],
            objects: vec![(place.clone(), String::new())],
        });
        let held = self.events_of(hub, &archived, &file).await?;
        let copy = match converter.filter(|_| !held && of.is_none()) {
            Some(converter) => self.copy(hub, converter, &archived, &file).await?,
            None => None,
        };
        let mut files = vec![place];
        files.extend(copy.as_ref().map(|_| copied(&file)));
        self.sheets.sheets.push(sheets::sheet(dossier, sheet, files));
        Ok(Document { path: file, archived, created, copy, of })
    }

    /// What the archive wrote down of making copies of a document; answers whether it has one.
    async fn events_of(&mut self, hub: &Hub, archived: &Archived, file: &str) -> anyhow::Result<bool> {
        let mut held = false;
        for one in filing::conversions(&hub.db, archived.id).await?.into_iter().filter(|one| one.outcome != "kept") {
            held |= one.copy.is_some();
            let software = if one.software.is_empty() { PROGRAM.to_owned() } else { one.software };
            if self.premis.actors.iter().all(|actor| actor.id != software) {
                let (id, name) = (software.clone(), software.clone());
                self.premis.actors.push(Actor { id, name, kind: "software".to_owned(), version: None });
            }
            self.premis.events.push(Event {
                id: format!("conversie-{}-{}", archived.id, one.number),
                kind: "migration".to_owned(),
                at: one.at.parse().context("the moment of a conversion is none")?,
                detail: Some(one.told),
                outcome: Some(if one.copy.is_some() { "success" } else { "failure" }.to_owned()),
                agents: vec![(software, "executing program".to_owned())],
                objects: vec![(original(file), "source".to_owned())],
            });
        }
        Ok(held)
    }

    /// Makes the copy of a document; what came of it is an event, also where there is none.
    async fn copy(
        &mut self,
        hub: &Hub,
        converter: &Converter,
        archived: &Archived,
        file: &str,
    ) -> anyhow::Result<Option<hub_conversion::Copy>> {
        let bytes = hub.vault.read_all(&address(archived)?, CONVERTED).await;
        let result = match bytes {
            Ok(bytes) => converter.convert(&archived.id.to_string(), &bytes).await,
            Err(hub_vault::VaultError::TooLarge { .. }) => Err(NotConverted::TooLarge),
            Err(error) => bail!("{} cannot be read: {error}", archived.name),
        };
        let software = converter.tools().software.clone();
        let (outcome, detail, objects, copy) = match result {
            // These were never to be converted.
            Err(NotConverted::Unsupported | NotConverted::Pdf(_)) => return Ok(None),
            Err(why) => ("failure", format!("fără copie PDF/A: {why}"), Vec::new(), None),
            Ok(copy) => {
                let detail = format!(
                    "copie PDF/A-2b; SHA-256 al originalului {}, al copiei {}",
                    hex::encode(copy.source_sha256),
                    hex::encode(copy.sha256)
                );
                ("success", detail, vec![(copied(file), "outcome".to_owned())], Some(copy))
            }
        };
        let mut linked = vec![(original(file), "source".to_owned())];
        linked.extend(objects);
        if self.premis.actors.iter().all(|actor| actor.id != software) {
            let (id, name) = (software.clone(), software.clone());
            self.premis.actors.push(Actor { id, name, kind: "software".to_owned(), version: None });
        }
        self.premis.events.push(Event {
            id: format!("conversie-{}", archived.id),
            kind: "migration".to_owned(),
            at: moment(hub.clock.now()),
            detail: Some(detail),
            outcome: Some(outcome.to_owned()),
            agents: vec![(software, "executing program".to_owned())],
            objects: linked,
        });
        Ok(copy)
    }

    /// What the hub attested of a message, and its number in the register.
    async fn story(
        &mut self,
        hub: &Hub,
        (party, deliveries): (&str, &HashSet<DeliveryId>),
        (message, files): (MessageId, &[String]),
    ) -> anyhow::Result<()> {
        let objects = || files.iter().map(|file| (file.clone(), String::new())).collect::<Vec<_>>();
        let agent = || vec![(PROGRAM.to_owned(), "executing program".to_owned())];
        if let Some((register, year, number)) = filing::entry_of(&hub.db, party, message).await? {
            let key = EntryKey { party: party.to_owned(), register, year, number };
            if let Some(entry) = registration::find(&hub.db, &key).await? {
                self.premis.events.push(Event {
                    id: format!("inregistrare-{message}"),
                    kind: "registration".to_owned(),
                    at: moment(entry.recorded_at),
                    detail: Some(format!("registrul {}, nr. {} din {}", key.register, entry.shown, key.year)),
                    outcome: Some("success".to_owned()),
                    agents: vec![(party.to_owned(), "implementer".to_owned())],
                    objects: objects(),
                });
            }
        }
        let own = evidence::list(&hub.db, message).await?;
        let foreign = relay::received(&hub.db, message).await?.into_iter().map(|one| one.evidence.delivery);
        ensure!(!own.is_empty() || foreign.count() > 0, "the message {message} has no evidence");
        for one in own.into_iter().filter(|one| one.delivery.is_none_or(|id| deliveries.contains(&id))) {
            self.premis.events.push(Event {
                id: format!("dovada-{}", one.id),
                kind: one.event,
                at: moment(one.at),
                detail: Some(format!("dovada {}, SHA-256 {} (ETSI EN 319 522)", one.id, hex::encode(one.sha256))),
                outcome: Some("success".to_owned()),
                agents: agent(),
                objects: objects(),
            });
        }
        Ok(())
    }

    /// Writes the package; documents come from the vault as they are read.
    fn lay_out<T: Target>(self, target: T, vault: &Arc<Vault>, runtime: &tokio::runtime::Handle) -> anyhow::Result<T> {
        let mut package = PackageWriter::new(target, self.header)?;
        for document in &self.documents {
            let archived = &document.archived;
            let written = package.data(
                if document.of.is_some() { "rep2" } else { "rep1" },
                Content {
                    path: &document.path,
                    media_type: &archived.content_type,
                    size: u64::try_from(archived.size).context("a document has no length")?,
                    created: document.created,
                    original_name: Some(&archived.name),
                    made_from: document.of.as_deref(),
                    bytes: &mut Piped::of(Arc::clone(vault), address(archived)?, runtime),
                },
            )?;
            ensure!(hex::encode(written.sha256) == archived.sha256, "{} is not what was archived", archived.name);
        }
        for document in &self.documents {
            let Some(copy) = &document.copy else { continue };
            let content = Content {
                path: &format!("{}.pdf", document.path),
                media_type: "application/pdf",
                size: copy.bytes.len() as u64,
                created: document.created,
                original_name: None,
                made_from: Some(&original(&document.path)),
                bytes: &mut copy.bytes.as_slice(),
            };
            package.data("rep2", content)?;
        }
        Ok(package.finish(&self.sheets, &self.premis)?)
    }
}

/// Path of a document in its package.
fn original(file: &str) -> String {
    format!("representations/rep1/data/{file}")
}

/// Path of its copy.
fn copied(file: &str) -> String {
    format!("representations/rep2/data/{file}.pdf")
}

fn address(archived: &Archived) -> anyhow::Result<[u8; 32]> {
    let mut address = [0; 32];
    hex::decode_to_slice(&archived.sha256, &mut address).context("the hash of a document is none")?;
    Ok(address)
}

fn moment(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.0).expect("the clock is between the years -9999 and 9999")
}

fn header(hub: &Hub, dossier: &Dossier, created: jiff::Timestamp) -> Header {
    let name = hub.directory().party(&dossier.party).map_or_else(|| dossier.party.clone(), |party| party.name.clone());
    let agent = || Agent { name: name.clone(), code: dossier.party.clone() };
    let code = dossier.code.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    Header {
        id: format!("{}-{}-{code}-{}", dossier.party, dossier.year, dossier.volume),
        label: format!("{} {} vol. {}: {}", dossier.code, dossier.year, dossier.volume, dossier.title),
        created,
        status: Status::New,
        creator: agent(),
        submitter: agent(),
        preserver: None,
        agreement: None,
        reference: Some(format!("{}/{}/{}", dossier.year, dossier.code, dossier.volume)),
    }
}

/// Entities, actors and rights of a dossier; files and events are added as they are found.
fn premis(hub: &Hub, dossier: &Dossier) -> Premis {
    let name = hub.directory().party(&dossier.party).map_or_else(|| dossier.party.clone(), |party| party.name.clone());
    let program = Actor {
        id: PROGRAM.to_owned(),
        name: hub.seal.issuer.name.clone(),
        kind: "software".to_owned(),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
    };
    let institution = Actor { id: dossier.party.clone(), name, kind: "organization".to_owned(), version: None };
    Premis {
        entities: vec![Entity { id: dossier.id.to_string(), title: dossier.title.clone() }],
        files: Vec::new(),
        events: Vec::new(),
        actors: vec![institution, program],
        rights: vec![Right {
            id: "pastrare".to_owned(),
            citation: "Legea nr. 16/1996 a Arhivelor Naționale".to_owned(),
            note: Some(format!("termen de păstrare: {}", dossier.term)),
            act: "delete".to_owned(),
            restriction: Some("numai prin comisia de selecționare, cu confirmarea Arhivelor Naționale".to_owned()),
        }],
    }
}

/// The bytes of an archived document as a reader of a thread: a few parts ahead, never all of it.
struct Piped {
    parts: mpsc::Receiver<Result<Bytes, String>>,
    part: Bytes,
}

impl Piped {
    fn of(vault: Arc<Vault>, address: [u8; 32], runtime: &tokio::runtime::Handle) -> Self {
        let (sender, parts) = mpsc::channel(4);
        runtime.spawn(async move {
            let mut reading = match vault.read(&address).await {
                Ok(reading) => reading,
                Err(error) => return drop(sender.send(Err(error.to_string())).await),
            };
            loop {
                let part = match reading.next().await {
                    Ok(Some(part)) => Ok(part),
                    Ok(None) => return,
                    Err(error) => Err(error.to_string()),
                };
                // Nobody reads any more, or nothing more can be read.
                let ended = part.is_err();
                if sender.send(part).await.is_err() || ended {
                    return;
                }
            }
        });
        Self { parts, part: Bytes::new() }
    }
}

impl Read for Piped {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.part.is_empty() {
            match self.parts.blocking_recv() {
                Some(Ok(part)) => self.part = part,
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Ok(0),
            }
        }
        let length = out.len().min(self.part.len());
        out[..length].copy_from_slice(&self.part.split_to(length));
        Ok(length)
    }
}
