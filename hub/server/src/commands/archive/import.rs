//! `punte archive import`: the folder of an export, into a hub that has nothing of the institution yet.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use hub_flow::clock::Timestamp;
use hub_flow::flow::transfer::{self, CarryRows, Cells, Frozen, Lot, Reader, TABLES, Table};
use hub_flow::hub::Hub;
use hub_flow::message::MessageId;
use hub_signatures::certificate::Certificate;
use hub_vault::Source;

use hub_flow::audit::{AuditEvent, Kind};

use crate::assembly::assemble;
use crate::commands::NO;
use crate::config::Config;

use super::carry::{Counted, Digest, Listing, Manifest, bytes_path, decode, encode, open, table_path};
use super::export::carried;

/// Rows that are written together.
const LOT: usize = 200;
/// Longest line that is read.
const LONGEST: u64 = 64 << 20;

/// Reads an export. Interrupted, it is run again and goes on; in the end everything is read back and compared.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The folder of the export.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Certificate of the seal of the hub it came from, or of the authority above it (PEM); without it, whoever signed.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Data folder of this hub, where no configuration names it.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Import {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let mut config = config.clone();
        config.data = self.data.unwrap_or(config.data);
        let opened = open(&self.folder, certificates(self.certificate.as_deref())?)?;
        let (manifest, root) = (&opened.manifest, self.folder.as_path());
        println!(
            "Export al instituției {}, făcut de {} la {}; semnat de {}",
            manifest.party, manifest.hub, manifest.exported_at, opened.signer
        );
        if self.certificate.is_none() {
            println!("Cine este semnatarul nu s-a verificat; dați --certificate pentru asta");
        }
        let assembled = assemble(&config).await?;
        let hub = &*assembled.hub;
        let verb = Arc::new(CarryRows);
        refuse_others(hub, manifest, &opened.sha256).await?;
        let step = |whole| Lot::Institution {
            party: manifest.party.clone(),
            manifest: opened.sha256,
            from: manifest.hub.clone(),
            at: hub.clock.now(),
            whole,
        };
        hub.db.write(&verb, step(false)).await?;
        // Bytes before the rows that name them.
        bytes(hub, root, &opened.files).await?;
        for table in TABLES.iter().filter(|table| manifest.tables.contains_key(table.name)) {
            rows(hub, &verb, table, root).await?;
        }
        packs(hub, &verb, root, &opened.files).await?;
        let differences = compare(hub, manifest, root).await?;
        if !differences.is_empty() {
            differences.iter().for_each(|difference| println!("{difference}"));
            println!("IMPORTUL NU ESTE ÎNTREG: ce este în hub nu este ce era în export");
            return Ok(NO);
        }
        hub.db.write(&verb, step(true)).await?;
        let event = AuditEvent::of_hub(Kind::InstitutionImported, hub.clock.now(), "command-line").on(&manifest.party);
        hub.record(vec![event]).await?;
        let count: u64 = manifest.tables.values().map(|table| table.rows).sum();
        println!("{count} de rânduri scrise, citite din nou și comparate: sunt aceleași");
        for (series, next) in &manifest.next_numbers {
            println!("registrul {series}: următorul număr este {next}");
        }
        Ok(0)
    }
}

fn certificates(file: Option<&Path>) -> anyhow::Result<Vec<Certificate>> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let pem = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Certificate::all_from_pem(&pem).with_context(|| format!("{} is no certificate", file.display()))
}

/// Refuses a hub that has numbers of the institution, unless this very export was interrupted in it.
async fn refuse_others(hub: &Hub, manifest: &Manifest, sha256: &[u8; 32]) -> anyhow::Result<()> {
    let known: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    for table in manifest.tables.keys() {
        ensure!(
            known.contains(&table.as_str()),
            "the export has the table {table}, which this release does not know; import it with the release that wrote it, or a later one"
        );
    }
    let present = transfer::present(&hub.db).await?;
    for (table, counted) in &manifest.tables {
        ensure!(counted.rows == 0 || present.contains(table), "the database of this hub has no table {table}");
    }
    let begun =
        "select cast(count(*) as bigint) as number from carried_institution where party = $1 and manifest_sha256 = $2";
    let mut begun = hub.db.query(begun, hub_flow::params![&manifest.party, *sha256]).await?;
    if begun.first_mut().map_or(Ok(0), |row| row.take::<i64>("number"))? > 0 {
        return Ok(());
    }
    let standing = transfer::mark(&hub.db, &manifest.party).await?;
    ensure!(
        standing.series.is_empty(),
        "this hub has registers of {} already; an institution is imported into a hub that has none of its numbers",
        manifest.party
    );
    Ok(())
}

