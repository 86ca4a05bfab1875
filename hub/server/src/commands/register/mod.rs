//! `punte register`: proofs, papers and files of registers, straight from a hub's data; closing and import through its API.

mod proof;
mod outgoing;
mod close;
mod import;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use hub_flow::clock::{Clock, SteadyClock};
use hub_flow::db::Db;
use hub_flow::{directory, evidence};

use crate::assembly::system_micros;
use crate::config::Config;
use crate::registers::Source;

/// Registers: prove, close, print, export, import.
#[derive(clap::Args)]
pub(super) struct RegisterCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Write the proof that registers are whole: verified offline by `punte verify`, without personal data.
    Proof(proof::Proof),
    /// Close a year: one clerk draws the closing up, another approves it.
    Close(close::Close),
    /// Print a register as PDF/A, with the 13 columns of the Instructions 217/1996.
    Print(outgoing::Print),
    /// Export a register as CSV or XLSX.
    Export(outgoing::Export),
    /// Import a register kept before the hub, from CSV or XLSX.
    Import(import::Import),
}

impl RegisterCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<u8> {
        match self.verb {
            Verb::Proof(command) => command.run(config).await,
            Verb::Close(command) => command.run().await,
            Verb::Print(command) => command.run(config).await,
            Verb::Export(command) => command.run(config).await,
            Verb::Import(command) => command.run().await,
        }
    }
}

/// Where the hub's data is.
#[derive(clap::Args)]
struct Data {
    /// The hub's data folder; that of the configuration where absent. The hub may run meanwhile.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Data {
    /// The configuration with this folder, and its database.
    async fn open(&self, mut config: Config) -> anyhow::Result<(Config, Db)> {
        if let Some(folder) = &self.data {
            config.data.clone_from(folder);
        }
        config.service = config.service.or_of(&config.data);
        let url = config.database_url();
        if let Some(file) = url.strip_prefix("sqlite:") {
            // Opening would make an empty database where the folder was mistyped.
            anyhow::ensure!(Path::new(file).exists(), "there is no hub's data in {}", config.data.display());
        }
        let db = Db::open(&url).await.context("the database cannot be opened")?;
        Ok((config, db))
    }
}

async fn clock(db: &Db) -> anyhow::Result<Arc<dyn Clock>> {
    Ok(Arc::new(SteadyClock::new(system_micros, evidence::latest(db).await?)))
}

async fn source(config: &Config, db: Db) -> anyhow::Result<Source> {
    let directory = directory::load(&db).await.context("the stored directory is wrong")?;
    let now = clock(&db).await?.now();
    Ok(Source { db, directory: Arc::new(directory), service: config.service.name.clone(), now })
}
