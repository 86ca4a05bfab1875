//! `punte archive findings`: archived documents that are damaged, until somebody acts.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use hub_flow::clock::Timestamp;
use hub_flow::db::Db;
use hub_flow::examination::{CloseFinding, Closing, findings};

use crate::assembly::system_micros;
use crate::commands::NO;
use crate::config::Config;

/// Lists archived documents that are damaged and could not be mended; closes what somebody acted on.
#[derive(Debug, clap::Args)]
pub(super) struct Findings {
    /// Close the findings of the blob with this name.
    #[arg(long, value_name = "NAME", requires_all = ["by", "note"])]
    close: Option<String>,
    /// Who acted.
    #[arg(long)]
    by: Option<String>,
    /// What was done.
    #[arg(long)]
    note: Option<String>,
}

impl Findings {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let db = Db::open(&config.database_url()).await.context("the database cannot be opened")?;
        if let (Some(name), Some(by), Some(note)) = (self.close, self.by, self.note) {
            let closing = Closing { name, by, note, at: Timestamp(system_micros()) };
            if db.write(&Arc::new(CloseFinding), closing).await? == 0 {
                bail!("no open finding has this name");
            }
            println!("Închis. Dacă documentul este tot stricat, verificarea următoare îl arată din nou.");
            return Ok(0);
        }
        let open = findings(&db, None, 1000).await?;
        for one in &open {
            println!(
                "{}  în {}: {} (văzut de la {} până la {})",
                one.name, one.store, one.told, one.first_at, one.last_at
            );
            for document in &one.documents {
                println!("    documentul {} ({}) al instituției {}", document.identifier, document.id, document.party);
            }
        }
        println!("{} constatări deschise", open.len());
        Ok(if open.is_empty() { 0 } else { NO })
    }
}
