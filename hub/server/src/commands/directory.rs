//! `punte directory`: the directory as a file, on the machine of the hub. Hubs on PostgreSQL see the change within seconds; an
//! embedded database is opened only while its hub is stopped.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use hub_flow::clock::Timestamp;
use hub_flow::directory::{self, Act, Against, DirectoryDocument, Imported, Importing, Outcome};
use hub_flow::nomenclatures;
use schemas::Catalogue;

use crate::assembly::{open_beside, system_micros};
use crate::config::Config;

use super::NO;

/// The directory as a file.
#[derive(clap::Args)]
pub(super) struct DirectoryCommand {
    #[command(subcommand)]
    act: Subject,
}

#[derive(Subcommand)]
enum Subject {
    /// Take a TOML file: every entry, or none where one is wrong.
    Import {
        /// The file.
        file: PathBuf,
        /// Why, in words; it is kept with every version.
        #[arg(long)]
        reason: String,
        /// Withdraw entries that a file brought once and this one no longer has.
        #[arg(long)]
        withdraw_missing: bool,
        /// Only tell what would happen.
        #[arg(long)]
        dry_run: bool,
    },
}

impl DirectoryCommand {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let Subject::Import { file, reason, withdraw_missing, dry_run } = self.act;
        let text = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let document: DirectoryDocument =
            toml::from_str(&text).with_context(|| format!("{} is no directory", file.display()))?;
        let (db, _held) = open_beside(config).await?;
        let catalogue = Catalogue::builtin().context("the catalogue of document types is wrong")?;
        let at = Timestamp(system_micros());
        let code_lists = nomenclatures::merged(&db, catalogue.code_lists()).await?;
        let against = Against { catalogue: &catalogue, code_lists: &code_lists, day: at.romanian_date() };
        let act = Act { by: "file".to_owned(), clerk: None, reason, at };
        let how = Importing { withdraw_missing, dry_run };
        let imported = directory::import(&db, document.entries(), how, (against, &act)).await?;
        Ok(report(&imported, dry_run))
    }
}

/// Tells every entry that does not stay as it was.
fn report(imported: &Imported, dry_run: bool) -> u8 {
    for verdict in imported.verdicts.iter().filter(|verdict| verdict.outcome != Outcome::Unchanged) {
        println!("{:<10} {} – {}", verdict.kind.as_str(), verdict.id, verdict.outcome.in_romanian());
        for finding in &verdict.findings {
            println!("           {}: {}", finding.pointer, finding.ro);
        }
    }
    if let Some(fault) = &imported.fault {
        println!("directorul nu s-ar mai lega: {fault}");
    }
    match &imported.written {
        Some(changed) => println!("{} intrări noi, schimbate sau retrase", changed.entries),
        None if dry_run => println!("probă: nu s-a schimbat nimic"),
        None => println!("nu s-a preluat nimic; corectați fișierul"),
    }
    let wrong = imported.verdicts.iter().any(|verdict| verdict.outcome == Outcome::Wrong);
    if wrong || imported.fault.is_some() { NO } else { 0 }
}