/// Puts the bytes where they belong: large payloads into the blob store, archived documents into the vault.
async fn bytes(hub: &Hub, root: &Path, files: &Listing) -> anyhow::Result<()> {
    let (mut payloads, mut archived) = (Vec::new(), Vec::new());
    let wanted = |line: &str, column: &str| -> anyhow::Result<Option<[u8; 32]>> {
        let row: serde_json::Value = serde_json::from_str(line).context("a line is no JSON")?;
        let mut hash = [0; 32];
        let text = row[column]["hex"].as_str().unwrap_or_default();
        let there = if column == "sha256" && row.get("content").is_some() {
            row["content"].is_null()
        } else {
            row["erased_at"].is_null()
        };
        Ok((there && hex::decode_to_slice(text, &mut hash).is_ok()).then_some(hash))
    };
    // What lies beside the database, and what is in the vault.
    for (tables, hashes) in [
        (&["payload", "register_content"][..], &mut payloads),
        (&["archive_document", "archive_destruction_list"], &mut archived),
    ] {
        for table in tables.iter().filter(|table| files.contains_key(&table_path(table))) {
            for line in lines(&root.join(table_path(table)))? {
                hashes.extend(wanted(&line?, "sha256")?);
            }
        }
    }
    for hash in payloads.iter().filter(|hash| files.contains_key(&bytes_path(hash))) {
        if !hub.blobs.path(hash).is_file() {
            let content = std::fs::read(root.join(bytes_path(hash))).context("a payload cannot be read")?;
            let stored = hub.blobs.keep(hub.ids.uuid(hub.clock.now()), Bytes::from(content)).await?;
            hub.blobs.settle(stored.staged.into_iter().collect()).await?;
        }
    }
    for hash in archived {
        let path = root.join(bytes_path(&hash));
        let kept =
            hub.vault.put(Source::File(&path)).await.with_context(|| format!("{} cannot be kept", path.display()))?;
        ensure!(kept.address == hash, "{} is not what its name says", path.display());
    }
    Ok(())
}

fn lines(path: &Path) -> anyhow::Result<impl Iterator<Item = anyhow::Result<String>>> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut reader = BufReader::with_capacity(1 << 18, file);
    Ok(std::iter::from_fn(move || {
        let mut line = String::new();
        match reader.by_ref().take(LONGEST).read_line(&mut line) {
            Ok(0) => None,
            Ok(_) if !line.ends_with('\n') => Some(Err(anyhow::anyhow!("a line does not end"))),
            Ok(_) => {
                line.pop();
                Some(Ok(line))
            }
            Err(error) => Some(Err(error.into())),
        }
    }))
}

async fn rows(hub: &Hub, verb: &Arc<CarryRows>, table: &'static Table, root: &Path) -> anyhow::Result<()> {
    let fetch = |hash: &[u8; 32]| std::fs::read(root.join(bytes_path(hash))).context("bytes are missing");
    let mut lot: Vec<Cells> = Vec::with_capacity(LOT);
    for line in lines(&root.join(table_path(table.name)))? {
        let row = decode(&line?, fetch).with_context(|| table.name)?;
        // One statement has one list of columns.
        let same = lot.first().is_none_or(|first| first.iter().map(|cell| &cell.0).eq(row.iter().map(|cell| &cell.0)));
        if lot.len() == LOT || !same {
            let rows = std::mem::take(&mut lot);
            hub.db.write(verb, Lot::Rows { table, rows }).await.with_context(|| table.name)?;
        }
        lot.push(row);
    }
    hub.db.write(verb, Lot::Rows { table, rows: lot }).await.with_context(|| table.name)
}

/// Keeps the court packs of the hub it came from: its log and its seals are not those of this hub.
async fn packs(hub: &Hub, verb: &Arc<CarryRows>, root: &Path, files: &Listing) -> anyhow::Result<()> {
    for (path, sha256) in files {
        let Some(name) = path.strip_prefix("evidence/").and_then(|name| name.strip_suffix(".asice")) else { continue };
        let message: MessageId = name.parse().with_context(|| format!("{path} names no message"))?;
        let content = std::fs::read(root.join(path)).with_context(|| format!("{path} cannot be read"))?;
        let at: Timestamp = hub.clock.now();
        hub.db.write(verb, Lot::Pack { message, sha256: *sha256, content, at }).await?;
    }
    Ok(())
}

/// Reads everything back: each table must have the lines of the export, those that may have been there before at least.
async fn compare(hub: &Hub, manifest: &Manifest, root: &Path) -> anyhow::Result<Vec<String>> {
    let mut differences = Vec::new();
    let frozen = Frozen::of(&hub.db, &manifest.party).await?;
    for table in TABLES {
        let Some(told) = manifest.tables.get(table.name) else { continue };
        let mut digest = Digest::default();
        let mut found = std::collections::HashSet::new();
        let mut reader = Reader::new(&hub.db, &manifest.party, (table, &frozen));
        loop {
            let rows = reader.next().await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let line = encode(carried(table, row), |_, _| Ok(()))?;
                digest.add(&line);
                found.insert(openssl::sha::sha256(lasting(table, line)?.as_bytes()));
            }
        }
        let counted = Counted { rows: digest.rows, digest: hex::encode(digest.joined) };
        if counted == *told || matches!(table.name, "carried_pack" | "carried_institution") {
            continue;
        }
        let mut missing = 0_u64;
        for line in lines(&root.join(table_path(table.name)))? {
            missing += u64::from(!found.contains(&openssl::sha::sha256(lasting(table, line?)?.as_bytes())));
        }
        if table.shared && missing == 0 {
            continue;
        }
        if table.name == "directory_entry" {
            println!("{missing} intrări din director erau aici altfel și au rămas cum erau");
            continue;
        }
        differences.push(format!(
            "{}: {} rânduri în export, {} aici, {missing} lipsesc sau diferă",
            table.name, told.rows, counted.rows
        ));
    }
    if differences.is_empty() && manifest.tables.is_empty() {
        bail!("the export holds no table");
    }
    Ok(differences)
}

/// A line as it must be found again: a seal is retired by the hub that has another, which does not make it another seal.
fn lasting(table: &Table, line: String) -> anyhow::Result<String> {
    if table.name != "seal" {
        return Ok(line);
    }
    let mut row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line)?;
    row.remove("retired_at");
    Ok(serde_json::Value::Object(row).to_string())
}
