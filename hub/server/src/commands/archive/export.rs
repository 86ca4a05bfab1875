//! `punte archive export`: everything of an institution, into a folder that any other program can read.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use hub_flow::archive::dossier::DossierState;
use hub_flow::evidence;
use hub_flow::flow::transfer::{self, Cells, Frozen, Reader, TABLES, Table};
use hub_flow::hub::Hub;
use hub_flow::relay;

use hub_flow::audit::{AuditEvent, Kind};

use crate::assembly::assemble;
use crate::commands::reasons::WhyTaken;
use crate::config::Config;
use crate::papers::{self, PackChoice, Scene};

use super::carry::{Counted, Digest, Folder, Manifest, SIGNED, SUMS, encode, seal, table_path};
use super::package;

/// Largest archived document that is written.
const LARGEST: u64 = 16 << 30;

/// Writes everything of an institution. Nobody may write for it meanwhile: stop the hub, or its systems.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// The institution, by its party id.
    #[arg(long, value_name = "PARTY")]
    party: String,
    /// The folder to write; made where it is missing, never written over.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Data folder of the hub, where no configuration names it.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Leave out the dossiers as E-ARK packages; their documents are in the export in any case.
    #[arg(long)]
    without_packages: bool,
    #[command(flatten)]
    why: WhyTaken,
}

impl Export {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let mut config = config.clone();
        config.data = self.data.unwrap_or(config.data);
        let assembled = assemble(&config).await?;
        let (hub, party) = (&*assembled.hub, self.party.as_str());
        self.why.journal(hub, party, "institution.export", party.to_owned()).await?;
        let before = transfer::mark(&hub.db, party).await?;
        let mut folder = Folder::create(&self.out)?;
        let mut manifest = Manifest::new(party, &hub.seal.issuer.name, hub.clock.now().to_utc());
        tables(hub, party, &mut folder, &mut manifest).await?;
        let rows: u64 = manifest.tables.values().map(|table| table.rows).sum();
        ensure!(manifest.tables["directory_entry"].rows > 0, "the hub knows no institution {party}");
        bytes(hub, party, &mut folder, &mut manifest).await?;
        let packs = packs(hub, party, &mut folder).await?;
        let dossiers = if self.without_packages { 0 } else { dossiers(hub, party, &mut folder).await? };
        let after = transfer::mark(&hub.db, party).await?;
        ensure!(
            before == after,
            "something was written for {party} during the export; stop the hub or its systems and begin again in an empty folder"
        );
        manifest.under_way = after.under_way;
        manifest.next_numbers =
            after.series.into_iter().map(|(register, year, next)| (format!("{register}/{year}"), next)).collect();
        folder.put("seals.pem", seals(hub).await?.as_bytes())?;
        let keys: String = hub.log.verifiers().iter().map(|key| format!("{key}\n")).collect();
        folder.put("log-keys.txt", keys.as_bytes())?;
        folder.put("CITESTE-MA.txt", readme(&manifest).as_bytes())?;
        let sums = folder.sums()?;
        let signed = seal(&manifest, &sums, &*hub.seal.signer())?;
        // Last of all: a folder without it is an export that did not end.
        std::fs::write(folder.at(SUMS), &sums).context("the list of hashes cannot be written")?;
        std::fs::write(folder.at(SIGNED), signed).context("the manifest cannot be written")?;
        let event = AuditEvent::of_hub(Kind::InstitutionExported, hub.clock.now(), "command-line").on(party);
        hub.record(vec![event.with(serde_json::json!({"rows": rows, "dossiers": dossiers}))]).await?;
        println!(
            "{party}: {rows} de rânduri, {packs} dosare de probă, {dossiers} dosare de arhivă, {} fișiere, în {}",
            sums.lines().count(),
            self.out.display()
        );
        if manifest.under_way > 0 {
            println!(
                "{} predări sunt pe drum și rămân la acest hub; exportați din nou după ce se încheie",
                manifest.under_way
            );
        }
        if !manifest.absent.is_empty() {
            println!("{} conținuturi au fost șterse înainte de export; rămân amprentele lor", manifest.absent.len());
        }
        Ok(0)
    }
}

/// Writes the rows of every table.
async fn tables(hub: &Hub, party: &str, folder: &mut Folder, manifest: &mut Manifest) -> anyhow::Result<()> {
    let present = transfer::present(&hub.db).await?;
    let frozen = Frozen::of(&hub.db, party).await?;
    for table in TABLES.iter().filter(|table| present.iter().any(|name| name == table.name)) {
        let path = table_path(table.name);
        let mut file = folder.begin(&path)?;
        let mut digest = Digest::default();
        let mut reader = Reader::new(&hub.db, party, (table, &frozen));
        loop {
            let rows = reader.next().await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let line = encode(carried(table, row), |hash, bytes| folder.keep(&hash, &bytes))?;
                writeln!(file, "{line}").with_context(|| format!("{path} cannot be written"))?;
                digest.add(&line);
            }
        }
        file.flush().with_context(|| format!("{path} cannot be written"))?;
        folder.note(&path)?;
        let counted = Counted { rows: digest.rows, digest: hex::encode(digest.joined) };
        manifest.tables.insert(table.name.to_owned(), counted);
    }
    Ok(())
}

