//! `punte backup`: a copy of the whole hub while it works, its check, and the way back.

use std::path::PathBuf;

use clap::Subcommand;
use hub_flow::clock::Timestamp;

use crate::assembly::system_micros;
use crate::backup::{self, Manifest};
use crate::config::Config;

use super::NO;

/// Copies of the whole hub.
#[derive(clap::Args)]
pub(super) struct BackupCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Copy database, payloads and archive into a folder, or bring the copy there up to date. The hub may go on working.
    Make {
        /// The folder, on another disk.
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
        /// Copy keys and secrets too: who has such a copy reads everything and seals in the hub's name.
        #[arg(long)]
        with_keys: bool,
    },
    /// Read a copy and say whether it is whole.
    Check {
        /// Its folder.
        copy: PathBuf,
    },
    /// Put a copy into the empty data folder and the empty database that the configuration names. The hub is stopped.
    Restore {
        /// The folder of the copy.
        copy: PathBuf,
    },
}

impl BackupCommand {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        match self.act {
            Act::Make { to, with_keys } => {
                let manifest = backup::make(config, &to, with_keys, Timestamp(system_micros())).await?;
                println!("Copia este în {}", to.display());
                tell(&manifest);
            }
            Act::Check { copy } => {
                let (manifest, faults) = backup::check(&copy)?;
                tell(&manifest);
                for fault in &faults {
                    println!("  greșit  {fault}");
                }
                if !faults.is_empty() {
                    println!("Copia nu este întreagă; faceți alta.");
                    return Ok(NO);
                }
                println!("Copia este întreagă.");
            }
            Act::Restore { copy } => {
                let manifest = backup::restore(config, &copy).await?;
                tell(&manifest);
                println!("Hubul este cel de la {}. Porniți-l cu punte serve.", manifest.made_at);
                println!("Ce a primit după aceea nu este în copie: expeditorii trimit din nou, cu aceleași chei.");
            }
        }
        Ok(0)
    }
}

fn tell(manifest: &Manifest) {
    println!("  făcută la {} de punte {}", manifest.made_at, manifest.version);
    println!("  baza de date ({}): {} octeți", manifest.database.engine, manifest.database.bytes);
    for folder in &manifest.folders {
        let (new, gone) = (folder.copied, folder.removed);
        println!("  {}: {} fișiere, {} octeți ({new} noi, {gone} șterse)", folder.name, folder.files, folder.bytes);
    }
    for missing in &manifest.left_out {
        println!("  nu este în copie: {missing}; păstrați-o în alt loc");
    }
}
