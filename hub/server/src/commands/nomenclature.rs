//! `punte nomenclature`: versions of nomenclatures from files on this machine.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use hub_flow::clock::Timestamp;
use hub_flow::directory::Places;
use hub_flow::nomenclatures::{self, ImportNomenclature, NewVersion, NotImported};
use hub_register_files::csv_rows;
use jiff::civil::Date;
use openssl::sha::sha256;
use schemas::CodeLists;

use crate::assembly::{open_beside, system_micros};
use crate::config::Config;

use super::NO;

/// Most rows of a list.
const MOST: usize = 100_000;

/// Versions of nomenclatures.
#[derive(clap::Args)]
pub(super) struct NomenclatureCommand {
    #[command(subcommand)]
    act: Subject,
}

#[derive(Subcommand)]
enum Subject {
    /// Take a CSV file as a version: the institute's own file for `siruta`, or one with the columns code, ro, en, kind, parent.
    Import {
        /// The list: siruta, strazi …
        list: String,
        /// The file.
        file: PathBuf,
        /// First day in force.
        #[arg(long)]
        version: Date,
        /// Where the file is from.
        #[arg(long)]
        source: String,
        /// Why, in words.
        #[arg(long)]
        reason: String,
    },
}

impl NomenclatureCommand {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let Subject::Import { list, file, version, source, reason } = self.act;
        let bytes = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let lists = CodeLists::builtin();
        let at = Timestamp(system_micros());
        let places = Places::on(&lists, at.romanian_date());
        let read = nomenclatures::read(&list, csv_rows(&bytes, MOST)?, |code| places.contains(code));
        for complaint in &read.complaints {
            let weight = if complaint.refuses { "greșit" } else { "atenție" };
            println!("rândul {}, {}: {} ({weight})", complaint.line, complaint.column, complaint.ro);
        }
        if read.complaints.iter().any(|one| one.refuses) || read.entries.is_empty() {
            println!("nu s-a preluat nimic; corectați fișierul");
            return Ok(NO);
        }
        let (db, _held) = open_beside(config).await?;
        let count = read.entries.len();
        let (version, sha256) = (version.to_string(), sha256(&bytes));
        let (by, clerk) = ("file".to_owned(), None);
        let new = NewVersion { list, version, source, sha256, entries: read.entries, by, clerk, reason, at };
        match db.write(&Arc::new(ImportNomenclature), new).await? {
            Ok(true) => println!("{count} rânduri preluate"),
            Ok(false) => println!("versiunea era deja, la fel"),
            Err(NotImported::Exists) => bail!("another version of the list begins on this day; choose another day"),
        }
        Ok(0)
    }
}