/// The columns of a row that mean something in another database.
pub(super) fn carried(table: &Table, row: Cells) -> Cells {
    row.into_iter().filter(|(column, _)| !table.without.contains(&column.as_str())).collect()
}

/// Writes what lies in the blob store and in the vault.
async fn bytes(hub: &Hub, party: &str, folder: &mut Folder, manifest: &mut Manifest) -> anyhow::Result<()> {
    for hash in transfer::blobs(&hub.db, party).await? {
        let path = hub.blobs.path(&hash);
        if path.is_file() {
            folder.copy(&hash, &path)?;
        } else {
            manifest.absent.push(hex::encode(hash));
        }
    }
    if manifest.tables.contains_key("archive_document") {
        for hash in transfer::vaulted(&hub.db, party).await? {
            if !folder.has(&hash) {
                let content =
                    hub.vault.read_all(&hash, LARGEST).await.context("an archived document cannot be read")?;
                folder.keep(&hash, &content)?;
            }
        }
    }
    Ok(())
}

/// Writes the court pack of every message: its evidence, what the log proves of it, seals and what judges them.
async fn packs(hub: &Hub, party: &str, folder: &mut Folder) -> anyhow::Result<usize> {
    let deliveries = transfer::deliveries(&hub.db, party).await?;
    let messages = transfer::messages(&hub.db, party).await?;
    let mut count = 0;
    for message in &messages {
        let mut own = evidence::list(&hub.db, *message).await?;
        let mut received = relay::received(&hub.db, *message).await?;
        own.retain(|one| one.delivery.is_none_or(|id| deliveries.contains(&id)));
        received.retain(|one| one.evidence.delivery.is_none_or(|id| deliveries.contains(&id)));
        if own.is_empty() {
            continue;
        }
        let scene = Scene::gather(hub, *message, (own, received)).await?;
        let pack = papers::pack(hub, &scene, PackChoice::default()).await;
        let pack = pack.with_context(|| format!("the court pack of {message} cannot be made"))?;
        folder.put(&format!("evidence/{message}.asice"), &pack)?;
        count += 1;
    }
    Ok(count)
}

/// Writes the dossiers that hold something as packages for an archive.
async fn dossiers(hub: &Hub, party: &str, folder: &mut Folder) -> anyhow::Result<usize> {
    let place = folder.at("dossiers");
    let mut count = 0;
    for dossier in package::all(hub, party).await?.iter().filter(|dossier| dossier.documents > 0) {
        if dossier.state == DossierState::Destroyed {
            continue;
        }
        std::fs::create_dir_all(&place).context("the folder of the dossiers cannot be made")?;
        let name = package::write(hub, dossier, None, (place.as_path(), false)).await;
        let (name, _) = name.with_context(|| format!("the dossier {} cannot be packed", dossier.id))?;
        folder.note(&format!("dossiers/{name}.zip"))?;
        count += 1;
    }
    Ok(count)
}

/// Every seal of the hub, PEM.
async fn seals(hub: &Hub) -> anyhow::Result<String> {
    Ok(hub_flow::seal::all(&hub.db).await?.into_iter().map(|seal| seal.chain).collect())
}

fn readme(manifest: &Manifest) -> String {
    format!(
        "Tot ce ține hubul {} pentru instituția {}, la {} (UTC).\n\n\
         tables/*.jsonl      rândurile bazei de date, câte un obiect JSON pe linie\n\
         bytes/              documentele, byte cu byte; numele fișierului este amprenta SHA-256 a conținutului\n\
         evidence/*.asice    câte un dosar de probă pentru fiecare mesaj: dovezi, jurnal, mărci temporale, certificate\n\
         dossiers/*.zip      dosarele arhivei, ca pachete E-ARK\n\
         seals.pem           certificatele sigiliilor cu care s-au semnat dovezile\n\
         log-keys.txt        cheile publice ale jurnalului\n\
         SHA256SUMS          amprentele tuturor fișierelor: sha256sum -c SHA256SUMS\n\
         manifest.asice      conținutul exportului și SHA256SUMS, sigilate de hub (ASiC-E)\n\n\
         O dovadă se verifică fără hub: punte verify --certificate seals.pem --log-key log-keys.txt evidence/<mesaj>.asice\n\
         Într-un hub gol: punte archive import <dosarul acesta>\n",
        manifest.hub, manifest.party, manifest.exported_at
    )
}
